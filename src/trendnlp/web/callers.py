"""Who calls: what keys and limits are counted by."""

from __future__ import annotations

from starlette.types import Scope


def caller_of(scope: Scope) -> str:
    """The address that a request comes from, until callers have names. Behind a proxy that is the proxy's, unless the
    server is told to believe what the proxy says of it.
    """
    client = scope.get("client")
    return str(client[0]) if client else ""

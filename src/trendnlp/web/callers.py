"""Who calls: what keys and limits are counted by."""

from __future__ import annotations

from starlette.types import Scope


def caller_of(scope: Scope) -> str:
    """The name of the key that a request comes with, else the address that it comes from. Behind a proxy that is the
    proxy's, unless the server is told to believe what the proxy says of it.
    """
    principal = scope.get("state", {}).get("principal")
    if principal is not None and principal.key is not None:
        return f"key:{principal.key}"
    client = scope.get("client")
    return str(client[0]) if client else ""

"""Which names a request may call the service by.

Without keys, the protection of the service is that only this machine reaches it. A hostile page gets around that by
pointing its own name at 127.0.0.1 (DNS rebinding): the browser then takes the answers for the page's own. It still
sends that name as the Host.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address

HOST = re.compile(r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::[0-9]*)?")


def name_of(host: str) -> str | None:
    """The name or address in a Host header, in lower case, without its port; None if it has not that form."""
    found = HOST.fullmatch(host)
    return (found["literal"] or found["name"] or "").lower() if found else None


def is_loopback(name: str) -> bool:
    """Whether ``name`` is localhost or an address that only this machine reaches."""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def allowed(given: Collection[str], names: Collection[str]) -> bool:
    """Whether a request with the Host headers ``given`` is meant for this service, which is also known as ``names``
    (in lower case). A request with no Host or with several is not."""
    if len(given) != 1:
        return False
    name = name_of(*given)
    return name is not None and (name in names or is_loopback(name))

"""Where events may be sent. Whoever names an address must not reach by us what only we can reach.

A name is resolved once for each connection, all its addresses are checked, and the connection goes to one of these, not
to the name: what the name stands for a moment later (DNS rebinding) does not matter.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from trendnlp.errors import BadTarget

MAX_URL = 2000
MAX_PORT = 65535
RESOLVE_SECONDS = 10
PORTS = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")
_HTTPS = "Give an https address whose host the whole internet reaches, or name the host in TRENDNLP_WEBHOOK_HOSTS."


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed address. ``named``: its host may be private, because the settings name it."""

    url: httpx.URL
    named: bool

    @property
    def host(self) -> str:
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        return self.url.port or PORTS[self.url.scheme]

    def at(self, address: str) -> httpx.URL:
        """The same address with the host replaced by the ``address`` that it was resolved to."""
        return self.url.copy_with(host=address)


def check_target(url: str, named: Collection[str]) -> None:
    """Raises BadTarget where no event may be sent to ``url``. Resolves its name; for threads without an event loop."""
    asyncio.run(resolve(parse(url, named)))


def parse(url: str, named: Collection[str]) -> Target:
    """``url``, which has the form that is asked for; ``named`` are hosts that may be private. Raises BadTarget."""
    shown = url[:MAX_URL]
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise BadTarget(shown, "it is no address", _HTTPS) from None
    is_named = parsed.host.lower() in {host.lower() for host in named}
    port = parsed.port or 443
    if not parsed.host or len(url) > MAX_URL or parsed.scheme not in PORTS or port > MAX_PORT:
        raise BadTarget(shown, "it is no https address", _HTTPS)
    if parsed.scheme != "https" and not is_named:
        raise BadTarget(shown, "what is sent without TLS can be read and changed on its way", _HTTPS)
    if parsed.userinfo or parsed.fragment:
        raise BadTarget(shown, "it holds a user, a password or a fragment", "Leave that out.")
    return Target(parsed, is_named)


async def resolve(target: Target) -> str:
    """The address to connect to now; raises BadTarget where the name has none, or one that is not public."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise BadTarget(str(target.url), "its host has no address", "Check the name, or try again later.") from None
    addresses = [str(info[4][0]) for info in found]
    if not target.named:
        check_public(str(target.url), addresses)
    return addresses[0]


def check_public(url: str, addresses: Sequence[str]) -> None:
    """Raises BadTarget unless all ``addresses`` are of the public internet."""
    for address in addresses:
        if not is_public(address):
            raise BadTarget(url, f"its host is at {address}, which is not public", _HTTPS)


def is_public(address: str) -> bool:
    """Whether an address is one that the whole internet reaches: not private, of this machine or link, shared, reserved
    or for many; and the same of the IPv4 address that an IPv6 one may stand for.
    """
    try:
        parsed = ip_address(address)
    except ValueError:  # as fe80::1%eth0 would be, if zones were no part of an address
        return False
    if isinstance(parsed, IPv6Address) and (inner := _inner(parsed)) is not None:
        return is_public(str(inner))
    special = parsed.is_multicast or parsed.is_private or parsed.is_loopback or parsed.is_link_local
    site_local = isinstance(parsed, IPv6Address) and parsed.is_site_local
    return parsed.is_global and not (special or parsed.is_reserved or parsed.is_unspecified or site_local)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which an IPv6 address is translated or tunnelled."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)

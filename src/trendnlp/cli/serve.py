"""``trendnlp serve``: the workspace over HTTP."""

from __future__ import annotations

import ipaddress

import uvicorn

from trendnlp.build import artefact
from trendnlp.errors import SettingsError
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.web.app import create_app


def run(settings: Settings, host: str, port: int) -> int:
    if not _is_loopback(host):
        reason = f"{host!r} can be reached from other machines, and there are no API keys to protect it"
        raise SettingsError("--host", reason, "Listen on 127.0.0.1, and put a proxy that authenticates before it.")
    Store.open(settings.store_url).close()  # what is wrong with models or store is told here, not by a server's trace
    artefact(settings)
    uvicorn.run(create_app(settings), host=host, port=port, server_header=False)
    return 0


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

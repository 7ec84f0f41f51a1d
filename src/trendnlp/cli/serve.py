"""``trendnlp serve``: the workspace over HTTP."""

from __future__ import annotations

import uvicorn

from trendnlp.build import artefact
from trendnlp.errors import SettingsError
from trendnlp.settings import Settings
from trendnlp.store import Access, Store
from trendnlp.web.app import create_app
from trendnlp.web.hosts import is_loopback


def run(settings: Settings, host: str, port: int) -> int:
    # what is wrong with models or store is told here, not by a server's trace
    with Store.open(settings.store_url) as store:
        guarded = settings.require_keys or Access(store.database).guarded()
    if not guarded and not is_loopback(host):
        reason = f"{host!r} can be reached from other machines, and there are no keys to protect it"
        raise SettingsError("--host", reason, "Make one with `trendnlp keys add`, or listen on 127.0.0.1.")
    artefact(settings)
    uvicorn.run(create_app(settings), host=host, port=port, server_header=False)
    return 0

"""``trendnlp serve``: the workspace over HTTP."""

from __future__ import annotations

import uvicorn

from trendnlp.build import artefact
from trendnlp.errors import SettingsError
from trendnlp.jobs.hire import hire
from trendnlp.settings import THREAD, Settings
from trendnlp.store import Store
from trendnlp.web.app import create_app
from trendnlp.web.hosts import is_loopback

GRACE = 10  # seconds for answers that are on their way when the service ends; a stream of events does not end by itself


def run(settings: Settings, host: str, port: int) -> int:
    if not is_loopback(host):
        reason = f"{host!r} can be reached from other machines, and there are no API keys to protect it"
        raise SettingsError(
            "--host",
            reason,
            "Listen on 127.0.0.1, put a proxy that authenticates before it, and name its hosts in TRENDNLP_HOSTS.",
        )
    Store.open(settings.store_url).close()  # what is wrong with models or store is told here, not by a server's trace
    artefact(settings)
    app = create_app(settings, worker=hire if settings.worker == THREAD else None)
    uvicorn.run(app, host=host, port=port, server_header=False, timeout_graceful_shutdown=GRACE)
    return 0

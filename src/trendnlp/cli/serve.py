"""``trendnlp serve``: the workspace over HTTP."""

from __future__ import annotations

import logging
import os
import threading
from types import FrameType

import uvicorn

from trendnlp import logs
from trendnlp.build import artefact, taxonomy
from trendnlp.errors import SettingsError
from trendnlp.jobs.hire import hired
from trendnlp.settings import Settings
from trendnlp.store import Access, Store
from trendnlp.web.app import create_app
from trendnlp.web.hosts import is_loopback

CLOSING_SECONDS = 2  # for what is closed once the requests in hand are done or given up
SIGNALLED = 128  # and the signal's number: the exit code that shells give to what a signal ended

log = logging.getLogger("trendnlp.serve")


class _Server(uvicorn.Server):
    """Told to stop, it takes no more requests and finishes those in hand, for as long as ``stop_seconds`` allow; told
    again, it stops at once.

    Nothing is lost by that: every write to the store is one transaction. An analysis cannot be interrupted in its
    thread, and the interpreter would wait for it, so what is given up ends with the process.
    """

    def __init__(self, config: uvicorn.Config, stop_seconds: int) -> None:
        super().__init__(config)
        self._stop_seconds = stop_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            os._exit(SIGNALLED + sig)
        log.info(
            "stopping after the requests in hand, in %d s at most; another signal stops at once", self._stop_seconds
        )
        last = threading.Timer(self._stop_seconds + CLOSING_SECONDS, self._give_up, (sig,))
        last.daemon = True
        last.start()
        # not passed on to uvicorn, which would raise it again after an orderly end
        self.should_exit = True

    def _give_up(self, sig: int) -> None:
        log.warning("stopped with %d requests in hand", len(self.server_state.tasks))
        os._exit(SIGNALLED + sig)


def run(settings: Settings, host: str, port: int) -> int:
    # what is wrong with models or store is told here, not by a server's trace
    with Store.open(settings.store_url) as store:
        guarded = settings.require_keys or Access(store.database).guarded()
    if not guarded and not is_loopback(host):
        reason = f"{host!r} can be reached from other machines, and there are no keys to protect it"
        raise SettingsError("--host", reason, "Make one with `trendnlp keys add`, or listen on 127.0.0.1.")
    artefact(settings)
    taxonomy(settings)
    app = create_app(settings, worker=hired(settings))
    logs.configure(settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        server_header=False,
        access_log=False,  # trendnlp.web.telemetry tells of requests
        log_config=None,
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    _Server(config, settings.stop_seconds).run()
    return 0

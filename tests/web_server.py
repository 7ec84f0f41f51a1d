"""The application behind a real server on a free port of this machine, in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from trendnlp.jobs.hire import hired
from trendnlp.settings import Settings
from trendnlp.web.app import create_app

READY_SECONDS = 120


@contextmanager
def listening(home: Path, **settings: Any) -> Iterator[str]:
    """The address of a service that is ready, and works on its jobs."""
    given = Settings(home=home, model="fast", **settings)
    app = create_app(given, worker=hired(given))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + READY_SECONDS
    try:
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address, timeout=READY_SECONDS) as client:
            while client.get("/readyz").status_code != 200:
                assert time.monotonic() < deadline, client.get("/readyz").text
                time.sleep(0.2)
        yield address
    finally:
        server.should_exit = True
        thread.join()

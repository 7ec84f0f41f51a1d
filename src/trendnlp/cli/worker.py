"""``trendnlp worker``: work on jobs, without the service."""

from __future__ import annotations

import signal
import threading

from trendnlp import logs
from trendnlp.cli.output import say
from trendnlp.jobs.hire import hire
from trendnlp.settings import Settings
from trendnlp.workspace import Workspace


def run(settings: Settings) -> int:
    logs.configure(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Workspace.open(settings) as workspace:
        workspace.pipeline  # noqa: B018 - what is wrong with the models is told here, not by a thread
        with hire(workspace) as worker:
            say(f"working on jobs as {worker.id}; Ctrl-C finishes the documents in hand and stops")
            while not stop.wait(1):
                if not worker.is_alive():
                    say("the worker has ended; what is logged above says why")
                    return 3
            say("stopping")
    return 0

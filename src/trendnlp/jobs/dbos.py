"""The queue of tickets on DBOS: a SQLite file beside the store, or the store's PostgreSQL, in a schema of its own.

DBOS has one instance in a process, so a process has one running queue. A ticket is the id of a workflow.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from trendnlp.errors import WorkerError
from trendnlp.jobs.port import Run, Seen, Standing
from trendnlp.settings import Settings
from trendnlp.store.engine import JOBS, beside

T = TypeVar("T")

QUEUE = "shards"
# Of what a ticket means, not of trendnlp: workers of a new release go on with the tickets of the one before.
VERSION = "tickets-1"
SCHEMA = "trendnlp_jobs"
AT_ONCE = 2  # tickets that one process runs: while one file is read, in its own process, another text is analysed
POLL = 0.2  # seconds
KEPT = timedelta(hours=1)  # how long tickets that ended are remembered
SWEPT = 500  # tickets that are forgotten in one go
_STANDINGS = {"ENQUEUED": Standing.WAITING, "DELAYED": Standing.WAITING, "PENDING": Standing.HELD}


class DbosQueue:
    """``trendnlp.jobs.port.Queue`` on DBOS. Not used again after ``stop``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._run: Run | None = None
        self._running: set[str] = set()

    @classmethod
    def of(cls, settings: Settings) -> DbosQueue:
        """The queue of the store that ``settings`` name."""
        return cls(beside(settings.store_url, JOBS))

    def start(self, executor: str, run: Run) -> None:
        if not _one.acquire(blocking=False):
            reason = "this process works on the jobs of one workspace already"
            raise WorkerError("the worker", reason, "Run `trendnlp worker` in a process of its own.")
        global _current
        self._run = run
        _current = self
        try:
            DBOS(config=self._config(executor))
            DBOS.launch()
            DBOS.register_queue(
                QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL, on_conflict="always_update"
            )
        except BaseException:
            self.stop()
            raise

    def put(self, ticket: str) -> None:
        with SetWorkflowID(ticket):
            DBOS.enqueue_workflow(QUEUE, _shard, ticket)

    def look(self, tickets: Sequence[str]) -> Mapping[str, Seen]:
        found = DBOS.list_workflows(workflow_ids=list(tickets), load_input=False, load_output=False)
        return {w.workflow_id: Seen(_STANDINGS.get(w.status, Standing.ENDED), w.executor_id) for w in found}

    def running(self) -> Collection[str]:
        return tuple(self._running)

    def resume(self, ticket: str) -> None:
        DBOS.resume_workflow(ticket, queue_name=QUEUE)

    def sweep(self) -> None:
        before = (datetime.now(UTC) - KEPT).isoformat()
        while found := DBOS.list_workflows(
            queue_name=QUEUE, completed_before=before, limit=SWEPT, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([workflow.workflow_id for workflow in found])

    def stop(self) -> None:
        global _current
        DBOS.destroy()
        _current = None
        _one.release()

    def run(self, ticket: str) -> None:
        """Run a ticket in a thread of DBOS."""
        assert self._run is not None
        self._running.add(ticket)
        try:
            self._run(ticket, _step)
        finally:
            self._running.discard(ticket)

    def _config(self, executor: str) -> DBOSConfig:
        return {
            "name": "trendnlp",
            "system_database_url": self._url,
            "dbos_system_schema": SCHEMA,
            "executor_id": executor,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }


_one = threading.Lock()  # held while a queue runs in this process
_current: DbosQueue | None = None


@DBOS.workflow(name="shard")
def _shard(ticket: str) -> None:
    queue = _current
    assert queue is not None
    queue.run(ticket)


def _step(name: str, part: Callable[[], T]) -> T:
    return DBOS.run_step({"name": name}, part)

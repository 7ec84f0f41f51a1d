"""Jobs while the store cannot be used: workers wait and go on, and no document has failed by it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from job_site import TERMS, FastSite, ended, office, stored_sources, texts, working
from sqlalchemy import select

from trendnlp.errors import StoreError
from trendnlp.jobs import LEASE, Seen, Standing, Worker
from trendnlp.jobs import work as jobs_work
from trendnlp.jobs import worker as jobs_worker
from trendnlp.jobs.port import Run
from trendnlp.store import JobState, JobWork, Store, WorkerRow
from trendnlp.store.job_work import MAX_TRIES
from trendnlp.store.schema_jobs import job_items
from trendnlp.types import Document


@contextmanager
def unwritable(store: Store, *tables: str) -> Iterator[Callable[[], None]]:
    """The tables cannot be written, but read; what comes with it ends that."""
    names = [f"{table}_{what}" for table in tables for what in ("INSERT", "UPDATE")]
    with store.database.writing() as connection:
        for name in names:
            table, _, what = name.rpartition("_")
            broken = "BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END"
            connection.exec_driver_sql(f"CREATE TRIGGER out_{name} BEFORE {what} ON {table} {broken}")

    def mend() -> None:
        with store.database.writing() as connection:
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS out_{name}")

    try:
        yield mend
    finally:
        mend()


def tries_of(store: Store) -> list[int]:
    """How often each document was begun."""
    with store.database.reading() as connection:
        return list(connection.execute(select(job_items.c.tries).order_by(job_items.c.seq)).scalars())


def test_while_the_store_cannot_be_written_the_worker_waits_and_no_document_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_work, "PAUSES", (0.02,) * 8)
    outage, begun = ExitStack(), []

    def on_begin(document: Document) -> None:
        begun.append(document.source)
        if begun == ["0.txt", "1.txt"]:
            mend = outage.enter_context(unwritable(store, "documents", "job_items", "job_shards", "jobs"))
            threading.Timer(1.0, mend).start()

    with office(tmp_path) as (store, jobs), outage:
        job = jobs.submit(texts(4))
        with working(store, tmp_path, FastSite(store, on_begin)):
            assert ended(jobs, job.id).state is JobState.SUCCEEDED
        assert tries_of(store) == [1] * 4
        assert len(stored_sources(store)) == 4


def test_where_only_documents_cannot_be_written_they_are_tried_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_work, "PAUSES", (0.001,) * 30)
    tries: list[str] = []

    def on_begin(document: Document) -> None:
        tries.append(document.source)
        if document.source == "1.txt" and tries.count("1.txt") <= MAX_TRIES + 5:
            raise StoreError("the store", "disk I/O error", "Check that the disk has room.")

    with office(tmp_path) as (store, jobs):
        job = jobs.submit(texts(3))
        with working(store, tmp_path, FastSite(store, on_begin)):
            assert ended(jobs, job.id).state is JobState.SUCCEEDED
        assert (tries_of(store), tries.count("1.txt")) == ([1, 1, 1], MAX_TRIES + 6)


def test_a_worker_can_be_stopped_while_the_store_cannot_be_written(tmp_path: Path) -> None:
    outage, failing = ExitStack(), threading.Event()

    def on_begin(document: Document) -> None:
        if not failing.is_set():
            outage.enter_context(unwritable(store, "documents", "job_items", "job_shards"))
            failing.set()

    with office(tmp_path) as (store, jobs), outage:
        job = jobs.submit(texts(2))
        with working(store, tmp_path, FastSite(store, on_begin)):
            assert failing.wait(30)
        outage.close()
        assert stored_sources(store) == []
        with working(store, tmp_path):
            assert ended(jobs, job.id).state is JobState.SUCCEEDED


class FastTime:
    """A clock that runs ahead as a test tells it, for which all chores are always due."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() * 1000

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class TakenQueue:
    """A queue all of whose tickets another executor holds."""

    def __init__(self) -> None:
        self.looks = 0
        self.resumed: list[str] = []

    def look(self, tickets: Sequence[str]) -> dict[str, Seen]:
        self.looks += 1
        return {ticket: Seen(Standing.HELD, "other") for ticket in tickets}

    def resume(self, ticket: str) -> None:
        self.resumed.append(ticket)

    def running(self) -> tuple[str, ...]:
        return ()

    def start(self, executor: str, run: Run) -> None: ...
    def put(self, ticket: str) -> None: ...
    def sweep(self) -> None: ...
    def stop(self) -> None: ...


def until(said: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_after_an_outage_nobody_is_taken_for_dead_who_could_not_say_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, queue, outage = FastTime(), TakenQueue(), threading.Event()
    monkeypatch.setattr(jobs_worker, "time", clock)

    class Out(JobWork):
        beats = 0

        def beat(self, worker: WorkerRow) -> None:
            if outage.is_set():
                raise StoreError("the store", "disk I/O error", "Check that the disk has room.")
            super().beat(worker)
            self.beats += 1

    def pass_by(seconds: float) -> None:
        """Time goes by, in which the worker beats and looks for the dead."""
        clock.ahead += seconds
        beats, looks = work.beats, queue.looks
        until(lambda: work.beats > beats + 1 and queue.looks > looks + 1)

    with office(tmp_path) as (store, jobs):
        jobs.submit(texts(1))
        work = Out(store.database, TERMS.days)
        (ticket,) = work.hand_out(1)
        work.beat(WorkerRow("other", "another machine", 1, clock.time()))
        with Worker(jobs, work, FastSite(store), queue):
            pass_by(0)
            outage.set()
            clock.ahead += LEASE + 1
            looks = queue.looks
            time.sleep(1)
            outage.clear()
            pass_by(0)
            assert (queue.resumed, queue.looks > looks) == ([], True)
            for _ in range(3):
                pass_by(LEASE * 0.4)
            assert queue.resumed[0] == ticket
        assert work.workers() == ()

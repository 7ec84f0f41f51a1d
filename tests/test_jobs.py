"""Jobs in the store and under a worker: turns, retries, expiry, stopping, what kills its workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import run
from job_site import TERMS, FastSite, ended, office, stored_sources, texts, working

from trendnlp.errors import Expired, InputTooLarge, MissingInput, QueueFull, StoreError, WrongState
from trendnlp.jobs import LEASE, Worker, is_dead
from trendnlp.jobs.dbos import DbosQueue
from trendnlp.jobs.lives import BEAT, here
from trendnlp.settings import Settings
from trendnlp.store import (
    Held,
    ItemFailure,
    ItemResult,
    ItemState,
    JobState,
    JobStore,
    JobWork,
    Store,
    Submission,
    Terms,
    WorkerRow,
)
from trendnlp.store.job_work import MAX_TRIES
from trendnlp.store.limits import BUSY_SECONDS
from trendnlp.types import Document

RESULT = ItemResult("doc_1", True, 3, 2, ("a warning",))
FAILURE = ItemFailure("EmptyInput", "it holds nothing", "Give a text.")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


class Desk:
    """The jobs of a store, and a worker's side of them, without a worker."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.jobs = JobStore(store.database, TERMS, clock)
        self.work = JobWork(store.database, TERMS.days, clock)

    def begun(self, ticket: str) -> list[Held]:
        """All documents of a shard, in hand."""
        found = [self.work.begin(ticket, item) for item in self.work.items(ticket)]
        return [held for held in found if held is not None]

    def do(self, ticket: str, *, failing: tuple[str, ...] = ()) -> list[str]:
        """Do a shard; returns the sources of its documents."""
        every = self.begun(ticket)
        for held in every:
            self.work.finish(held, FAILURE if held.submission.source in failing else RESULT)
        assert self.work.close(ticket)
        return [held.submission.source for held in every]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        yield Desk(store, Clock())


def test_a_document_comes_to_the_worker_as_it_was_submitted(desk: Desk) -> None:
    given = [Submission("a.bin", b"\x00\xff"), Submission("b\ud800.txt", "lone \ud800 and \x00", custom_id="\x10x")]
    desk.jobs.submit(given)
    (ticket,) = desk.work.hand_out(9)
    assert [held.submission for held in desk.begun(ticket)] == given


def test_jobs_have_their_turns_however_large_one_of_them_is(desk: Desk) -> None:
    large = desk.jobs.submit(texts(40))
    small = desk.jobs.submit(texts(2, start=100))
    assert [desk.jobs.job(job.id).queued_before for job in (large, small)] == [0, 1]
    first, second = desk.work.hand_out(2)
    assert {first.split("/")[0], second.split("/")[0]} == {large.id, small.id}
    assert desk.work.hand_out(2) == ()
    desk.do(f"{small.id}/0/0")
    assert desk.jobs.job(small.id).state is JobState.SUCCEEDED
    assert desk.work.hand_out(2) == (f"{large.id}/1/0",)


def test_a_document_has_one_holder_and_a_shard_one_ticket(desk: Desk) -> None:
    job = desk.jobs.submit(texts(1))
    (ticket,) = desk.work.hand_out(1)
    (late,) = desk.begun(ticket)
    (held,) = desk.begun(ticket)
    assert not desk.work.finish(late, FAILURE)
    assert not desk.work.close(ticket)
    desk.work.hand_back(ticket)
    (again,) = desk.work.hand_out(1)
    assert again == f"{job.id}/0/1" != ticket
    assert desk.work.items(ticket) == () and desk.work.begin(ticket, held.seq) is None
    assert desk.do(again) == ["0.txt"]
    assert not desk.work.finish(held, FAILURE)
    assert desk.work.close(ticket) and desk.work.close(again)
    (item,) = desk.jobs.results(job.id).items
    assert (item.state, item.document, item.statements, item.claims) == (ItemState.DONE, "doc_1", 3, 2)
    assert (item.warnings, item.failure) == (("a warning",), None)


def test_which_document_is_new_is_told_alike_however_often_it_is_begun(desk: Desk) -> None:
    desk.jobs.submit(texts(2))
    (ticket,) = desk.work.hand_out(1)
    first, second = desk.begun(ticket)
    assert desk.work.name(first, "doc_1", stored=False)
    assert not desk.work.name(second, "doc_1", stored=False)
    first, second = desk.begun(ticket)
    assert desk.work.name(first, "doc_1", stored=True)
    assert not desk.work.name(second, "doc_1", stored=True)


def test_a_retry_does_what_failed_and_nothing_else(desk: Desk) -> None:
    broken = Submission("bad.ndjson:2", ItemFailure("DamagedInput", "it is no JSON", "Correct the line."))
    job = desk.jobs.submit([*texts(10), broken])
    with pytest.raises(WrongState):
        desk.jobs.retry(job.id)
    for ticket in desk.work.hand_out(9):
        desk.do(ticket, failing=("3.txt", "9.txt"))
    ended = desk.jobs.job(job.id)
    assert (ended.state, ended.counts.done, ended.counts.failed) == (JobState.PARTIAL, 8, 3)

    again = desk.jobs.retry(job.id)

    assert (again.state, again.counts.left, again.counts.failed, again.finished) == (JobState.QUEUED, 2, 1, None)
    (ticket,) = desk.work.hand_out(9)
    assert desk.do(ticket) == ["3.txt", "9.txt"]
    assert (desk.jobs.job(job.id).state, desk.jobs.job(job.id).counts.done) == (JobState.PARTIAL, 10)
    with pytest.raises(WrongState, match="none of its documents failed that was read"):
        desk.jobs.retry(job.id)


def test_results_can_be_read_until_they_expire(desk: Desk) -> None:
    job = desk.jobs.submit(texts(1))
    (ticket,) = desk.work.hand_out(1)
    desk.do(ticket)
    desk.clock.time += timedelta(days=TERMS.days, seconds=-1)
    desk.jobs.purge(timedelta(days=99))
    assert len(desk.jobs.results(job.id).items) == 1
    desk.clock.time += timedelta(seconds=1)
    for _ in range(2):
        with pytest.raises(Expired, match="expired at 2026-01-08T00:00:00"):
            desk.jobs.results(job.id)
        desk.jobs.purge(timedelta(days=99))
    assert desk.jobs.job(job.id).counts.done == 1


def test_a_job_that_broke_off_while_it_came_in_is_none(desk: Desk) -> None:
    def cut_off() -> Iterator[Submission]:
        yield from texts(100)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        desk.jobs.submit(cut_off())
    with pytest.raises(MissingInput):
        desk.jobs.submit([])
    with pytest.raises(InputTooLarge):
        desk.jobs.submit(texts(TERMS.documents + 1))
    assert (desk.jobs.jobs().total, desk.jobs.waiting()) == (0, 0)
    with pytest.raises(InputTooLarge, match="more than 1,000,000 bytes, unpacked"):
        desk.jobs.submit(Submission(f"{n}.txt", b"x" * 10_001) for n in range(100))
    with pytest.raises(QueueFull):
        JobStore(desk.store.database, Terms(5, 10, 1, 1000)).submit(texts(6))
    assert (desk.jobs.jobs().total, desk.jobs.waiting()) == (0, 0)


def test_a_job_none_of_whose_documents_can_be_read_has_failed_at_once(desk: Desk) -> None:
    job = desk.jobs.submit([Submission("a", FAILURE), Submission("b", FAILURE)])
    assert (job.state, job.counts.failed, job.expires) == (JobState.FAILED, 2, "2026-01-08T00:00:00+00:00")


def test_cancelling_needs_no_worker(desk: Desk) -> None:
    job = desk.jobs.submit(texts(20))
    desk.work.hand_out(1)
    cancelled = desk.jobs.cancel(job.id)
    assert (cancelled.state, cancelled.counts.cancelled) == (JobState.CANCELLED, 20)
    assert desk.work.tickets() == () == desk.work.hand_out(5)


def test_a_document_that_ends_every_worker_fails_in_the_end(desk: Desk) -> None:
    job = desk.jobs.submit(texts(1))
    (ticket,) = desk.work.hand_out(1)
    assert [len(desk.begun(ticket)) for _ in range(MAX_TRIES + 1)] == [1] * MAX_TRIES + [0]
    assert desk.work.close(ticket)
    (item,) = desk.jobs.results(job.id).items
    assert item.failure is not None and item.failure.error == "ReadingStopped"


def test_a_worker_with_its_hands_full_waits_for_no_writer(desk: Desk, tmp_path: Path) -> None:
    desk.jobs.submit(texts(20))
    assert len(desk.work.hand_out(1)) == 1
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as other, other.database.writing():
        assert desk.work.hand_out(1) == ()


def test_a_worker_is_dead_when_it_was_not_seen_or_its_process_ended() -> None:
    mine = WorkerRow("a", here(), 2**22 + 1, 100.0)  # over the largest number of a process
    assert is_dead(mine, 100.0, here())
    assert not is_dead(mine, 100.0, "another machine")
    assert not is_dead(mine, 100.0 + BEAT + 2 * BUSY_SECONDS, "another machine")  # others may write for so long
    assert is_dead(mine, 100.1 + LEASE, "another machine")


def test_a_worker_that_cannot_say_that_it_lives_tries_again(tmp_path: Path) -> None:
    class Busy(JobWork):
        beats = 0

        def beat(self, worker: WorkerRow) -> None:
            self.beats += 1
            if self.beats == 1:
                raise StoreError("the store", "another process has been writing to it for 30 s", "Try again.")
            super().beat(worker)

    with office(tmp_path) as (store, jobs):
        job = jobs.submit(texts(1))
        queue = DbosQueue.of(Settings(home=tmp_path))
        with Worker(jobs, Busy(store.database, TERMS.days), FastSite(store), queue):
            assert ended(jobs, job.id).state is JobState.SUCCEEDED


def test_a_worker_that_stops_finishes_what_is_in_hand_and_the_next_one_goes_on(tmp_path: Path) -> None:
    reached, stopping = threading.Event(), threading.Event()

    def on_begin(document: Document) -> None:
        if document.source == "2.txt":
            reached.set()
            assert stopping.wait(30)

    with office(tmp_path) as (store, jobs):
        job = jobs.submit(texts(8))
        with working(store, tmp_path, FastSite(store, on_begin)):
            assert reached.wait(30)
            threading.Timer(0.5, stopping.set).start()
        assert stored_sources(store) == ["0.txt", "1.txt", "2.txt"]
        assert (jobs.job(job.id).state, jobs.job(job.id).counts.done) == (JobState.RUNNING, 3)
        assert JobWork(store.database, 1).workers() == ()
        with working(store, tmp_path):
            assert ended(jobs, job.id).counts.done == 8


def test_a_defect_fails_the_document_and_a_broken_store_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    def on_begin(document: Document) -> None:
        tries.append(document.source)
        if document.source == "1.txt":
            raise ZeroDivisionError
        if document.source == "2.txt" and tries.count("2.txt") < 3:
            raise QueueFull("the disk", "it is full", "Empty it.")  # an error that is no fault of the document's

    with office(tmp_path) as (store, jobs):
        job = jobs.submit(texts(3))
        with working(store, tmp_path, FastSite(store, on_begin)):
            done = ended(jobs, job.id)
        assert (done.state, done.counts.done, done.counts.failed) == (JobState.PARTIAL, 2, 1)
        failed = jobs.results(job.id).items[1]
        assert failed.failure == ItemFailure(
            "", "processing it failed unexpectedly", "The log of the worker tells more."
        )
        assert tries.count("0.txt") == 1 and tries.count("2.txt") == 3
    assert "ZeroDivisionError" in caplog.text


def test_a_process_has_one_worker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with office(tmp_path / "a") as (store, jobs), working(store, tmp_path / "a"):
        ended(jobs, jobs.submit(texts(1)).id)
        with office(tmp_path / "b") as (other, others):
            queue = DbosQueue.of(Settings(home=tmp_path / "b"))
            second = Worker(others, JobWork(other.database, 1), FastSite(other), queue)
            second.start()
            second.stop()
            assert JobWork(other.database, 1).workers() == ()
        assert "this process works on the jobs of one workspace already" in caplog.text
        assert ended(jobs, jobs.submit(texts(1, start=5)).id).state is JobState.SUCCEEDED


def test_jobs_on_the_command_line(home: Path) -> None:
    with office(home / "home") as (store, jobs):
        work = JobWork(store.database, 7)
        desk = Desk(store, Clock())
        job = jobs.submit([*texts(1), Submission("bad", FAILURE)])
        waiting = jobs.submit(texts(2, start=10))
        desk.do(next(ticket for ticket in work.hand_out(2) if ticket.startswith(job.id)))
        jobs.job(job.id)

    listed = run("jobs", "list")
    assert (listed.exit_code, job.id in listed.output, "partial" in listed.output) == (0, True, True)
    shown = run("jobs", "show", waiting.id)
    assert (shown.exit_code, "queued" in shown.output) == (0, True)
    cancelled = run("jobs", "cancel", waiting.id)
    assert f"{waiting.id}: cancelled, 0 of 2 documents left" in cancelled.stderr
    assert run("jobs", "retry", waiting.id).exit_code == 3
    assert run("jobs", "show", "job_0").exit_code == 3

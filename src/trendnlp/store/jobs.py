"""Jobs for those who submit them: accept, list, read, cancel, do again what failed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from trendnlp.errors import Expired, InputTooLarge, MissingInput, NotFound, QueueFull, WrongState
from trendnlp.store import job_rows as rows
from trendnlp.store.clock import utc_now
from trendnlp.store.database import Database
from trendnlp.store.job_types import ENDED, ItemFailure, ItemState, Job, JobItem, JobState, Submission, Terms
from trendnlp.store.listing import Listing, fetch
from trendnlp.store.pages import FIRST, Page, PageRequest, SortKey
from trendnlp.store.schema_jobs import job_items, job_payloads, job_shards, jobs

SHARD = 8  # documents after which the findings are brought up to date; and no more are lost to a worker's end
_PART = 64  # documents that are written in one transaction while a job comes in
_PART_BYTES = 16 * 1024 * 1024  # after which there are no more in it: they are held in memory
_ID_BYTES = 10  # as long as the content ids
_COMING_IN = "coming in"  # the state of a job before it is accepted; nobody is told of it
_LIST = "List the jobs for the ids there are."


class JobStore:
    """The jobs of one database. Every method may be called from any thread; raises StoreError where it fails."""

    def __init__(self, database: Database, terms: Terms, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._terms = terms
        self._now = now

    def submit(self, submissions: Iterable[Submission]) -> Job:
        """Accept a job of these documents, all or none: it is accepted when this returns.

        Raises QueueFull, InputTooLarge over the terms' ``documents``, MissingInput where there is none, and what
        the iteration raises.
        """
        with self._database.writing() as connection:
            _refuse_full(connection, 1, self._terms)
            seq = rows.new_job(connection, "job_" + secrets.token_hex(_ID_BYTES), _COMING_IN, self._time())
        try:
            # In parts: reading an archive may take long, and others write meanwhile.
            total = self._take_in(seq, iter(submissions))
            with self._database.writing() as connection:
                _refuse_full(connection, 0, self._terms)  # its own documents are among those that wait now
                rows.make_shards(connection, seq, range(-(-total // SHARD)))
                rows.wait_for_turn(connection, seq)
                if rows.settle(connection, seq):
                    rows.end(connection, seq, self._time(), self._expiry())
                return rows.job_of(connection, rows.by_seq(connection, seq))
        except BaseException:
            with self._database.writing() as connection:
                connection.execute(delete(jobs).where(jobs.c.seq == seq))
            raise

    def jobs(self, page: PageRequest = FIRST) -> Page[Job]:
        """The jobs, newest first; raises BadCursor."""
        listing = Listing(
            select(jobs).where(jobs.c.state != _COMING_IN), (SortKey(jobs.c.seq, descending=True),), "jobs"
        )
        with self._database.reading() as connection:
            found = fetch(connection, listing, page, self._database.cursor_key)
            items = tuple(rows.job_of(connection, row) for row in found.items)
            return Page(items, found.next_cursor, found.total)

    def job(self, id: str) -> Job:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return rows.job_of(connection, _row(connection, id))

    def several(self, ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of the jobs that there are, in no order."""
        with self._database.reading() as connection:
            found = connection.execute(select(jobs).where(jobs.c.id.in_(ids)))
            return tuple(rows.job_of(connection, row) for row in found.all())

    def results(self, id: str, page: PageRequest = FIRST) -> Page[JobItem]:
        """What became of the documents, in the order in which they were submitted.

        Raises NotFound, WrongState where the job has not ended, Expired, BadCursor.
        """
        with self._database.reading() as connection:
            row = self._readable(connection, id)
            query = select(job_items).where(job_items.c.job == row.seq)
            listing = Listing(query, (SortKey(job_items.c.position),), f"results of {id}")
            found = fetch(connection, listing, page, self._database.cursor_key)
            return Page(tuple(map(rows.item_of, found.items)), found.next_cursor, found.total)

    def cancel(self, id: str) -> Job:
        """Cancel what waits; documents in hand are finished. Raises NotFound, WrongState where the job has ended."""
        with self._database.writing() as connection:
            row = _row(connection, id)
            rows.lock(connection, row.seq)
            row = rows.by_seq(connection, row.seq)
            if row.state in ENDED:
                raise WrongState(id, f"the job has ended ({row.state})", "Read its results.")
            if row.stopped is None:
                values = {"state": JobState.CANCELLING.value, "stopped": self._time()}
                connection.execute(update(jobs).where(jobs.c.seq == row.seq).values(**values))
                rows.cancel_waiting(connection, row.seq)
                if rows.settle(connection, row.seq):
                    rows.end(connection, row.seq, self._time(), self._expiry())
            return rows.job_of(connection, rows.by_seq(connection, row.seq))

    def retry(self, id: str) -> Job:
        """Put the documents that failed back into the queue, and only these.

        Raises NotFound, Expired, QueueFull, WrongState where the job has not ended or none can be tried again.
        """
        with self._database.writing() as connection:
            rows.lock(connection, _row(connection, id).seq)
            row = self._readable(connection, id)
            failed = select(job_items.c.seq).join(job_payloads, job_payloads.c.item == job_items.c.seq)
            failed = failed.where(job_items.c.job == row.seq, job_items.c.state == ItemState.FAILED.value)
            again = connection.execute(failed.order_by(job_items.c.position)).scalars().all()
            if not again:
                raise WrongState(id, "none of its documents failed that was read", "Submit corrected documents.")
            _refuse_full(connection, len(again), self._terms)
            rows.put_back(connection, row.seq, again, SHARD)
            return rows.job_of(connection, rows.by_seq(connection, row.seq))

    def waiting(self) -> int:
        """How many documents of all jobs wait or are in hand."""
        with self._database.reading() as connection:
            return rows.count_waiting(connection)

    def purge(self, abandoned: timedelta) -> None:
        """Delete what became of the documents of expired jobs, and jobs that were ``abandoned`` while coming in."""
        now = self._now()
        with self._database.writing() as connection:
            late = (jobs.c.expires <= _iso(now)) & jobs.c.purged.is_(None)
            expired = connection.execute(select(jobs.c.seq).where(late)).scalars().all()
            for seq in expired:
                connection.execute(delete(job_items).where(job_items.c.job == seq))
                connection.execute(delete(job_shards).where(job_shards.c.job == seq))
                connection.execute(update(jobs).where(jobs.c.seq == seq).values(purged=_iso(now)))
            old = (jobs.c.state == _COMING_IN) & (jobs.c.created < _iso(now - abandoned))
            connection.execute(delete(jobs).where(old))

    def _take_in(self, seq: int, submissions: Iterator[Submission]) -> int:
        total = 0
        for part in _in_parts(self._within(submissions)):
            if total + len(part) > self._terms.documents:
                raise too_many(self._terms.documents)
            with self._database.writing() as connection:
                for position, submission in enumerate(part, total):
                    rows.add_item(connection, seq, position, position // SHARD, submission)
            total += len(part)
        if not total:
            raise MissingInput("the job", "it has no documents", "Send at least one.")
        return total

    def _within(self, submissions: Iterator[Submission]) -> Iterator[Submission]:
        """The submissions, as long as all together keep within the terms' ``bytes``."""
        left = self._terms.bytes
        for submission in submissions:
            left -= _size(submission)
            if left < 0:
                reason = f"its documents have more than {self._terms.bytes:,} bytes, unpacked"
                raise InputTooLarge("the job", reason, "Split it, or raise TRENDNLP_MAX_EXPANDED.")
            yield submission

    def _readable(self, connection: Connection, id: str) -> Row[Any]:
        """The job, which has ended and not expired."""
        row = _row(connection, id)
        if row.state not in ENDED:
            raise WrongState(id, f"the job has not ended ({row.state})", "Wait until it has.")
        if row.purged is not None or row.expires <= self._time():
            raise Expired(id, f"its results expired at {row.expires}", "Submit its documents again.")
        return row

    def _time(self) -> str:
        return _iso(self._now())

    def _expiry(self) -> str:
        return _iso(self._now() + timedelta(days=self._terms.days))


def too_many(most: int) -> InputTooLarge:
    """What is wrong with a job of more than ``most`` documents."""
    reason = f"it has more than {most:,} documents"
    return InputTooLarge("the job", reason, "Split it, or raise TRENDNLP_MAX_JOB_DOCUMENTS.")


def _in_parts(submissions: Iterator[Submission]) -> Iterator[tuple[Submission, ...]]:
    part: list[Submission] = []
    size = 0
    for submission in submissions:
        part.append(submission)
        size += _size(submission)
        if len(part) == _PART or size >= _PART_BYTES:
            yield tuple(part)
            part, size = [], 0
    if part:
        yield tuple(part)


def _size(submission: Submission) -> int:
    """Bytes of a file, characters of a text."""
    return 0 if isinstance(submission.content, ItemFailure) else len(submission.content)


def _row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(select(jobs).where(jobs.c.id == id, jobs.c.state != _COMING_IN)).one_or_none()
    if row is None:
        raise NotFound(id, "no such job", _LIST)
    return row


def _refuse_full(connection: Connection, more: int, terms: Terms) -> None:
    waiting = rows.count_waiting(connection)
    if waiting + more > terms.waiting:
        reason = f"{waiting:,} documents wait, and {terms.waiting:,} may"
        raise QueueFull("the queue", reason, "Send the job again later, or a smaller one.")


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")

"""Jobs for those who work on them: shards are handed out, documents begun and finished, and workers seen.

A shard is handed out by a ticket, which names it in a queue. What that queue does to a ticket more than once, or too
late, changes nothing here: a shard has one ticket at a time, and a document one holder.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from trendnlp.store import job_rows as rows
from trendnlp.store.clock import utc_now
from trendnlp.store.database import Database
from trendnlp.store.engine import upsert
from trendnlp.store.job_types import Held, ItemFailure, ItemResult, ItemState, JobState, WorkerRow
from trendnlp.store.schema_jobs import job_items, job_payloads, job_shards, jobs, workers

MAX_TRIES = 20  # after which a document is taken to be what ends its workers; chance does not hit one so often
_ENDS_ITS_READER = ItemFailure(
    "ReadingStopped", f"processing it was broken off {MAX_TRIES} times", "Split it, or try it alone with `retry`."
)


class JobWork:
    """The work that there is in one database, for any number of workers. Raises StoreError where it fails."""

    def __init__(self, database: Database, days: int, now: Callable[[], datetime] = utc_now) -> None:
        """``days``: how long the results of a job that ends can be read."""
        self._database = database
        self._days = timedelta(days=days)
        self._now = now

    def hand_out(self, most: int) -> tuple[str, ...]:
        """Give tickets to shards until ``most`` are out, the job first that waits longest; returns the new ones."""
        with self._database.reading() as connection:
            if len(_tickets(connection)) >= most or _next_shard(connection) is None:
                return ()
        tickets = []
        with self._database.writing() as connection:
            while len(_tickets(connection)) < most and (shard := _next_shard(connection)) is not None:
                ticket = f"{shard.id}/{shard.number}/{shard.generation}"
                connection.execute(_shard(shard.job, shard.number).values(ticket=ticket))
                rows_served = select(jobs.c.served).order_by(jobs.c.served.desc()).limit(1)
                turn = connection.execute(rows_served).scalar_one() + 1
                connection.execute(update(jobs).where(jobs.c.seq == shard.job).values(served=turn))
                tickets.append(ticket)
        return tuple(tickets)

    def tickets(self) -> tuple[str, ...]:
        """The tickets that are out."""
        with self._database.reading() as connection:
            return _tickets(connection)

    def items(self, ticket: str) -> tuple[int, ...]:
        """The documents of the shard that wait, in order; none where the ticket does not count any more."""
        of = job_items.c
        query = select(of.seq).join(job_shards, (job_shards.c.job == of.job) & (job_shards.c.number == of.shard))
        query = query.where(job_shards.c.ticket == ticket, of.state == rows.QUEUED).order_by(of.position)
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def holds(self, ticket: str) -> bool:
        """Whether the ticket still counts. It is written anew: StoreError where nothing can be written."""
        mine = update(job_shards).where(job_shards.c.ticket == ticket)
        with self._database.writing() as connection:
            return connection.execute(mine.values(ticket=ticket)).rowcount > 0

    def begin(self, ticket: str, item: int) -> Held | None:
        """Take a document in hand, from whoever held it before; None where there is nothing to do any more.

        A document of a job that is cancelled is so from here on. One that was begun too often fails.
        """
        of = job_items.c
        query = (
            select(
                job_items, job_payloads.c.data, job_payloads.c.is_text, jobs.c.stopped, jobs.c.state.label("standing")
            )
            .join(jobs, jobs.c.seq == of.job)
            .join(job_payloads, job_payloads.c.item == of.seq)
            .join(job_shards, (job_shards.c.job == of.job) & (job_shards.c.number == of.shard))
            .where(of.seq == item, of.state == rows.QUEUED, job_shards.c.ticket == ticket)
            .with_for_update()  # of two who begin it at once, or one who cancels it, one comes first
        )
        holder = secrets.token_hex(8)
        with self._database.writing() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if row.stopped is not None:
                _close_item(connection, row.job, item, ItemState.CANCELLED, {})
                return None
            if row.tries >= MAX_TRIES:
                _fail(connection, row.job, item, _ENDS_ITS_READER)
                return None
            begun = {"holder": holder, "tries": row.tries + 1}
            connection.execute(update(job_items).where(of.seq == item).values(begun))
            if row.standing == JobState.QUEUED:
                started = {"state": JobState.RUNNING.value, "started": self._time(), "version": jobs.c.version + 1}
                connection.execute(update(jobs).where(jobs.c.seq == row.job).values(started))
        return Held(item, holder, rows.submission_of(row))

    def name(self, held: Held, document: str, stored: bool) -> bool:
        """Note which document it is, and whether it was ``stored``; returns whether it is new: neither stored before,
        nor first named by another item. The answer stays the same when the item is begun again.
        """
        of = job_items.c
        with self._database.writing() as connection:
            row = connection.execute(select(of.document, of.known).where(of.seq == held.seq)).one_or_none()
            if row is None or row.document == document:
                return row is not None and not row.known
            unfinished = (of.state == rows.QUEUED) & (of.known == 0)
            other = select(of.seq).where(of.document == document, of.seq != held.seq, unfinished).limit(1)
            known = stored or connection.execute(other).first() is not None
            mine = update(job_items).where(of.seq == held.seq, of.holder == held.holder)
            connection.execute(mine.values(document=document, known=int(known)))
        return not known

    def finish(self, held: Held, result: ItemResult | ItemFailure) -> bool:
        """Say what became of a document, and let go of its bytes unless it failed. False, and nothing is written, where
        another has taken it in hand meanwhile.
        """
        with self._database.writing() as connection:
            mine = select(job_items.c.job).where(
                job_items.c.seq == held.seq, job_items.c.holder == held.holder, job_items.c.state == rows.QUEUED
            )
            job = connection.execute(mine).scalar_one_or_none()
            if job is None:
                return False
            if isinstance(result, ItemFailure):
                _fail(connection, job, held.seq, result)
                return True
            values = {
                "document": result.document,
                "known": int(not result.added),
                "statements": result.statements,
                "claims": result.claims,
                "warnings": list(result.warnings),
            }
            _close_item(connection, job, held.seq, ItemState.DONE, values)
        return True

    def close(self, ticket: str) -> bool:
        """Close the shard, and with the last one of a job the job. False where documents of it still wait."""
        with self._database.writing() as connection:
            shard = connection.execute(select(job_shards).where(job_shards.c.ticket == ticket)).one_or_none()
            if shard is None:
                return True
            rows.lock(connection, shard.job)  # of two shards that close at once, one has to see that it is the last
            waits = select(job_items.c.seq).where(
                job_items.c.job == shard.job, job_items.c.shard == shard.number, job_items.c.state == rows.QUEUED
            )
            if connection.execute(waits.limit(1)).first() is not None:
                return False
            connection.execute(_shard(shard.job, shard.number).values(ticket=None, closed=1))
            if rows.is_closed(connection, shard.job):
                rows.end(connection, shard.job, self._time(), self._expiry())
        return True

    def hand_back(self, ticket: str) -> None:
        """Take the ticket in: the shard waits for its next one."""
        mine = update(job_shards).where(job_shards.c.ticket == ticket)
        with self._database.writing() as connection:
            connection.execute(mine.values(ticket=None, generation=job_shards.c.generation + 1))

    def beat(self, worker: WorkerRow) -> None:
        """Note that a worker lives."""
        values = {"id": worker.id, "host": worker.host, "pid": worker.pid, "seen": worker.seen}
        with self._database.writing() as connection:
            connection.execute(upsert(workers, "id"), values)

    def workers(self) -> tuple[WorkerRow, ...]:
        """The workers that did not say that they end, by id; some may have died."""
        with self._database.reading() as connection:
            found = connection.execute(select(workers).order_by(workers.c.id))
            return tuple(WorkerRow(row.id, row.host, row.pid, row.seen) for row in found)

    def forget(self, ids: Collection[str]) -> None:
        """Strike workers off."""
        with self._database.writing() as connection:
            connection.execute(delete(workers).where(workers.c.id.in_(ids)))

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")

    def _expiry(self) -> str:
        return (self._now() + self._days).astimezone(UTC).isoformat(timespec="seconds")


def _shard(job: int, number: int) -> Any:
    return update(job_shards).where(job_shards.c.job == job, job_shards.c.number == number)


def _tickets(connection: Connection) -> tuple[str, ...]:
    out = (job_shards.c.closed == 0) & job_shards.c.ticket.is_not(None)
    return tuple(connection.execute(select(job_shards.c.ticket).where(out).order_by(job_shards.c.ticket)).scalars())


def _next_shard(connection: Connection) -> Row[Any] | None:
    states: Sequence[str] = [s.value for s in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)]
    waiting = (job_shards.c.closed == 0) & job_shards.c.ticket.is_(None) & jobs.c.state.in_(states)
    query = select(job_shards, jobs.c.id).join(jobs, jobs.c.seq == job_shards.c.job).where(waiting)
    return connection.execute(query.order_by(jobs.c.served, jobs.c.seq, job_shards.c.number).limit(1)).first()


def _fail(connection: Connection, job: int, item: int, failure: ItemFailure) -> None:
    values = {"error": failure.error, "reason": failure.reason, "remedy": failure.remedy}
    _close_item(connection, job, item, ItemState.FAILED, values)


def _close_item(connection: Connection, job: int, item: int, state: ItemState, values: dict[str, Any]) -> None:
    connection.execute(update(job_items).where(job_items.c.seq == item).values({**values, "state": state.value}))
    if state is not ItemState.FAILED:  # which may be tried again
        connection.execute(delete(job_payloads).where(job_payloads.c.item == item))
    counted = jobs.c[state.value]
    changed = {counted: counted + 1, jobs.c.version: jobs.c.version + 1}
    connection.execute(update(jobs).where(jobs.c.seq == job).values(changed))

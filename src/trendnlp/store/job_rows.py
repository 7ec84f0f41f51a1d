"""Rows of jobs and their items. Functions over an open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from trendnlp.events import Event, EventType
from trendnlp.store.engine import chunks
from trendnlp.store.job_types import (
    ItemFailure,
    ItemState,
    Job,
    JobCounts,
    JobItem,
    JobState,
    Submission,
)
from trendnlp.store.outbox import enqueue
from trendnlp.store.schema_jobs import job_items, job_payloads, job_shards, jobs
from trendnlp.types import Format, Metadata

QUEUED = ItemState.QUEUED.value
_NEW_JOB = {"version": 0, "served": 0, "total": 0, "done": 0, "failed": 0, "cancelled": 0}


def new_job(connection: Connection, id: str, state: str, created: str) -> int:
    """Insert a job without documents; returns its number."""
    values = {**_NEW_JOB, "id": id, "state": state, "created": created}
    return int(connection.execute(insert(jobs).values(values).returning(jobs.c.seq)).scalar_one())


def add_item(connection: Connection, job: int, position: int, shard: int, submission: Submission) -> None:
    """Insert one document, with its bytes where there are any."""
    content = submission.content
    failure = content if isinstance(content, ItemFailure) else None
    values = {
        "job": job,
        "position": position,
        "shard": shard,
        "custom_id": submission.custom_id,
        "source": submission.source,
        "format": submission.format and submission.format.value,
        "given": {name: value for name, value in asdict(submission.given).items() if value is not None},
        "state": QUEUED if failure is None else ItemState.FAILED.value,
        "tries": 0,
        "warnings": [],
        **({} if failure is None else asdict(failure)),
    }
    seq = connection.execute(insert(job_items).values(values).returning(job_items.c.seq)).scalar_one()
    if not isinstance(content, ItemFailure):
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        payload = {"item": seq, "is_text": int(isinstance(content, str)), "data": data}
        connection.execute(insert(job_payloads).values(payload))


def make_shards(connection: Connection, job: int, numbers: Iterable[int]) -> None:
    values = [{"job": job, "number": number, "generation": 0, "closed": 0} for number in numbers]
    connection.execute(insert(job_shards), values)


def wait_for_turn(connection: Connection, job: int) -> None:
    """Put a job into the queue, behind the turns that others have had."""
    last = connection.execute(select(func.max(jobs.c.served))).scalar_one() or 0
    connection.execute(update(jobs).where(jobs.c.seq == job).values(state=JobState.QUEUED.value, served=last + 1))


def count_waiting(connection: Connection) -> int:
    """How many documents of all jobs wait or are in hand."""
    return int(
        connection.execute(select(func.count()).select_from(job_items).where(job_items.c.state == QUEUED)).scalar_one()
    )


def settle(connection: Connection, job: int) -> bool:
    """Count the documents anew, and close the shards in which none waits; returns whether none is open."""
    grouped = select(job_items.c.state, func.count()).where(job_items.c.job == job).group_by(job_items.c.state)
    found = {str(row[0]): int(row[1]) for row in connection.execute(grouped)}
    counts = {state.value: found.get(state.value, 0) for state in ItemState if state is not ItemState.QUEUED}
    values = {**counts, "total": sum(found.values()), "version": jobs.c.version + 1}
    connection.execute(update(jobs).where(jobs.c.seq == job).values(values))
    open_shards = select(job_items.c.shard).where(job_items.c.job == job, job_items.c.state == QUEUED)
    idle = update(job_shards).where(job_shards.c.job == job, job_shards.c.number.not_in(open_shards))
    connection.execute(idle.values(closed=1, ticket=None))
    return is_closed(connection, job)


def is_closed(connection: Connection, job: int) -> bool:
    """Whether no shard of the job is open."""
    left = select(job_shards.c.number).where(job_shards.c.job == job, job_shards.c.closed == 0).limit(1)
    return connection.execute(left).first() is None


def end(connection: Connection, job: int, now: str, expires: str) -> None:
    """Give a job the state that its counts come to, and tell the webhooks that ask for it."""
    row = by_seq(connection, job)
    counts = counts_of(row)
    state, version = counts.outcome.value, row.version + 1
    values = {"state": state, "finished": now, "expires": expires, "version": version}
    connection.execute(update(jobs).where(jobs.c.seq == job).values(values))
    # by the version: a job whose failed documents are done again ends anew
    told = {"job": row.id, "state": state, "documents": asdict(counts)}
    enqueue(connection, Event.of(EventType.JOB_FINISHED, (row.id, str(version)), now, told))


def cancel_waiting(connection: Connection, job: int) -> None:
    """Cancel the documents that nobody has begun."""
    waiting = select(job_items.c.seq).where(
        job_items.c.job == job, job_items.c.state == QUEUED, job_items.c.holder.is_(None)
    )
    for part in chunks(connection.execute(waiting).scalars().all()):
        connection.execute(delete(job_payloads).where(job_payloads.c.item.in_(part)))
        connection.execute(update(job_items).where(job_items.c.seq.in_(part)).values(state=ItemState.CANCELLED.value))


def put_back(connection: Connection, job: int, items: Sequence[int], size: int) -> None:
    """Make failed ``items`` wait again, in new shards of ``size``, and the job with them."""
    last = select(func.max(job_shards.c.number)).where(job_shards.c.job == job)
    number = connection.execute(last).scalar_one() + 1
    rest = iter(items)
    shards = []
    while part := tuple(islice(rest, size)):
        cleared = dict.fromkeys(("holder", "error", "reason", "remedy", "document", "known"))
        values = {**cleared, "state": QUEUED, "tries": 0, "shard": number}
        connection.execute(update(job_items).where(job_items.c.seq.in_(part)).values(values))
        shards.append(number)
        number += 1
    make_shards(connection, job, shards)
    cleared = dict.fromkeys(("finished", "expires", "stopped", "started"))
    connection.execute(update(jobs).where(jobs.c.seq == job).values(cleared))
    wait_for_turn(connection, job)
    settle(connection, job)


def lock(connection: Connection, job: int) -> None:
    """Keep others from changing the job until the transaction ends, where others can write meanwhile."""
    connection.execute(select(jobs.c.seq).where(jobs.c.seq == job).with_for_update())


def by_seq(connection: Connection, job: int) -> Row[Any]:
    return connection.execute(select(jobs).where(jobs.c.seq == job)).one()


def counts_of(row: Row[Any]) -> JobCounts:
    return JobCounts(row.total, row.done, row.failed, row.cancelled)


def job_of(connection: Connection, row: Row[Any]) -> Job:
    before = None
    if row.state == JobState.QUEUED:
        earlier = select(func.count()).select_from(jobs).where(jobs.c.seq < row.seq, jobs.c.state == row.state)
        before = connection.execute(earlier).scalar_one()
    times = (row.created, row.started, row.finished, row.expires)
    return Job(row.id, JobState(row.state), row.version, counts_of(row), before, *times)


def item_of(row: Row[Any]) -> JobItem:
    failure = None if row.error is None else ItemFailure(row.error, row.reason, row.remedy)
    return JobItem(
        position=row.position,
        custom_id=row.custom_id,
        source=row.source,
        state=ItemState(row.state),
        document=row.document if row.state == ItemState.DONE else None,
        known=bool(row.known),
        statements=row.statements,
        claims=row.claims,
        warnings=tuple(row.warnings),
        failure=failure,
    )


def submission_of(row: Row[Any]) -> Submission:
    """The document of an item that is joined with its payload."""
    content = row.data.decode("utf-8", "surrogatepass") if row.is_text else bytes(row.data)
    format = None if row.format is None else Format(row.format)
    return Submission(row.source, content, format, Metadata(**row.given), row.custom_id)

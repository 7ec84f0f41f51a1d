"""Events on their way to webhooks. Functions over an open transaction; times are UTC, ISO 8601.

An event is written in the transaction of the fact that it tells, so that neither is there without the other. A process
that dies while it sends leaves a delivery that falls due again: each is made at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from trendnlp.events import Event, EventType
from trendnlp.store.database import Database
from trendnlp.store.engine import chunks
from trendnlp.store.schema_webhooks import deliveries, events, webhooks
from trendnlp.types import content_id

SILENT = timedelta(minutes=1)  # for which a receiver that gave no answer is sent nothing: others wait meanwhile
# Longer than from one attempt of a delivery to its next. Failures further apart say nothing of the time between them:
# nothing was sent in it, or nothing ran that could send.
REST = timedelta(days=2)
GONE = 410  # the status by which a receiver says that it wants no more


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; it can be sent again on request


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery to make now, as the ``attempt``-th, and what is needed for it."""

    id: str
    attempt: int
    url: str
    secret: str
    event: Event


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt at the time ``at``: the status that was answered, None where there was no answer, and
    why it failed, None where it did not. ``due`` is when to try again, None where it is given up.
    """

    at: str
    status: int | None = None
    error: str | None = None
    due: str | None = None


def enqueue(connection: Connection, *facts: Event) -> None:
    """Tell ``facts`` to the webhooks that ask for them. A fact that was told before is not told again, and what nobody
    asks for is not kept.
    """
    asking = _subscribers(connection)
    told = {fact.id: fact for fact in facts if fact.type in asking}
    for chunk in chunks(told):
        known = connection.execute(select(events.c.id).where(events.c.id.in_(chunk))).scalars().all()
        _add(connection, [told[id] for id in chunk if id not in known], asking)


def wanted(connection: Connection, types: Iterable[EventType]) -> bool:
    """Whether a webhook that works asks for any of ``types``."""
    return not set(types).isdisjoint(_subscribers(connection))


def _subscribers(connection: Connection) -> dict[EventType, list[int]]:
    found: dict[EventType, list[int]] = {}
    working = select(webhooks.c.seq, webhooks.c.events).where(webhooks.c.disabled.is_(None)).order_by(webhooks.c.seq)
    for row in connection.execute(working):
        for name in row.events:
            found.setdefault(EventType(name), []).append(row.seq)
    return found


def _add(connection: Connection, facts: Sequence[Event], asking: dict[EventType, list[int]]) -> None:
    if not facts:
        return
    rows = [{"id": f.id, "type": f.type.value, "at": f.at, "data": dict(f.data)} for f in facts]
    connection.execute(insert(events), rows)
    placed = connection.execute(select(events.c.id, events.c.seq).where(events.c.id.in_([f.id for f in facts])))
    numbers = {row.id: row.seq for row in placed}
    fresh = {"state": DeliveryState.PENDING.value, "attempts": 0}
    connection.execute(
        insert(deliveries),
        [
            {"id": content_id("dlv", f.id, str(to)), "webhook": to, "event": numbers[f.id], "due": f.at, **fresh}
            for f in facts
            for to in asking[f.type]
        ],
    )


def any_due(connection: Connection, now: str) -> bool:
    """Whether there is something to send at ``now``."""
    return connection.execute(_due(now).limit(1)).first() is not None


def claim(connection: Connection, now: str, until: str, limit: int) -> tuple[Outgoing, ...]:
    """The deliveries that are due at ``now``, those that wait longest first; nobody else gets them before ``until``."""
    rows = connection.execute(_due(now).order_by(deliveries.c.due, deliveries.c.seq).limit(limit)).all()
    held = deliveries.c.id.in_([row.id for row in rows])
    connection.execute(update(deliveries).where(held).values(due=until, attempts=deliveries.c.attempts + 1))
    return tuple(_outgoing(row) for row in rows)


def _due(now: str) -> Select[Any]:
    of = deliveries.c
    query = select(
        *(of.id, of.attempts, webhooks.c.url, webhooks.c.secret),
        *(events.c.id.label("event"), events.c.type, events.c.at, events.c.data),
    )
    query = query.select_from(deliveries).join(webhooks, webhooks.c.seq == of.webhook)
    query = query.join(events, events.c.seq == of.event)
    return query.where(of.state == DeliveryState.PENDING.value, of.due <= now, webhooks.c.disabled.is_(None))


def _outgoing(row: Row[Any]) -> Outgoing:
    event = Event(row.event, EventType(row.type), row.at, row.data)
    return Outgoing(row.id, row.attempts + 1, row.url, row.secret, event)


def settle(connection: Connection, id: str, result: Result, patience: str) -> None:
    """Note what came of an attempt, on the delivery and its webhook; nothing where the webhook is gone. One that wants
    no more, or whose attempts have failed since before ``patience``, none a ``REST`` after another, is disabled; what
    waits for one that gave no answer waits on.
    """
    of = select(webhooks).join(deliveries, deliveries.c.webhook == webhooks.c.seq).where(deliveries.c.id == id)
    webhook = connection.execute(of).first()
    last = None if webhook is None else _last_attempt(connection, webhook.seq)
    done = result.error is None
    state = DeliveryState.DELIVERED if done else DeliveryState.PENDING if result.due else DeliveryState.FAILED
    values = {"state": state.value, "attempted": result.at, "status": result.status, "error": result.error}
    due = {"due": result.due} if result.due else {}
    connection.execute(update(deliveries).where(deliveries.c.id == id).values(**values, **due))
    if webhook is None:
        return
    rested = last is None or last < _text(datetime.fromisoformat(result.at) - REST)
    since = None if done else result.at if rested else webhook.failing_since or result.at
    changed = {"failing_since": since}
    if since is not None and webhook.disabled is None:
        reason = "it wants no more events" if result.status == GONE else f"nothing has reached it since {since}"
        if result.status == GONE or since < patience:
            changed |= {"disabled": result.at, "reason": reason}
    connection.execute(update(webhooks).where(webhooks.c.seq == webhook.seq).values(changed))
    if not done and result.status is None:
        _put_off(connection, webhook.seq, _text(datetime.fromisoformat(result.at) + SILENT))


def _last_attempt(connection: Connection, webhook: int) -> str | None:
    attempted = select(func.max(deliveries.c.attempted)).where(deliveries.c.webhook == webhook)
    return connection.execute(attempted).scalar()


def _put_off(connection: Connection, webhook: int, until: str) -> None:
    of = deliveries.c
    waiting = (of.webhook == webhook) & (of.state == DeliveryState.PENDING.value) & (of.due < until)
    connection.execute(update(deliveries).where(waiting).values(due=until))


def prune(connection: Connection, before: str) -> None:
    """Delete the deliveries that were settled before a time, and the events with none left."""
    over = deliveries.c.state != DeliveryState.PENDING.value
    connection.execute(delete(deliveries).where(over, deliveries.c.attempted < before))
    left = exists().where(deliveries.c.event == events.c.seq)
    connection.execute(delete(events).where(~left, events.c.at < before))


class Outbox:
    """What is to be sent from one database. Every method is one transaction; StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, until: datetime, limit: int) -> tuple[Outgoing, ...]:
        """At most ``limit`` deliveries that are due ``now``; they fall due again at ``until`` if not settled."""
        with self._database.reading() as connection:
            if not any_due(connection, _text(now)):
                return ()
        with self._database.writing() as connection:
            return claim(connection, _text(now), _text(until), limit)

    def settle(self, id: str, result: Result, patience: datetime) -> None:
        """Note what came of a delivery; a webhook that has failed since before ``patience`` is disabled."""
        with self._database.writing() as connection:
            settle(connection, id, result, _text(patience))

    def prune(self, before: datetime) -> None:
        """Forget the deliveries that were settled before a time."""
        with self._database.writing() as connection:
            prune(connection, _text(before))


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")

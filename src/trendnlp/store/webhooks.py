"""Who is told of what happens, and what became of telling it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from trendnlp.errors import BadTarget, NotFound
from trendnlp.events import FINDING_EVENTS, EventType
from trendnlp.store import finding_events
from trendnlp.store.clock import month, utc_now
from trendnlp.store.database import Database
from trendnlp.store.listing import Listing, fetch
from trendnlp.store.outbox import DeliveryState, wanted
from trendnlp.store.pages import FIRST, Page, PageRequest, SortKey
from trendnlp.store.schema_webhooks import deliveries, events, webhooks

ID_BYTES = 10
SECRET_BYTES = 32
SECRET_MARK = "whsec_"  # of Standard Webhooks
MAX_WEBHOOKS = 100  # each event is written once for each


@dataclass(frozen=True, slots=True)
class Webhook:
    """One subscription. ``failing_since``: when the first of the attempts failed that have all failed up to now, none
    a rest of two days after another; ``disabled`` and ``reason``: since when and why nothing is sent any more. Times
    are UTC, ISO 8601.
    """

    id: str
    url: str
    events: tuple[EventType, ...]
    by: str
    created: str
    failing_since: str | None = None
    disabled: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook: how often it was tried, what was answered last, and when it is tried next."""

    id: str
    webhook: str
    event: str
    type: EventType
    at: str
    state: DeliveryState
    attempts: int
    attempted: str | None
    status: int | None
    error: str | None
    due: str | None


class Webhooks:
    """The webhooks of one database. Every method is one transaction; StoreError where the database fails."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def add(self, url: str, events: Collection[EventType], by: str) -> tuple[Webhook, str]:
        """Tell ``url``, which must have been checked, of ``events`` from now on; what comes with the webhook is the
        secret that deliveries are signed with. Raises BadTarget where there are ``MAX_WEBHOOKS``.
        """
        id = f"wh_{secrets.token_hex(ID_BYTES)}"
        secret = SECRET_MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")
        made = Webhook(id, url, tuple(sorted(set(events))), by, self._time())
        row = {"id": id, "url": url, "events": list(made.events), "secret": secret, "by": by, "created": made.created}
        with self._database.writing() as connection:
            if connection.execute(select(func.count()).select_from(webhooks)).scalar_one() >= MAX_WEBHOOKS:
                raise BadTarget(url, f"there are {MAX_WEBHOOKS} webhooks, which is all", "Remove one first.")
            _begin_findings(connection, made.events, month(self._now()))
            connection.execute(insert(webhooks), row)
        return made, secret

    def every(self) -> tuple[Webhook, ...]:
        """All webhooks, the oldest first."""
        with self._database.reading() as connection:
            return tuple(map(_webhook_of, connection.execute(select(webhooks).order_by(webhooks.c.seq))))

    def remove(self, id: str) -> None:
        """Tell it nothing more, what waits included; raises NotFound."""
        with self._database.writing() as connection:
            _webhook(connection, id)
            connection.execute(delete(webhooks).where(webhooks.c.id == id))

    def enable(self, id: str) -> Webhook:
        """Send again to a webhook that was disabled: what waited, not what happened meanwhile. Raises NotFound."""
        with self._database.writing() as connection:
            before = _webhook(connection, id)
            if before.disabled is not None:
                _begin_findings(connection, before.events, month(self._now()))
                fresh = {"disabled": None, "reason": None, "failing_since": None}
                connection.execute(update(webhooks).where(webhooks.c.id == id).values(fresh))
            return _webhook(connection, id)

    def deliveries(self, id: str, page: PageRequest = FIRST) -> Page[Delivery]:
        """What was and is to be sent to a webhook, the newest first; raises NotFound, BadCursor."""
        with self._database.reading() as connection:
            _webhook(connection, id)
            order = (SortKey(deliveries.c.seq, descending=True),)
            listing = Listing(_deliveries().where(webhooks.c.id == id), order, f"deliveries {id}")
            found = fetch(connection, listing, page, self._database.cursor_key)
            return Page(tuple(map(_delivery_of, found.items)), found.next_cursor, found.total)

    def redeliver(self, id: str, webhook: str | None = None) -> Delivery:
        """Send a delivery (of ``webhook``, where one is named) again, as if it never had been; raises NotFound."""
        with self._database.writing() as connection:
            found = _delivery(connection, id)
            if webhook is not None and found.webhook != webhook:
                raise _no_delivery(id)
            fresh = {"state": DeliveryState.PENDING.value, "attempts": 0, "due": self._time(), "error": None}
            connection.execute(update(deliveries).where(deliveries.c.id == id).values(**fresh, status=None))
            return _delivery(connection, id)

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")


def _begin_findings(connection: Connection, types: Collection[EventType], this_month: str) -> None:
    """Where these are the first to ask for findings, what there is now is no news to them."""
    if not FINDING_EVENTS.isdisjoint(types) and not wanted(connection, FINDING_EVENTS):
        finding_events.begin(connection, this_month)


def _webhook(connection: Connection, id: str) -> Webhook:
    row = connection.execute(select(webhooks).where(webhooks.c.id == id)).first()
    if row is None:
        raise NotFound(id, "no such webhook", "List the webhooks for the ids there are.")
    return _webhook_of(row)


def _webhook_of(row: Row[Any]) -> Webhook:
    asked = tuple(EventType(name) for name in row.events)
    return Webhook(row.id, row.url, asked, row.by, row.created, row.failing_since, row.disabled, row.reason)


def _deliveries() -> Select[Any]:
    of = deliveries.c
    query = select(
        *(of.id, webhooks.c.id.label("webhook"), events.c.id.label("event"), events.c.type, events.c.at),
        *(of.state, of.attempts, of.attempted, of.status, of.error, of.due),
    )
    joined = deliveries.join(webhooks, webhooks.c.seq == of.webhook).join(events, events.c.seq == of.event)
    return query.select_from(joined)


def _delivery(connection: Connection, id: str) -> Delivery:
    row = connection.execute(_deliveries().where(deliveries.c.id == id)).first()
    if row is None:
        raise _no_delivery(id)
    return _delivery_of(row)


def _no_delivery(id: str) -> NotFound:
    return NotFound(id, "no such delivery", "List the deliveries of the webhook for the ids there are.")


def _delivery_of(row: Row[Any]) -> Delivery:
    state = DeliveryState(row.state)
    due = row.due if state is DeliveryState.PENDING else None
    tried = (row.attempts, row.attempted, row.status, row.error, due)
    return Delivery(row.id, row.webhook, row.event, EventType(row.type), row.at, state, *tried)

"""What tests of webhooks share: a clock, events of jobs, and what waits to be sent."""

from __future__ import annotations

from datetime import UTC, datetime

from trendnlp.events import Event, EventType
from trendnlp.store import Delivery, Store, Webhooks
from trendnlp.store.outbox import enqueue

JOB = EventType.JOB_FINISHED
NOON = "2026-05-04T12:00:00+00:00"


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def job(number: int, at: str = NOON) -> Event:
    return Event.of(JOB, (f"job_{number}",), at, {"job": f"job_{number}", "state": "succeeded"})


def tell(store: Store, *events: Event) -> None:
    with store.database.writing() as connection:
        enqueue(connection, *events)


def waiting(hooks: Webhooks, id: str) -> list[Delivery]:
    """The deliveries of a webhook, the oldest first."""
    return list(reversed(hooks.deliveries(id).items))

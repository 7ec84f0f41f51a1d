"""What the routes of webhooks answer with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.schemas import Record


class Webhook(Record):
    """Where events are sent, and which."""

    id: str
    url: str
    events: list[str]
    by: str
    created: str
    failing_since: str | None = Field(
        description="Since when each attempt has failed, none two days after another; null while the last succeeded."
    )
    disabled: str | None = Field(description="Since when nothing is sent; null while it is.")
    reason: str | None = Field(description="Why nothing is sent.")


class NewWebhook(Webhook):
    """A webhook with the secret that its deliveries are signed with, which is not told again."""

    secret: str


class WebhooksPage(Record):
    """All webhooks, the oldest first."""

    items: list[Webhook]
    next_cursor: str | None
    total: int


class Delivery(Record):
    """One event for one webhook."""

    id: str
    webhook: str
    event: str = Field(
        description="The event's id, which is sent as `webhook-id` and stays the same when it is retried."
    )
    type: str
    at: str = Field(description="When what is told came about.")
    state: str = Field(description="`pending`, `delivered`, or `failed` when it was given up.")
    attempts: int
    attempted: str | None
    status: int | None = Field(description="What was answered last.")
    error: str | None
    due: str | None = Field(description="When it is tried next, while it is pending.")


class DeliveriesPage(Record):
    """Deliveries of a webhook, the newest first."""

    items: list[Delivery]
    next_cursor: str | None
    total: int

"""API keys, and webhooks with their deliveries."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _sequence() -> Column[int]:
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def upgrade() -> None:
    _create_access()
    _create_webhooks()


def _create_access() -> None:
    op.create_table(
        "api_keys",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("roles", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("created", Text, nullable=False),
        Column("expires", Text),
        Column("revoked", Text),
        Column("last_used", Text),
    )
    op.create_table(
        "sessions",
        Column("digest", Text, primary_key=True),
        Column("key", Text, ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False),
        Column("expires", Text, nullable=False),
    )
    op.create_index("ix_sessions_expires", "sessions", ["expires"])


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("url", Text, nullable=False),
        Column("events", Text, nullable=False),
        Column("secret", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("created", Text, nullable=False),
        Column("failing_since", Text),
        Column("disabled", Text),
        Column("reason", Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("data", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("webhook", BigInteger, ForeignKey("webhooks.seq", ondelete="CASCADE"), nullable=False),
        Column("event", BigInteger, ForeignKey("events.seq", ondelete="CASCADE"), nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", BigInteger, nullable=False),
        Column("due", Text, nullable=False),
        Column("attempted", Text),
        Column("status", BigInteger),
        Column("error", Text),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_due", "deliveries", ["state", "due"])
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook"])
    op.create_index("ix_deliveries_event", "deliveries", ["event"])
    op.create_table("told", Column("finding", Text, primary_key=True), Column("state", Text, nullable=False))

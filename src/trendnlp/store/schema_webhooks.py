"""The tables of webhooks: who wants to be told, what happened, and what became of telling it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from trendnlp.store.schema import AnyText, Json, metadata

webhooks = Table(
    "webhooks",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("url", AnyText, nullable=False),
    Column("events", Json, nullable=False),
    # As it is, not as a digest: every delivery is signed with it.
    Column("secret", AnyText, nullable=False),
    Column("by", AnyText, nullable=False),
    Column("created", AnyText, nullable=False),
    Column("failing_since", AnyText),
    Column("disabled", AnyText),
    Column("reason", AnyText),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("type", AnyText, nullable=False),
    Column("at", AnyText, nullable=False),
    Column("data", Json, nullable=False),
    sqlite_autoincrement=True,
)

# The outbox: one row for each event and each webhook that asked for it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("webhook", BigInteger, ForeignKey("webhooks.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("event", BigInteger, ForeignKey("events.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", AnyText, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("due", AnyText, nullable=False),
    Column("attempted", AnyText),
    Column("status", BigInteger),
    Column("error", AnyText),
    Index("deliveries_due", "state", "due"),
    sqlite_autoincrement=True,
)

# The state of each finding as it was told last. Kept only while a webhook asks for findings.
told = Table(
    "told",
    metadata,
    Column("finding", AnyText, primary_key=True),
    Column("state", AnyText, nullable=False),
)

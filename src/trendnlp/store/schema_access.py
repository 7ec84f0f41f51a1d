"""The tables of API keys and of the sessions of people who signed in with one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from trendnlp.store.schema import AnyText, Json, metadata

# Rows stay when a key is revoked or expires: where there was a key once, the service asks for one.
api_keys = Table(
    "api_keys",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("name", AnyText, nullable=False),
    Column("roles", Json, nullable=False),
    Column("digest", AnyText, nullable=False),
    Column("created", AnyText, nullable=False),
    Column("expires", AnyText),
    Column("revoked", AnyText),
    Column("last_used", AnyText),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", AnyText, primary_key=True),
    Column("key", ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False),
    Column("expires", AnyText, nullable=False, index=True),
)

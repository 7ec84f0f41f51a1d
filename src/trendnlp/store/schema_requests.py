"""The table of answers that are kept under idempotency keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table

from trendnlp.store.schema import AnyText, Json, metadata

# ``slot`` is a digest of caller and key, ``request`` one of the request. Until ``status`` is there the request is being
# worked on by the holder of ``token``, or was by a process that died, once ``held_until`` is over. Times are seconds
# since 1970.
kept_answers = Table(
    "kept_answers",
    metadata,
    Column("slot", AnyText, primary_key=True),
    Column("request", AnyText, nullable=False),
    Column("token", AnyText, nullable=False),
    Column("held_until", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", BigInteger),
    Column("headers", Json),
    Column("body", LargeBinary),
    Index("kept_answers_by_expiry", "expires"),
)

"""The tables of jobs: what was submitted, what became of it, and who works on it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from trendnlp.store.schema import AnyText, Json, metadata

# ``served`` is the turn at which a shard of the job was handed out last: the job that has waited longest is next.
# ``version`` grows with every change of the job or its items.
jobs = Table(
    "jobs",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", AnyText, nullable=False, unique=True),
    Column("state", AnyText, nullable=False, index=True),
    Column("version", BigInteger, nullable=False),
    Column("served", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("cancelled", BigInteger, nullable=False),
    Column("created", AnyText, nullable=False),
    Column("started", AnyText),
    Column("finished", AnyText),
    Column("expires", AnyText),
    Column("stopped", AnyText),  # when it was cancelled
    Column("purged", AnyText),  # when its items were deleted
    sqlite_autoincrement=True,
)

# ``holder`` is whoever began the item last; only that one may finish it. ``known`` says whether the document was
# stored, or another item was to store it, when the item was first read.
job_items = Table(
    "job_items",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("job", BigInteger, ForeignKey("jobs.seq", ondelete="CASCADE"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("shard", BigInteger, nullable=False),
    Column("custom_id", AnyText),
    Column("source", AnyText, nullable=False),
    Column("format", AnyText),
    Column("given", Json, nullable=False),
    Column("state", AnyText, nullable=False),
    Column("holder", AnyText),
    Column("tries", BigInteger, nullable=False),
    Column("document", AnyText, index=True),
    Column("known", BigInteger),
    Column("statements", BigInteger),
    Column("claims", BigInteger),
    Column("warnings", Json, nullable=False),
    Column("error", AnyText),
    Column("reason", AnyText),
    Column("remedy", AnyText),
    Index("job_items_in_order", "job", "position", unique=True),
    Index("job_items_by_shard", "job", "shard"),
    Index("job_items_by_state", "state"),
    sqlite_autoincrement=True,
)

# Apart from the items, so that reading results does not drag the bytes of files along. ``is_text`` is 1 for text, as
# UTF-8 with lone surrogates kept.
job_payloads = Table(
    "job_payloads",
    metadata,
    Column("item", BigInteger, ForeignKey("job_items.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("is_text", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# ``ticket`` names the shard in the queue while it is handed out; another ``generation`` has another ticket.
job_shards = Table(
    "job_shards",
    metadata,
    Column("job", BigInteger, ForeignKey("jobs.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
    Column("ticket", AnyText, unique=True),
    Column("closed", BigInteger, nullable=False),
    Index("job_shards_open", "closed", "job"),
)

# ``host`` and ``pid`` find the process where both are on one machine; ``seen`` is in seconds since 1970.
workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("seen", Double, nullable=False),
)

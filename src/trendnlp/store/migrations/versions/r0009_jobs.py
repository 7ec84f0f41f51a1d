"""Jobs and their documents."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, LargeBinary, Text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _sequence() -> Column[int]:
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _job() -> ForeignKey:
    return ForeignKey("jobs.seq", ondelete="CASCADE")


def upgrade() -> None:
    _jobs()
    _items()
    op.create_table(
        "job_shards",
        Column("job", BigInteger, _job(), primary_key=True, autoincrement=False),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("generation", BigInteger, nullable=False),
        Column("ticket", Text, unique=True),
        Column("closed", BigInteger, nullable=False),
    )
    op.create_index("job_shards_open", "job_shards", ["closed", "job"])
    op.create_table(
        "workers",
        Column("id", Text, primary_key=True),
        Column("host", Text, nullable=False),
        Column("pid", BigInteger, nullable=False),
        Column("seen", Double, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("state", Text, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in ("version", "served")),
        *(Column(name, BigInteger, nullable=False) for name in ("total", "done", "failed", "cancelled")),
        Column("created", Text, nullable=False),
        *(Column(name, Text) for name in ("started", "finished", "expires", "stopped", "purged")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])


def _items() -> None:
    op.create_table(
        "job_items",
        _sequence(),
        Column("job", BigInteger, _job(), nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("shard", BigInteger, nullable=False),
        Column("custom_id", Text),
        Column("source", Text, nullable=False),
        Column("format", Text),
        Column("given", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("holder", Text),
        Column("tries", BigInteger, nullable=False),
        Column("document", Text),
        *(Column(name, BigInteger) for name in ("known", "statements", "claims")),
        Column("warnings", Text, nullable=False),
        *(Column(name, Text) for name in ("error", "reason", "remedy")),
        sqlite_autoincrement=True,
    )
    op.create_index("job_items_in_order", "job_items", ["job", "position"], unique=True)
    op.create_index("job_items_by_shard", "job_items", ["job", "shard"])
    op.create_index("job_items_by_state", "job_items", ["state"])
    op.create_index("ix_job_items_document", "job_items", ["document"])
    item = ForeignKey("job_items.seq", ondelete="CASCADE")
    op.create_table(
        "job_payloads",
        Column("item", BigInteger, item, primary_key=True, autoincrement=False),
        Column("is_text", BigInteger, nullable=False),
        Column("data", LargeBinary, nullable=False),
    )

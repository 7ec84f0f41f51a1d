"""Documents, statements, vectors, findings, runs and state."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, LargeBinary, Text

from trendnlp.store.engine import create_search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _documents()
    _statements()
    _findings()
    op.create_table(
        "runs",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("started", Text, nullable=False),
        Column("finished", Text, nullable=False),
        Column("run", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table("state", Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
    create_search(op.get_bind(), "statements")
    create_search(op.get_bind(), "findings")


def _sequence() -> Column[int]:
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _documents() -> None:
    op.create_table(
        "documents",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("source", Text, nullable=False),
        Column("format", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("blocks", Text, nullable=False),
        Column("title", Text),
        Column("market", Text),
        Column("geography", Text),
        Column("period", Text),
        Column("publisher", Text),
        Column("published", Text),
        Column("warnings", Text, nullable=False),
        Column("characters", BigInteger, nullable=False),
        Column("statements", BigInteger, nullable=False),
        Column("claims", BigInteger, nullable=False),
        Column("added", Text, nullable=False),
        Column("content", Text, nullable=False),
        Column("labels", Text, nullable=False),
        sqlite_autoincrement=True,
    )


def _statements() -> None:
    op.create_table(
        "statements",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("start", BigInteger, nullable=False),
        Column("end", BigInteger, nullable=False),
        Column("text", Text, nullable=False),
        Column("block", BigInteger, nullable=False),
        Column("headings", Text, nullable=False),
        Column("lead_in", Text),
        Column("kind", Text, nullable=False),
        Column("score", Double, nullable=False),
        Column("alt", Text, nullable=False),
        Column("scores", Text, nullable=False),
        Column("aspect", Text),
        Column("model", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("statements_in_order", "statements", ["document", "position"])
    op.create_index("statements_by_kind", "statements", ["kind", "aspect"])
    op.create_table(
        "vectors",
        Column("statement", Text, ForeignKey("statements.id", ondelete="CASCADE"), primary_key=True),
        Column("vector", LargeBinary, nullable=False),
    )


def _findings() -> None:
    op.create_table(
        "findings",
        _sequence(),
        Column("id", Text, nullable=False, unique=True),
        Column("kind", Text, nullable=False),
        Column("aspect", Text),
        Column("title", Text, nullable=False),
        Column("head", Text, nullable=False),
        Column("documents", BigInteger, nullable=False),
        Column("sources", BigInteger, nullable=False),
        Column("first_seen", Text),
        Column("last_seen", Text),
        Column("size", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("findings_in_order", "findings", ["documents", "size", "id"])
    op.create_table(
        "members",
        Column("finding", Text, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("statement", Text, ForeignKey("statements.id"), nullable=False, unique=True),
        Column("document", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("similarity", Double, nullable=False),
        Column("reason", Text, nullable=False),
    )
    op.create_index("ix_members_document", "members", ["document"])

"""Decisions on single statements, readers and their tasks."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, MetaData, Table, Text, select, update

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", Column("reading", Text, nullable=False, server_default="open"))
    op.add_column("reviews", Column("words", Text))
    op.add_column("reviews", Column("about", Text, nullable=False, server_default=""))
    for name in ("undoes", "words", "about"):
        op.create_index(f"ix_reviews_{name}", "reviews", [name])
    for name, of in (("kind", Text), ("score", Double), ("aspect", Text), ("model", Text)):
        op.add_column("reviewed", Column(name, of))
    op.create_index("ix_reviewed_review", "reviewed", ["review"])
    _tell_what_undos_are_about()
    _create()
    _follow_the_log()


def _create() -> None:
    op.create_table(
        "judgements",
        Column("statement", Text, primary_key=True),
        Column("status", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        *(Column(name, Text) for name in ("kind", "aspect")),
        Column("tags", Text, nullable=False),
        *(Column(name, Text) for name in ("review", "by", "at")),
        Column("final", BigInteger, nullable=False),
        Column("disputed", BigInteger, nullable=False),
    )
    for name in ("status", "review", "disputed"):
        op.create_index(f"ix_judgements_{name}", "judgements", [name])
    op.create_table(
        "reader_verdicts",
        Column("statement", Text, primary_key=True),
        Column("reader", Text, primary_key=True),
        Column("verdict", Text, nullable=False),
        Column("blind", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
    )
    op.create_index("ix_reader_verdicts_reader", "reader_verdicts", ["reader"])
    op.create_table(
        "assignments",
        Column("statement", Text, primary_key=True),
        Column("reader", Text, primary_key=True),
        Column("by", Text, nullable=False),
        Column("at", Text, nullable=False),
    )
    op.create_index("ix_assignments_reader", "assignments", ["reader"])
    op.create_table(
        "shifts",
        Column("revision", BigInteger, primary_key=True, autoincrement=False),
        Column("statement", Text, primary_key=True),
    )
    op.create_table(
        "pins",
        Column("token", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("items", Text, nullable=False),
    )
    op.create_index("ix_pins_at", "pins", ["at"])


_METADATA = MetaData()
_REVIEWS = Table(
    "reviews",
    _METADATA,
    Column("seq", BigInteger, primary_key=True),
    *(Column(name, Text) for name in ("id", "action", "undoes", "about")),
)
_REVIEWED = Table("reviewed", _METADATA, Column("statement", Text), Column("review", BigInteger))
_JUDGEMENTS = Table(
    "judgements",
    _METADATA,
    *(Column(name, Text) for name in ("statement", "status", "tags")),
    *(Column(name, BigInteger) for name in ("version", "final", "disputed")),
)


def _tell_what_undos_are_about() -> None:
    """The action that an undo takes back or makes again, by way of other undos."""
    connection = op.get_bind()
    about: dict[str, str] = {}
    for row in connection.execute(select(_REVIEWS).order_by(_REVIEWS.c.seq)).all():
        about[row.id] = row.action if row.undoes is None else about[row.undoes]
        connection.execute(update(_REVIEWS).where(_REVIEWS.c.seq == row.seq).values(about=about[row.id]))


def _follow_the_log() -> None:
    """None of the decisions from before gives a statement a status, but each gives it a version."""
    connection = op.get_bind()
    last: dict[str, int] = {}
    for row in connection.execute(select(_REVIEWED).order_by(_REVIEWED.c.review)):
        last[row.statement] = row.review
    rows = [
        {"statement": statement, "status": "pending", "tags": "[]", "version": number, "final": 0, "disputed": 0}
        for statement, number in last.items()
    ]
    if rows:
        connection.execute(_JUDGEMENTS.insert(), rows)

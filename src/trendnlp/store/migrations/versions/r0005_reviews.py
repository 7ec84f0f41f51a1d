"""Decisions of people, and where the ids of former findings lead."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", Column("hidden", Text))
    op.add_column("ledger", Column("review", Text))
    op.create_table(
        "lineage",
        Column("finding", Text, primary_key=True),
        Column("statement", Text, primary_key=True),
    )
    op.create_index("ix_lineage_statement", "lineage", ["statement"])
    op.create_table(
        "reviews",
        Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("action", Text, nullable=False),
        Column("statements", Text, nullable=False),
        Column("value", Text),
        Column("by", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("undoes", Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_action", "reviews", ["action"])
    op.create_table(
        "reviewed",
        Column("statement", Text, primary_key=True),
        Column("review", BigInteger, ForeignKey("reviews.seq"), primary_key=True, autoincrement=False),
    )
    # Ids are made of other statements now: the next refresh makes the findings again, and keeps where theirs lead.
    op.execute("DELETE FROM state WHERE name = 'consolidated revision'")

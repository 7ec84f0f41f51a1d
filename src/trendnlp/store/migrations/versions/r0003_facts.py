"""The language of documents, and their market facts."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", Column("language", Text))
    op.create_table(
        "facts",
        Column("document", BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("start", BigInteger, nullable=False),
        Column("end", BigInteger, nullable=False),
        Column("text", Text, nullable=False),
        Column("amount", Double),
        Column("upto", Double),
        Column("scale", BigInteger, nullable=False),
        Column("currency", Text),
        Column("since", BigInteger),
        Column("year", BigInteger),
        Column("subject", Text),
    )

"""The ledger: why statements stand in one finding, or apart."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger",
        Column("finding", Text, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("apart", BigInteger, nullable=False),
        Column("statement", Text, nullable=False),
        Column("other", Text, nullable=False),
        Column("relation", Text, nullable=False),
        Column("ground", Text, nullable=False),
        Column("band", Text, nullable=False),
        Column("cosine", Double, nullable=False),
        Column("score", Double),
        Column("threshold", Double, nullable=False),
        Column("guards", Text, nullable=False),
        Column("model", Text, nullable=False),
    )
    op.create_index("ix_ledger_statement", "ledger", ["statement"])
    op.create_index("ix_ledger_other", "ledger", ["other"])
    # Findings from before have no ledger: the next refresh makes them again.
    op.execute("DELETE FROM state WHERE name = 'consolidated revision'")

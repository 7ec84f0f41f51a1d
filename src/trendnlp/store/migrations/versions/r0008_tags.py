"""Tags of findings, the market and geography they are about, and what each run left behind."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, LargeBinary, Text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("findings", Column("market", Text))
    op.add_column("findings", Column("geography", Text))
    op.create_table(
        "tags",
        Column("finding", Text, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("score", Double, nullable=False),
    )
    op.create_index("ix_tags_key", "tags", ["key"])
    op.create_table(
        "snapshots",
        Column("run", BigInteger, ForeignKey("runs.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        Column("whole", BigInteger, nullable=False),
        Column("data", LargeBinary, nullable=False),
    )
    # Findings from before have no tags: the next refresh makes them again.
    op.execute("DELETE FROM state WHERE name = 'consolidated revision'")

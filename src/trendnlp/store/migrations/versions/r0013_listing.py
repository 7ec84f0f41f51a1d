"""What pages list and count by."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ledger_by_relation", "ledger", ["apart", "relation", "finding"])
    op.create_index("backing_by_month", "backing", ["month", "finding"])
    op.create_index("backing_by_document", "backing", ["document"])
    op.create_index("backing_by_publisher", "backing", ["publisher", "finding", "document"])
    for column in ("kind", "aspect", "market", "geography"):
        op.create_index(f"findings_by_{column}", "findings", [column])
    op.create_index("tags_by_key", "tags", ["key", "name", "finding"])
    op.create_table(
        "standings",
        Column("finding", Text, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True),
        Column("sources", BigInteger, nullable=False),
    )
    op.create_index("standings_by_sources", "standings", ["sources", "finding"])

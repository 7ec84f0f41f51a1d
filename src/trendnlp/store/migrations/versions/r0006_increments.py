"""What changed at which revision, and the verdicts on pairs that need not be asked for again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        Column("revision", BigInteger, primary_key=True, autoincrement=False),
        Column("document", Text),
    )
    op.create_table(
        "verdicts",
        Column("pair", LargeBinary, primary_key=True),
        Column("rule", Text, nullable=False),
        Column("verdict", Text, nullable=False),
    )

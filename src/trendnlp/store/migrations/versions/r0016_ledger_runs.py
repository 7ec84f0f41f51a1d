"""The run that recorded an entry of the ledger first."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NO_RUN = text("run IS NULL")


def upgrade() -> None:
    op.add_column("ledger", Column("run", Text))
    op.create_index("ledger_without_run", "ledger", ["finding"], sqlite_where=_NO_RUN, postgresql_where=_NO_RUN)

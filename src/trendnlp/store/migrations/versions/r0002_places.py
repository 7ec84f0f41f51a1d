"""The page and box of statements. Blocks, which are stored as JSON, carry their places from here on."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("statements", Column("page", BigInteger))
    op.add_column("statements", Column("box", Text))

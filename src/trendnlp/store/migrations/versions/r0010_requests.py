"""Answers kept under idempotency keys."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, Text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        Column("slot", Text, primary_key=True),
        Column("request", Text, nullable=False),
        Column("token", Text, nullable=False),
        Column("held_until", BigInteger, nullable=False),
        Column("expires", BigInteger, nullable=False),
        Column("status", BigInteger),
        Column("headers", Text),
        Column("body", LargeBinary),
    )
    op.create_index("kept_answers_by_expiry", "kept_answers", ["expires"])

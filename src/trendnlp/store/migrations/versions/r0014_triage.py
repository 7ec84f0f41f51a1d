"""What statements are chosen for review by, and found by their words."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, Double, MetaData, Table, Text, bindparam, select, update

from trendnlp.review import words_digest
from trendnlp.store.schema import AnyText, Json
from trendnlp.triage import audit_draw, uncertainty

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BATCH = 5000
_STATEMENTS = Table(
    "statements",
    MetaData(),
    Column("seq", BigInteger, primary_key=True),
    *(Column(name, AnyText) for name in ("id", "text", "words")),
    Column("scores", Json),
    Column("uncertainty", BigInteger),
    Column("draw", Double),
)


def upgrade() -> None:
    op.add_column("statements", Column("uncertainty", BigInteger, nullable=False, server_default="0"))
    op.add_column("statements", Column("draw", Double, nullable=False, server_default="0"))
    op.add_column("statements", Column("words", Text, nullable=False, server_default=""))
    _fill(op.get_bind())
    op.create_index("statements_by_words", "statements", ["words"])
    columns = ["uncertainty", "draw", "kind", "aspect", "score", "document", "id"]
    op.create_index("statements_by_uncertainty", "statements", columns)
    op.create_index("ix_reviews_at", "reviews", ["at"])
    op.create_index("ix_judgements_version", "judgements", ["version"])


def _fill(connection: Connection) -> None:
    """What follows from the statements that are there."""
    of, last = _STATEMENTS.c, 0
    some = select(of.seq, of.id, of.text, of.scores).order_by(of.seq).limit(_BATCH)
    change = update(_STATEMENTS).where(of.seq == bindparam("number"))
    change = change.values(uncertainty=bindparam("margin"), draw=bindparam("drawn"), words=bindparam("digest"))
    while rows := connection.execute(some.where(of.seq > last)).all():
        connection.execute(
            change,
            [
                {
                    "number": row.seq,
                    "margin": uncertainty([score for _, score in row.scores]),
                    "drawn": audit_draw(row.id),
                    "digest": words_digest(row.text),
                }
                for row in rows
            ],
        )
        last = rows[-1].seq

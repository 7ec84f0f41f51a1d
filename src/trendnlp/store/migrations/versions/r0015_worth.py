"""What a decision on each statement is worth, and its order; what the model says beside what people decided."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, bindparam, func, select, text, update

from trendnlp.standing import Status
from trendnlp.store.schema import AnyText
from trendnlp.triage import impact, novelty

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BATCH = 5000
_JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)
_TABLES = MetaData()
_STATEMENTS = Table(
    "statements",
    _TABLES,
    Column("seq", BigInteger, primary_key=True),
    Column("id", AnyText),
    Column("kind", AnyText),
    Column("aspect", AnyText),
    Column("uncertainty", BigInteger),
    Column("worth", BigInteger),
)
_FINDINGS = Table("findings", _TABLES, Column("id", AnyText), Column("sources", BigInteger))
_MEMBERS = Table("members", _TABLES, Column("finding", AnyText), Column("statement", AnyText))
_JUDGEMENTS = Table(
    "judgements", _TABLES, *(Column(name, AnyText) for name in ("statement", "status", "said_kind", "said_aspect"))
)


def upgrade() -> None:
    op.add_column("statements", Column("worth", BigInteger, nullable=False, server_default="0"))
    op.add_column("judgements", Column("said_kind", Text))
    op.add_column("judgements", Column("said_aspect", Text))
    fill(op.get_bind())
    op.create_index("judgements_by_said", "judgements", ["said_kind", "said_aspect", "status", "kind", "aspect"])
    op.drop_index("statements_by_uncertainty", "statements")
    rest = ("id", "draw", "kind", "aspect", "score", "document")
    op.create_index("statements_by_worth", "statements", [text("worth DESC"), *rest])


def fill(connection: Connection) -> None:
    """What follows from the statements, findings and decisions that are there."""
    here = select(_STATEMENTS.c.kind).where(_STATEMENTS.c.id == _JUDGEMENTS.c.statement)
    kind, aspect = here.scalar_subquery(), here.with_only_columns(_STATEMENTS.c.aspect).scalar_subquery()
    connection.execute(update(_JUDGEMENTS).values(said_kind=kind, said_aspect=aspect))
    inside = {row.statement: row.finding for row in connection.execute(select(_MEMBERS))}
    sources = {row.id: row.sources for row in connection.execute(select(_FINDINGS))}
    counted = select(_MEMBERS.c.finding, func.count().label("n"))
    counted = counted.join(_JUDGEMENTS, _JUDGEMENTS.c.statement == _MEMBERS.c.statement)
    counted = counted.where(_JUDGEMENTS.c.status.in_(_JUDGED)).group_by(_MEMBERS.c.finding)
    judged = {row.finding: row.n for row in connection.execute(counted)}
    of, last = _STATEMENTS.c, 0
    some = select(of.seq, of.id, of.uncertainty).order_by(of.seq).limit(_BATCH)
    change = update(_STATEMENTS).where(of.seq == bindparam("number")).values(worth=bindparam("value"))
    while rows := connection.execute(some.where(of.seq > last)).all():
        places = [inside.get(row.id, "") for row in rows]
        factors = [impact(sources.get(at, 1)) * novelty(judged.get(at, 0)) for at in places]
        worths = [{"number": r.seq, "value": r.uncertainty * f} for r, f in zip(rows, factors, strict=True)]
        connection.execute(change, worths)
        last = rows[-1].seq

"""What the model says of statements that decisions speak of, kept beside these. Functions over an open transaction.

Whoever writes or deletes a statement or its row of decisions brings it up to date.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, update

from trendnlp.store import effective
from trendnlp.store.engine import chunks
from trendnlp.store.schema import statements
from trendnlp.store.schema_judgements import judgements


def keep(connection: Connection, ids: Iterable[str]) -> None:
    """Bring it up to date for those of these statements that decisions speak of, stored or not."""
    of, said = judgements.c, statements.c
    change = update(judgements).where(of.statement == bindparam("id"))
    change = change.values(said_kind=bindparam("kind_now"), said_aspect=bindparam("aspect_now"))
    for chunk in chunks(sorted(set(ids))):
        both = select(of.statement, of.said_kind, of.said_aspect, said.kind, said.aspect)
        both = both.outerjoin_from(judgements, statements, effective.JUDGED).where(of.statement.in_(chunk))
        changed = [
            {"id": row.statement, "kind_now": row.kind, "aspect_now": row.aspect}
            for row in connection.execute(both)
            if (row.said_kind, row.said_aspect) != (row.kind, row.aspect)
        ]
        if changed:
            connection.execute(change, changed)

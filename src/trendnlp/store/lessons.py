"""The vectors of what people judged, to find the most like of it. Functions over an open transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from trendnlp.store import reviews, state
from trendnlp.store.engine import chunks
from trendnlp.store.schema import vectors
from trendnlp.store.schema_judgements import judgements
from trendnlp.store.worth import JUDGED


@dataclass(frozen=True, slots=True)
class Lessons:
    """``vectors`` of judged statements by id, as of the last decision, ``number``, and ``revision`` of the store: of
    all, or where ``changed`` is not None, of these statements; one of them without a vector is judged no more.
    """

    number: int
    revision: int
    vectors: Mapping[str, bytes]
    changed: frozenset[str] | None = None


def lessons(connection: Connection, known: Lessons | None) -> Lessons:
    """All, or what has changed since ``known`` where that is known."""
    number, revision = reviews.last_number(connection), state.revision(connection)
    of = judgements.c
    query = select(of.statement, vectors.c.vector).join(vectors, vectors.c.statement == of.statement)
    query = query.where(of.status.in_(JUDGED))
    changes = None if known is None else state.changed_since(connection, known.revision)
    if known is None or changes is None or changes - {None}:  # documents bring and take vectors
        return Lessons(number, revision, {row.statement: row.vector for row in connection.execute(query)})
    spoken = connection.execute(select(of.statement).where(of.version > known.number)).scalars()
    changed = frozenset(spoken) | state.shifted_since(connection, known.revision)
    found: dict[str, bytes] = {}
    for chunk in chunks(sorted(changed)):
        found.update((row.statement, row.vector) for row in connection.execute(query.where(of.statement.in_(chunk))))
    return Lessons(number, revision, found, changed)

"""What decisions on stored statements are worth. Functions over an open transaction.

The database multiplies whole numbers, so that it orders statements as ``triage`` says, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, func, literal_column, select

from trendnlp.standing import Status
from trendnlp.store.engine import chunks
from trendnlp.store.schema import findings, members, statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.triage import STEPS, Worth, impact, novelty

JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)


def most(connection: Connection, waiting: Select[str], limit: int) -> Sequence[str]:
    """The ids of the ``waiting`` statements, what is worth most first, then by id."""
    uncertainty, id = statements.c.uncertainty, statements.c.id
    # Of what stands in no finding an index has the order, so that only the first are read.
    alone = waiting.where(~select(members.c.statement).where(members.c.statement == id).exists())
    alone = alone.add_columns(uncertainty * (impact(1) * novelty(0))).order_by(uncertainty.desc(), id)
    ranked: list[Any] = list(connection.execute(alone.limit(limit)))
    claims = _claims(connection).subquery()
    value = uncertainty * claims.c.factor
    inside = waiting.join(claims, claims.c.statement == id).add_columns(value).order_by(value.desc(), id)
    ranked += connection.execute(inside.limit(limit))
    return [id for id, _ in sorted(ranked, key=lambda row: (-row[1], row[0]))[:limit]]


def _claims(connection: Connection) -> Select[Any]:
    """Each statement of a finding, and the impact and novelty of a decision on it in one number. Grouped, though each
    comes once, so that SQLite begins here and not with all statements.
    """
    judged = _judged().subquery()
    known = connection.execute(select(findings.c.sources).distinct()).scalars().all()
    factor = _impact(findings.c.sources, known) * _novelty(func.coalesce(judged.c.judged, 0))
    joined = members.join(findings, findings.c.id == members.c.finding)
    joined = joined.outerjoin(judged, judged.c.finding == members.c.finding)
    of = select(members.c.statement, func.max(factor).label("factor")).select_from(joined)
    return of.group_by(members.c.statement)


def of(connection: Connection, scores: Mapping[str, Sequence[float]], inside: Mapping[str, str]) -> dict[str, Worth]:
    """Of statements with these ``scores`` by id, which stand in the findings that ``inside`` names."""
    sources: dict[str, int] = {}
    judged: dict[str, int] = {}
    for chunk in chunks(sorted(set(inside.values()))):
        of_findings = select(findings.c.id, findings.c.sources).where(findings.c.id.in_(chunk))
        sources.update((row.id, row.sources) for row in connection.execute(of_findings))
        counted = connection.execute(_judged().where(members.c.finding.in_(chunk)))
        judged.update((row.finding, row.judged) for row in counted)
    places = {id: inside.get(id, "") for id in scores}
    return {id: Worth.of(scores[id], sources.get(at, 1), judged.get(at, 0)) for id, at in places.items()}


def _judged() -> Select[str, int]:
    """Each finding with judged statements, and how many these are."""
    joined = select(members.c.finding, func.count().label("judged")).join(
        judgements, judgements.c.statement == members.c.statement
    )
    return joined.where(judgements.c.status.in_(JUDGED)).group_by(members.c.finding)


def _impact(sources: ColumnElement[int], known: Iterable[int]) -> ColumnElement[int]:
    """Looked up: not every SQLite has logarithms. The numbers stand in the query, where there may be many."""
    whens = [(sources == _number(n), _number(impact(n))) for n in sorted(known)]
    return case(*whens, else_=_number(impact(1))) if whens else _number(impact(1))


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


def _novelty(judged: ColumnElement[int]) -> ColumnElement[int]:
    """As ``triage.novelty``."""
    return (2 * STEPS + 1 + judged) // (2 * (1 + judged))

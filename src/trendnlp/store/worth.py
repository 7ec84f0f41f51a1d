"""What decisions on stored statements are worth. Functions over an open transaction.

The database multiplies whole numbers, so that it orders statements as ``triage`` says, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, func, literal_column, select

from trendnlp.standing import Status
from trendnlp.store.engine import chunks
from trendnlp.store.schema import findings, members, statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.triage import STEPS, Worth, impact

JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)


def most(connection: Connection, waiting: Select[str], limit: int) -> Sequence[str]:
    """The ids of the ``waiting`` statements, what is worth most first, then by id."""
    inside, found, judged = members.alias("inside"), findings.alias("found"), _judged().subquery()
    joined = (
        waiting.outerjoin(inside, inside.c.statement == statements.c.id)
        .outerjoin(found, found.c.id == inside.c.finding)
        .outerjoin(judged, judged.c.finding == inside.c.finding)
    )
    known = connection.execute(select(findings.c.sources).distinct()).scalars().all()
    value = statements.c.uncertainty * _impact(found.c.sources, known) * _novelty(func.coalesce(judged.c.judged, 0))
    return connection.execute(joined.order_by(value.desc(), statements.c.id).limit(limit)).scalars().all()


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

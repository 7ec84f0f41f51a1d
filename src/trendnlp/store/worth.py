"""What decisions on stored statements are worth. Functions over an open transaction.

Each statement keeps it in a column, a whole number of which an index has the order. It follows from the statement, its
finding and the decisions on that: whoever writes one of these brings the column up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, Select, bindparam, case, func, select, update

from trendnlp.standing import Status
from trendnlp.store.engine import chunks
from trendnlp.store.schema import findings, members, statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.triage import Worth, weight

JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)


def most(connection: Connection, waiting: Select[str], limit: int) -> Sequence[str]:
    """The ids of the ``waiting`` statements, what is worth most first, then by id."""
    of = statements.c
    return connection.execute(waiting.order_by(of.worth.desc(), of.id).limit(limit)).scalars().all()


def keep(connection: Connection, ids: Iterable[str]) -> None:
    """Bring what is kept of these statements up to date, of those that are stored."""
    of = statements.c
    change = update(statements).where(of.seq == bindparam("number")).values(worth=bindparam("weight"))
    for chunk in chunks(sorted(set(ids))):
        placed = select(of.seq, of.id, of.uncertainty, of.worth, members.c.finding)
        placed = placed.outerjoin_from(statements, members, members.c.statement == of.id).where(of.id.in_(chunk))
        rows = connection.execute(placed).all()
        sources, judged = _sources_and_judged(connection, {row.finding for row in rows if row.finding is not None})
        worths = (weight(row.uncertainty, sources.get(row.finding, 1), judged.get(row.finding, 0)) for row in rows)
        if changed := [{"number": r.seq, "weight": w} for r, w in zip(rows, worths, strict=True) if r.worth != w]:
            connection.execute(change, changed)


def beside(connection: Connection, ids: Iterable[str]) -> Iterator[str]:
    """Of the findings that statements stand in all members, these included, some perhaps several times."""
    for chunk in chunks(sorted(set(ids))):
        inside = select(members.c.finding).where(members.c.statement.in_(chunk))
        yield from connection.execute(select(members.c.statement).where(members.c.finding.in_(inside))).scalars().all()


def of(connection: Connection, scores: Mapping[str, Sequence[float]], inside: Mapping[str, str]) -> dict[str, Worth]:
    """Of statements with these ``scores`` by id, which stand in the findings that ``inside`` names."""
    sources, judged = _sources_and_judged(connection, inside.values())
    places = {id: inside.get(id, "") for id in scores}
    return {id: Worth.of(scores[id], sources.get(at, 1), judged.get(at, 0)) for id, at in places.items()}


def _sources_and_judged(connection: Connection, ids: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Of each of these findings how many sources it has, and how many of its statements are judged."""
    sources: dict[str, int] = {}
    judged: dict[str, int] = {}
    for chunk in chunks(sorted(set(ids))):
        of_findings = select(findings.c.id, findings.c.sources).where(findings.c.id.in_(chunk))
        sources.update((row.id, row.sources) for row in connection.execute(of_findings))
        # No condition on the status, by an index of which SQLite would read all that is judged.
        counted = func.sum(case((judgements.c.status.in_(JUDGED), 1), else_=0)).label("judged")
        joined = select(members.c.finding, counted).join(judgements, judgements.c.statement == members.c.statement)
        joined = joined.where(members.c.finding.in_(chunk)).group_by(members.c.finding)
        judged.update((row.finding, row.judged) for row in connection.execute(joined))
    return sources, judged

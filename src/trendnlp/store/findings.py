"""Findings: writing what consolidation made, and reading back. Functions over an open transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, select

from trendnlp.relations import LedgerEntry
from trendnlp.store import lineage, standing, state, worth
from trendnlp.store.engine import add_to_search, chunks, remove_from_search
from trendnlp.store.finding_rows import (
    FindingRows,
    backing_values,
    entry_of,
    finding_of,
    finding_values,
    join_values,
    ledger_values,
    member_values,
    tag_values,
)
from trendnlp.store.rows import Values
from trendnlp.store.schema import backing, findings, joins, ledger, members, runs, statements, tags
from trendnlp.types import Consolidation, Finding

_INFO = "consolidation"

# What belongs to findings: its tables, in the order of FindingRows, and what writes their rows.
_PARTS: Mapping[Table, Callable[[Finding], list[Values]]] = {
    members: member_values,
    ledger: ledger_values,
    backing: backing_values,
    joins: join_values,
    tags: tag_values,
}


@dataclass(frozen=True, slots=True)
class ConsolidationInfo:
    """The similarity threshold, the vector model and the taxonomy's digest of the findings that are stored."""

    threshold: float
    model: str
    taxonomy: str = ""


def replace_all(connection: Connection, consolidation: Consolidation, this_month: str) -> None:
    """Make the findings those of ``consolidation``; writes only the rows of findings that changed."""
    before = {f.id: f for f in _with_members(connection, connection.execute(select(findings)).all())}
    _replace(connection, before, consolidation.findings, this_month)
    made = ConsolidationInfo(consolidation.threshold, consolidation.model, consolidation.taxonomy)
    if info(connection) != made:
        state.put(connection, _INFO, [made.threshold, made.model, made.taxonomy])


def change(connection: Connection, made: Sequence[Finding], gone: Iterable[str], this_month: str) -> None:
    """Make ``made`` stand in the place of the findings ``gone`` and of those with their own ids; reads and writes no
    other, and writes only what changed.
    """
    before = {f.id: f for f in _stored(connection, sorted({*gone, *(f.id for f in made)}))}
    _replace(connection, before, made, this_month)


def can_stand(connection: Connection, made: Iterable[Finding], revision: int) -> bool:
    """Whether all statements that findings of a ``revision`` speak of are stored still."""
    if revision == state.revision(connection):
        return True
    named: set[str] = set()
    for finding in made:
        named.update((*(m.statement for m in finding.members), *finding.hidden))
        named.update(id for entry in finding.ledger for id in (entry.statement, entry.other))
    found = 0
    for chunk in chunks(sorted(named)):
        counted = select(func.count()).select_from(statements).where(statements.c.id.in_(chunk))
        found += connection.execute(counted).scalar_one()
    return found == len(named)


def _replace(connection: Connection, before: Mapping[str, Finding], made: Sequence[Finding], this_month: str) -> None:
    """Make ``made`` stand in the place of the stored findings ``before``."""
    wanted = {f.id for f in made}
    changed = [f for f in made if before.get(f.id) != f]
    replaced = (before.keys() - wanted) | (before.keys() & {f.id for f in changed})
    recorded = {e: e.run for id in replaced for e in chain(before[id].ledger, before[id].apart)}
    changed = [_with_runs(f, recorded) for f in changed]
    were, are = _statements_of(before[id] for id in replaced), _statements_of(changed)
    lineage.record(connection, were, are)
    _delete(connection, replaced)
    _insert(connection, changed)
    worth.keep(connection, chain.from_iterable((*were.values(), *are.values())))
    standing.keep(connection, (f.id for f in changed), this_month)


def _with_runs(finding: Finding, recorded: Mapping[LedgerEntry, str | None]) -> Finding:
    """``finding`` with the runs of those of its entries that were there before."""
    ledger, apart = (tuple(replace(e, run=recorded.get(e)) for e in of) for of in (finding.ledger, finding.apart))
    return replace(finding, ledger=ledger, apart=apart)


def drop_with(connection: Connection, statements: Iterable[str]) -> None:
    """Delete the findings that speak of any of the statements, so that no finding names what is not stored."""
    for chunk in chunks(sorted(statements)):
        named = select(members.c.finding).distinct().where(members.c.statement.in_(chunk))
        touched = connection.execute(select(findings).where(findings.c.id.in_(named))).all()
        were = _statements_of(_with_members(connection, touched))
        lineage.record(connection, were, {})
        _delete(connection, [row.id for row in touched])
        worth.keep(connection, chain.from_iterable(were.values()))
        connection.execute(delete(ledger).where(ledger.c.other.in_(chunk)))


def info(connection: Connection) -> ConsolidationInfo | None:
    found = state.get(connection, _INFO)
    return None if found is None else ConsolidationInfo(*found)


def finding(connection: Connection, id: str) -> Finding:
    """Raises Moved, Gone, NotFound."""
    rows = connection.execute(select(findings).where(findings.c.id == id)).all()
    if not rows:
        raise lineage.missing(connection, id)
    return _with_members(connection, rows)[0]


def of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Finding, ...]:
    """The findings of ``rows`` with their members, in the same order."""
    return _with_members(connection, rows)


def of_statements(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Statement id to finding id, for those of ``ids`` that stand in a finding."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = connection.execute(select(members.c.statement, members.c.finding).where(members.c.statement.in_(chunk)))
        found.update((row.statement, row.finding) for row in rows)
    return found


def entry(connection: Connection, a: str, b: str) -> LedgerEntry | None:
    """What a finding's ledger says of two statements, seen from either, with the earliest run that recorded it; None
    where none speaks of both.
    """
    found: list[LedgerEntry] = []
    for one, other in ((a, b), (b, a)):
        chosen = select(ledger).where(ledger.c.statement == one, ledger.c.other == other)
        row = connection.execute(chosen.order_by(ledger.c.apart, ledger.c.finding)).first()
        found += [] if row is None else [entry_of(row)]
    if not found:
        return None
    earliest = select(runs.c.id).where(runs.c.id.in_([entry.run for entry in found])).order_by(runs.c.seq).limit(1)
    return replace(found[0], run=connection.execute(earliest).scalar())


def _insert(connection: Connection, made: Sequence[Finding]) -> None:
    if not made:
        return
    connection.execute(insert(findings), [finding_values(f) for f in made])
    for chunk in chunks(f.id for f in made):
        add_to_search(connection, findings, findings.c.id.in_(chunk))
    for table, values in _PARTS.items():
        if rows := list(chain.from_iterable(values(f) for f in made)):
            connection.execute(insert(table), rows)


def _stored(connection: Connection, ids: Iterable[str]) -> Iterator[Finding]:
    for chunk in chunks(ids):
        yield from _with_members(connection, connection.execute(select(findings).where(findings.c.id.in_(chunk))).all())


def _statements_of(found: Iterable[Finding]) -> dict[str, frozenset[str]]:
    return {f.id: frozenset((*(m.statement for m in f.members), *f.hidden)) for f in found}


def _delete(connection: Connection, ids: Iterable[str]) -> None:
    for chunk in chunks(sorted(ids)):
        chosen = findings.c.id.in_(chunk)
        remove_from_search(connection, findings, chosen)
        connection.execute(delete(findings).where(chosen))


def _with_members(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Finding, ...]:
    found: list[dict[str, list[Row[Any]]]] = []
    for table in _PARTS:
        of: dict[str, list[Row[Any]]] = defaultdict(list)
        for chunk in chunks(row.id for row in rows):
            mine = select(table).where(table.c.finding.in_(chunk)).order_by(table.c.finding, table.c.position)
            for row in connection.execute(mine):
                of[row.finding].append(row)
        found.append(of)
    return tuple(finding_of(row, FindingRows(*(of[row.id] for of in found))) for row in rows)

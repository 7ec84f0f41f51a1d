"""Where the ids of former findings lead. Functions over an open transaction.

A finding that is no more, or that loses statements, leaves a row for each of them. Where the id leads is asked of the
statements: whatever findings hold them now. So a chain of merges is one step, and nothing need be rewritten when
findings change again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import Connection, Text, bindparam, delete, insert, select, type_coerce

from trendnlp.actions import Action
from trendnlp.errors import Gone, Moved, NotFound
from trendnlp.store import state, untold
from trendnlp.store.engine import chunks
from trendnlp.store.schema import findings, lineage, members, reviewed, reviews

Statements = Mapping[str, Collection[str]]  # finding id to the statements in it


def record(connection: Connection, before: Statements, after: Statements) -> None:
    """Note what becomes of the findings ``before``, of which ``after`` holds those that go on, and the new ones.

    Findings that stay as they are need not be named. A statement that returns to a finding was never lost to it, nor
    to the one that it leaves: so what is undone leaves no trace but the id that went. Where a finding takes up again
    what it was split into, its row stays as the mark of where the statement was first: split once more, it has lost it.
    """
    untold.note(connection, {*before, *after})
    known = _rows_of(connection, {*before, *after})
    place = {s: id for id, statements in before.items() for s in statements}
    back: set[tuple[str, str]] = set()
    returning: set[str] = set()
    for id, s in known:
        left = place.get(s)
        if s not in after.get(id, ()) or left == id:
            continue
        first = (left, s) in known  # marked
        if not first:
            returning.add(s)
        if first or id not in before or left is None or left in after:
            back.add((id, s))
    lost = {
        (id, s)
        for id, statements in before.items()
        for s in statements
        if id not in after or (s not in after[id] and s not in returning)
    }
    if back:
        row = (lineage.c.finding == bindparam("id")) & (lineage.c.statement == bindparam("s"))
        connection.execute(delete(lineage).where(row), [{"id": id, "s": s} for id, s in sorted(back)])
    _add(connection, lost)


def _add(connection: Connection, lost: Collection[tuple[str, str]]) -> None:
    known = _rows_of(connection, {id for id, _ in lost})
    fresh = sorted(set(lost) - known)
    if fresh:
        connection.execute(insert(lineage), [{"finding": id, "statement": s} for id, s in fresh])


def _rows_of(connection: Connection, ids: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for chunk in chunks(sorted(ids)):
        rows = connection.execute(select(lineage.c.finding, lineage.c.statement).where(lineage.c.finding.in_(chunk)))
        found.update((row.finding, row.statement) for row in rows)
    return found


def parts(connection: Connection, id: str) -> tuple[str, ...]:
    """The findings that hold what ``id`` has lost, sorted; without ``id`` itself."""
    found = select(members.c.finding).distinct().join(lineage, lineage.c.statement == members.c.statement)
    shown = connection.execute(found.where(lineage.c.finding == id)).scalars()
    return tuple(sorted({*shown, *_hiding(connection, id)} - {id}))


def _hiding(connection: Connection, id: str) -> Iterator[str]:
    """The findings in which people hid what ``id`` has lost. Few are ever hidden: only then all findings are asked."""
    spoken = select(lineage.c.statement).join(reviewed, reviewed.c.statement == lineage.c.statement)
    spoken = spoken.join(reviews, reviews.c.seq == reviewed.c.review)
    spoken = spoken.where(lineage.c.finding == id, reviews.c.action == Action.DROP)
    dropped = frozenset(connection.execute(spoken).scalars())
    if not dropped:
        return
    hiding = select(findings.c.id, findings.c.hidden).where(type_coerce(findings.c.hidden, Text) != "null")
    for row in connection.execute(hiding):
        if not dropped.isdisjoint(row.hidden):
            yield row.id


def missing(connection: Connection, id: str) -> NotFound:
    """What to raise of an id that no finding has: Moved, Gone, or NotFound where there never was one.

    Between the deletion of a document and the next consolidation nobody knows yet what becomes of its findings.
    """
    former = connection.execute(select(lineage.c.finding).where(lineage.c.finding == id).limit(1)).first()
    found = parts(connection, id)
    if len(found) == 1:
        return Moved(id, found[0])
    if former is not None and (found or state.is_consolidated(connection)):
        return Gone(id, found)
    return NotFound(id, "no such finding", "List the findings for the ids there are.")

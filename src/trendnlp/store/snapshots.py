"""What each run left behind, kept as what changed since the run before. Functions over an open transaction.

A snapshot holds every document's statements with their kinds, every finding's title, kind, head and members, and the
reviews that are not taken back and move findings, with the statements they speak of, or that give statements another
kind than the model's, with these statements, in JSON under zlib.
Most of a row is ids, which do not compress below 10 to 11 bytes: one for each statement of a document that is new or
labelled anew, and of a finding that changed one for itself, for its head and for each member. A row is whole, not a
change, where the changes since the last whole one have grown larger than that, so that reading a snapshot never takes
much more than twice its own size. Writing one reads the ids of all that is stored.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select

from trendnlp.actions import MOVING
from trendnlp.diff import DocumentState, FindingState, Snapshot
from trendnlp.store import effective, reviews
from trendnlp.store.rows import canonical
from trendnlp.store.schema import documents, findings, members, snapshots, statements
from trendnlp.store.schema_judgements import judgements

LEVEL = 9  # of zlib: written once a run, read seldom

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A snapshot, the bytes of the whole row that it begins with, and those of the changes since."""

    snapshot: Snapshot
    whole: int
    changes: int


def current(connection: Connection) -> Snapshot:
    """The store as it is."""
    of_document: dict[str, dict[str, str]] = defaultdict(dict)
    models: dict[str, str] = {}
    kind = effective.kind().label("kind")
    labelled = select(documents.c.id.label("document"), statements.c.id, kind, statements.c.model)
    labelled = labelled.select_from(statements.join(documents).outerjoin(judgements, effective.JUDGED))
    for row in connection.execute(labelled.order_by(statements.c.id)):
        of_document[row.document][row.id] = row.kind
        models[row.document] = row.model
    found = {id: DocumentState("", {}) for id in connection.execute(select(documents.c.id)).scalars()}
    found |= {id: DocumentState(models[id], kinds) for id, kinds in of_document.items()}
    inside: dict[str, list[str]] = defaultdict(list)
    for member in connection.execute(select(members.c.finding, members.c.statement).order_by(members.c.statement)):
        inside[member.finding].append(member.statement)
    told = connection.execute(select(findings.c.id, findings.c.title, findings.c.kind, findings.c.head))
    held = {row.id: FindingState(row.title, tuple(inside[row.id]), row.kind, row.head) for row in told}
    return Snapshot(found, held, reviews.standing(connection, MOVING), _overruling(connection))


def _overruling(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The reviews that give statements another kind than the model's: id to these statements. Others set no kind, or
    the one that counts without them too.
    """
    of = judgements.c
    chosen = select(of.review, of.statement).join(statements, effective.JUDGED).where(of.kind != statements.c.kind)
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(chosen.order_by(of.statement)):
        found[row.review].append(row.statement)
    return {id: tuple(named) for id, named in found.items()}


def record(connection: Connection, run: int) -> None:
    """Keep the store as it is for the run with that number, which must be the last one."""
    now = current(connection)
    kept = _last(connection, run)
    whole = kept is None
    row = _encoded(_delta(kept.snapshot if kept else Snapshot(), now))
    if kept is not None and kept.changes + len(row) > kept.whole:
        whole = True
        row = _encoded(_delta(Snapshot(), now))
    connection.execute(insert(snapshots), {"run": run, "whole": int(whole), "data": row})


def read(connection: Connection, run: int) -> Snapshot | None:
    """What the run with that number left behind, None where it kept nothing."""
    if connection.execute(select(snapshots.c.run).where(snapshots.c.run == run)).first() is None:
        return None
    kept = _last(connection, run)
    return kept.snapshot if kept else None


def names_since(connection: Connection) -> tuple[str, ...]:
    """The names of the documents that are not in the last snapshot, in the order of adding; all where there is none."""
    kept = _last(connection, connection.execute(select(func.max(snapshots.c.run))).scalar_one() or 0)
    known = kept.snapshot.documents if kept else {}
    chosen = select(documents.c.id, documents.c.source).order_by(documents.c.seq)
    return tuple(row.source for row in connection.execute(chosen) if row.id not in known)


def _last(connection: Connection, run: int) -> _Kept | None:
    """The last snapshot up to ``run``."""
    of = snapshots.c
    newest = select(func.max(of.run)).where(of.run <= run, of.whole == 1).scalar_subquery()
    rows = connection.execute(select(of.data).where(of.run >= newest, of.run <= run).order_by(of.run)).scalars().all()
    if not rows:
        return None
    state = Snapshot()
    for row in rows:
        state = _applied(state, json.loads(zlib.decompress(row)))
    return _Kept(state, len(rows[0]), sum(map(len, rows[1:])))


def _delta(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    """What must be put (or, where it is None, taken out) to come from one to the other."""
    return {
        "documents": _changed(before.documents, after.documents, _document_values),
        "findings": _changed(before.findings, after.findings, lambda f: [[f.title, f.kind, f.head], *f.members]),
        "reviews": _changed(before.reviews, after.reviews, list),
        "relabels": _changed(before.relabels, after.relabels, list),
    }


def _changed(before: Mapping[str, T], after: Mapping[str, T], values: Callable[[T], Any]) -> dict[str, Any]:
    gone: dict[str, Any] = dict.fromkeys(before.keys() - after.keys())
    return gone | {id: values(state) for id, state in after.items() if before.get(id) != state}


def _document_values(state: DocumentState) -> list[Any]:
    """The model, then the statements by kind."""
    of_kind: dict[str, list[str]] = defaultdict(list)
    for statement, kind in sorted(state.kinds.items()):
        of_kind[kind].append(statement)
    return [state.model, of_kind]


def _applied(before: Snapshot, delta: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        _with(before.documents, delta["documents"], _document_of),
        _with(before.findings, delta["findings"], _finding_of),
        _with(before.reviews, delta["reviews"], tuple),
        _with(before.relabels, delta.get("relabels", {}), tuple),
    )


def _document_of(values: Any) -> DocumentState:
    model, of_kind = values
    return DocumentState(model, {s: kind for kind, found in of_kind.items() for s in found})


def _finding_of(values: Any) -> FindingState:
    told, *inside = values
    title, kind, head = (told, None, None) if isinstance(told, str) else told  # earlier versions kept the title alone
    return FindingState(title, tuple(inside), kind, head)


def _with(before: Mapping[str, T], changes: Mapping[str, Any], state: Callable[[Any], T]) -> dict[str, T]:
    kept = {id: value for id, value in before.items() if id not in changes}
    return kept | {id: state(values) for id, values in changes.items() if values is not None}


def _encoded(delta: Mapping[str, Any]) -> bytes:
    return zlib.compress(canonical(delta), LEVEL)

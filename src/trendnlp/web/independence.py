"""Documents that are not independent of each other, with their names: copies, and the joins of a finding."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.records import join_reason
from trendnlp.store import Store
from trendnlp.types import Finding


@dataclass(frozen=True, slots=True)
class NamedCopy:
    """A document that is a copy of another one."""

    document: str
    source: str
    share: float
    jaccard: float


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document by the name under which it was given."""

    id: str
    source: str


@dataclass(frozen=True, slots=True)
class NamedJoin:
    """Two documents that are one source, and why."""

    a: NamedDocument
    b: NamedDocument
    reason: str


def copies_of(store: Store, document: str) -> tuple[NamedCopy, ...]:
    """The copies of a document: those that share most first, then by id."""
    found = {copy.b if copy.a == document else copy.a: copy for copy in store.copies_of(document)}
    names = store.source_names(found)
    return tuple(NamedCopy(id, names[id], c.share, c.jaccard) for id, c in found.items() if id in names)


def joins_of(store: Store, finding: Finding) -> tuple[NamedJoin, ...]:
    """Which documents of a finding are one source, in the order of its joins."""
    names = store.source_names(document for join in finding.joins for document in (join.a, join.b))

    def named(id: str) -> NamedDocument:
        return NamedDocument(id, names.get(id, id))

    return tuple(NamedJoin(named(join.a), named(join.b), join_reason(join)) for join in finding.joins)

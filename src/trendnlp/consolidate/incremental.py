"""Findings kept up to date: what claims come and go is worked in, and only the findings that it touches are made anew.

The same claims give the same findings as ``consolidate``, in whatever steps they came. Which pairs are candidates
depends on the set of claims (``candidates`` says why and from what size an index makes that approximate). Claims that
hang together by candidate pairs that may merge are a component, and a component's clusters depend on its own claims,
pairs and verdicts; so do its findings, but for the nearest statements outside, which are the ends of candidate pairs
too. A claim that comes or goes changes the candidates of some rows; the components of just these rows are clustered
again, by the code that clusters all. Ties to rows that were not touched are what they were, so no other component can
have become part of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trendnlp.consolidate.candidates import Candidates
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair, near_words
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.cosine import reach as cosine_reach
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.judged import reach as judged_reach
from trendnlp.consolidate.ledger import Book
from trendnlp.consolidate.memory import Memory, key_of
from trendnlp.consolidate.neighbours import INDEX_FROM, Vectors, exact
from trendnlp.consolidate.partition import Known, Partition, Place
from trendnlp.consolidate.told import by_support, findings_of
from trendnlp.guards import Reading, family_of
from trendnlp.types import Claim, Consolidation, Finding, LabelledStatement, Relation, Verdict


@dataclass(frozen=True, slots=True)
class Update:
    """What a step changed: ``findings`` that it made (again), by support, ids of findings that are ``gone``, verdicts
    that it ``learnt`` and the keys of those that it needs no more.
    """

    findings: tuple[Finding, ...]
    gone: tuple[str, ...]
    learnt: Mapping[bytes, Verdict]
    forgotten: tuple[bytes, ...]


@dataclass(slots=True)
class _Row:
    """Copies of one claim, by statement id, which agree in ``words``. ``front`` is the one of the lowest id as the
    candidates know it, None before they do. ``component`` are the rows that hang together with this one, ``keys`` the
    pairs that were compared with it.
    """

    words: str
    copies: dict[str, Claim]
    component: tuple[int, ...]
    front: LabelledStatement | None = None
    keys: frozenset[bytes] = frozenset()
    finding: str | None = None

    def first(self) -> LabelledStatement | None:
        return self.copies[min(self.copies)].labelled if self.copies else None


class Incremental:
    """Claims and their findings under one comparer. ``known`` are verdicts from before: what the first step does not
    need of them is forgotten.
    """

    def __init__(
        self,
        comparer: Comparer | CosineComparer,
        known: Mapping[bytes, Verdict] | None = None,
        index_from: int = INDEX_FROM,
    ) -> None:
        self.comparer = comparer
        self.threshold = comparer.rule.threshold if isinstance(comparer, Comparer) else comparer.threshold
        reach = judged_reach(comparer) if isinstance(comparer, Comparer) else cosine_reach(comparer)
        self.candidates = Candidates(reach, index_from)
        self.memory = Memory(known)
        self._unused = set(self.memory.known)
        self._rows: dict[int, _Row] = {}
        self._row_of: dict[str, int] = {}
        self._row_with: dict[str, int] = {}  # family and words to row
        self._spare: list[int] = []
        self._documents: dict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._row_of)

    def statements_of(self, document: str) -> frozenset[str]:
        """Ids of the claims of a document."""
        return frozenset(self._documents.get(document, ()))

    def add(self, claims: Iterable[Claim]) -> Update:
        """Work in claims; one that is here already is replaced."""
        return self.update(claims, ())

    def remove(self, statements: Iterable[str]) -> Update:
        """Take out the claims of these ids; unknown ids change nothing."""
        return self.update((), statements)

    def update(self, claims: Iterable[Claim], gone: Iterable[str]) -> Update:
        """Take out the claims ``gone``, by id, and work in ``claims``, in one step. All findings of these claims are
        made again, whether they changed or not.
        """
        claims = sorted(claims, key=lambda c: c.labelled.statement.id)
        dirty = {row for id in (*gone, *(c.labelled.statement.id for c in claims)) if (row := self._take(id)) >= 0}
        dirty |= {self._put(claim) for claim in claims}
        touched = dirty | self._renew(sorted(dirty))
        region = sorted({r for row in touched for r in (row, *self._rows[row].component)})
        old = {f for r in region if (f := self._rows[r].finding)}
        keys = self._keys(region)
        for row in [r for r in dirty if not self._rows[r].copies]:
            del self._row_with[self._rows.pop(row).words]
            self._spare.append(row)
        region = [r for r in region if r in self._rows]
        findings = sorted(self._consolidate(region), key=by_support)
        forgotten = tuple(sorted((self._unused | keys) - self._keys(region)))
        self.memory.forget(forgotten)
        self._unused.clear()
        gone = old - {f.id for f in findings}
        return Update(tuple(findings), tuple(sorted(gone)), self.memory.hand_over(), forgotten)

    def consolidation(self) -> Consolidation:
        """All findings, best supported first. Takes time in proportion to all claims."""
        findings = sorted(self._consolidate(sorted(self._rows)), key=by_support)
        return Consolidation(tuple(findings), self.threshold, self.comparer.digest)

    def _take(self, id: str) -> int:
        """The row that a claim leaves, or -1."""
        row = self._row_of.pop(id, -1)
        if row >= 0:
            claim = self._rows[row].copies.pop(id)
            mine = self._documents[claim.document]
            mine.discard(id)
            if not mine:
                del self._documents[claim.document]
        return row

    def _put(self, claim: Claim) -> int:
        id, words = claim.labelled.statement.id, _words(claim)
        row = self._row_with.get(words, -1)
        if row < 0:
            row = self._spare.pop() if self._spare else len(self._rows)
            self._rows[row] = _Row(words, {}, (row,))
            self._row_with[words] = row
        self._rows[row].copies[id] = claim
        self._row_of[id] = row
        self._documents[claim.document].add(id)
        return row

    def _renew(self, dirty: Sequence[int]) -> set[int]:
        """Tell the candidates of rows that others stand for now; the rows whose candidates changed."""
        renewed = [(row, new) for row in dirty if not _alike(self._rows[row].front, new := self._rows[row].first())]
        touched = self.candidates.remove(row for row, _ in renewed if self._rows[row].front is not None)
        entering = [(row, new) for row, new in renewed if new is not None]
        for row, new in renewed:
            self._rows[row].front = new
        if entering:
            ids = [new.statement.id for _, new in entering]
            touched |= self.candidates.add([row for row, _ in entering], _vectors(n for _, n in entering), ids)
        return touched

    def _consolidate(self, region: Sequence[int]) -> list[Finding]:
        """The findings of whole components, beside the ends of their candidate pairs outside."""
        if not region:
            return []
        inside, judged = set(region), isinstance(self.comparer, Comparer)
        outside = {o for r in region for o in self.candidates.of(r)} - inside if judged else set()
        claims = [c for r in region for c in self._rows[r].copies.values()]
        claims += [self._rows[r].copies[min(self._rows[r].copies)] for r in outside]
        claims.sort(key=lambda c: c.labelled.statement.id)
        # as ``distinct`` numbers them
        order = sorted((*region, *outside), key=self._front_id)
        number = {row: i for i, row in enumerate(order)}
        pairs = {
            (min(i, j), max(i, j))
            for r in region
            for o in self.candidates.of(r)
            if (i := number[r]) != (j := number.get(o, number[r]))
        }
        places = [Place(low, high) for low, high in sorted(pairs)]
        vectors = _vectors(c.labelled for c in claims)
        known = Known(places, self.memory)
        if isinstance(self.comparer, Comparer):
            found = judged_partition(claims, vectors, self.comparer, known=known)
        else:
            found = cosine_partition(claims, vectors, self.comparer, known=known)
        self._remember(region, order, places, found, vectors)
        book = Book(claims, vectors, self.threshold, self.comparer.digest)
        made = list(findings_of(found, book, lambda group: order[found.rows[group[0]]] in inside))
        for finding in made:
            for member in finding.members:
                self._rows[self._row_of[member.statement]].finding = finding.id
        return made

    def _remember(
        self, region: Sequence[int], order: Sequence[int], places: Sequence[Place], found: Partition, vectors: Vectors
    ) -> None:
        """What hangs together now, and which verdicts it needed."""
        parent = list(range(len(order)))
        for place in places:
            if self._may_merge(place, order, found):
                parent[_root(parent, place.high)] = _root(parent, place.low)
        components: dict[int, list[int]] = defaultdict(list)
        keys: dict[int, set[bytes]] = defaultdict(set)
        for i, row in enumerate(order):
            components[_root(parent, i)].append(row)
        compared = list(found.verdicts)
        ends = (found.first[[getattr(p, end) for p in compared]] for end in ("low", "high"))
        readings = [self._reading(row) for row in order]
        for place, cosine in zip(compared, exact(vectors, *ends).tolist(), strict=True):
            key = key_of(Pair(readings[place.low], readings[place.high], cosine))
            keys[order[place.low]].add(key)
            keys[order[place.high]].add(key)
        inside = set(region)
        for members in components.values():
            for row in inside.intersection(members):
                self._rows[row].component = tuple(members)
                self._rows[row].keys = frozenset(keys.get(row, ()))

    def _may_merge(self, place: Place, order: Sequence[int], found: Partition) -> bool:
        if isinstance(self.comparer, Comparer):
            return found.verdicts[place].relation is Relation.SAME
        low, high = (self._reading(order[i]).family for i in (place.low, place.high))
        return low == high

    def _keys(self, rows: Iterable[int]) -> set[bytes]:
        return set[bytes]().union(*(self._rows[r].keys for r in rows))

    def _front_id(self, row: int) -> str:
        return min(self._rows[row].copies)

    def _reading(self, row: int) -> Reading:
        front = self._rows[row].copies[self._front_id(row)].labelled
        return Reading(front.statement.text, front.label.kind)


def _words(claim: Claim) -> str:
    return f"{family_of(claim.labelled.label.kind)}\0{near_words(claim.labelled.statement.text)}"


def _alike(a: LabelledStatement | None, b: LabelledStatement | None) -> bool:
    """Whether two statements are the same to whatever compares them."""
    if a is None or b is None:
        return a is b
    return (a.statement.id, a.statement.text, a.label.kind, a.vector) == (
        *(b.statement.id, b.statement.text, b.label.kind, b.vector),
    )


def _vectors(labelled: Iterable[LabelledStatement]) -> Vectors:
    return np.stack([np.frombuffer(s.vector or b"", "<f4") for s in labelled])


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i

"""Findings kept up to date: what claims come and go is worked in, and only the findings that it touches are made anew.

The same claims under the same constraints give the same findings as ``consolidate``, in whatever steps they came. Which
pairs are candidates depends on the set of claims (``candidates`` says why and from what size an index makes that
approximate). Claims that hang together by candidate pairs that may merge, or by what people decided of them, are a
component, and a component's clusters depend on its own claims, pairs, verdicts and decisions; so do its findings, but
for the nearest statements outside, which are the ends of candidate pairs too. A claim that comes or goes changes the
candidates of some rows, a decision the rows of its bundle (``wordings``); the components of just these rows are
clustered again, by the code that clusters all. Ties to rows that were not touched are what they were, so no other
component can have become part of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.candidates import Candidates
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.consolidate.cosine import cosine_partition, kept_apart
from trendnlp.consolidate.cosine import reach as cosine_reach
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.judged import reach as judged_reach
from trendnlp.consolidate.ledger import Book
from trendnlp.consolidate.memory import AT_ONCE, JUDGED_AT_ONCE, Memory, Notes, key_of
from trendnlp.consolidate.neighbours import INDEX_FROM, Vectors, exact
from trendnlp.consolidate.partition import Known, Partition, Place
from trendnlp.consolidate.sets import Sets
from trendnlp.consolidate.spread import Spread
from trendnlp.consolidate.told import by_support, findings_of, made
from trendnlp.consolidate.wordings import Wordings, id_of
from trendnlp.guards import Reading
from trendnlp.relations import Relation, Verdict
from trendnlp.review import Constraints
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import Claim, Consolidation, Finding, LabelledStatement


@dataclass(frozen=True, slots=True)
class Update:
    """What a step changed: ``findings`` that it made (again), by support, ids of findings that are ``gone``, verdicts
    that it ``learnt`` where there are no notes to tell them, and the keys of those that it needs no more.
    """

    findings: tuple[Finding, ...]
    gone: tuple[str, ...]
    learnt: Mapping[bytes, Verdict]
    forgotten: tuple[bytes, ...]


@dataclass(slots=True)
class _Row:
    """The claims of a row, by statement id; none once it is out of use. ``component`` are the rows that hang together
    with this one, ``keys`` the pairs that were compared with it. ``front`` is the first claim as the candidates know
    it, None before they do; ``shown`` the id under which others' ledgers name the row, None where all is hidden.
    """

    component: tuple[int, ...]
    claims: tuple[Claim, ...] = ()
    front: LabelledStatement | None = None
    shown: str | None = None
    keys: frozenset[bytes] = frozenset()
    finding: str | None = None

    def first(self) -> LabelledStatement | None:
        return self.claims[0].labelled if self.claims else None


@dataclass(frozen=True, slots=True)
class _Region:
    """The rows ``inside``, whole components, beside the ends of their candidate pairs: all of them by the position that
    they have in the partition of ``claims``, and the candidate ``places``.
    """

    inside: frozenset[int]
    rows: Sequence[int]
    places: Sequence[Place]
    claims: Sequence[Claim]
    vectors: Vectors
    binding: Binding


class Incremental:
    """Claims and their findings under one comparer and what people decided. ``known`` are verdicts from before: what
    the first step does not need of them is forgotten. ``taxonomy`` names tags besides the themes. What takes long is
    done with the help of others where there is a ``spread``. ``notes`` are told of verdicts while they are made.
    """

    def __init__(
        self,
        comparer: Comparer | CosineComparer,
        known: Mapping[bytes, Verdict] | None = None,
        taxonomy: Taxonomy = NO_TAXONOMY,
        index_from: int = INDEX_FROM,
        spread: Spread | None = None,
        notes: Notes | None = None,
    ) -> None:
        self.comparer = comparer
        self.taxonomy = taxonomy
        self.threshold = comparer.rule.threshold if isinstance(comparer, Comparer) else comparer.threshold
        reach = judged_reach(comparer) if isinstance(comparer, Comparer) else cosine_reach(comparer)
        self.spread = spread
        apart = kept_apart(self._reading)
        self.candidates = spread.candidates(reach, apart) if spread else Candidates(reach, apart, index_from)
        judged_and_noted = notes is not None and isinstance(comparer, Comparer)
        self.memory = Memory(known, notes, JUDGED_AT_ONCE if judged_and_noted else AT_ONCE)
        self._unused = set(self.memory.known)
        self._wordings = Wordings()
        self._rows: dict[int, _Row] = {}
        self._row_of: dict[str, int] = {}
        self._spare: list[int] = []

    def __len__(self) -> int:
        return len(self._wordings)

    @property
    def constraints(self) -> Constraints:
        """Those in force."""
        return self._wordings.constraints

    def statements_of(self, document: str) -> frozenset[str]:
        """Ids of the claims of a document."""
        return self._wordings.statements_of(document)

    def claims_in(self, findings: Iterable[Finding]) -> list[Claim]:
        """The claims of the rows that these findings' members stand in."""
        rows = {self._row_of[member.statement] for finding in findings for member in finding.members}
        return [claim for row in sorted(rows) for claim in self._rows[row].claims]

    def add(self, claims: Iterable[Claim]) -> Update:
        """Work in claims; one that is here already is replaced."""
        return self.update(claims, ())

    def remove(self, statements: Iterable[str]) -> Update:
        """Take out the claims of these ids; unknown ids change nothing."""
        return self.update((), statements)

    def update(self, claims: Iterable[Claim], gone: Iterable[str], constraints: Constraints | None = None) -> Update:
        """Take out the claims ``gone``, by id, and work in ``claims``, in one step, under ``constraints``; None leaves
        those that are in force. All findings of these claims, and of those that are spoken of otherwise than before,
        are made again, whether they changed or not.
        """
        claims, gone = tuple(claims), tuple(gone)
        left = {row for id in (*gone, *map(id_of, claims)) if (row := self._row_of.pop(id, -1)) >= 0}
        dirty = self._arrange(self._wordings.update(claims, gone, constraints), left)
        touched = dirty | self._renew(sorted(dirty))
        region = {r for row in touched for r in (row, *self._rows[row].component)}
        old = {f for r in region if (f := self._rows[r].finding)}
        keys = self._keys(region)
        for row in [r for r in dirty if not self._rows[r].claims]:
            del self._rows[row]
            self._spare.append(row)
        region &= self._rows.keys()
        findings = sorted(self._consolidate(region), key=by_support)
        forgotten = tuple(sorted((self._unused | keys) - self._keys(region)))
        self.memory.forget(forgotten)
        self._unused.clear()
        missing = old - {f.id for f in findings}
        return Update(tuple(findings), tuple(sorted(missing)), self.memory.hand_over(), forgotten)

    def consolidation(self) -> Consolidation:
        """All findings, best supported first. Takes time in proportion to all claims."""
        findings = sorted(self._consolidate(self._rows), key=by_support)
        return Consolidation(tuple(findings), self.threshold, self.comparer.digest, self.taxonomy.digest)

    def _arrange(self, wordings: Iterable[str], left: set[int]) -> set[int]:
        """Give the claims of these wordings, whole bundles, their rows anew; ``left`` are rows that claims have left.
        Returns all these rows, those included that have no claims any more.
        """
        claims = self._wordings.claims_of(wordings)
        old = left | {row for c in claims if (row := self._row_of.get(id_of(c), -1)) >= 0}
        row_with = {front.statement.id: row for row in old if (front := self._rows[row].front)}
        for row in old:
            self._rows[row].claims = ()
        binding = bind(claims, self.constraints)
        copies: list[list[Claim]] = [[] for _ in binding.first]
        for claim, number in zip(claims, binding.rows.tolist(), strict=True):
            copies[number].append(claim)
        rows = set(old)
        for mine in copies:
            row = row_with.get(id_of(mine[0]), -1)
            if row < 0:
                row = self._spare.pop() if self._spare else len(self._rows)
                self._rows[row] = _Row((row,))
                rows.add(row)
            self._rows[row].claims = tuple(mine)
            self._row_of.update((id_of(claim), row) for claim in mine)
        return rows

    def _renew(self, dirty: Sequence[int]) -> set[int]:
        """Tell the candidates of rows that others stand for now; the rows whose candidates changed, or what their
        ledgers tell of them.
        """
        renewed = [(row, new) for row in dirty if not _alike(self._rows[row].front, new := self._rows[row].first())]
        touched = self.candidates.remove(row for row, _ in renewed if self._rows[row].front is not None)
        entering = [(row, new) for row, new in renewed if new is not None]
        for row, new in renewed:
            self._rows[row].front = new
        if entering:
            ids = [new.statement.id for _, new in entering]
            touched |= self.candidates.add([row for row, _ in entering], _vectors(n for _, n in entering), ids)
        for row in dirty:
            shown = next((id for c in self._rows[row].claims if (id := id_of(c)) not in self._wordings.hidden), None)
            if shown != self._rows[row].shown:
                self._rows[row].shown = shown
                touched |= self.candidates.of(row)
        return touched

    def _consolidate(self, rows: Iterable[int]) -> list[Finding]:
        """The findings of whole components."""
        inside = frozenset(rows)
        if not inside:
            return []
        region = self._region(inside)
        claims, vectors, binding = region.claims, region.vectors, region.binding
        readings = [self._reading(row) for row in region.rows]

        def partition(memory: Memory) -> Partition:
            known = Known(region.places, memory, readings)
            if isinstance(self.comparer, Comparer):
                return judged_partition(claims, vectors, self.comparer, binding=binding, known=known)
            return cosine_partition(claims, vectors, self.comparer, binding=binding, known=known)

        if self.spread and len(region.places) >= self.spread.worth:
            found = self.spread.learn(partition, self.memory)
        else:
            found = partition(self.memory)
        self._remember(region, found, readings)
        self.memory.note()
        # Others were asked before all was known: what no row needed in the end is not kept.
        needless = self.memory.learnt.keys() - self._keys(inside)
        self.memory.forget(needless)
        if self.memory.notes:
            self._unused |= needless  # it has been noted
        book = Book(claims, vectors, self.threshold, self.comparer.digest)

        def mine(group: list[int]) -> bool:
            return region.rows[found.rows[group[0]]] in inside

        spread = self.spread if self.spread and len(inside) >= self.spread.worth else None
        make = partial(spread.tell if spread else made, taxonomy=self.taxonomy)
        told = list(findings_of(found, binding, book, make, mine))
        for row in inside:
            self._rows[row].finding = None
        for finding in told:
            for id in (*(m.statement for m in finding.members), *finding.hidden):
                self._rows[self._row_of[id]].finding = finding.id
        return told

    def _region(self, inside: frozenset[int]) -> _Region:
        outside = {o for r in inside for o in self.candidates.of(r)} - inside
        claims = [claim for r in inside for claim in self._rows[r].claims]
        claims += [claim for r in outside for claim in self._standing_for(self._rows[r])]
        claims.sort(key=id_of)
        row_of = [self._row_of[id_of(claim)] for claim in claims]
        binding = bind(claims, self.constraints, row_of)
        rows = [row_of[first] for first in binding.first.tolist()]
        number = {row: i for i, row in enumerate(rows)}
        pairs = {
            (min(i, j), max(i, j))
            for r in inside
            for o in self.candidates.of(r)
            if (i := number[r]) != (j := number.get(o, number[r]))
        }
        places = [Place(low, high) for low, high in sorted(pairs)]
        return _Region(inside, rows, places, claims, _vectors(c.labelled for c in claims), binding)

    def _standing_for(self, row: _Row) -> list[Claim]:
        """What a ledger has to know of a row outside: whom it compares with, and whom it names."""
        first, *others = row.claims
        return [first, *(claim for claim in others if id_of(claim) == row.shown)]

    def _remember(self, region: _Region, found: Partition, readings: Sequence[Reading]) -> None:
        """What hangs together now, and which verdicts it needed."""
        rows, binding = region.rows, region.binding
        sets = Sets(len(rows))
        ties = found.ties
        if ties is None:
            ties = [place for place in region.places if found.verdicts[place].relation is Relation.SAME]
        for place in chain(ties, binding.bonds, binding.foes):
            sets.join(place.low, place.high)
        components: dict[int, list[int]] = defaultdict(list)
        keys: dict[int, set[bytes]] = defaultdict(set)
        for i, row in enumerate(rows):
            components[sets.root(i)].append(row)
        compared = list(found.verdicts)
        ends = (found.first[[getattr(p, end) for p in compared]] for end in ("low", "high"))
        for place, cosine in zip(compared, exact(region.vectors, *ends).tolist(), strict=True):
            key = key_of(Pair(readings[place.low], readings[place.high], cosine))
            keys[rows[place.low]].add(key)
            keys[rows[place.high]].add(key)
        for members in components.values():
            for row in region.inside.intersection(members):
                self._rows[row].component = tuple(members)
                self._rows[row].keys = frozenset(keys.get(row, ()))

    def _keys(self, rows: Iterable[int]) -> set[bytes]:
        return set[bytes]().union(*(self._rows[r].keys for r in rows))

    def _reading(self, row: int) -> Reading:
        front = self._rows[row].claims[0].labelled
        return Reading(front.statement.text, front.label.kind)


def _alike(a: LabelledStatement | None, b: LabelledStatement | None) -> bool:
    """Whether two statements are the same to whatever compares them."""
    if a is None or b is None:
        return a is b
    return (a.statement.id, a.statement.text, a.label.kind, a.vector) == (
        *(b.statement.id, b.statement.text, b.label.kind, b.vector),
    )


def _vectors(labelled: Iterable[LabelledStatement]) -> Vectors:
    return np.stack([np.frombuffer(s.vector or b"", "<f4") for s in labelled])

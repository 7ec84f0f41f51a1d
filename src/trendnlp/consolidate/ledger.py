"""The ledger: why each member stands in its finding, and why the nearest statements outside do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.binding import Binding
from trendnlp.consolidate.compare import CONTESTED, DECIMALS, normalised
from trendnlp.consolidate.partition import Partition, Place
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.types import Claim, Finding, Reason

MAX_CONTESTED = 20  # entries of one finding: more than one reads
MAX_APART = 5


@dataclass(frozen=True, slots=True)
class Book:
    """What entries are written from: the claims by position, their vectors, and the digest of what compared them."""

    claims: Sequence[Claim]
    vectors: NDArray[np.float32]
    threshold: float
    model: str

    def id(self, i: int) -> str:
        return self.claims[i].labelled.statement.id

    def copies(self, i: int, j: int) -> Verdict:
        """Of two claims with the same, or nearly the same, words."""
        texts = (normalised(self.claims[k].labelled.statement.text) for k in (i, j))
        ground = Ground.EXACT if len(set(texts)) == 1 else Ground.NEAR_EXACT
        return Verdict(Relation.SAME, ground, Band.HIGH, self.cosine(i, j), None, self.threshold)

    def cosine(self, i: int, j: int) -> float:
        product = self.vectors[i].astype(np.float64) @ self.vectors[j].astype(np.float64)
        return round(float(np.clip(product, -1.0, 1.0)), DECIMALS)


@dataclass(slots=True)
class _Row:
    """The verdicts on a row and others, of its cluster and of other clusters. They see the lower row first."""

    inside: dict[int, Verdict] = field(default_factory=dict)
    outside: dict[int, Verdict] = field(default_factory=dict)


class Ledger:
    """The entries of a partition, in which ``binding`` tells what people decided."""

    def __init__(self, partition: Partition, binding: Binding, book: Book) -> None:
        self.partition = partition
        self.binding = binding
        self.book = book
        self.rows: dict[int, _Row] = {}
        for place, verdict in partition.verdicts.items():
            together = partition.clusters[place.low] == partition.clusters[place.high]
            for row, other in ((place.low, place.high), (place.high, place.low)):
                known = self.rows.setdefault(row, _Row())
                (known.inside if together else known.outside)[other] = verdict
        self.copies: dict[int, list[int]] = {}
        for i, row in enumerate(partition.rows.tolist()):
            self.copies.setdefault(row, []).append(i)
        self.shown: dict[int, int] = {}  # by row, as far as asked for: a row may have very many copies

    def with_entries(self, finding: Finding, group: Sequence[int]) -> Finding:
        """``finding``, which shows the claims at ``group``, with its ledger."""
        of_id = {self.book.id(i): i for i in group}
        head = of_id[finding.head]
        ledger = tuple(self._tie(of_id[m.statement], head) for m in finding.members if m.statement != finding.head)
        people = {entry.statement for entry in ledger if entry.verdict.ground is Ground.PERSON}
        members = tuple(replace(m, reason=Reason.PERSON) if m.statement in people else m for m in finding.members)
        return replace(finding, members=members, ledger=ledger, apart=self._apart(group))

    def _tie(self, i: int, head: int) -> LedgerEntry:
        """What a person tied goes before the rest. A copy's tie is to the head, or to the first of its copies; any
        other's to the member it is most surely the same as. A hidden statement is named where there is no other.
        """
        decided = self.binding.must.get(i, {})
        if decided:
            other = min(decided, key=lambda o: (o in self.binding.hidden, o))
            return self._decided(i, other, Relation.SAME)
        row = self._row(i)
        twin = head if self._row(head) == row else self._shown(row)
        if twin != i:
            return self._entry(i, twin, self.book.copies(i, twin))
        ties = {o: v for o, v in self._of(row).inside.items() if v.relation is Relation.SAME}
        if ties:
            nearest = min(ties, key=lambda o: (self._shown(o) in self.binding.hidden, -_strength(ties[o]), o))
            return self._entry(i, self._shown(nearest), _seen_from(ties[nearest], row, nearest))
        # Only a copy of it was tied to the rest, by a person.
        twin = next(j for j in self.copies[row] if j != i)
        return self._entry(i, twin, self.book.copies(i, twin))

    def _apart(self, group: Sequence[int]) -> tuple[LedgerEntry, ...]:
        """Those that contest the finding, those that people keep apart from it, then the nearest others."""
        decided = {o: i for i in reversed(group) for o in self.binding.cannot.get(i, {})}
        decided = {o: i for o, i in decided.items() if o not in self.binding.hidden}
        held = [self._decided(i, o, Relation.DISTINCT) for o, i in sorted(decided.items())]
        nearest: dict[int, tuple[int, Verdict]] = {}
        for row in sorted({self._row(i) for i in group}):
            for other, verdict in self._of(row).outside.items():
                if other not in nearest or _rank(verdict) < _rank(nearest[other][1]):
                    nearest[other] = (row, verdict)
        told = {self._row(o) for o in decided}
        ranked = [
            self._entry(self._shown(row), self._shown(other), _why_apart(_seen_from(verdict, row, other)))
            for other, (row, verdict) in sorted(nearest.items(), key=lambda item: (*_rank(item[1][1]), item[0]))
            if other not in told and self._shown(other) not in self.binding.hidden
        ]
        contested = [e for e in ranked if e.verdict.relation in CONTESTED][:MAX_CONTESTED]
        others = [e for e in ranked if e.verdict.relation not in CONTESTED][:MAX_APART]
        return (
            *(e for e in held if e.verdict.relation in CONTESTED),
            *contested,
            *(e for e in held if e.verdict.relation not in CONTESTED),
            *others,
        )

    def _decided(self, i: int, other: int, relation: Relation) -> LedgerEntry:
        """What a person decided of two claims. Where they are apart, that they contradict or differ stays told."""
        row, other_row = self._row(i), self._row(other)
        if row == other_row:
            verdict = self.book.copies(i, other)
        else:
            place = Place(min(row, other_row), max(row, other_row))
            verdict = _seen_from(self.partition.verdicts[place], row, other_row)
        if relation is Relation.DISTINCT and verdict.relation in CONTESTED:
            relation = verdict.relation
        ties = self.binding.must if relation is Relation.SAME else self.binding.cannot
        verdict = replace(verdict, relation=relation, ground=Ground.PERSON)
        return self._entry(i, other, verdict, ties[i][other])

    def _row(self, i: int) -> int:
        return int(self.partition.rows[i])

    def _of(self, row: int) -> _Row:
        return self.rows.get(row, _Row())

    def _shown(self, row: int) -> int:
        """The first claim of a row that is not hidden, or the first where all are."""
        if not self.binding.hidden:
            return self.copies[row][0]
        if row not in self.shown:
            self.shown[row] = min(self.copies[row], key=lambda i: (i in self.binding.hidden, i))
        return self.shown[row]

    def _entry(self, i: int, other: int, verdict: Verdict, review: str | None = None) -> LedgerEntry:
        return LedgerEntry(self.book.id(i), self.book.id(other), verdict, self.book.model, review)


def _seen_from(verdict: Verdict, row: int, other: int) -> Verdict:
    """The ``verdict`` on two rows, in whose guards the first of the two is ``row``."""
    return verdict if row < other or not verdict.guards else verdict.turned()


def _rank(verdict: Verdict) -> tuple[bool, float, float]:
    """Contested first, then the nearest."""
    return verdict.relation not in CONTESTED, -verdict.cosine, -_strength(verdict)


def _why_apart(verdict: Verdict) -> Verdict:
    return replace(verdict, ground=Ground.LINKAGE) if verdict.relation is Relation.SAME else verdict


def _strength(verdict: Verdict) -> float:
    """How surely two are the same: by the judge, and where it was not asked by the cosine."""
    return verdict.cosine if verdict.score is None else verdict.score

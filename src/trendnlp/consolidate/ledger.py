"""The ledger: why each member stands in its finding, and why the nearest statements outside do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.compare import CONTESTED, DECIMALS, normalised
from trendnlp.consolidate.partition import Partition, Place
from trendnlp.types import Band, Claim, Finding, Ground, LedgerEntry, Relation, Verdict

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
    inside: dict[int, Verdict] = field(default_factory=dict)
    outside: dict[int, Verdict] = field(default_factory=dict)


class Ledger:
    """The entries of a partition."""

    def __init__(self, partition: Partition, book: Book) -> None:
        self.partition = partition
        self.book = book
        self.rows: dict[int, _Row] = {}
        for place, verdict in partition.verdicts.items():
            together = partition.clusters[place.low] == partition.clusters[place.high]
            for row, other in ((place.low, place.high), (place.high, place.low)):
                known = self.rows.setdefault(row, _Row())
                (known.inside if together else known.outside)[other] = _seen_from(verdict, place, row)

    def with_entries(self, finding: Finding, group: Sequence[int]) -> Finding:
        """``finding``, which holds the claims at ``group``, with its ledger."""
        of_id = {self.book.id(i): i for i in group}
        head = of_id[finding.head]
        ledger = tuple(self._tie(of_id[m.statement], head) for m in finding.members if m.statement != finding.head)
        return replace(finding, ledger=ledger, apart=self._apart(sorted({int(self.partition.rows[i]) for i in group})))

    def _tie(self, i: int, head: int) -> LedgerEntry:
        """A copy's tie is to the head, or to the first of its copies; any other's to the member it is most surely the
        same as.
        """
        row = int(self.partition.rows[i])
        first = int(self.partition.first[row])
        twin = head if self.partition.rows[head] == row else first
        if twin != i:
            return self._entry(i, twin, self.book.copies(i, twin))
        ties = {o: v for o, v in self.rows[row].inside.items() if v.relation is Relation.SAME}
        other = min(ties, key=lambda o: (-_strength(ties[o]), o))
        return self._entry(i, int(self.partition.first[other]), ties[other])

    def _apart(self, rows: Iterable[int]) -> tuple[LedgerEntry, ...]:
        nearest: dict[int, tuple[int, Verdict]] = {}
        for row in rows:
            for other, verdict in self.rows.get(row, _Row()).outside.items():
                if other not in nearest or _rank(verdict) < _rank(nearest[other][1]):
                    nearest[other] = (row, verdict)
        ranked = sorted(nearest.items(), key=lambda item: (*_rank(item[1][1]), item[0]))
        contested = [item for item in ranked if item[1][1].relation in CONTESTED][:MAX_CONTESTED]
        others = [item for item in ranked if item[1][1].relation not in CONTESTED][:MAX_APART]
        first = self.partition.first
        return tuple(
            self._entry(int(first[row]), int(first[other]), _why_apart(verdict))
            for other, (row, verdict) in (*contested, *others)
        )

    def _entry(self, i: int, other: int, verdict: Verdict) -> LedgerEntry:
        return LedgerEntry(self.book.id(i), self.book.id(other), verdict, self.book.model)


def _seen_from(verdict: Verdict, place: Place, row: int) -> Verdict:
    """``verdict``, in whose guards the first of the two is ``row``."""
    return verdict if row == place.low else verdict.turned()


def _rank(verdict: Verdict) -> tuple[bool, float, float]:
    """Contested first, then the nearest."""
    return verdict.relation not in CONTESTED, -verdict.cosine, -_strength(verdict)


def _why_apart(verdict: Verdict) -> Verdict:
    return replace(verdict, ground=Ground.LINKAGE) if verdict.relation is Relation.SAME else verdict


def _strength(verdict: Verdict) -> float:
    """How surely two are the same: by the judge, and where it was not asked by the cosine."""
    return verdict.cosine if verdict.score is None else verdict.score

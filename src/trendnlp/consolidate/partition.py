"""Claims in groups that say the same, and the pairs of them that were compared on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.consolidate.memory import Memory
from trendnlp.consolidate.neighbours import Indexes, Vectors, exact
from trendnlp.guards import Reading
from trendnlp.relations import Verdict
from trendnlp.types import Claim

NEVER = 1e6  # a distance that no mean of a component's pairs outweighs


class Place(NamedTuple):
    """A pair of rows, the lower first. A tuple, for there are many, and dictionaries hold them."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be found out again: the candidate pairs of rows, verdicts from before, and what was read of each
    row.
    """

    candidates: Sequence[Place]
    memory: Memory
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition and what it was made of.

    ``first`` are the claims that stand for all their copies, one a row; ``rows`` says for each claim which row it
    belongs to, ``clusters`` for each row which cluster; ``verdicts`` holds every pair of rows that was compared.
    ``ties`` are the candidates that may merge; where it is None, those that are the same by their verdicts.
    """

    first: Indexes
    rows: Indexes
    clusters: Indexes
    verdicts: Mapping[Place, Verdict]
    ties: Sequence[Place] | None = None


class Comparisons:
    """The verdicts on pairs of rows, each compared once; ``first`` are the places of the rows among the ``claims``, of
    which each has its ``vectors``.
    """

    def __init__(
        self,
        claims: Sequence[Claim],
        first: Indexes,
        vectors: Vectors,
        comparer: Comparer | CosineComparer,
        known: Known | None = None,
    ) -> None:
        fronts = (claims[i].labelled for i in first)
        self.readings = known.readings if known else [Reading(f.statement.text, f.label.kind) for f in fronts]
        self.vectors = vectors if len(first) == len(claims) else vectors[first]  # as they are where none is a copy
        self.comparer = comparer
        self.memory = known.memory if known else Memory()
        self.verdicts: dict[Place, Verdict] = {}

    def compare(self, places: Iterable[Place]) -> None:
        # Not the difference of two sets: that would look at all pairs compared so far.
        fresh = sorted({p for p in places if p not in self.verdicts})
        if not fresh:
            return
        low, high = np.array(fresh, np.int64).T
        cosines = exact(self.vectors, low, high).tolist()
        pairs = [
            Pair(self.readings[p.low], self.readings[p.high], cosine) for p, cosine in zip(fresh, cosines, strict=True)
        ]
        self.verdicts.update(zip(fresh, self.memory.compare(pairs, self.comparer), strict=True))

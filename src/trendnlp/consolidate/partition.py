"""Claims in groups that say the same, and the pairs of them that were compared on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.guards import Reading
from trendnlp.types import Claim, Verdict

NEVER = 1e6  # a distance that no mean of a component's pairs outweighs

Vectors = NDArray[np.float32]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """A pair of rows, the lower first."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition and what it was made of.

    ``first`` are the claims that stand for all their copies, one a row; ``rows`` says for each claim which row it
    belongs to, ``clusters`` for each row which cluster; ``verdicts`` holds every pair of rows that was compared.
    """

    first: Indexes
    rows: Indexes
    clusters: Indexes
    verdicts: Mapping[Place, Verdict]


class Comparisons:
    """The verdicts on pairs of rows, each compared once."""

    def __init__(self, claims: Sequence[Claim], vectors: Vectors, comparer: Comparer | CosineComparer) -> None:
        self.readings = [Reading(c.labelled.statement.text, c.labelled.label.kind) for c in claims]
        self.vectors = vectors
        self.comparer = comparer
        self.verdicts: dict[Place, Verdict] = {}

    def compare(self, places: Iterable[Place]) -> None:
        fresh = sorted(set(places) - self.verdicts.keys(), key=lambda p: (p.low, p.high))
        pairs = [Pair(self.readings[p.low], self.readings[p.high], self._cosine(p)) for p in fresh]
        self.verdicts.update(zip(fresh, self.comparer.compare(pairs), strict=True))

    def _cosine(self, place: Place) -> float:
        product = self.vectors[place.low].astype(np.float64) @ self.vectors[place.high].astype(np.float64)
        return float(np.clip(product, -1.0, 1.0))

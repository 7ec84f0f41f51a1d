"""Findings made with the help of others: who finds near rows, compares pairs and words findings may be elsewhere; what
stands together is decided here, by the code that does so alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from trendnlp.consolidate.candidates import Apart, Candidates
from trendnlp.consolidate.cells import Cells, Sizes
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.consolidate.memory import Memory, key_of, seen
from trendnlp.consolidate.neighbours import INDEX_FROM, Reach
from trendnlp.consolidate.partition import Partition
from trendnlp.consolidate.pieces import Piece, Share
from trendnlp.consolidate.sets import Sets
from trendnlp.consolidate.told import Cluster, Told
from trendnlp.guards import Reading
from trendnlp.relations import Band, Ground, Relation, Verdict
from trendnlp.tags import Taxonomy
from trendnlp.types import Finding

UNKNOWN = Verdict(Relation.DISTINCT, Ground.COSINE, Band.LOW, 0.0, None, 0.0)  # stands in for one that is not there yet


@dataclass(frozen=True, slots=True)
class Compared(Piece):
    """Pairs to be compared: of each the places of its two among ``sides``, texts with their kinds, and its cosine."""

    sides: tuple[tuple[str, str | None], ...]
    pairs: tuple[tuple[int, int, float], ...]

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> Compared:
        number: dict[tuple[str, str | None], int] = {}
        places = []
        for pair in pairs:
            a, b = (number.setdefault((side.text, side.kind), len(number)) for side in (pair.a, pair.b))
            places.append((a, b, pair.cosine))
        return cls(tuple(number), tuple(places))

    def done(self, comparer: Comparer | CosineComparer) -> dict[bytes, Verdict]:
        """The verdicts, as a memory holds them."""
        readings = [Reading(*side) for side in self.sides]
        memory = Memory()
        memory.compare([Pair(readings[a], readings[b], cosine) for a, b, cosine in self.pairs], comparer)
        return memory.hand_over()


@dataclass(frozen=True, slots=True)
class Spread:
    """``share`` has pieces of work done. Cells have ``cell`` rows on average, and up to ``whole`` rows they miss
    nothing; ``pairs`` are compared and ``findings`` made at a time. Where fewer than ``worth`` pairs or rows are to be
    worked on, it is sooner done here; and of the pairs of a later round the first ``here``, for each round makes the
    whole partition again.
    """

    share: Share
    cell: int = 4096
    whole: int = INDEX_FROM
    pairs: int = 256
    findings: int = 256
    worth: int = 2048
    here: int = 256

    def candidates(self, reach: Reach, apart: Apart | None = None) -> Candidates:
        """Candidates that are looked for together with others where there are more rows than a cell has."""
        sizes = Sizes(self.cell, self.whole)
        return Candidates(reach, apart, self.cell, lambda table: Cells(table, self.share, sizes))

    def learn(self, partition: Callable[[Memory], Partition], memory: Memory) -> Partition:
        """A partition, of which the pairs were compared that it needs and ``memory`` did not hold.

        Which pairs it needs hangs on the verdicts on others, so it is made with what is known until it asks for none.
        Where few are left, they are compared here meanwhile.
        """
        asking = _Asking(memory, 0)
        found = partition(asking)
        if asking.wanted and len(asking.wanted) < self.worth:
            return partition(memory)
        while asking.wanted:
            memory.expect(len(asking.wanted))
            for verdicts in self.share(self._pieces(asking.wanted.values())):
                memory.take(verdicts)
            asking = _Asking(memory, self.here)
            found = partition(asking)
        return found

    def tell(self, clusters: Iterable[Cluster], taxonomy: Taxonomy) -> Iterator[tuple[int, Finding]]:
        """As ``told.made``, in any order."""
        for found in self.share(Told.parts(clusters, taxonomy, self.findings)):
            yield from found

    def _pieces(self, wanted: Iterable[Pair]) -> Iterator[Piece]:
        """Pairs that hang together stand together, so that a text is read in few places."""
        pairs = _together(list(wanted))
        return (Compared.of(pairs[start : start + self.pairs]) for start in range(0, len(pairs), self.pairs))


def _together(pairs: Sequence[Pair]) -> list[Pair]:
    number: dict[Reading, int] = {}
    ends = [tuple(number.setdefault(side, len(number)) for side in (pair.a, pair.b)) for pair in pairs]
    sets = Sets(len(number))
    for a, b in ends:
        sets.join(a, b)
    order = sorted(range(len(pairs)), key=lambda i: (sets.root(ends[i][0]), ends[i]))
    return [pairs[i] for i in order]


class _Asking(Memory):
    """Knows what another memory does, and notes which pairs it was asked for beside these. The first ``here`` of them
    are compared, for both.
    """

    def __init__(self, memory: Memory, here: int) -> None:
        super().__init__()
        self.memory = memory
        self.known = memory.known
        self.here = here
        self.wanted: dict[bytes, Pair] = {}

    def compare(self, pairs: Sequence[Pair], comparer: Comparer | CosineComparer) -> list[Verdict]:
        keys = [key_of(pair) for pair in pairs]
        fresh = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in self.known}
        here = dict(islice(fresh.items(), self.here))
        self.here -= len(here)
        self.memory.learn(here, comparer)
        self.wanted |= {key: pair for key, pair in fresh.items() if key not in here}
        known = (self.known.get(key) for key in keys)
        return [UNKNOWN if v is None else seen(v, pair) for v, pair in zip(known, pairs, strict=True)]

"""Findings made with the help of others: who finds near rows and who compares pairs may be elsewhere, what is made of
it is decided here, by the code that does so alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trendnlp.consolidate.candidates import Apart, Candidates
from trendnlp.consolidate.cells import Cells, Sizes
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.consolidate.memory import Memory, key_of
from trendnlp.consolidate.neighbours import INDEX_FROM, Reach
from trendnlp.consolidate.partition import Partition
from trendnlp.consolidate.pieces import Piece, Share
from trendnlp.guards import Reading
from trendnlp.relations import Band, Ground, Relation, Verdict

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
    nothing; ``pairs`` are compared at a time. Where fewer than ``worth`` are to be compared, it is sooner done here.
    """

    share: Share
    cell: int = 4096
    whole: int = INDEX_FROM
    pairs: int = 256
    worth: int = 2048

    def candidates(self, reach: Reach, apart: Apart | None = None) -> Candidates:
        """Candidates that are looked for together with others where there are more rows than a cell has."""
        sizes = Sizes(self.cell, self.whole)
        return Candidates(reach, apart, self.cell, lambda table: Cells(table, self.share, sizes))

    def learn(self, partition: Callable[[Memory], Partition], memory: Memory) -> None:
        """Have the pairs compared that a partition needs and ``memory`` does not hold; a few may be left.

        Which pairs it needs hangs on the verdicts on others, so it is made with what is known until it asks for few.
        """
        while True:
            asking = _Asking(memory)
            partition(asking)
            wanted = list(asking.wanted.values())
            if len(wanted) < self.worth:
                return
            for verdicts in self.share(self._pieces(wanted)):
                memory.known.update(verdicts)
                memory.learnt.update(verdicts)

    def _pieces(self, pairs: Sequence[Pair]) -> Iterator[Piece]:
        return (Compared.of(pairs[start : start + self.pairs]) for start in range(0, len(pairs), self.pairs))


class _Asking(Memory):
    """Knows what another memory does, and notes which pairs it was asked for beside these."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.known = memory.known
        self.wanted: dict[bytes, Pair] = {}

    def compare(self, pairs: Sequence[Pair], comparer: Comparer | CosineComparer) -> list[Verdict]:
        found = []
        for pair in pairs:
            key = key_of(pair)
            if key not in self.known:
                self.wanted[key] = pair
            found.append(self.known.get(key, UNKNOWN))
        return found

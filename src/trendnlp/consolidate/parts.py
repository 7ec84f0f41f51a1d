"""Components that are too large for all their pairs to be judged: they are cut into parts along their strongest ties,
and what was found in the parts is put together again where all pairs between say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count, pairwise, product

from trendnlp.consolidate.partition import Place
from trendnlp.consolidate.sets import Sets

UNIT = 10**9  # distances are summed as whole numbers: a sum is the same in whatever order

Measure = Callable[[Sequence[Place]], Sequence[float]]  # how far apart pairs are


@dataclass(frozen=True, slots=True)
class Component:
    """Numbers that hang together by ``ties``, in ``parts``; one that is not too large has one part."""

    parts: tuple[tuple[int, ...], ...]
    ties: tuple[Place, ...]


def components(numbers: Sequence[int], ties: Mapping[Place, float], largest: int) -> list[Component]:
    """The ``numbers``, sorted, that hang together by ``ties`` (scores), in parts of at most ``largest`` each.

    A part grows along its strongest ties: one is cut only where its two sides are too many for one part.
    """
    of = {number: i for i, number in enumerate(numbers)}
    whole, part, size = Sets(len(numbers)), Sets(len(numbers)), [1] * len(numbers)
    order = sorted(ties, key=lambda place: (-ties[place], place))
    for place in order:
        low, high = of[place.low], of[place.high]
        whole.join(low, high)
        a, b = part.root(low), part.root(high)
        if a != b and size[a] + size[b] <= largest:
            part.join(a, b)
            size[part.root(a)] = size[a] + size[b]
    parts: dict[int, dict[int, list[int]]] = {}
    for number, i in of.items():
        parts.setdefault(whole.root(i), {}).setdefault(part.root(i), []).append(number)
    tied: dict[int, list[Place]] = {}
    for place in order:
        tied.setdefault(whole.root(of[place.low]), []).append(place)
    return [Component(tuple(map(tuple, found.values())), tuple(tied.get(i, ()))) for i, found in parts.items()]


@dataclass(frozen=True, slots=True)
class _Between:
    """How far two groups are apart: the sum over all their pairs, told from some of these where it is not ``sure``."""

    total: int
    pairs: int
    sure: bool

    @property
    def mean(self) -> float:
        return self.total / self.pairs

    def __add__(self, other: _Between) -> _Between:
        return _Between(self.total + other.total, self.pairs + other.pairs, self.sure and other.sure)


class Groups:
    """Groups that merge while the mean over all pairs of two is at most ``most``, the nearest two first; none grows
    beyond ``largest``.

    Only groups with a tie are looked at, or with ties to one that is full. All their pairs are measured only where
    some, in which each of the larger group has its turn, leave hope: what stays apart costs few.
    """

    def __init__(self, groups: Iterable[Sequence[int]], measure: Measure, most: float, largest: int) -> None:
        self._groups = dict(enumerate(sorted(map(list, groups))))
        self._measure = measure
        self._most = most * UNIT
        self._largest = largest
        self._known: dict[Place, _Between] = {}

    def merged(self, ties: Iterable[Place]) -> list[list[int]]:
        """What the groups come to; ``ties`` are of their numbers."""
        place = {number: i for i, group in self._groups.items() for number in group}
        near: dict[int, set[int]] = {i: set() for i in self._groups}
        for tie in ties:
            a, b = place[tie.low], place[tie.high]
            if a != b:
                near[a].add(b)
                near[b].add(a)
        first = [Place(a, b) for a in near for b in near[a] if a < b]
        waiting = [found for two in first if (found := self._mergeable(two)) is not None]
        heapify(waiting)
        fresh = count(len(self._groups))
        while waiting:
            _, two = heappop(waiting)
            if not self._groups.keys() >= set(two):
                continue
            new = next(fresh)
            self._groups[new] = [number for old in two for number in self._groups[old]]
            near[new] = (near.pop(two.low) | near.pop(two.high)).difference(two)
            fit, unfit = self._by_fit(new, sorted(near[new]))
            for other in near[new]:
                near[other] = near[other].difference(two) | {new}
            # What hangs together only by a group that is full may still be one: each is tied to the next.
            tied = [tie for tie in map(Place._make, pairwise(unfit)) if tie.high not in near[tie.low]]
            for tie in tied:
                near[tie.low].add(tie.high)
                near[tie.high].add(tie.low)
            for other in fit:
                to_each = [self._between(Place(*sorted((old, other)))) for old in two]
                self._known[Place(other, new)] = to_each[0] + to_each[1]
                tied.append(Place(other, new))
            for tie in tied:
                if (found := self._mergeable(tie)) is not None:
                    heappush(waiting, found)
            for old in two:
                del self._groups[old]
        return list(self._groups.values())

    def _mergeable(self, two: Place) -> tuple[float, Place] | None:
        """The two with their mean distance, where they may merge."""
        if not self._fit(two):
            return None
        found = self._between(two)
        if found.mean <= self._most and not found.sure:
            pairs = _places(product(self._groups[two.low], self._groups[two.high]))
            found = self._known[two] = _Between(sum(self._units(pairs)), len(pairs), True)
        return (found.mean, two) if found.mean <= self._most else None

    def _between(self, two: Place) -> _Between:
        """What is known of two groups, be it from a pair for each number of the larger one."""
        if two not in self._known:
            a, b = (self._groups[i] for i in two)
            turns = max(len(a), len(b))
            some = self._units(_places((a[i % len(a)], b[i % len(b)]) for i in range(turns)))
            pairs = len(a) * len(b)
            self._known[two] = _Between(sum(some) * pairs // turns, pairs, pairs == turns)
        return self._known[two]

    def _by_fit(self, one: int, others: Iterable[int]) -> tuple[list[int], list[int]]:
        """Those that are not too large to be one with ``one``, and those that are."""
        found: tuple[list[int], list[int]] = ([], [])
        for other in others:
            found[not self._fit(Place(other, one))].append(other)
        return found

    def _fit(self, two: Place) -> bool:
        return len(self._groups[two.low]) + len(self._groups[two.high]) <= self._largest

    def _units(self, pairs: Sequence[Place]) -> list[int]:
        return [round(distance * UNIT) for distance in self._measure(pairs)]


def _places(pairs: Iterable[tuple[int, int]]) -> list[Place]:
    return [Place(min(pair), max(pair)) for pair in pairs]

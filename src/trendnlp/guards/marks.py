"""What each of two statements tells by itself that keeps them apart: their figures, their times, the place they name.

Of thousands of statements that differ in one figure alone, every pair is kept apart. That is told from what was read in
each of them once, without looking at each pair of texts.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from trendnlp.guards.figures import COARSE, EXACT, ROUNDED, TIME, TOLERANCE, Figures, figures
from trendnlp.guards.names import places
from trendnlp.guards.regions import exclude

MOST = 8  # quantities, and times: a statement with more of them is left to the guards
KEPT = 2**16  # texts whose marks are kept, in each process: a step of a workspace asks for those of what is near
CHUNK = 2**14  # pairs at a time: 8 MB for each array of their quantities

Indexes = NDArray[np.int64]
Mask = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Marks:
    """The figures of a statement, and the countries and regions that it names."""

    figures: Figures
    places: frozenset[str]


@lru_cache(maxsize=KEPT)
def marks_of(text: str) -> Marks:
    """``text`` has no white space but single spaces."""
    return Marks(figures(text), places(text))


class Marked:
    """The marks of statements, by position."""

    def __init__(self, marks: Sequence[Marks]) -> None:
        quantities = [_few(m.figures.quantities) for m in marks]
        units, named, measures, years, periods, countries = (_Numbers() for _ in range(6))
        self._values = _padded([[q.value for q in some] for some in quantities], np.nan)
        self._units = _padded([[units.of(q.unit) if q.unit else -1 for q in some] for some in quantities], -1)
        self._rounded = _padded([[q.rounded for q in some] for some in quantities], 0.0) > 0
        self._hedged = _padded([[q.hedged for q in some] for some in quantities], 0.0) > 0
        self._named = _padded([[named.of(q.named) if q.named else -1 for q in some] for some in quantities], -1)
        self._steps = _padded([[q.step for q in some] for some in quantities], 0.0)
        told = [[q.measure for q in some] for some in quantities]
        self._measures = _padded([[measures.of(m) if m else -1 for m in some] for some in told], -1)
        self._in_time = _padded([[m == TIME for m in some] for some in told], 0.0) > 0
        times = ((years, [m.figures.years for m in marks]), (periods, [m.figures.periods for m in marks]))
        self._times = [_padded([[known.of(t) for t in _few(some)] for some in all], np.nan) for known, all in times]
        # Of two statements that name several places each, the guard asks for more.
        alone = [next(iter(m.places)) if len(m.places) == 1 else None for m in marks]
        self._places = np.array([countries.of(place) if place else -1 for place in alone], np.int64)
        known = list(dict.fromkeys(place for place in alone if place))
        self._excluding = np.array([[exclude(a, b) for b in known] for a in known], bool).reshape(
            len(known), len(known)
        )

    def apart(self, a: Indexes, b: Indexes) -> Mask:
        """Of each of the statements ``a`` and the same of ``b``: whether a guard that looks at figures, times or places
        keeps them apart. Others may, where it is False.
        """
        found = (self._places[a] >= 0) & (self._places[b] >= 0)
        found[found] = self._excluding[self._places[a][found], self._places[b][found]]
        for start in range(0, len(a), CHUNK):
            some = slice(start, start + CHUNK)
            found[some] |= self._by_quantity(a[some], b[some]) | self._by_time(a[some], b[some])
        return np.asarray(found)

    def _by_quantity(self, a: Indexes, b: Indexes) -> Mask:
        """Where each names a quantity that the other does not, by ``figures.equal``, and two of these are
        ``figures.comparable``.
        """
        near = self._near(a, b)
        my_units, their_units = self._units[a][:, :, None], self._units[b][:, None, :]
        equal = near & ((my_units == their_units) | (my_units < 0) | (their_units < 0))
        my_measure, their_measure = self._measures[a][:, :, None], self._measures[b][:, None, :]
        in_time = self._in_time[a][:, :, None] | self._in_time[b][:, None, :]
        comparable = (my_measure == their_measure) | (((my_measure < 0) | (their_measure < 0)) & ~in_time)
        lone, other = _lone(equal, ~np.isnan(self._values[a]), ~np.isnan(self._values[b]))
        return np.asarray((lone[:, :, None] & other[:, None, :] & comparable).any(axis=(1, 2)))

    def _near(self, a: Indexes, b: Indexes) -> Mask:
        """``figures.near`` of each of the quantities of the one and each of the other's."""
        mine, theirs = self._values[a][:, :, None], self._values[b][:, None, :]
        my_step, their_step = self._steps[a][:, :, None], self._steps[b][:, None, :]
        my_name, their_name = self._named[a][:, :, None], self._named[b][:, None, :]
        rounded = self._rounded[a][:, :, None] != self._rounded[b][:, None, :]
        converted = (my_name != their_name) & (my_name >= 0) & (their_name >= 0)
        slack = rounded | converted | self._hedged[a][:, :, None] | self._hedged[b][:, None, :]
        with np.errstate(invalid="ignore"):  # not a number where there is no quantity; and infinity less infinity
            off, size = np.abs(mine - theirs), np.maximum(np.abs(mine), np.abs(theirs))
            half = np.maximum(my_step, their_step) / 2
            beyond = np.where(my_step >= their_step, np.abs(theirs) - np.abs(mine), np.abs(mine) - np.abs(theirs))
            rounds = (-half * (1 + EXACT) <= beyond) & (beyond < half * (1 - EXACT)) & (off <= COARSE * size)
            written = rounds | (off <= EXACT * size)
            near = np.where(slack, off <= np.where(rounded, ROUNDED, TOLERANCE) * size, written)
            return np.asarray((mine == theirs) | near)

    def _by_time(self, a: Indexes, b: Indexes) -> Mask:
        found = np.zeros(len(a), bool)
        for times in self._times:
            equal = times[a][:, :, None] == times[b][:, None, :]
            lone, other = _lone(equal, ~np.isnan(times[a]), ~np.isnan(times[b]))
            found |= lone.any(axis=1) & other.any(axis=1)
        return found


class _Numbers:
    """Numbers for values, in the order in which they come."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, value: Hashable) -> int:
        return self._known.setdefault(value, len(self._known))


def _few(found: Collection[T]) -> Sequence[T]:
    return tuple(found) if len(found) <= MOST else ()


def _padded(rows: Sequence[Sequence[float]], empty: float) -> NDArray[np.float64]:
    found = np.full((len(rows), max(map(len, rows), default=0)), empty)
    for i, row in enumerate(rows):
        found[i, : len(row)] = row
    return found


def _lone(equal: Mask, mine: Mask, theirs: Mask) -> tuple[Mask, Mask]:
    """What each side has that is ``equal`` to nothing on the other; ``mine`` and ``theirs`` tell what is there."""
    return mine & ~equal.any(axis=2), theirs & ~equal.any(axis=1)

"""Which pairs of rows are worth a comparison, kept up to date as rows come and go.

Why step by step gives what all at once gives: a row's list holds the nearest rows of the whole table, by cosine and
then by key, and a pair is a candidate where either row has the other in its list or, where its reach has a depth, among
what it picks of it. So the lists depend on the set of rows alone. A new row can change only its own list and the lists
whose bar (the cosine of their last entry) it reaches; both are proposed for it, and each list that it may enter is
ranked again. A row that goes leaves the lists that name it, and only those that it leaves less than full are filled up
again. Cosines are measured with the same bits in every order. All this holds where the search misses nothing: a scan
does not; an index may, and a list that it could not fill then depends on the order in which the rows came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.neighbours import (
    INDEX_AT_ONCE_FROM,
    INDEX_FROM,
    Approximate,
    Cosines,
    Indexes,
    Proposals,
    Reach,
    Scan,
    Search,
    Table,
    Vectors,
    exact,
)
from trendnlp.consolidate.partition import Place

CONTRASTS = 20  # nearest of a row that it is known to be apart from: as many as a finding tells
WAITING = 2**21  # near pairs entered at a time: of thousands that marks keep apart, all at once would not fit
Apart = Callable[[Indexes, Indexes], NDArray[np.bool_]]

_NONE: dict[int, float] = {}
_NO_ROWS: frozenset[int] = frozenset()


class Candidates:
    """Candidate pairs within a reach of each other. From ``index_from`` rows on, ``index`` proposes instead of a scan;
    it is made from the table, and can be made anew at any time. Of pairs of rows that ``apart`` tells to be apart
    whatever their cosine, those are candidates of which one is among the CONTRASTS nearest of these to the other; a
    ``reach`` with a depth says itself how many.
    """

    def __init__(
        self,
        reach: Reach,
        apart: Apart | None = None,
        index_from: int = INDEX_FROM,
        index: Callable[[Table], Search] = Approximate,
    ) -> None:
        self.reach = reach
        self.apart = apart
        self.index_from = index_from
        self.table = Table()
        self.search: Search = Scan(self.table)
        self._index = index
        self._lists: dict[int, dict[int, float]] = {}  # nearest first
        self._listed_by: dict[int, set[int]] = {}
        self._contrasts: dict[int, set[int]] = {}  # of a row, those in its list that it is apart from
        self._picks: dict[int, set[int]] = {}  # of a row, those in its list that count; empty where all do
        self._picked_by = self._listed_by if reach.depth is None else {}

    def of(self, row: int) -> set[int]:
        """The rows that make a candidate pair with ``row``."""
        return {*self._picked(row), *self._picked_by.get(row, ())}

    def _picked(self, row: int) -> AbstractSet[int]:
        return self._lists.get(row, _NONE).keys() if self.reach.depth is None else self._picks.get(row, _NO_ROWS)

    def places(self) -> Iterator[Place]:
        """All candidate pairs, each once."""
        for row in self._lists:
            for other in self._picked(row):
                if row < other or row not in self._picked(other):
                    yield Place(min(row, other), max(row, other))

    def add(self, rows: Sequence[int], vectors: Vectors, keys: Iterable[str]) -> set[int]:
        """Add rows with numbers that are not in use, a unit vector and a key each; returns the rows that have other
        candidates than before.
        """
        if not len(rows):
            return set()
        fresh = np.array(rows, np.int64)
        self.table.put(fresh, vectors, np.array([number_of(key) for key in keys], np.int64))
        self._choose_search(fresh)
        return self._look_around(fresh)

    def remove(self, rows: Iterable[int]) -> set[int]:
        """Take rows out; returns the other rows that have other candidates than before."""
        gone = set(rows)
        if not gone:
            return set()
        touched: set[int] = set()
        short: set[int] = set()
        owners: set[int] = set()
        for row in gone:
            touched |= self.of(row)
            for owner in self._listed_by.pop(row, set()):
                owners.add(owner)
                contrasts = self._contrasts.get(owner, _NO_ROWS)
                if len(self._lists[owner]) == self.reach.listed or (row in contrasts and len(contrasts) == CONTRASTS):
                    short.add(owner)
                del self._lists[owner][row]
            self._contrasts.pop(row, None)
            for other in self._lists.pop(row, _NONE):
                if other in self._listed_by:
                    self._listed_by[other].discard(row)
            for other in self._picks.pop(row, _NO_ROWS):
                if other in self._picked_by:
                    self._picked_by[other].discard(row)
        if self.reach.depth is not None:
            for owner in owners - gone:
                touched |= self._pick(owner)
            for row in gone:
                self._picked_by.pop(row, None)
        left = np.array(sorted(gone), np.int64)
        self.table.drop(left)
        self.search.remove(left)
        refill = np.array(sorted(short - gone), np.int64)
        self.table.bars[refill] = np.inf  # what it was no longer holds
        return (touched | self._look_around(refill)) - gone

    def _choose_search(self, fresh: Indexes) -> None:
        if isinstance(self.search, Scan) and self.table.used >= self.index_from:
            self.search = self._index(self.table)
        else:
            self.search.add(fresh)

    def _look_around(self, rows: Indexes) -> set[int]:
        """Bring the lists of ``rows`` and all lists that they enter up to date; the rows whose candidates may have
        changed.
        """
        touched: set[int] = set()
        waiting: list[tuple[Indexes, Indexes, Cosines]] = []
        for found in _parts(self.search.propose(rows, self.reach) if len(rows) else ()):
            cosine = exact(self.table.vectors, found.queries, found.others)
            near = cosine >= self.reach.least
            waiting.append((found.queries[near], found.others[near], cosine[near]))
            if sum(len(queries) for queries, *_ in waiting) >= WAITING:
                touched |= self._enter(*_both_ways(waiting))
                waiting = []
        touched |= self._enter(*_both_ways(waiting))
        # whoever has no list yet has nothing near: any row that comes near enough enters
        self.table.bars[rows] = np.where(np.isinf(self.table.bars[rows]), self.reach.least, self.table.bars[rows])
        return touched | set(rows.tolist())

    def _enter(self, owner: Indexes, other: Indexes, cosine: Cosines) -> set[int]:
        """Rank the lists of all ``owner`` again with what they may hold besides."""
        standing = [(o, near) for o in np.unique(owner).tolist() if (near := self._lists.get(o))]
        owner = np.concatenate([owner, _indexes(o for o, near in standing for _ in near)])
        other = np.concatenate([other, _indexes(row for _, near in standing for row in near)])
        cosine = np.concatenate([cosine, np.array([c for _, near in standing for c in near.values()], np.float64)])
        order = np.lexsort((other, self.table.keys[other], -cosine, owner))
        owner, other, cosine = owner[order], other[order], cosine[order]
        once = np.ones(len(owner), bool)
        once[1:] = (owner[1:] != owner[:-1]) | (other[1:] != other[:-1])
        owner, other, cosine = owner[once], other[once], cosine[once]
        contrast = np.zeros(len(owner), bool)
        if self.apart is not None:
            contrast = self.apart(owner, other)
            rank = np.cumsum(contrast)
            rank = rank - (rank - contrast)[np.searchsorted(owner, owner)]
            kept = ~contrast | (rank <= CONTRASTS)
            owner, other, cosine, contrast = owner[kept], other[kept], cosine[kept], contrast[kept]
        bounds = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1], True]).tolist() if len(owner) else []
        touched: set[int] = set()
        for start, end in pairwise(bounds):
            last = end if self.reach.listed is None else min(end, start + self.reach.listed)
            row = int(owner[start])
            nearest = dict(zip(other[start:last].tolist(), cosine[start:last].tolist(), strict=True))
            full = len(nearest) == self.reach.listed
            self.table.bars[row] = cosine[last - 1] if full else self.reach.least
            if self.apart is not None:
                self._contrasts[row] = set(other[start:last][contrast[start:last]].tolist())
            touched |= self._set_list(row, nearest)
        return touched

    def _set_list(self, row: int, nearest: dict[int, float]) -> set[int]:
        """Both ends of every pair that came or went."""
        before = self._lists.get(row, _NONE).keys()
        came, went = nearest.keys() - before, before - nearest.keys()
        for other in came:
            self._listed_by.setdefault(other, set()).add(row)
        for other in went:
            self._listed_by[other].discard(row)
        self._lists[row] = nearest
        if self.reach.depth is not None:
            return self._pick(row)
        return {row, *came, *went} if came or went else set()

    def _pick(self, row: int) -> set[int]:
        """Choose anew what of a row's list counts; both ends of every pair that came or went."""
        nearest, contrasts = self._lists[row], self._contrasts.get(row, _NO_ROWS)
        plain = islice((other for other in nearest if other not in contrasts), self.reach.count)
        against = islice((other for other in nearest if other in contrasts), self.reach.count)
        picks, before = {*plain, *against}, self._picks.get(row, set())
        for other in picks - before:
            self._picked_by.setdefault(other, set()).add(row)
        for other in before - picks:
            if other in self._picked_by:
                self._picked_by[other].discard(row)
        self._picks[row] = picks
        return {row, *(picks ^ before)} if picks != before else set()


def all_places(vectors: Vectors, keys: Sequence[str], reach: Reach, apart: Apart | None = None) -> list[Place]:
    """The candidate pairs of rows with ``vectors``, numbered from nought, in order."""
    found = Candidates(reach, apart, INDEX_AT_ONCE_FROM)
    found.add(range(len(keys)), vectors, keys)
    return sorted(found.places())


def number_of(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _parts(proposed: Iterable[Proposals]) -> Iterator[Proposals]:
    """The same pairs, at most WAITING at a time."""
    for found in proposed:
        for start in range(0, len(found.queries), WAITING):
            some = slice(start, start + WAITING)
            yield Proposals(found.queries[some], found.others[some])


def _both_ways(found: Sequence[tuple[Indexes, Indexes, Cosines]]) -> tuple[Indexes, Indexes, Cosines]:
    """Pairs as owners, others and cosines, each pair for both of its rows."""
    none = np.zeros(0, np.int64)
    queries, others = (np.concatenate([none, *(pairs[i] for pairs in found)]) for i in (0, 1))
    cosines = np.concatenate([np.zeros(0), *(pairs[2] for pairs in found)])
    return np.concatenate([queries, others]), np.concatenate([others, queries]), np.tile(cosines, 2)


def _indexes(rows: Iterable[int]) -> Indexes:
    return np.fromiter(rows, np.int64)

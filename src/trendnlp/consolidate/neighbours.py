"""Which rows may be near a row: a port with two ways, a scan of all rows and an index that can be thrown away.

Either only proposes. Who asks measures each proposed pair again with ``exact``, so that a decision never hangs on a
float32 product, a copy in bytes or a matrix's shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# From how many rows an index proposes. Below, a scan of float32 rows is as fast and misses nothing.
INDEX_FROM = 20_000
INDEX_AT_ONCE_FROM = 300_000  # the same where all rows come at once and none after them: building the index takes long
EXPLORED = 64  # rows that the index is asked for
CONNECTIVITY = 24  # links of a row in the index: enough for clusters of some twenty near copies to stay reachable
EFFORT = 128  # rows in view while the index is built and searched
CELLS = 2**22  # of the similarity matrix at a time: 16 MB, of which a few copies are made
ROWS = 64  # at least so many rows of it, or the table would be read from memory again and again
PAIRS = 4096  # measured at a time: 25 MB of float64 in 384 dimensions
SLACK = 1e-4  # more than a float32 product of unit vectors of up to 800 dimensions can err
UNIT = 127  # what stands for 1.0 in a copy in bytes
BYTE_SLACK = 2e-2  # more than a product of two such copies errs: in 384 dimensions by 0.003 on average

Vectors = NDArray[np.float32]
Indexes = NDArray[np.int64]
Cosines = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which pairs are candidates: those with a cosine of at least ``least`` where, if there is a ``count``, one is
    among the ``count`` nearest of the other. Of equally near rows those with the lower keys count as nearer. With a
    ``depth``, so many nearest are looked at, and of these count the ``count`` nearest that are not known to be apart,
    and as many that are.
    """

    least: float
    count: int | None = None
    depth: int | None = None

    @property
    def listed(self) -> int | None:
        """How many nearest of a row are looked for."""
        return self.count if self.depth is None else self.depth


@dataclass(frozen=True, slots=True)
class Proposals:
    """Pairs that may be near: ``queries`` are rows that were asked about, ``others`` the rows proposed for them."""

    queries: Indexes
    others: Indexes


class Table:
    """Unit vectors by row number, with a key each; ``bars`` is the cosine from which another row enters a row's list
    of nearest, infinite for rows that are not in use.
    """

    def __init__(self) -> None:
        self.size = 0  # all rows in use have lower numbers
        self.used = 0
        self.vectors: Vectors = np.zeros((0, 0), np.float32)
        self.keys: Indexes = np.zeros(0, np.int64)
        self.bars: Cosines = np.zeros(0)
        self.alive: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def put(self, rows: Indexes, vectors: Vectors, keys: Indexes) -> None:
        """Use ``rows``, which are not in use."""
        self._make_room(int(rows.max()) + 1, vectors.shape[1])
        self.vectors[rows], self.keys[rows], self.alive[rows] = vectors, keys, True
        self.size, self.used = max(self.size, int(rows.max()) + 1), self.used + len(rows)

    def drop(self, rows: Indexes) -> None:
        self.bars[rows], self.alive[rows] = np.inf, False
        self.used -= len(rows)

    def rows(self) -> Indexes:
        """The rows in use."""
        return np.flatnonzero(self.alive[: self.size])

    def _make_room(self, size: int, dimensions: int) -> None:
        old = len(self.keys)
        if size <= old:
            return
        more = size * 3 // 2 - old  # zeros cost no memory until they are written
        wider = np.zeros((old + more, dimensions), np.float32)
        wider[:old] = self.vectors if old else 0.0
        self.vectors = wider
        self.keys = np.concatenate([self.keys, np.zeros(more, np.int64)])
        self.bars = np.concatenate([self.bars, np.full(more, np.inf)])
        self.alive = np.concatenate([self.alive, np.zeros(more, np.bool_)])


class Search(Protocol):
    """Proposes rows of a table. What is added is in the table already; what is removed, no more."""

    def add(self, rows: Indexes) -> None: ...

    def remove(self, rows: Indexes) -> None: ...

    def propose(self, rows: Indexes, reach: Reach) -> Iterator[Proposals]:
        """For each of ``rows``, which are in use: other rows within ``reach`` of it, and rows that have a list which
        it enters. It may propose more. A pair of which both are asked about may be proposed from one side alone.
        """
        ...


class Scan:
    """Looks at every row: misses nothing."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def add(self, rows: Indexes) -> None:
        pass

    def remove(self, rows: Indexes) -> None:
        pass

    def propose(self, rows: Indexes, reach: Reach) -> Iterator[Proposals]:
        if reach.listed is None and len(rows) == self.table.used:
            return self._all_pairs(np.float32(reach.least - SLACK))
        return self._nearest(rows, reach)

    def _all_pairs(self, floor: np.float32) -> Iterator[Proposals]:
        """Each pair of rows in use once: who asks looks at both ends."""
        rows = self.table.rows()
        packed = len(rows) == self.table.size
        vectors = self.table.vectors[: self.table.size] if packed else self.table.vectors[rows]
        start = 0
        while start < len(rows):
            end = start + max(ROWS, CELLS // (len(rows) - start))
            near = vectors[start:end] @ vectors[start:].T
            query, other = held(near >= floor)
            later = query < other
            yield Proposals(rows[query[later] + start], rows[other[later] + start])
            start = end

    def _nearest(self, rows: Indexes, reach: Reach) -> Iterator[Proposals]:
        table, size = self.table, self.table.size
        floor = np.float32(reach.least - SLACK)
        bars = np.maximum(table.bars[:size] - SLACK, floor).astype(np.float32)
        unused = np.flatnonzero(~table.alive[:size])
        step = max(ROWS, CELLS // max(1, size))
        for start in range(0, len(rows), step):
            chosen = rows[start : start + step]
            near = table.vectors[chosen] @ table.vectors[:size].T
            near[:, unused] = -2.0
            near[np.arange(len(chosen)), chosen] = -2.0
            cut = np.full(1, floor)
            if reach.listed is not None and size > reach.listed:
                own = np.partition(near, size - reach.listed, axis=1)[:, size - reach.listed, None]
                cut = np.minimum(np.maximum(own - np.float32(SLACK), floor), bars)
            query, other = held(near >= cut)
            yield Proposals(chosen[query], other)


class Approximate:
    """A graph of near rows (HNSW; Malkov and Yashunin 2016) over copies of the vectors of one byte a component. It may
    miss a near row, the more seldom the more it explores. Built from the same rows in the same order it is the same.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.index = _empty_index(table.vectors.shape[1])
        self.add(table.rows())

    def add(self, rows: Indexes) -> None:
        if len(rows):
            # In one thread: in several, the graph would hang on which is first.
            self.index.add(rows.astype(np.uint64), _in_bytes(self.table.vectors[rows]), threads=1)

    def remove(self, rows: Indexes) -> None:
        if len(rows):
            self.index.remove(rows.astype(np.uint64))

    def propose(self, rows: Indexes, reach: Reach) -> Iterator[Proposals]:
        for start in range(0, len(rows), PAIRS):
            yield from self._propose(rows[start : start + PAIRS], reach, EXPLORED)

    def _propose(self, rows: Indexes, reach: Reach, count: int) -> Iterator[Proposals]:
        """What is within reach of ``count`` nearest; without a count of its own the reach is searched to its end."""
        found = self.index.search(_in_bytes(self.table.vectors[rows]), min(count, self.table.used))
        # one query's answer has one dimension less
        keys, distances = np.atleast_2d(found.keys), np.atleast_2d(found.distances)
        counts = np.atleast_1d(np.asarray(getattr(found, "counts", keys.shape[1]), np.int64))
        filled = np.arange(keys.shape[1])[None, :] < counts[:, None]
        keys = np.where(filled, keys, 0).astype(np.int64)
        near = np.where(filled, (1.0 - distances) / UNIT**2, -2.0)
        cut = np.full(near.shape, reach.least)
        if reach.listed is not None and reach.listed < near.shape[1]:  # a row is the nearest of itself
            cut = np.maximum(np.minimum(near[:, reach.listed, None], self.table.bars[keys]), cut)
        within = near >= cut - BYTE_SLACK
        may_miss = reach.listed is None and count < self.table.used
        deeper = np.asarray(within.all(axis=1)) & may_miss
        query, place = np.nonzero(within & ~deeper[:, None])
        others = keys[query, place]
        apart = others != rows[query]
        yield Proposals(rows[query][apart], others[apart])
        if deeper.any():
            yield from self._propose(rows[deeper], reach, 4 * count)


def exact(vectors: Vectors, a: Indexes, b: Indexes) -> Cosines:
    """The cosine of each of the rows ``a`` and the same of ``b``, summed in float64 in an order that is always the
    same: the same bits for the same two rows, whatever else is asked with them.
    """
    found = np.empty(len(a))
    for start in range(0, len(a), PAIRS):
        some = slice(start, start + PAIRS)
        found[some] = (vectors[a[some]].astype(np.float64) * vectors[b[some]]).sum(axis=1)
    return np.clip(found, -1.0, 1.0)


def held(mask: NDArray[np.bool_]) -> tuple[Indexes, Indexes]:
    """The rows and columns where a ``mask`` of two dimensions holds, in order; ``np.nonzero`` takes several times as
    long where few do.
    """
    rows, columns = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, columns


def _in_bytes(vectors: Vectors) -> NDArray[np.int8]:
    return np.rint(vectors * UNIT).astype(np.int8)


def _empty_index(dimensions: int) -> Any:
    # Loaded where it is needed: most workspaces are small.
    from usearch.index import Index

    return Index(
        ndim=dimensions,
        metric="ip",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EFFORT,
        expansion_search=EFFORT,
    )

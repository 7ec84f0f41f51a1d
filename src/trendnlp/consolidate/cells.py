"""Near rows found by many at once: the rows are cut into cells around centroids, and each cell is a piece of work.

A row is at home in the cell of its nearest centroid. It asks there which rows are near, and in other cells. Among few
rows, in every cell where one within reach may be at home: whatever is at home there lies beyond the plane half-way
between the two centroids, and how far a row is from that plane says how near to it the others can be. So nothing is
missed. Among more rows that would be most cells, and a row asks in its nearest alone: a pair is missed where neither
end has the other's home among these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from trendnlp.consolidate.compare import Comparer, CosineComparer
from trendnlp.consolidate.neighbours import CELLS, SLACK, Indexes, Proposals, Reach, Scan, Table, Vectors, held
from trendnlp.consolidate.pieces import Piece, Share

NEAREST = 8  # cells that a row asks in where it does not ask in all that may matter
SAMPLE = 64  # rows a cell that centroids are made of
ROUNDS = 8  # of k-means

Centroids = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sizes:
    """``cell``: rows of a cell on average. ``whole``: rows up to which nothing is missed."""

    cell: int
    whole: int


@dataclass(frozen=True, slots=True)
class Cell(Piece):
    """Rows by number with a unit vector each: first the ``home`` rows at home, then the others that ask in the cell."""

    rows: Indexes
    vectors: Vectors
    home: int
    reach: Reach

    def done(self, comparer: Comparer | CosineComparer) -> Proposals:
        """Of each row, those at home within reach of it: all, or with a count so many nearest and those as near."""
        queries, others = [self.rows[:0]], [self.rows[:0]]
        at_home = self.vectors[: self.home].T
        floor = np.float32(self.reach.least - SLACK)
        count = None if self.reach.listed is None else self.reach.listed + 1  # a row is the nearest of itself
        step = max(1, CELLS // max(1, self.home))
        for start in range(0, len(self.rows), step):
            near = self.vectors[start : start + step] @ at_home
            cut = np.full(1, floor)
            if count is not None and self.home > count:
                own = np.partition(near, self.home - count, axis=1)[:, self.home - count, None]
                cut = np.maximum(own - np.float32(SLACK), floor)
            query, other = held(near >= cut)
            query += start
            apart = query != other if count is not None else query > other  # both ends find a pair: once is enough
            queries.append(self.rows[query[apart]])
            others.append(self.rows[other[apart]])
        return Proposals(np.concatenate(queries), np.concatenate(others))


class Cells(Scan):
    """Proposes for all rows of the table at once, by cells that ``share`` has done; for a part of them, by a scan."""

    def __init__(self, table: Table, share: Share, sizes: Sizes) -> None:
        super().__init__(table)
        self._share = share
        self._sizes = sizes

    def propose(self, rows: Indexes, reach: Reach) -> Iterator[Proposals]:
        if len(rows) < self.table.used:
            return super().propose(rows, reach)
        # By key, so that cells do not hang on how rows are numbered.
        return self._share(cut(self.table.vectors, rows[np.argsort(self.table.keys[rows])], reach, self._sizes))


def cut(vectors: Vectors, rows: Indexes, reach: Reach, sizes: Sizes) -> Iterator[Cell]:
    """The cells of ``rows``, which come in a random order."""
    count = -(-len(rows) // sizes.cell)
    centres = centroids(vectors[rows[: SAMPLE * count]], count)
    most = count if len(rows) <= sizes.whole else min(NEAREST, count)
    home, asking, asked = asked_cells(vectors, rows, centres, reach.least, most)
    if most == count and reach.listed is None:  # either end would find the pair: the one from the later cell does
        once = asked <= home[asking]
        asking, asked = asking[once], asked[once]
    by_cell = np.argsort(asked, kind="stable")
    bounds = np.searchsorted(asked[by_cell], np.arange(1, count))
    for cell, there in enumerate(np.split(asking[by_cell], bounds)):
        at_home = home[there] == cell
        members = rows[np.concatenate([there[at_home], there[~at_home]])]
        yield Cell(members, vectors[members], int(at_home.sum()), reach)


def centroids(vectors: Vectors, count: int) -> Centroids:
    """``count`` directions that ``vectors`` gather around, by spherical k-means from the first of them; unit rows."""
    some = vectors.astype(np.float64)
    centres = some[:count]
    for _ in range(ROUNDS):
        sums = np.zeros_like(centres)
        np.add.at(sums, (some @ centres.T).argmax(axis=1), some)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.divide(sums, length, out=centres.copy(), where=length > 0)  # one that nobody is near to stays
    return centres


def asked_cells(
    vectors: Vectors, rows: Indexes, centres: Centroids, least: float, most: int
) -> tuple[Indexes, Indexes, Indexes]:
    """The cell where each of ``rows`` is at home; and who asks where, as positions in ``rows`` and numbers of cells."""
    farthest = np.sqrt(max(0.0, 2.0 - 2.0 * least) + SLACK)  # from a row to one within reach
    between = cdist(centres, centres)
    home = np.empty(len(rows), np.int64)
    asking, asked = [rows[:0]], [rows[:0]]
    step = max(1, CELLS // max(centres.shape))  # rows are copied in double precision
    for start in range(0, len(rows), step):
        like = vectors[rows[start : start + step]] @ centres.T
        own = home[start : start + step] = like.argmax(axis=1)
        best = like[np.arange(len(own)), own]
        bar = np.full((len(own), 1), -np.inf)
        if most < len(centres):
            bar = np.partition(like, len(centres) - most, axis=1)[:, len(centres) - most, None]
        row, cell = held(like >= bar)
        # The distance to the plane, times that between the centroids.
        near = best[row] - like[row, cell] <= farthest * between[own[row], cell]
        asking.append(row[near] + start)
        asked.append(cell[near])
    return home, np.concatenate(asking), np.concatenate(asked)

"""Which statements say the same where there is no judge: average-linkage clusters over cosine, within kinds that may
stand together, and none with a pair that a guard keeps apart.

Average linkage joins two groups by the mean similarity of all pairs between them, so a chain of near neighbours does
not pull its ends together as single linkage does. Only pairs that would merge are shown to the guards. What people
decided on stands above all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.compare import CosineComparer
from trendnlp.consolidate.partition import NEVER, Comparisons, Indexes, Partition, Place, Vectors
from trendnlp.guards import family_of
from trendnlp.types import Claim

ROWS = 1024  # of the similarity matrix at a time: bounds memory to ROWS x claims floats
COMPONENT = 4000  # claims whose full distance matrix is built (128 MB of float64); a larger one is cut finer first
CUT_STEP = 0.02
BOND = 2.0  # weight of what people put together, above any cosine: it is never cut
ROUNDING = 1e-5  # of a float32 cosine: a pair on the threshold must not be lost before it is measured exactly


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the steps share: the pairs compared so far, what people decided, and the sizes that bound the work."""

    work: Comparisons
    binding: Binding
    threshold: float
    largest: int


def cosine_partition(
    claims: Sequence[Claim],
    vectors: Vectors,
    comparer: CosineComparer,
    largest: int = COMPONENT,
    binding: Binding | None = None,
) -> Partition:
    """Clusters of ``claims`` that come sorted by statement id; ``vectors`` holds one unit row a claim, ``binding`` what
    people decided of them.

    The result depends on the set of claims alone. More than ``largest`` claims that hang together are first cut at
    their weakest pairs: less may merge, never more.
    """
    binding = binding or bind(claims)
    first = binding.first
    work = Comparisons([claims[i] for i in first], vectors[first], comparer)
    work.compare(binding.decided)
    families = [family_of(claims[i].labelled.label.kind) for i in first]
    edges = _with_bonds(_edges(work.vectors, families, comparer.threshold - ROUNDING), binding)
    rules = _Rules(work, binding, comparer.threshold, largest)
    clusters = _components(np.arange(len(first), dtype=np.int64), edges, rules)
    return Partition(first, binding.rows, clusters, work.verdicts)


def _with_bonds(edges: coo_matrix, binding: Binding) -> coo_matrix:
    bonds = list(binding.bonds)
    if not bonds:
        return edges
    # Pairs that have a cosine already are summed, and weigh all the more.
    rows = np.concatenate([edges.row, [p.low for p in bonds]])
    columns = np.concatenate([edges.col, [p.high for p in bonds]])
    data = np.concatenate([edges.data, np.full(len(bonds), BOND, np.float32)])
    return coo_matrix((data, (rows, columns)), edges.shape)


def _edges(vectors: Vectors, families: Sequence[str], least: float) -> coo_matrix:
    """Pairs of one family with a cosine of at least ``least``, as a sparse matrix of cosines."""
    codes = np.unique(np.array(families, dtype=str), return_inverse=True)[1]
    rows, columns, values = [], [], []
    for start in range(0, len(vectors), ROWS):
        block = vectors[start : start + ROWS] @ vectors.T
        block[codes[start : start + ROWS, None] != codes[None, :]] = -1
        row, column = np.nonzero(block >= least)
        rows.append(row + start)
        columns.append(column)
        values.append(block[row, column])
    size = len(vectors)
    if not rows:
        return coo_matrix((size, size), dtype=np.float32)
    return coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size))


def _components(rows: Indexes, edges: coo_matrix, rules: _Rules) -> Indexes:
    """Cluster each connected component by itself: two groups whose mean is near enough hold a pair that is. The
    ``edges`` count from the first of ``rows``.
    """
    _, component = connected_components(edges, directed=False)
    result = np.empty(len(rows), np.int64)
    order = np.argsort(component, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if len(order) else []
    matrix = edges.tocsr()
    count = 0
    for members in groups:
        own = matrix[members][:, members].tocoo() if len(members) > rules.largest else None
        if own is not None and ((own.row != own.col) & (own.data < BOND)).any():
            labels = _finer(rows[members], own, rules)
        else:
            labels = _linked(rows[members], rules)
        result[members] = labels + count
        count += int(labels.max()) + 1
    return result


def _finer(rows: Indexes, edges: coo_matrix, rules: _Rules) -> Indexes:
    """A component too large to cluster at once: drop its weakest pairs, and cluster what falls apart."""
    least = float(edges.data.min()) + CUT_STEP
    keep = (edges.data >= least) | (edges.row == edges.col) | (edges.data >= BOND)
    kept = coo_matrix((edges.data[keep], (edges.row[keep], edges.col[keep])), edges.shape)
    return _components(rows, kept, rules)


def _linked(rows: Indexes, rules: _Rules) -> Indexes:
    """Average linkage, done again with the pairs that a guard keeps apart until it finds no new one within a group."""
    if len(rows) == 1:
        return np.zeros(1, np.int64)
    work = rules.work
    vectors = work.vectors[rows]
    distance = np.clip(1.0 - (vectors @ vectors.T).astype(np.float64), 0.0, 2.0).round(6)
    np.fill_diagonal(distance, 0.0)
    distance = np.maximum(distance, distance.T)
    while True:
        found = _tree_cut(rows, distance, rules)
        groups = (np.flatnonzero(found == label).tolist() for label in range(int(found.max()) + 1))
        together = {pair: Place(int(rows[pair[0]]), int(rows[pair[1]])) for g in groups for pair in combinations(g, 2)}
        work.compare(together.values())
        # Those that are so far apart already, people put together.
        apart = [p for p, place in together.items() if distance[p] < NEVER and work.verdicts[place].guards]
        if not apart:
            return found
        for i, j in apart:
            distance[i, j] = distance[j, i] = NEVER


def _tree_cut(rows: Indexes, distance: NDArray[np.float64], rules: _Rules) -> Indexes:
    """The groups of ``rows`` by average linkage, from 0 on."""
    between, node = rules.binding.contracted(rows, distance)
    if len(between) == 1:
        return node
    tree = linkage(squareform(between, checks=False), method="average")
    found: Indexes = fcluster(tree, 1.0 - rules.threshold, criterion="distance").astype(np.int64) - 1
    return found[node]

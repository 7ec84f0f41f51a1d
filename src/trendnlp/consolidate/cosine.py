"""Which statements say the same where there is no judge: average-linkage clusters over cosine, within kinds that may
stand together, and none with a pair that a guard keeps apart.

Average linkage joins two groups by the mean similarity of all pairs between them, so a chain of near neighbours does
not pull its ends together as single linkage does. Only pairs that would merge are shown to the guards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.candidates import all_places
from trendnlp.consolidate.compare import CosineComparer
from trendnlp.consolidate.neighbours import Reach, exact
from trendnlp.consolidate.partition import NEVER, Comparisons, Indexes, Known, Partition, Place, Vectors, distinct
from trendnlp.guards import family_of
from trendnlp.types import Claim

COMPONENT = 4000  # claims whose full distance matrix is built (128 MB of float64); a larger one is cut finer first
CUT_STEP = 0.02
ROUNDING = 1e-5  # of distances in linkage: a pair on the threshold must not be lost before it


def cosine_partition(
    claims: Sequence[Claim],
    vectors: Vectors,
    comparer: CosineComparer,
    largest: int = COMPONENT,
    known: Known | None = None,
) -> Partition:
    """Clusters of ``claims`` that come sorted by statement id; ``vectors`` holds one unit row a claim. The near pairs
    are looked for where they are not ``known``.

    The result depends on the set of claims alone. More than ``largest`` claims that hang together are first cut at
    their weakest pairs: less may merge, never more.
    """
    first, rows = distinct(claims)
    work = Comparisons([claims[i] for i in first], vectors[first], comparer, known.memory if known else None)
    keys = [claims[i].labelled.statement.id for i in first]
    near = known.candidates if known else all_places(work.vectors, keys, reach(comparer))
    edges = _edges(work.vectors, [family_of(claims[i].labelled.label.kind) for i in first], near)
    clusters = _components(np.arange(len(first), dtype=np.int64), edges, work, comparer.threshold, largest)
    return Partition(first, rows, clusters, work.verdicts)


def reach(comparer: CosineComparer) -> Reach:
    """All that is near enough to merge."""
    return Reach(comparer.threshold - ROUNDING)


def _edges(vectors: Vectors, families: Sequence[str], near: Iterable[Place]) -> coo_matrix:
    """The ``near`` pairs of one family, as a symmetric sparse matrix of cosines."""
    places = [p for p in near if families[p.low] == families[p.high]]
    low, high = (np.array([getattr(p, end) for p in places], np.int64) for end in ("low", "high"))
    cosine = exact(vectors, low, high)
    ends = (np.concatenate([low, high]), np.concatenate([high, low]))
    return coo_matrix((np.concatenate([cosine, cosine]), ends), shape=(len(vectors), len(vectors)))


def _components(rows: Indexes, edges: coo_matrix, work: Comparisons, threshold: float, largest: int) -> Indexes:
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
        if len(members) > largest:
            labels = _finer(rows[members], matrix[members][:, members].tocoo(), work, threshold, largest)
        else:
            labels = _linked(rows[members], work, threshold)
        result[members] = labels + count
        count += int(labels.max()) + 1
    return result


def _finer(rows: Indexes, edges: coo_matrix, work: Comparisons, threshold: float, largest: int) -> Indexes:
    """A component too large to cluster at once: drop its weakest pairs, and cluster what falls apart."""
    least = float(edges.data.min()) + CUT_STEP
    keep = edges.data >= least
    kept = coo_matrix((edges.data[keep], (edges.row[keep], edges.col[keep])), edges.shape)
    return _components(rows, kept, work, threshold, largest)


def _linked(rows: Indexes, work: Comparisons, threshold: float) -> Indexes:
    """Average linkage, done again with the pairs that a guard keeps apart until there is none within a group."""
    if len(rows) == 1:
        return np.zeros(1, np.int64)
    vectors = work.vectors[rows].astype(np.float64)
    distance = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0).round(6)
    np.fill_diagonal(distance, 0.0)
    distance = np.maximum(distance, distance.T)
    while True:
        tree = linkage(squareform(distance, checks=False), method="average")
        found: Indexes = fcluster(tree, 1.0 - threshold, criterion="distance").astype(np.int64) - 1
        groups = (np.flatnonzero(found == label).tolist() for label in range(int(found.max()) + 1))
        together = {pair: Place(int(rows[pair[0]]), int(rows[pair[1]])) for g in groups for pair in combinations(g, 2)}
        work.compare(together.values())
        apart = [pair for pair, place in together.items() if work.verdicts[place].guards]
        if not apart:
            return found
        for i, j in apart:
            distance[i, j] = distance[j, i] = NEVER

"""Which statements say the same where there is no judge: average-linkage clusters over cosine, within kinds that may
stand together, and none with a pair that a guard keeps apart.

Average linkage joins two groups by the mean similarity of all pairs between them, so a chain of near neighbours does
not pull its ends together as single linkage does. Only pairs that would merge are shown to the guards. What people
decided on stands above all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.candidates import all_places
from trendnlp.consolidate.compare import CosineComparer
from trendnlp.consolidate.neighbours import Indexes, Reach, Vectors, exact
from trendnlp.consolidate.partition import NEVER, Comparisons, Known, Partition, Place
from trendnlp.guards import family_of
from trendnlp.types import Claim

COMPONENT = 4000  # claims whose full distance matrix is built (128 MB of float64); a larger one is cut finer first
CUT_STEP = 0.02
BOND = 2.0  # weight of what people put together, above any cosine: it is never cut
ROUNDING = 1e-5  # of distances in linkage: a pair on the threshold must not be lost before it


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
    known: Known | None = None,
) -> Partition:
    """Clusters of ``claims`` that come sorted by statement id; ``vectors`` holds one unit row a claim, ``binding`` what
    people decided of them. The near pairs are looked for where they are not ``known``.

    The result depends on the set of claims alone. More than ``largest`` claims that hang together are first cut at
    their weakest pairs: less may merge, never more.
    """
    binding = binding or bind(claims)
    first = binding.first
    work = Comparisons([claims[i] for i in first], vectors[first], comparer, known.memory if known else None)
    work.compare(binding.decided)
    keys = [claims[i].labelled.statement.id for i in first]
    near = known.candidates if known else all_places(work.vectors, keys, reach(comparer))
    families = [family_of(claims[i].labelled.label.kind) for i in first]
    edges = _with_bonds(_edges(work.vectors, families, near), binding)
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
    data = np.concatenate([edges.data, np.full(len(bonds), BOND)])
    return coo_matrix((data, (rows, columns)), edges.shape)


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
        if own is not None and (own.data < BOND).any():
            labels = _finer(rows[members], own, rules)
        else:
            labels = _linked(rows[members], rules)
        result[members] = labels + count
        count += int(labels.max()) + 1
    return result


def _finer(rows: Indexes, edges: coo_matrix, rules: _Rules) -> Indexes:
    """A component too large to cluster at once: drop its weakest pairs, and cluster what falls apart."""
    least = float(edges.data.min()) + CUT_STEP
    keep = edges.data >= least
    kept = coo_matrix((edges.data[keep], (edges.row[keep], edges.col[keep])), edges.shape)
    return _components(rows, kept, rules)


def _linked(rows: Indexes, rules: _Rules) -> Indexes:
    """Average linkage, done again with the pairs that a guard keeps apart until it finds no new one within a group."""
    if len(rows) == 1:
        return np.zeros(1, np.int64)
    work = rules.work
    vectors = work.vectors[rows].astype(np.float64)
    distance = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0).round(6)
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

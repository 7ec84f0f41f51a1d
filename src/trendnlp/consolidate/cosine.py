"""Which statements say the same where there is no judge: average-linkage clusters over cosine, within kinds that may
stand together, and none with a pair that a guard keeps apart.

Average linkage joins two groups by the mean similarity of all pairs between them, so a chain of near neighbours does
not pull its ends together as single linkage does; and no two of a finding are farther apart than its diameter. Only
pairs that would merge are shown to the guards. What people decided on stands above all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.candidates import Apart, all_places
from trendnlp.consolidate.compare import CosineComparer
from trendnlp.consolidate.neighbours import Cosines, Indexes, Reach, Vectors, exact
from trendnlp.consolidate.partition import NEVER, Comparisons, Known, Partition, Place
from trendnlp.guards import Reading
from trendnlp.guards.marks import Marked
from trendnlp.types import Claim

COMPONENT = 4000  # claims whose full distance matrix is built (128 MB of float64); a larger one is cut finer first
CUT_STEP = 0.02
DIAMETER = 0.2  # by how much less than the threshold the cosine of two of a finding may be
BOND = 2.0  # weight of what people put together, above any cosine: it is never cut
ROUNDING = 1e-5  # of distances in linkage: a pair on the threshold must not be lost before it


@dataclass(frozen=True, slots=True)
class _Near:
    """The near pairs of one family: their rows, their cosines, and whether marks keep them apart."""

    low: Indexes
    high: Indexes
    cosine: Cosines
    apart: NDArray[np.bool_]


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
    work = Comparisons(claims, first, vectors, comparer, known)
    work.compare(binding.decided)
    keys = [claims[i].labelled.statement.id for i in first]
    apart = kept_apart(work.readings.__getitem__)
    near = _near(known.candidates if known else all_places(work.vectors, keys, reach(comparer), apart), work, apart)
    work.compare(_places(near, near.apart))
    edges = _with_bonds(_edges(near, len(first)), binding)
    rules = _Rules(work, binding, comparer.threshold, largest)
    clusters = _components(np.arange(len(first), dtype=np.int64), edges, rules)
    return Partition(first, binding.rows, clusters, work.verdicts, _places(near, ~near.apart))


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


def _near(places: Iterable[Place], work: Comparisons, apart: Apart) -> _Near:
    """The pairs at ``places`` that are of one family."""
    _, family = np.unique([reading.family or "" for reading in work.readings], return_inverse=True)
    low, high = np.array([*places], np.int64).reshape(-1, 2).T
    alike = family[low] == family[high]
    low, high = low[alike], high[alike]
    return _Near(low, high, exact(work.vectors, low, high), apart(low, high))


def _places(near: _Near, chosen: Indexes | NDArray[np.bool_]) -> list[Place]:
    return list(map(Place, near.low[chosen].tolist(), near.high[chosen].tolist()))


def kept_apart(reading: Callable[[int], Reading]) -> Apart:
    """Of rows with these readings, which are of one family and apart by what each tells."""

    def apart(a: Indexes, b: Indexes) -> NDArray[np.bool_]:
        rows, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        readings = [reading(row) for row in rows.tolist()]
        _, family = np.unique([r.family or "" for r in readings], return_inverse=True)
        low, high = place[: len(a)], place[len(a) :]
        return np.asarray((family[low] == family[high]) & Marked([r.marks for r in readings]).apart(low, high))

    return apart


def _edges(near: _Near, size: int) -> coo_matrix:
    """The pairs that may merge, as a symmetric sparse matrix of cosines."""
    low, high, cosine = near.low[~near.apart], near.high[~near.apart], near.cosine[~near.apart]
    ends = (np.concatenate([low, high]), np.concatenate([high, low]))
    return coo_matrix((np.tile(cosine, 2), ends), shape=(size, size))


def _components(rows: Indexes, edges: coo_matrix, rules: _Rules) -> Indexes:
    """Cluster each connected component by itself: two groups whose mean is near enough hold a pair that is. The
    ``edges`` count from the first of ``rows``. A cluster has the number of its first row.
    """
    _, component = connected_components(edges, directed=False)
    result = np.arange(len(rows), dtype=np.int64)
    order = np.argsort(component, kind="stable")
    bounds = np.flatnonzero(np.diff(component[order], prepend=-1, append=len(rows))).tolist()
    matrix = edges.tocsr()
    for start, end in pairwise(bounds):
        if end - start == 1:
            continue
        members = order[start:end]
        own = matrix[members][:, members].tocoo() if len(members) > rules.largest else None
        if own is not None and (own.data < BOND).any():
            labels = _finer(rows[members], own, rules)
        else:
            labels = _linked(rows[members], rules)
        _, place, label = np.unique(labels, return_index=True, return_inverse=True)
        result[members] = members[place[label]]
    return result


def _finer(rows: Indexes, edges: coo_matrix, rules: _Rules) -> Indexes:
    """A component too large to cluster at once: drop its weakest pairs, and cluster what falls apart."""
    least = float(edges.data.min()) + CUT_STEP
    keep = edges.data >= least
    kept = coo_matrix((edges.data[keep], (edges.row[keep], edges.col[keep])), edges.shape)
    return _components(rows, kept, rules)


def _linked(rows: Indexes, rules: _Rules) -> Indexes:
    """Average linkage, done again with the pairs that are kept apart until no new one is found within a group."""
    work = rules.work
    vectors = work.vectors[rows].astype(np.float64)
    distance = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0).round(6)
    np.fill_diagonal(distance, 0.0)
    distance = np.maximum(distance, distance.T)
    distance[distance > 1.0 - rules.threshold + DIAMETER] = NEVER
    marked = Marked([work.readings[row].marks for row in rows.tolist()])
    while True:
        found = _tree_cut(rows, distance, rules)
        # Those that are as far apart as NEVER already, people put together.
        low, high = np.nonzero(np.triu((found[:, None] == found) & (distance < NEVER), 1))
        apart = marked.apart(low, high)
        places = list(map(Place, rows[low[~apart]].tolist(), rows[high[~apart]].tolist()))
        work.compare(places)
        apart[~apart] = [bool(work.verdicts[place].guards) for place in places]
        if not apart.any():
            return found
        distance[low[apart], high[apart]] = distance[high[apart], low[apart]] = NEVER


def _tree_cut(rows: Indexes, distance: NDArray[np.float64], rules: _Rules) -> Indexes:
    """The groups of ``rows`` by average linkage."""
    between, node = rules.binding.contracted(rows, distance)
    if len(between) == 1:
        return node
    if len(between) == 2:  # as most are: what the tree says of two, at once
        return node if between[0, 1] > 1.0 - rules.threshold else np.zeros_like(node)
    tree = linkage(squareform(between, checks=False), method="average")
    found: Indexes = fcluster(tree, 1.0 - rules.threshold, criterion="distance").astype(np.int64)
    return found[node]

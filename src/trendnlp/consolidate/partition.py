"""Which statements say the same where there is no judge: average-linkage clusters over cosine, within kinds that may
stand together.

Average linkage joins two groups by the mean similarity of all pairs between them, so a chain of near neighbours does
not pull its ends together as single linkage does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.compare import normalised
from trendnlp.guards import family_of
from trendnlp.types import Claim

ROWS = 1024  # of the similarity matrix at a time: bounds memory to ROWS x claims floats
COMPONENT = 4000  # claims whose full distance matrix is built (128 MB of float64); a larger one is cut finer first
CUT_STEP = 0.02
ROUNDING = 1e-5  # of a float32 cosine: a pair on the threshold must not be lost before it is measured exactly


def partition(
    claims: Sequence[Claim], vectors: NDArray[np.float32], threshold: float, largest: int = COMPONENT
) -> NDArray[np.int64]:
    """A cluster number for each claim, in order.

    ``vectors`` holds one unit row a claim. The result depends on the set of claims alone when they come sorted by
    statement id, for ties are broken by position. More than ``largest`` claims that hang together are first cut at
    their weakest pairs: less may merge, never more.
    """
    first, rows = _distinct(claims)
    edges = _edges(vectors[first], [_family(claims[i]) for i in first], threshold - ROUNDING)
    return _components(vectors[first], edges, threshold, largest)[rows]


def _family(claim: Claim) -> str:
    return family_of(claim.labelled.label.kind)


def _distinct(claims: Sequence[Claim]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Exact copies share a row: positions of the first of each, and for every claim the row it maps to."""
    seen: dict[tuple[str, str], int] = {}
    first: list[int] = []
    rows = np.empty(len(claims), np.int64)
    for i, claim in enumerate(claims):
        key = (_family(claim), normalised(claim.labelled.statement.text))
        if key not in seen:
            seen[key] = len(first)
            first.append(i)
        rows[i] = seen[key]
    return np.array(first, np.int64), rows


def _edges(vectors: NDArray[np.float32], families: Sequence[str], least: float) -> coo_matrix:
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


def _components(vectors: NDArray[np.float32], edges: coo_matrix, threshold: float, largest: int) -> NDArray[np.int64]:
    """Cluster each connected component by itself: two groups whose mean is near enough hold a pair that is."""
    _, component = connected_components(edges, directed=False)
    result = np.empty(len(vectors), np.int64)
    order = np.argsort(component, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if len(order) else []
    rows = edges.tocsr()
    count = 0
    for members in groups:
        if len(members) > largest:
            labels = _finer(vectors[members], rows[members][:, members].tocoo(), threshold, largest)
        else:
            labels = _linked(vectors[members], threshold)
        result[members] = labels + count
        count += int(labels.max()) + 1
    return result


def _finer(vectors: NDArray[np.float32], edges: coo_matrix, threshold: float, largest: int) -> NDArray[np.int64]:
    """A component too large to cluster at once: drop its weakest pairs, and cluster what falls apart."""
    least = float(edges.data.min()) + CUT_STEP
    keep = (edges.data >= least) | (edges.row == edges.col)
    kept = coo_matrix((edges.data[keep], (edges.row[keep], edges.col[keep])), edges.shape)
    return _components(vectors, kept, threshold, largest)


def _linked(vectors: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    distance = np.clip(1.0 - (vectors @ vectors.T).astype(np.float64), 0.0, 2.0).round(6)
    np.fill_diagonal(distance, 0.0)
    distance = np.maximum(distance, distance.T)
    tree = linkage(squareform(distance, checks=False), method="average")
    found: NDArray[np.int64] = fcluster(tree, 1.0 - threshold, criterion="distance").astype(np.int64) - 1
    return found

"""Which statements say the same where there is a judge: average linkage over judged pairs, its diameter bounded.

Embeddings only propose: of each statement, its nearest neighbours. Pairs that the judge finds the same hang together
in components, and all pairs of a component are judged before it is clustered. Two groups merge by the mean score of all
pairs between them, and never where one of these pairs is kept apart by a guard or judged below the rule's diameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.candidates import all_places
from trendnlp.consolidate.compare import CONTESTED, Comparer
from trendnlp.consolidate.neighbours import Reach
from trendnlp.consolidate.partition import NEVER, Comparisons, Indexes, Known, Partition, Place, Vectors, distinct
from trendnlp.types import Claim, Relation, Verdict

NEIGHBOURS = 12  # nearest of each statement that are judged
COMPONENT = 48  # statements whose pairs are all judged; a larger component is cut at its weakest pairs first
CUT_STEP = 0.02


def judged_partition(
    claims: Sequence[Claim],
    vectors: Vectors,
    comparer: Comparer,
    largest: int = COMPONENT,
    known: Known | None = None,
) -> Partition:
    """Clusters of ``claims`` that come sorted by statement id; ``vectors`` holds one unit row a claim. The candidates
    are looked for where they are not ``known``.

    The result depends on the set of claims alone. A component of more than ``largest`` statements is cut at its
    weakest pairs: less may merge, never more.
    """
    first, rows = distinct(claims)
    work = Comparisons([claims[i] for i in first], vectors[first], comparer, known.memory if known else None)
    if known:
        work.compare(known.candidates)
    else:
        keys = [claims[i].labelled.statement.id for i in first]
        work.compare(all_places(vectors[first], keys, reach(comparer)))
    ties = {p: v.score or 0.0 for p, v in work.verdicts.items() if v.relation is Relation.SAME}
    clusters = np.arange(len(first), dtype=np.int64)
    components = [c for c in _components(range(len(first)), ties, largest) if len(c) > 1]
    work.compare(Place(a, b) for members in components for a, b in combinations(members, 2))
    for members in components:
        labels = _linked(members, work.verdicts, comparer)
        for row, label in zip(members, labels, strict=True):
            clusters[row] = members[int(np.flatnonzero(labels == label)[0])]
    return Partition(first, rows, clusters, work.verdicts)


def reach(comparer: Comparer) -> Reach:
    """Of each row its nearest neighbours that are not too far to be judged."""
    return Reach(comparer.rule.low, NEIGHBOURS)


def _components(rows: Sequence[int], ties: Mapping[Place, float], largest: int) -> list[list[int]]:
    """The rows that hang together by ``ties`` (scores), none with more than ``largest`` rows unless all its ties are
    equally strong and then each row alone.
    """
    number = {row: i for i, row in enumerate(rows)}
    places = [p for p in ties if p.low in number and p.high in number]
    ends = ([number[p.low] for p in places], [number[p.high] for p in places])
    graph = coo_matrix((np.ones(len(places)), ends), shape=(len(rows), len(rows)))
    _, labels = connected_components(graph, directed=False)
    found: dict[int, list[int]] = {}
    for row, label in zip(rows, labels.tolist(), strict=True):
        found.setdefault(label, []).append(row)
    result = []
    for members in found.values():
        if len(members) <= largest:
            result.append(members)
            continue
        inside = set(members)
        own = {p: score for p, score in ties.items() if p.low in inside and p.high in inside}
        least = min(own.values()) + CUT_STEP
        result += _components(members, {p: score for p, score in own.items() if score >= least}, largest)
    return result


def _linked(members: Sequence[int], verdicts: Mapping[Place, Verdict], comparer: Comparer) -> Indexes:
    rule = comparer.rule
    distance = np.zeros((len(members), len(members)))
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        verdict = verdicts[Place(a, b)]
        score = verdict.score or 0.0
        apart = bool(verdict.guards) or verdict.relation in CONTESTED or score < rule.diameter
        distance[i, j] = distance[j, i] = NEVER if apart else 1.0 - score
    tree = linkage(squareform(distance, checks=False), method="average")
    # A hair of room: a pair on the threshold merges, whatever one minus its score is in binary.
    found: Indexes = fcluster(tree, 1.0 - rule.threshold + 1e-9, criterion="distance").astype(np.int64)
    return found

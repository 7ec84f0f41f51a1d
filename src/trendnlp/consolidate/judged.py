"""Which statements say the same where there is a judge: average linkage over judged pairs, its diameter bounded.

Embeddings only propose: of each statement, its nearest neighbours. Pairs that the judge finds the same hang together
in components, and all pairs of a component are judged before it is clustered. Two groups merge by the mean score of all
pairs between them, and never where one of these pairs is kept apart by a guard that the judge does not overrule, or
judged below the rule's diameter.
What people decided on stands above all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.candidates import all_places
from trendnlp.consolidate.compare import CONTESTED, Comparer
from trendnlp.consolidate.neighbours import Indexes, Reach, Vectors
from trendnlp.consolidate.partition import NEVER, Comparisons, Known, Partition, Place
from trendnlp.relations import Relation, Verdict
from trendnlp.types import Claim

NEIGHBOURS = 4  # nearest of each statement that are judged
NEAR = 0.3  # the least cosine of these: what is less near is too rarely the same to ask of every statement
COMPONENT = 48  # statements whose pairs are all judged; a larger component is cut at its weakest pairs first
CUT_STEP = 0.02


def judged_partition(
    claims: Sequence[Claim],
    vectors: Vectors,
    comparer: Comparer,
    largest: int = COMPONENT,
    binding: Binding | None = None,
    known: Known | None = None,
) -> Partition:
    """Clusters of ``claims`` that come sorted by statement id; ``vectors`` holds one unit row a claim, ``binding`` what
    people decided of them. The candidates are looked for where they are not ``known``.

    The result depends on the set of claims alone. A component of more than ``largest`` statements is cut at its
    weakest pairs: less may merge, never more.
    """
    binding = binding or bind(claims)
    first = binding.first
    work = Comparisons([claims[i] for i in first], vectors[first], comparer, known)
    keys = [claims[i].labelled.statement.id for i in first]
    work.compare(known.candidates if known else all_places(work.vectors, keys, reach(comparer)))
    work.compare(binding.decided)
    clusters = np.arange(len(first), dtype=np.int64)
    components = [rows for rows in _bound_components(binding, work.verdicts, largest) if len(rows) > 1]
    work.compare(Place(a, b) for members in components for a, b in combinations(members, 2))
    for members in components:
        labels = _linked(members, work.verdicts, comparer, binding)
        for row, label in zip(members, labels, strict=True):
            clusters[row] = members[int(np.flatnonzero(labels == label)[0])]
    return Partition(first, binding.rows, clusters, work.verdicts)


def reach(comparer: Comparer) -> Reach:
    """Of each row its nearest neighbours that are not too far to be judged."""
    return Reach(max(NEAR, comparer.rule.low), NEIGHBOURS)


def _bound_components(binding: Binding, verdicts: Mapping[Place, Verdict], largest: int) -> list[list[int]]:
    """The rows that hang together, sorted; what people put together counts once."""
    ties: dict[Place, float] = {}
    for place, verdict in verdicts.items():
        tie = binding.tie(place)
        if verdict.relation is Relation.SAME and tie is not None:
            ties[tie] = max(ties.get(tie, 0.0), verdict.score or 0.0)
    rows_of: dict[int, list[int]] = {}
    for row, node in enumerate(binding.nodes.tolist()):
        rows_of.setdefault(node, []).append(row)
    components = _components(tuple(rows_of), ties, largest)
    return [sorted(row for node in nodes for row in rows_of[node]) for nodes in components]


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


def _linked(members: Sequence[int], verdicts: Mapping[Place, Verdict], comparer: Comparer, binding: Binding) -> Indexes:
    rule = comparer.rule
    distance = np.zeros((len(members), len(members)))
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        verdict = verdicts[Place(a, b)]
        score = verdict.score or 0.0
        kept_apart = verdict.relation is not Relation.SAME and (verdict.guards or verdict.relation in CONTESTED)
        apart = kept_apart or score < rule.diameter
        distance[i, j] = distance[j, i] = NEVER if apart else 1.0 - score
    distance, node = binding.contracted(np.array(members, np.int64), distance)
    if len(distance) == 1:
        return node
    tree = linkage(squareform(distance, checks=False), method="average")
    # A hair of room: a pair on the threshold merges, whatever one minus its score is in binary.
    found: Indexes = fcluster(tree, 1.0 - rule.threshold + 1e-9, criterion="distance").astype(np.int64)
    return found[node]

"""Which statements say the same where there is a judge: average linkage over judged pairs, its diameter bounded.

Embeddings only propose: of each statement, its nearest neighbours. Those that a figure, a year or a place sets apart
from it count by themselves, or they would crowd out what says the same. Pairs that the judge finds the same hang
together in components, and all pairs of a component are judged before it is clustered; ``parts`` says how where these
would be too many. Two groups merge by the mean score of all pairs between them, and never where one of these pairs is
kept apart by a guard that the judge does not overrule, or judged below the rule's diameter. What people decided on
stands above all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from trendnlp.consolidate.binding import FORBIDDEN, Binding, bind
from trendnlp.consolidate.candidates import all_places
from trendnlp.consolidate.compare import CONTESTED, Comparer
from trendnlp.consolidate.cosine import kept_apart
from trendnlp.consolidate.neighbours import Reach, Vectors
from trendnlp.consolidate.partition import NEVER, Comparisons, Known, Partition, Place
from trendnlp.consolidate.parts import Groups, components
from trendnlp.relations import Relation, Verdict
from trendnlp.types import Claim

NEIGHBOURS = 4  # nearest of each statement that are judged, and as many more that figures, years or places tell apart
DEPTH = 12  # nearest among which these are: "demand in Spain rises" may have eight like it of other countries
NEAR = 0.3  # the least cosine of these: what is less near is too rarely the same to ask of every statement
COMPONENT = 48  # statements whose pairs are all judged; a larger component is cut into parts first
AGAIN = 4  # times as many may be one finding, once the parts are put together again
HAIR = 1e-9  # of room: a pair on the threshold merges, whatever one minus its score is in binary


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

    The result depends on the set of claims alone. A component of more than ``largest`` statements is cut into parts
    along its strongest pairs, and what is found in these merges again up to ``AGAIN`` times as many: so the pairs that
    are judged for a statement stay few, however much hangs together with it.
    """
    binding = binding or bind(claims)
    first = binding.first
    work = Comparisons(claims, first, vectors, comparer, known)
    keys = [claims[i].labelled.statement.id for i in first]
    apart = kept_apart(work.readings.__getitem__)
    work.compare(known.candidates if known else all_places(work.vectors, keys, reach(comparer), apart))
    work.compare(binding.decided)
    clusters = np.arange(len(first), dtype=np.int64)
    judged = _Judged(work, comparer, binding)
    found = components(tuple(judged.rows_of), _ties(binding, work.verdicts), largest)
    found = [component for component in found if len(component.parts) > 1 or len(judged.rows(component.parts[0])) > 1]
    parts = [[judged.rows(part) for part in component.parts] for component in found]
    work.compare(Place(a, b) for part in chain.from_iterable(parts) for a, b in combinations(part, 2))
    for component, members in zip(found, parts, strict=True):
        groups = [group for part in members for group in _linked(part, work.verdicts, comparer, binding)]
        if len(members) > 1:
            most, size = 1.0 - comparer.rule.threshold + HAIR, AGAIN * largest
            of_nodes = [sorted({binding.node(row) for row in group}) for group in groups]
            merged = Groups(of_nodes, judged.distances, most, size).merged(component.ties)
            groups = [judged.rows(nodes) for nodes in merged]
        for group in groups:
            clusters[group] = group[0]
    return Partition(first, binding.rows, clusters, work.verdicts)


def reach(comparer: Comparer) -> Reach:
    """Of each row its nearest neighbours that are not too far to be judged."""
    return Reach(max(NEAR, comparer.rule.low), NEIGHBOURS, DEPTH)


class _Judged:
    """Nodes, the rows of each, and how far they are apart."""

    def __init__(self, work: Comparisons, comparer: Comparer, binding: Binding) -> None:
        self.work = work
        self.comparer = comparer
        self.binding = binding
        self.rows_of: dict[int, list[int]] = {}
        for row, node in enumerate(binding.nodes.tolist()):
            self.rows_of.setdefault(node, []).append(row)

    def rows(self, nodes: Iterable[int]) -> list[int]:
        """The rows of ``nodes``, sorted."""
        return sorted(row for node in nodes for row in self.rows_of[node])

    def distances(self, pairs: Sequence[Place]) -> list[float]:
        """Of pairs of nodes, as ``Binding.contracted`` has them, each compared before where it was not yet."""
        between = [
            [Place(min(a, b), max(a, b)) for a in self.rows_of[pair.low] for b in self.rows_of[pair.high]]
            for pair in pairs
        ]
        self.work.compare(chain.from_iterable(between))
        return [
            FORBIDDEN if pair in self.binding.foes else min(_distance(self.work.verdicts[p], self.comparer) for p in of)
            for pair, of in zip(pairs, between, strict=True)
        ]


def _ties(binding: Binding, verdicts: Mapping[Place, Verdict]) -> dict[Place, float]:
    """The pairs of nodes that are the same, each as surely as its surest rows are."""
    ties: dict[Place, float] = {}
    for place, verdict in verdicts.items():
        tie = binding.tie(place)
        if verdict.relation is Relation.SAME and tie is not None:
            ties[tie] = max(ties.get(tie, 0.0), verdict.score or 0.0)
    return ties


def _distance(verdict: Verdict, comparer: Comparer) -> float:
    score = verdict.score or 0.0
    kept_apart = verdict.relation is not Relation.SAME and (verdict.guards or verdict.relation in CONTESTED)
    return NEVER if kept_apart or score < comparer.rule.diameter else 1.0 - score


def _linked(
    members: Sequence[int], verdicts: Mapping[Place, Verdict], comparer: Comparer, binding: Binding
) -> list[list[int]]:
    """The groups of ``members``, all of whose pairs are judged."""
    distance = np.zeros((len(members), len(members)))
    for (i, a), (j, b) in combinations(enumerate(members), 2):
        distance[i, j] = distance[j, i] = _distance(verdicts[Place(a, b)], comparer)
    distance, node = binding.contracted(np.array(members, np.int64), distance)
    if len(distance) == 1:
        return [[*members]]
    tree = linkage(squareform(distance, checks=False), method="average")
    labels = fcluster(tree, 1.0 - comparer.rule.threshold + HAIR, criterion="distance")[node]
    groups: dict[int, list[int]] = {}
    for row, label in zip(members, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(row)
    return list(groups.values())

"""What decisions of people come to among a set of claims: which rows are one, which never stand together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate.compare import near_words
from trendnlp.consolidate.neighbours import Indexes
from trendnlp.consolidate.partition import Place
from trendnlp.consolidate.sets import Sets
from trendnlp.guards import family_of
from trendnlp.review import NO_CONSTRAINTS, Choice, Constraints, Tie
from trendnlp.types import Claim

# More than the mean over a component's pairs can outweigh: 4,000 claims have 4 million pairs between two halves.
FORBIDDEN = 1e12

Reviews = Mapping[int, Mapping[int, str]]  # claim to claim to the review that speaks of both


@dataclass(frozen=True, slots=True)
class Binding:
    """Claims as rows of copies, and what people decided of them, by the claims' positions.

    ``first`` are the claims that stand for all their copies, one a row; ``rows`` says for each claim which row it
    belongs to. ``nodes`` says for each row the lowest of the rows that people put together with it; ``foes`` are the
    pairs of nodes that people keep apart. Decisions on claims that are not there are not in force.
    """

    first: Indexes
    rows: Indexes
    nodes: Indexes
    foes: frozenset[Place] = frozenset()
    must: Reviews = field(default_factory=dict)
    cannot: Reviews = field(default_factory=dict)
    heads: tuple[int, ...] = ()
    kinds: tuple[tuple[int, str], ...] = ()
    hidden: frozenset[int] = frozenset()
    titles: tuple[tuple[int, str], ...] = ()
    tags: tuple[tuple[int, Choice], ...] = ()

    @property
    def decided(self) -> frozenset[Place]:
        """The pairs of rows that people spoke of."""
        pairs = {(self._row(a), self._row(b)) for of in (self.must, self.cannot) for a in of for b in of[a]}
        return frozenset(Place(a, b) for a, b in pairs if a < b)

    @property
    def bonds(self) -> Iterator[Place]:
        """Each row with its node, where it is another row."""
        return (Place(int(n), row) for row, n in enumerate(self.nodes.tolist()) if n != row)

    def node(self, row: int) -> int:
        return int(self.nodes[row])

    def tie(self, place: Place) -> Place | None:
        """The nodes of two rows; None where they are one, or kept apart."""
        a, b = sorted((self.node(place.low), self.node(place.high)))
        found = Place(a, b)
        return None if a == b or found in self.foes else found

    def contracted(self, rows: Indexes, distance: NDArray[np.float64]) -> tuple[NDArray[np.float64], Indexes]:
        """The distances between the nodes of ``rows``, and which of them each row is.

        What people put together is one claim said in several ways: it is as near to another as the nearest of them.
        """
        nodes, inverse = np.unique(self.nodes[rows], return_inverse=True)
        if len(nodes) < len(rows):
            order = np.argsort(inverse, kind="stable")
            starts = np.searchsorted(inverse[order], np.arange(len(nodes)))
            nearest = np.minimum.reduceat(distance[order][:, order], starts, axis=0)
            distance = np.minimum.reduceat(nearest, starts, axis=1)
            np.fill_diagonal(distance, 0.0)
        number = {node: i for i, node in enumerate(nodes.tolist())}
        foes = [(number[p.low], number[p.high]) for p in self.foes if p.low in number and p.high in number]
        if foes:
            distance = distance.copy()
            for i, j in foes:
                distance[i, j] = distance[j, i] = FORBIDDEN
        return distance, inverse.astype(np.int64)

    def _row(self, claim: int) -> int:
        return int(self.rows[claim])


def wording(claim: Claim) -> str:
    """What exact and near-exact copies of one family have in common."""
    return f"{family_of(claim.labelled.label.kind)}\0{near_words(claim.labelled.statement.text)}"


def bind(
    claims: Sequence[Claim], constraints: Constraints = NO_CONSTRAINTS, keys: Sequence[Hashable] | None = None
) -> Binding:
    """``claims``, sorted by statement id, under ``constraints``.

    Exact and near-exact copies of one family share a row, but for those that people keep apart or put together with
    others that they keep apart: such a claim joins the copies with which it may stand, the first of them first.
    ``keys`` tells claims of one row from those of others where that is known, one a claim; then any part of the claims
    has the rows that it has among all.
    """
    number = {c.labelled.statement.id: i for i, c in enumerate(claims)} if constraints != NO_CONSTRAINTS else {}
    must, cannot = _known(constraints.must, number), _known(constraints.cannot, number)
    sets = Sets(len(claims))
    for a in must:
        for b in must[a]:
            sets.join(a, b)
    for a in cannot:
        for b in cannot[a]:
            sets.hold_apart(a, b)
    keys = [wording(c) for c in claims] if keys is None else keys
    copies: dict[Hashable, list[int]] = {}  # key to one claim of each row
    for i, key in enumerate(keys):
        mates = copies.setdefault(key, [])
        mate = next((m for m in mates if sets.may_join(i, m)), None)
        if mate is None:
            mates.append(i)
        else:
            sets.join(i, mate)
    return replace(
        _numbered(keys, sets, cannot),
        must=must,
        cannot=cannot,
        heads=tuple(i for i, _ in _chosen(constraints.heads, number)),
        kinds=tuple(_chosen(constraints.kinds, number)),
        hidden=frozenset(i for i, _ in _chosen(constraints.hidden, number)),
        titles=tuple(_chosen(constraints.titles, number)),
        tags=tuple((number[c.statement], c) for c in constraints.tags if c.statement in number),
    )


def copies_of(claims: Sequence[Claim], constraints: Constraints) -> list[list[str]]:
    """The statement ids of ``claims``, sorted by them, by the row that they have in common. All claims that people
    spoke of have to be among them; the rest joins the first of its copies and parts none.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for row, claim in zip(bind(claims, constraints).rows.tolist(), claims, strict=True):
        found[row].append(claim.labelled.statement.id)
    return list(found.values())


def _chosen(choices: Sequence[Choice], number: Mapping[str, int]) -> list[tuple[int, str]]:
    return [(number[c.statement], c.value or "") for c in choices if c.statement in number]


def _numbered(keys: Sequence[Hashable], sets: Sets, cannot: Reviews) -> Binding:
    """Rows in the order of their first claims."""
    row_of: dict[tuple[Hashable, int], int] = {}
    first: list[int] = []
    rows = np.empty(len(keys), np.int64)
    for i, key in enumerate(keys):
        place = (key, sets.root(i))
        if place not in row_of:
            row_of[place] = len(first)
            first.append(i)
        rows[i] = row_of[place]
    lowest: dict[int, int] = {}
    nodes = np.array([lowest.setdefault(sets.root(claim), row) for row, claim in enumerate(first)], np.int64)
    pairs = {(lowest[sets.root(a)], lowest[sets.root(b)]) for a in cannot for b in cannot[a]}
    foes = frozenset(Place(a, b) for a, b in pairs if a < b)
    return Binding(np.array(first, np.int64), rows, nodes, foes)


def _known(ties: Sequence[Tie], number: Mapping[str, int]) -> Reviews:
    """The ties of claims that are there, from either side."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for tie in ties:
        if tie.a in number and tie.b in number:
            a, b = number[tie.a], number[tie.b]
            found[a][b] = found[b][a] = tie.review
    return dict(found)

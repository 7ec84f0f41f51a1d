"""What stands of decisions: which of them are in force, and which of them say how two statements stand to each other.
Pure functions.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trendnlp.actions import BINDING
from trendnlp.relations import Relation
from trendnlp.review import Constraints, Review


@dataclass(frozen=True, slots=True)
class Decided:
    """How two statements stand to each other by decisions of people, and the ids of these, from one to the other."""

    relation: Relation
    reviews: tuple[str, ...]


def overruled(reviews: Iterable[Review], undone: frozenset[str], constraints: Constraints) -> frozenset[str]:
    """Ids of those ``reviews`` that are not taken back, and of which nothing stands: later ones decided otherwise.
    ``constraints`` are what stands of the whole log, ``undone`` what of it is taken back. Only decisions that bind
    findings are told; what single statements come to is in ``judgement``.
    """
    of = constraints
    choices = (*of.heads, *of.kinds, *of.hidden, *of.titles, *of.tags)
    standing = {ruling.review for some in ((*of.must, *of.cannot), choices) for ruling in some}
    return frozenset(r.id for r in reviews if r.action in BINDING and r.id not in undone and r.id not in standing)


def among(constraints: Constraints, present: Collection[str]) -> Constraints:
    """``constraints`` without the ties of statements that are not ``present``: these are not in force."""
    must, cannot = (
        tuple(tie for tie in ties if tie.a in present and tie.b in present)
        for ties in (constraints.must, constraints.cannot)
    )
    return replace(constraints, must=must, cannot=cannot)


def decided(constraints: Constraints, a: str, b: str, copies: Iterable[Sequence[str]] = ()) -> Decided | None:
    """What people decided of ``a`` and ``b``, be it by way of others or of ``copies``, which stand together without a
    decision; None where they did not.
    """
    found = _decided(constraints, a, b, {})
    if found is None:
        first = {id: group[0] for group in copies for id in group}
        found = _decided(constraints, first.get(a, a), first.get(b, b), first)
    return found if found and found.reviews else None


def _decided(constraints: Constraints, a: str, b: str, first: Mapping[str, str]) -> Decided | None:
    """The same, where one of its copies, the ``first``, stands for each statement."""
    near: dict[str, dict[str, str]] = defaultdict(dict)
    for tie in constraints.must:
        one, other = first.get(tie.a, tie.a), first.get(tie.b, tie.b)
        near[one][other] = near[other][one] = tie.review
    mine, theirs = _ways(near, a), _ways(near, b)
    if b in mine:
        return Decided(Relation.SAME, _once(mine[b]))
    held = (
        _once((*mine[x], tie.review, *reversed(theirs[y])))
        for tie in constraints.cannot
        for x, y in _both_ways(first.get(tie.a, tie.a), first.get(tie.b, tie.b))
        if x in mine and y in theirs
    )
    shortest = min(held, key=len, default=None)
    return None if shortest is None else Decided(Relation.DISTINCT, shortest)


def _ways(near: Mapping[str, Mapping[str, str]], start: str) -> dict[str, tuple[str, ...]]:
    """All that hangs together with ``start``, each with the reviews along a shortest way to it."""
    found: dict[str, tuple[str, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for to, review in near.get(at, {}).items():
            if to not in found:
                found[to] = (*found[at], review)
                waiting.append(to)
    return found


def _both_ways(a: str, b: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (a, b), (b, a)


def _once(reviews: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reviews))

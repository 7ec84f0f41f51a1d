"""Opposite directions, negations and turned comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from trendnlp.guards.comparison import SHIFTS, crossed, exchanged, graded, one_shift, sides
from trendnlp.guards.direction import (
    Direction,
    Negation,
    Seen,
    directions_of,
    negations_of,
    stems_at,
    undenied_directions_of,
)
from trendnlp.guards.order import swapped_cause
from trendnlp.guards.words import Change, Words, changes, likeness, once, overlap

ALIKE = 0.5  # overlap from which two statements are read word against word


def opposite(a: Words, b: Words) -> Seen | None:
    """Where the statements say that one thing moves in opposite directions."""
    mine, theirs = directions_of(a), directions_of(b)
    if not _may_oppose(a, b):
        return None
    if one_shift(a, b):
        mine, theirs = (tuple(d for d in found if SHIFTS.isdisjoint(d.words.split())) for found in (mine, theirs))
    if overlap(a, b) >= ALIKE:
        turned = _replaced(mine, theirs, changes(a, b))
        if crossed(a, b) and graded(a, b):
            return None  # "X is dearer than Y" and "Y is cheaper than X" are one; the rest is for the comparison
        if turned:
            return None if _of_nothing(a, b, turned) else _seen(turned[0])
        # One statement turns a direction by a negator and the other by nothing: they stand on the same word.
        same = [(x, y) for x in mine for y in theirs if x.words == y.words and x.about & y.about and x.opposes(y)]
        alike = any(x.words == y.words and x.agrees(y) for x in mine for y in theirs)
        if same and not alike:
            return _seen(same[0])
    against = [(x, y) for x in mine for y in theirs if x.opposes(y) and not x.links and _one_subject(x, y)]
    along = [(x, y) for x in mine for y in theirs if x.agrees(y) and x.about & y.about and not x.links]
    return _seen(against[0]) if against and not along else None


def _may_oppose(a: Words, b: Words) -> bool:
    """Whether a direction of the one can oppose one of the other: they have opposite signs on one scale."""
    return not signs_of(a).isdisjoint((scale, not up) for scale, up in signs_of(b))


@once
def signs_of(words: Words) -> frozenset[tuple[str, bool]]:
    """The scales of a statement's directions, and whether they go up."""
    return frozenset((scale, sign > 0) for found in directions_of(words) for scale, sign in found.signs)


def _of_nothing(a: Words, b: Words, turned: Sequence[tuple[Direction, Direction]]) -> bool:
    """Whether the one opposition is "most" against "few" and one of the two denies: "few do", "most do not"."""
    shares = all("share" in dict(x.signs) for x, _ in turned)
    return shares and (len(_apart(negations_of(a), turned, 0)) - len(_apart(negations_of(b), turned, 1))) % 2 == 1


def _apart(found: Sequence[Negation], turned: Sequence[tuple[Direction, Direction]], side: int) -> list[Negation]:
    """The negators that stand in none of these directions: the "hardly" of "hardly any" is one with it."""
    return [n for n in found if not any(_touches(n.at, pair[side].at) for pair in turned)]


def negated(a: Words, b: Words) -> Seen | None:
    """Where one statement denies what the other says in nearly the same words."""
    if likeness(a, b) < ALIKE:
        return None  # a longer statement may deny something beside what both say
    mine, theirs = _denials(a, b), _denials(b, a)
    if (len(mine) - len(theirs)) % 2 == 0:
        return None
    turned = _replaced(undenied_directions_of(a), undenied_directions_of(b), changes(a, b))
    if sum(not x.links for x, _ in turned) % 2:  # "not cheap" against "dear"
        return None
    extra = mine if len(mine) > len(theirs) else theirs
    lone = " ".join(n.words for n in extra)
    return Seen(lone, "") if extra is mine else Seen("", lone)


def _denials(words: Words, other: Words) -> list[Negation]:
    """The negators of ``words``, but for a "without" whose noun ``other`` does not have: that only adds."""
    return [
        n
        for n in negations_of(words)
        if n.words != "without" or stems_at(words, range(n.at.stop, len(words.lower))) & other.content
    ]


def swapped_comparison(a: Words, b: Words) -> Seen | None:
    """Where "X is cheaper than Y" stands against "Y is cheaper than X", or "X displaces Y" against "Y displaces X"."""
    if overlap(a, b) < ALIKE:
        return None
    if (pair := exchanged(a, b)) and not swapped_cause(a, b):
        return Seen(*pair)
    if not crossed(a, b):
        return None
    mine, theirs = directions_of(a), directions_of(b)
    if graded(a, b) and any(x.opposes(y) and not x.links for x in mine for y in theirs):
        return None  # both the order and the word are turned: the same
    return Seen(*(_written(words, found.below - found.above) for words in (a, b) for found in (sides(words),)))


def _written(words: Words, stems: frozenset[str]) -> str:
    """The words with these stems, each once, in text order."""
    found = {stem: word for word, stem in zip(reversed(words.lower), reversed(words.stems), strict=True)}
    return " ".join(dict.fromkeys(found[stem] for stem in words.stems if stem in stems))


def _one_subject(a: Direction, b: Direction) -> bool:
    """Whether both directions are of one thing: at least half of what the one is about, the other is too."""
    shared = len(a.about & b.about)
    return shared > 0 and shared * 2 >= min(len(a.about), len(b.about))


def _replaced(
    mine: Sequence[Direction], theirs: Sequence[Direction], found: Sequence[Change]
) -> list[tuple[Direction, Direction]]:
    """Directions that stand in each other's place and are opposites."""
    pairs = []
    for change in found:
        here = [d for d in mine if _touches(d.at, change.a)]
        there = [d for d in theirs if _touches(d.at, change.b)]
        pair = next(((x, y) for x in here for y in there if x.opposes(y)), None)
        if pair and not any(x.agrees(y) for x in here for y in there) and not _told_elsewhere(*pair, mine, theirs):
            pairs.append(pair)
    return pairs


def _told_elsewhere(x: Direction, y: Direction, mine: Sequence[Direction], theirs: Sequence[Direction]) -> bool:
    """Whether two directions only stand in each other's place because one statement tells the cause first and the other
    the effect: one of them agrees with another direction, of what it moves itself.
    """
    shared = len(x.moved & y.moved)
    here = any(y.agrees(other) and len(y.moved & other.moved) > shared for other in mine)
    return here or any(x.agrees(other) and len(x.moved & other.moved) > shared for other in theirs)


def _touches(a: range, b: range) -> bool:
    return a.start < b.stop and b.start < a.stop


def _seen(pair: tuple[Direction, Direction]) -> Seen:
    return Seen(pair[0].words, pair[1].words)

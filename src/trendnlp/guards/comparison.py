"""What a statement sets above another thing, or in its place: "this is cheaper than that", "this replaces that"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.guards.direction import CLAUSE_ENDS, TO, directions_of, stems_at
from trendnlp.guards.lexicon import (
    ABOVE,
    BELOW,
    CHOOSING,
    DETERMINERS,
    FIGURES,
    LOSING,
    MULTIPLIERS,
    PASSIVE,
    PIVOTS,
    PLACING,
    PREFERRING,
    SWAPPING,
    TAKING,
)
from trendnlp.guards.words import Words, longest_by_opening, once, stem

COMPARED = 6  # content words each side of a comparison
OBJECT = 7  # tokens after "take" or "lose" that name what is taken
THAN, FROM, OVER, AGAINST, AS = "than", "from", "over", "against", "as"
OWING = ("owing", "due", "thanks")
SHIFTS = TAKING | LOSING
REPLACEMENT = "replacement"
LONGEST = longest_by_opening((*ABOVE, *BELOW))
EXCHANGED = 5  # words of a thing that changes places
SHORTEST_HEAD = 6  # words
LISTING = frozenset(("and", "or", "nor", "but", stem("while"), ",", ";", "&", "/"))
# What stands between two things of which neither is above the other: "hospitals as well as clinics", "competes with".
MUTUAL = LISTING | frozenset(
    stem(word)
    for word in (
        *("as", "well", "along", "with", "together", "alongside", "plus", "versus", "against", "like"),
        *("compete", "competes", "competing", "merge", "merges", "merged", "merging", "partner", "partners"),
        *("cooperate", "cooperates", "collaborate", "collaborates", "overlap", "overlaps", "alternate", "alternates"),
    )
)
SLIGHT = DETERMINERS | frozenset(("one", "ones", "now", "still", "already", "again", "too", "s", "'s"))
NUMBERS = {"has": "have", "are": "is", "were": "was", "does": "do"}
THOSE = frozenset(("those", "that"))
Stems = frozenset[str]
NOTHING: Stems = frozenset()


@dataclass(frozen=True, slots=True)
class Sides:
    """What is set above or in the place of another thing, and that thing: stems. ``graded`` says that a word beside
    them tells which way ("dearer than", "fell against"), ``times`` by how much.
    """

    above: Stems = NOTHING
    below: Stems = NOTHING
    graded: bool = False
    times: str = ""


@once
def sides(words: Words) -> Sides:
    """By the first word that compares or replaces; nothing where there is none."""
    at = next((i for i, word in enumerate(words.lower) if words.stems[i] in PIVOTS and _compares(words, i)), None)
    if at is not None:
        return Sides(*_by_pivot(words, at), graded=words.lower[at] == THAN)
    return _against(words) or _multiple(words) or Sides(*(_shares(words) or _by_phrase(words) or _ends(words)))


def crossed(a: Words, b: Words) -> bool:
    """Whether of what is compared in both statements each has changed its side."""
    one, two = sides(a), sides(b)
    forth = (one.above - one.below) & (two.below - two.above)
    back = (one.below - one.above) & (two.above - two.below)
    return bool(forth and back) and one.times == two.times


def graded(a: Words, b: Words) -> bool:
    """Whether one of them says how much more, and does not only name what takes whose place."""
    return sides(a).graded or sides(b).graded


def one_shift(a: Words, b: Words) -> bool:
    """Whether both tell what one thing takes from another: that one of ``SHIFTS`` says "wins" and another "loses" is
    then no contrary.
    """
    one, two = sides(a), sides(b)
    return bool(_shares(a) and _shares(b) and one.above & two.above and one.below & two.below) and not crossed(a, b)


def exchanged(a: Words, b: Words) -> tuple[str, str] | None:
    """The two things that have changed places, where two statements, or what they open with up to a comma, differ in
    nothing else: "this, then that". Things that are only listed may.
    """
    heads = {frozenset(head): head for head in _heads(b)}
    for one in _heads(a):
        two = heads.get(frozenset(one))
        if two and one != two and sorted(one) == sorted(two) and (found := _exchange(one, two)):
            return found
    return None


def _exchange(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, str] | None:
    start = next(i for i, (x, y) in enumerate(zip(one, two, strict=True)) if x != y)
    end = len(one) - next(i for i, (x, y) in enumerate(zip(reversed(one), reversed(two), strict=True)) if x != y)
    here, there = one[start:end], two[start:end]
    for first in range(1, EXCHANGED + 1):
        for last in range(1, EXCHANGED + 1):
            between = here[first:-last]
            if here[:first] == there[-first:] and here[-last:] == there[:last] and between == there[last:-first]:
                listed = not between or {between[0], between[-1]} <= LISTING or MUTUAL.issuperset(between)
                return None if listed else (" ".join(here[:first]), " ".join(there[:last]))
    return None


@once
def _heads(words: Words) -> tuple[tuple[str, ...], ...]:
    """The statement without its full stop, and what stands before its commas, longest first."""
    bare = _bare(words)
    whole = len(bare) - (bare[-1:] == (".",))
    ends = [i for i, word in enumerate(bare[:whole]) if word in CLAUSE_ENDS and i >= SHORTEST_HEAD]
    return tuple(bare[:end] for end in (whole, *reversed(ends)))


@once
def _bare(words: Words) -> tuple[str, ...]:
    """The stems but for articles and the like and for the numbers of auxiliaries."""
    kept = (i for i, word in enumerate(words.lower) if word not in SLIGHT)
    return tuple(NUMBERS.get(words.lower[i], words.stems[i]) for i in kept)


def _by_pivot(words: Words, at: int) -> tuple[Stems, Stems]:
    end = len(words.lower)
    near = words.lower[at + 1 : at + 2 + COMPARED]
    with_ = (
        at + 1 + near.index("with") if "with" in near and not PLACING.intersection(near[: near.index("with")]) else None
    )
    if words.stems[at] in SWAPPING and with_:  # "growers replace this with that": that stands in the place of this
        return stems_at(words, range(with_ + 1, end), COMPARED), stems_at(words, range(at + 1, with_), COMPARED)
    before, after = _around(words, at, at + 1)
    participle = words.lower[at] != THAN and not words.lower[at].endswith("ing")
    if participle and "by" in near and not PASSIVE.isdisjoint(words.lower[max(0, at - 2) : at]):
        by = at + 1 + near.index("by")
        return stems_at(words, range(by + 1, end), COMPARED), before
    return before, after


def _by_phrase(words: Words) -> tuple[Stems, Stems] | None:
    """This and that, in "this instead of that" and "that is behind this"."""
    for at in range(1, len(words.lower)):
        for size in range(LONGEST.get(words.lower[at], 0), 0, -1):
            phrase = words.phrase(at, size)
            if phrase in ABOVE or phrase in BELOW:
                before, after = _around(words, at, at + size)
                return (before, after) if phrase in ABOVE else (after, before)
    return None


def _compares(words: Words, at: int) -> bool:
    """Not so a "than" before a figure, "more than half of them", and the noun "replacement"."""
    following = words.lower[at + 1 : at + 2]
    figure = bool(following) and (following[0] in FIGURES or following[0][0].isdigit())
    return not (figure if words.lower[at] == THAN else words.lower[at].startswith(REPLACEMENT))


def _against(words: Words) -> Sides | None:
    """This and that, in "this rose against that"."""
    if AGAINST not in words.lower:
        return None
    at = words.lower.index(AGAINST)
    moves = any(d.at.stop in (at, at - 1) and "amount" in dict(d.signs) for d in directions_of(words))
    return Sides(*_around(words, at, at + 1), graded=True) if moves else None


def _multiple(words: Words) -> Sides | None:
    """This and that, in "this is twice that in …" and "this is twice as high as that"."""
    for at, word in enumerate(words.lower):
        if word not in MULTIPLIERS:
            continue
        following = words.lower[at + 1 : at + 5]
        if following[:1] == (AS,) and AS in following[2:]:
            end = at + 4 + following[2:].index(AS)
        elif following and following[0] in THOSE:
            end = at + 2
        else:
            continue
        times = words.phrase(at - 1, 2) if word == "times" and at else word
        return Sides(*_around(words, at, end), times=times)
    return None


def _shares(words: Words) -> tuple[Stems, Stems] | None:
    """Winner and loser, in "this takes share from that" and "that loses share to this"."""
    for at, word in enumerate(words.lower):
        takes = word in TAKING
        if not (takes or word in LOSING):
            continue
        near = words.lower[at + 1 : at + 2 + OBJECT]
        ends = (FROM if takes else TO, *CLAUSE_ENDS, *OWING)
        link = next((i for i, other in enumerate(near) if other in ends), 0)
        if link and near[link] == ends[0]:
            one, other = _around(words, at, at + 2 + link)
            return (one, other) if takes else (other, one)
    return None


def _ends(words: Words) -> tuple[Stems, Stems]:
    """This and that, in "from that to this", "to this from that" and "prefer this to that": what takes the other's
    place, and the other.
    """
    turned = None
    for at, opening in enumerate(words.lower):
        stem = words.stems[at]
        if stem in PREFERRING or opening == FROM:
            joint = _next(words, at, (TO, OVER) if stem in PREFERRING else (TO,))
        elif stem in CHOOSING:
            joint = _next(words, at, (OVER,))
        else:
            if opening == TO and turned is None and (source := _next(words, at, (FROM,))):
                turned = _split(words, at, source)
            continue
        if joint:
            first, second = _split(words, at, joint)
            return (second, first) if opening == FROM else (first, second)
    return turned or (NOTHING, NOTHING)


def _next(words: Words, at: int, joints: Sequence[str]) -> int | None:
    return next((i for i in range(at + 2, min(len(words.lower), at + 2 + COMPARED)) if words.lower[i] in joints), None)


def _split(words: Words, at: int, joint: int) -> tuple[Stems, Stems]:
    return stems_at(words, range(at + 1, joint)), stems_at(words, range(joint + 1, len(words.lower)))


def _around(words: Words, start: int, end: int) -> tuple[Stems, Stems]:
    before = stems_at(words, reversed(range(start)), COMPARED)
    return before, stems_at(words, range(end, len(words.lower)), COMPARED)

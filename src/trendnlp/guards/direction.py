"""Opposite directions, negations and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from trendnlp.guards.lexicon import (
    BOUNDS,
    ENDINGS,
    FIGURES,
    HARMLESS,
    NEGATING_PHRASES,
    NEGATORS,
    PASSIVE,
    PIVOTS,
    PLACING,
    PREFERRING,
    SWAPPING,
    directions,
)
from trendnlp.guards.words import Change, Words, changes, has_meaning, likeness, longest_by_opening, once, overlap

NEAR = 3  # tokens before a word in which a negator turns it
ARGUMENT = 3  # content words each side of a direction that say what moves
COMPARED = 6  # content words each side of a comparison
THAN, FROM, TO = "than", "from", "to"
MOVED = (" up", " down")
DEGREES = {"more": 1, "less": -1}  # before another direction: "less dear" is cheaper
CLAUSE_ENDS = frozenset((",", ";", ":", ".", "–", "—"))
ALIKE = 0.5  # overlap from which two statements are read word against word
OPENING_NEGATION = NEGATORS | longest_by_opening((*NEGATING_PHRASES, *HARMLESS)).keys()


@dataclass(frozen=True, slots=True)
class Direction:
    """A word or phrase that says where something moves: its tokens, its signs by scale, and what moves (stems)."""

    words: str
    at: range
    signs: tuple[tuple[str, int], ...]
    about: frozenset[str]

    def opposes(self, other: Direction) -> bool:
        return self._compared(other) < 0

    def agrees(self, other: Direction) -> bool:
        return self._compared(other) > 0

    def _compared(self, other: Direction) -> int:
        return sum(mine * theirs for scale, mine in self.signs for name, theirs in other.signs if scale == name)


@dataclass(frozen=True, slots=True)
class Negation:
    """A negator: its words and tokens."""

    words: str
    at: range


@dataclass(frozen=True, slots=True)
class Seen:
    """What made a guard fire, in each statement; empty where nothing stands there."""

    a: str
    b: str


@once
def directions_of(words: Words) -> tuple[Direction, ...]:
    """In text order, the longest phrase at each place; a negator before one turns its signs."""
    return _directions(words, turning=True)


def _directions(words: Words, turning: bool) -> tuple[Direction, ...]:
    known, longest = directions(), _longest_direction()
    negations = negations_of(words)
    taken = {i for n in negations if len(n.at) > 1 for i in n.at}
    found = []
    at = 0
    while at < len(words.lower):
        if at in taken:  # the "longer" of "no longer" says nothing of a length
            at += 1
            continue
        following = words.phrase(at + 1, 1)
        degree = DEGREES.get(words.lower[at], 0) if following in known and following not in BOUNDS else 0
        first = at + abs(degree)
        for size in range(longest.get(words.lower[first], 0), 0, -1):
            phrase = words.phrase(first, size)
            if phrase in known and first + size <= len(words.lower) and _holds(words, phrase, first + size):
                place = range(at, first + size)
                denied = sum(0 < place.start - n.at.stop + 1 <= NEAR for n in negations) % 2
                turn = -1 if turning and denied and phrase not in BOUNDS else 1
                own = {scale: sign * (degree or 1) for scale, sign in known[phrase]}
                told = {"amount": degree, **own} if degree else own
                signs = tuple((scale, sign * turn) for scale, sign in told.items())
                found.append(Direction(words.phrase(at, len(place)), place, signs, _about(words, place)))
                break
        else:
            size = 1
        at = first + size
    return tuple(found)


def _holds(words: Words, phrase: str, end: int) -> bool:
    """Whether a phrase says what it is listed for: a bound does where a figure follows, "at most ports" is none."""
    if phrase.endswith(MOVED) and words.lower[end : end + 1] == (TO,):
        return False  # "is up to ten" is a bound
    return phrase not in BOUNDS or _is_figure(words, end)


def _is_figure(words: Words, at: int) -> bool:
    following = words.lower[at : at + 1]
    return bool(following) and (
        following[0] in FIGURES | {"a", "an", "one"} or (not following[0].isalpha() and following[0] not in CLAUSE_ENDS)
    )


@once
def negations_of(words: Words) -> tuple[Negation, ...]:
    """Negators in text order, but for harmless ones like "not only"."""
    found = []
    skip = 0
    for at, word in enumerate(words.lower):
        if at < skip or word not in OPENING_NEGATION:
            continue
        pair, longer = words.phrase(at, 2), [words.phrase(at, size) for size in (5, 4, 3, 2)]
        harmless = next((p for p in (words.phrase(at, 3), pair) if p in HARMLESS), None)
        phrase = next((p for p in longer if p in NEGATING_PHRASES), None)
        if phrase in ENDINGS and _is_figure(words, at + 2):
            phrase = None
        if harmless:
            skip = at + len(harmless.split())
        elif phrase:
            skip = at + len(phrase.split())
            found.append(Negation(phrase, range(at, skip)))
        elif word in NEGATORS:
            found.append(Negation(word, range(at, at + 1)))
    return tuple(found)


def opposite(a: Words, b: Words) -> Seen | None:
    """Where the statements say that one thing moves in opposite directions."""
    mine, theirs = directions_of(a), directions_of(b)
    if not _may_oppose(a, b):
        return None
    if overlap(a, b) >= ALIKE:
        turned = _replaced(mine, theirs, changes(a, b))
        if _crossed(a, b) and _of_degree(a, b):
            return None  # "X is dearer than Y" and "Y is cheaper than X" are one; the rest is for the comparison
        if turned:
            return None if _of_nothing(a, b, turned) else _seen(turned[0])
        # One statement turns a direction by a negator and the other by nothing: they stand on the same word.
        same = [(x, y) for x in mine for y in theirs if x.words == y.words and x.about & y.about and x.opposes(y)]
        alike = any(x.words == y.words and x.agrees(y) for x in mine for y in theirs)
        if same and not alike:
            return _seen(same[0])
    against = [(x, y) for x in mine for y in theirs if x.opposes(y) and _one_subject(x, y)]
    along = [(x, y) for x in mine for y in theirs if x.agrees(y) and x.about & y.about]
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
    return shares and (len(negations_of(a)) - len(negations_of(b))) % 2 == 1


def negated(a: Words, b: Words) -> Seen | None:
    """Where one statement denies what the other says in nearly the same words."""
    if likeness(a, b) < ALIKE:
        return None  # a longer statement may deny something beside what both say
    mine, theirs = _denials(a, b), _denials(b, a)
    if (len(mine) - len(theirs)) % 2 == 0:
        return None
    turned = _replaced(_directions(a, turning=False), _directions(b, turning=False), changes(a, b))
    if len(turned) % 2:  # "not cheap" against "dear"
        return None
    extra = mine if len(mine) > len(theirs) else theirs
    lone = " ".join(n.words for n in extra)
    return Seen(lone, "") if extra is mine else Seen("", lone)


def _denials(words: Words, other: Words) -> list[Negation]:
    """The negators of ``words``, but for a "without" whose noun ``other`` does not have: that only adds."""
    return [
        n
        for n in negations_of(words)
        if n.words != "without" or _stems(words, range(n.at.stop, len(words.lower))) & other.content
    ]


def swapped_comparison(a: Words, b: Words) -> Seen | None:
    """Where "X is cheaper than Y" stands against "Y is cheaper than X", or "X displaces Y" against "Y displaces X"."""
    if overlap(a, b) < ALIKE or not _crossed(a, b):
        return None
    mine, theirs = directions_of(a), directions_of(b)
    if _of_degree(a, b) and any(x.opposes(y) for x in mine for y in theirs):
        return None  # both the order and the word are turned: the same
    return Seen(*(_written(words, right - left) for words in (a, b) for left, right in (_sides(words),)))


def _counts(words: Words, at: int) -> bool:
    """Whether a "than" compares with a figure: "more than half of them"."""
    following = words.lower[at + 1 : at + 2]
    return words.lower[at] == THAN and bool(following) and (following[0] in FIGURES or following[0][0].isdigit())


def _ends(words: Words) -> tuple[frozenset[str], frozenset[str]]:
    """This and that, in "from that to this" and "prefer this to that": what takes the other's place, and the other."""
    for at, opening in enumerate(words.lower):
        preferred = words.stems[at] in PREFERRING
        to = next((i for i in range(at + 2, min(len(words.lower), at + 2 + COMPARED)) if words.lower[i] == TO), None)
        if to and (preferred or opening == FROM):
            first, second = _stems(words, range(at + 1, to)), _stems(words, range(to + 1, len(words.lower)))
            return (first, second) if preferred else (second, first)
    return frozenset(), frozenset()


def _of_degree(a: Words, b: Words) -> bool:
    """Whether one of them says how much more, and does not only name what takes whose place."""
    return THAN in a.lower or THAN in b.lower


def _written(words: Words, stems: frozenset[str]) -> str:
    """The words with these stems, each once, in text order."""
    found = {stem: word for word, stem in zip(reversed(words.lower), reversed(words.stems), strict=True)}
    return " ".join(dict.fromkeys(found[stem] for stem in words.stems if stem in stems))


def _crossed(a: Words, b: Words) -> bool:
    """Whether of what is compared in both statements each has changed its side."""
    left_a, right_a = _sides(a)
    left_b, right_b = _sides(b)
    forth = (left_a - right_a) & (right_b - left_b)
    back = (right_a - left_a) & (left_b - right_b)
    return bool(forth and back)


@once
def _sides(words: Words) -> tuple[frozenset[str], frozenset[str]]:
    """What is set above or in the place of another thing, and that thing, by the first word that does so; nothing where
    there is none.
    """
    at = next((i for i, stem in enumerate(words.stems) if stem in PIVOTS and not _counts(words, i)), None)
    if at is None:
        return _ends(words)
    end = len(words.lower)
    near = words.lower[at + 1 : at + 2 + COMPARED]
    with_ = (
        at + 1 + near.index("with") if "with" in near and not PLACING.intersection(near[: near.index("with")]) else None
    )
    if words.stems[at] in SWAPPING and with_:  # "growers replace this with that": that stands in the place of this
        return _stems(words, range(with_ + 1, end), COMPARED), _stems(words, range(at + 1, with_), COMPARED)
    before, after = _stems(words, reversed(range(at)), COMPARED), _stems(words, range(at + 1, end), COMPARED)
    passive = words.lower[at] != THAN and "by" in near and not PASSIVE.isdisjoint(words.lower[max(0, at - 2) : at])
    if passive:
        by = at + 1 + near.index("by")
        return _stems(words, range(by + 1, end), COMPARED), before
    return before, after


@cache
def _longest_direction() -> Mapping[str, int]:
    return longest_by_opening(directions())


def _about(words: Words, place: range) -> frozenset[str]:
    before = _stems(words, reversed(range(place.start)))
    return before | _stems(words, range(place.stop, len(words.lower)))


def _stems(words: Words, at: Iterable[int], most: int = ARGUMENT) -> frozenset[str]:
    """The stems of the first few content words at the places, up to the end of the clause."""
    known = directions()
    found: list[str] = []
    for i in at:
        word = words.lower[i]
        if word in CLAUSE_ENDS or len(found) == most:
            break
        if has_meaning(word) and word not in known:
            found.append(words.stems[i])
    return frozenset(found)


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
        if pair and not any(x.agrees(y) for x in here for y in there):
            pairs.append(pair)
    return pairs


def _touches(a: range, b: range) -> bool:
    return a.start < b.stop and b.start < a.stop


def _seen(pair: tuple[Direction, Direction]) -> Seen:
    return Seen(pair[0].words, pair[1].words)

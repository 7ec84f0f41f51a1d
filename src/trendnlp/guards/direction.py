"""Words of direction and of denial: where they stand, which way they point, and what moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from trendnlp.guards.lexicon import (
    BEFORE_NOUNS,
    CLAUSE_LINKS,
    DETERMINERS,
    ENDINGS,
    FIGURES,
    HARMLESS,
    ILLS,
    NEGATING_PHRASES,
    NEGATORS,
    NO_OBJECTS,
    PERCENT,
)
from trendnlp.guards.scales import BOUNDS, BY_FIGURE, LINKS, directions
from trendnlp.guards.words import Words, has_meaning, longest_by_opening, once

NEAR = 3  # tokens before a word in which a negator turns it
ARGUMENT = 3  # content words each side of a direction that say what moves
REACH = 6  # content words before a direction that can name an ill
TO = "to"
MOVED = (" up", " down")
DEGREES = {"more": 1, "less": -1}  # before another direction: "less dear" is cheaper
CLAUSE_ENDS = frozenset((",", ";", ":", ".", "–", "—"))
STATE = "state"
UNGRADED = BOUNDS | BY_FIGURE  # no degree stands before these
OPENING_NEGATION = NEGATORS | longest_by_opening((*NEGATING_PHRASES, *HARMLESS)).keys()


@dataclass(frozen=True, slots=True)
class Direction:
    """A word or phrase that says where something moves: its tokens, its signs by scale, the stems around it, and those
    of what moves alone.
    """

    words: str
    at: range
    signs: tuple[tuple[str, int], ...]
    about: frozenset[str]
    moved: frozenset[str]

    def opposes(self, other: Direction) -> bool:
        return self._compared(other) < 0

    def agrees(self, other: Direction) -> bool:
        return self._compared(other) > 0

    @property
    def links(self) -> bool:
        """Whether it only links clauses or names a way to do a thing: that two statements share one says little."""
        return all(scale in LINKS for scale, _ in self.signs)

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


@once
def undenied_directions_of(words: Words) -> tuple[Direction, ...]:
    """The same, as if there were no negators."""
    return _directions(words, turning=False)


def _directions(words: Words, turning: bool) -> tuple[Direction, ...]:
    known, longest, movements, lower = directions(), _longest_direction(), _movements(), words.lower
    negations = negations_of(words)
    taken = {i for n in negations if len(n.at) > 1 for i in n.at}
    found = []
    at = 0
    while at < len(lower):
        # The "longer" of "no longer" says nothing of a length.
        if at in taken or (lower[at] not in longest and lower[at] not in DEGREES):
            at += 1
            continue
        following = words.phrase(at + 1, 1)
        degree = DEGREES.get(lower[at], 0) if following in movements and following not in UNGRADED else 0
        first = at + abs(degree)
        for size in range(longest.get(lower[first], 0), 0, -1):
            phrase = words.phrase(first, size)
            if phrase in known and first + size <= len(lower) and _holds(words, phrase, first + size):
                place = range(at, first + size)
                denied = sum(0 < place.start - n.at.stop + 1 <= NEAR for n in negations) % 2
                turn = -1 if turning and denied and phrase not in BOUNDS else 1
                own = {scale: sign * (degree or 1) for scale, sign in known[phrase]}
                if STATE in own:
                    own["amount"] = own[STATE] * (-1 if _of_an_ill(words, place) else 1)
                told = {"amount": degree, **own} if degree else own
                signs = tuple((scale, sign * turn) for scale, sign in told.items())
                about, moved = _about(words, place), frozenset(words.stems[i] for i in _moved(words, place))
                found.append(Direction(words.phrase(at, len(place)), place, signs, about, moved))
                break
        else:
            size = 1
        at = first + size
    return tuple(found)


def _holds(words: Words, phrase: str, end: int) -> bool:
    """Whether a phrase says what it is listed for: a bound does where a figure follows, "at most ports" is none; "up"
    and "down" do before a percentage.
    """
    if phrase.endswith(MOVED) and words.lower[end : end + 1] == (TO,):
        return False  # "is up to ten" is a bound
    if phrase in BY_FIGURE:
        following = words.lower[end : end + 3]
        return bool(following) and following[0][0].isdigit() and not PERCENT.isdisjoint(following[1:])
    return phrase not in BOUNDS or is_figure(words, end)


def is_figure(words: Words, at: int) -> bool:
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
        if phrase in ENDINGS and is_figure(words, at + 2):
            phrase = None
        if harmless:
            skip = at + len(harmless.split())
        elif phrase:
            skip = at + len(phrase.split())
            found.append(Negation(phrase, range(at, skip)))
        elif word in NEGATORS:
            found.append(Negation(word, range(at, at + 1)))
    return tuple(found)


@cache
def _movements() -> frozenset[str]:
    """The words of direction but for those that only link."""
    return frozenset(word for word, signs in directions().items() if not LINKS.issuperset(dict(signs)))


@cache
def _longest_direction() -> Mapping[str, int]:
    return longest_by_opening(directions())


def _about(words: Words, place: range) -> frozenset[str]:
    before = stems_at(words, reversed(range(place.start)))
    return before | stems_at(words, range(place.stop, len(words.lower)))


def stems_at(words: Words, at: Iterable[int], most: int = ARGUMENT) -> frozenset[str]:
    """The stems of the first few content words at the places, up to the end of the clause."""
    known = _movements()
    found: list[str] = []
    for i in at:
        word = words.lower[i]
        if word in CLAUSE_ENDS or len(found) == most:
            break
        if has_meaning(word) and word not in known:
            found.append(words.stems[i])
    return frozenset(found)


def _of_an_ill(words: Words, place: range) -> bool:
    """Whether what gets better or worse is an ill."""
    return any(words.lower[i] in ILLS for i in _moved(words, place, REACH))


def _moved(words: Words, place: range, most: int = ARGUMENT) -> list[int]:
    """Where the words stand that name what moves: those after a direction that has an object or is a participle
    ("reduce margins", "rising costs", "a rise in costs"), else those before it in its clause.
    """
    start, end = place.start, place.stop
    is_noun = start == 0 or words.lower[start - 1] in BEFORE_NOUNS
    if is_noun and words.lower[end : end + 1] in (("in",), ("of",)):
        end += 1
    return _object(words, end) or _subject(words, start, most)


def _object(words: Words, at: int) -> list[int]:
    known = _movements()
    found: list[int] = []
    for i in range(at, len(words.lower)):
        word = words.lower[i]
        if not found and word in DETERMINERS:
            continue
        ends = not has_meaning(word) or not word[0].isalpha() or word in NO_OBJECTS or word.endswith("ly")
        if ends or (word in known and word not in ILLS) or len(found) == ARGUMENT:
            break
        found.append(i)
    return found


def _subject(words: Words, at: int, most: int) -> list[int]:
    known = _movements()
    found: list[int] = []
    for i in reversed(range(at)):
        word = words.lower[i]
        if word in CLAUSE_ENDS or word in CLAUSE_LINKS or (word in known and word not in ILLS) or len(found) == most:
            break
        if has_meaning(word) and not word.endswith("ly"):
            found.append(i)
    return found

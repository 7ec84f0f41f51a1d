"""A statement's words, folded for comparison, and how two statements line up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache, wraps
from itertools import compress
from typing import Any, TypeVar, cast

from trendnlp.guards.lexicon import STOP
from trendnlp.segment import tokens

ENDINGS = ("ations", "ation", "ings", "ing", "ments", "ment", "ness", "ies", "ied", "ers", "ed", "er", "es", "ly", "s")
SHORTEST_STEM = 4
STEMS = 2**16  # words whose stems are kept: each is asked for many times a statement
# Statements whose words are kept, with all that guards read in them, 9 kB each: both sides of as many pairs as are
# compared together.
READ = 2**11
LINED_UP = 64  # pairs whose changes are kept: each guard asks for those of the pair in hand
T = TypeVar("T")


@dataclass(frozen=True)
class Words:
    """The tokens of one statement as written, lower-cased, and stemmed."""

    text: str
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tokens(self.text)

    @cached_property
    def lower(self) -> tuple[str, ...]:
        return tuple(map(_lower, self.written))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(map(stem, self.lower))

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the words that carry meaning."""
        return frozenset(compress(self.stems, map(has_meaning, self.lower)))

    def phrase(self, at: int, words: int) -> str:
        return " ".join(self.lower[at : at + words])


@lru_cache(maxsize=READ)
def words_of(text: str) -> Words:
    """The words of a statement, whatever white space is between them."""
    return Words(" ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of one statement that stands where another stretch stands in the other: token positions."""

    a: range
    b: range


def once(look: Callable[[Words], T]) -> Callable[[Words], T]:
    """Keep what ``look`` finds with the statement: it is asked for with every pair."""

    @wraps(look)
    def kept(words: Words) -> T:
        if look.__name__ not in words.kept:
            words.kept[look.__name__] = look(words)
        return cast("T", words.kept[look.__name__])

    return kept


def content(words: Sequence[str]) -> frozenset[str]:
    return frozenset(stem(w) for w in words if has_meaning(w))


def longest_by_opening(phrases: Iterable[str]) -> Mapping[str, int]:
    """Of phrases (words with single spaces), by their first words: how many words the longest has."""
    found: dict[str, int] = {}
    for phrase in phrases:
        opening, *others = phrase.split(" ")
        found[opening] = max(found.get(opening, 0), 1 + len(others))
    return found


@lru_cache(maxsize=STEMS)
def _lower(word: str) -> str:
    return word.lower().replace("’", "'")


@lru_cache(maxsize=STEMS)
def has_meaning(word: str) -> bool:
    """Whether a word in small letters is more than grammar or punctuation."""
    return word not in STOP and any(c.isalnum() for c in word)


@lru_cache(maxsize=STEMS)
def stem(word: str) -> str:
    """``word`` without its ending: "pumps" and "pump" are one, "hospital" and "hospitality" are not."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > SHORTEST_STEM else word


@lru_cache(maxsize=LINED_UP)
def changes(a: Words, b: Words) -> tuple[Change, ...]:
    """What must be replaced, taken out or put in to turn ``a`` into ``b``, in order."""
    matcher = SequenceMatcher(None, a.stems, b.stems, autojunk=False)
    return tuple(Change(range(i, j), range(k, m)) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")


def overlap(a: Words, b: Words) -> float:
    """The share of the shorter statement's content words that the other has too."""
    if not a.content or not b.content:
        return 0.0
    return len(a.content & b.content) / min(len(a.content), len(b.content))


def likeness(a: Words, b: Words) -> float:
    """The share of all their content words that both statements have (Jaccard)."""
    return len(a.content & b.content) / len(a.content | b.content) if a.content | b.content else 0.0

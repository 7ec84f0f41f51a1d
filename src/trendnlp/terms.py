"""Tags of findings, and terms as they are compared: by their words, in any case, singular or plural."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’&.][^\W_]+)*")
POSSESSIVE = re.compile(r"['’]s?$")
SHORTEST_PLURAL = 4  # letters of the shortest word whose last s is taken for a plural: "gas" and "bus" keep theirs
HISSING = ("sses", "shes", "ches", "xes", "zes")
SINGULAR = ("ss", "us", "is")  # endings of words that are no plurals
FOLDED = 2**16  # words whose folded form is kept: each is asked for many times


class TagOrigin(StrEnum):
    """Where a tag comes from: the user's taxonomy, the words of the finding, or a person."""

    TAXONOMY = "taxonomy"
    THEME = "theme"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Tag:
    """What a finding is about. ``score`` is the share of its members' different texts that speak of it, for a theme
    times how telling its words are (0 to 1), to four decimals; of a person's, 1.
    """

    name: str
    origin: TagOrigin
    score: float

    @property
    def key(self) -> str:
        return term_key(self.name)


def term_words(text: str) -> tuple[str, ...]:
    """The words of ``text``, folded. Hyphens part words."""
    return tuple(fold(word) for word in WORD.findall(text))


def term_key(text: str) -> str:
    """Equal for terms that differ in case, number, hyphens and punctuation alone."""
    return " ".join(term_words(text))


@lru_cache(maxsize=FOLDED)
def fold(word: str) -> str:
    """``word`` in small letters, without a possessive or plural ending."""
    small = POSSESSIVE.sub("", word.casefold())
    if len(small) < SHORTEST_PLURAL or not small.endswith("s") or small.endswith(SINGULAR):
        return small
    if small.endswith("ies") and len(small) > SHORTEST_PLURAL:
        return small[:-3] + "y"
    return small[:-2] if small.endswith(HISSING) else small[:-1]

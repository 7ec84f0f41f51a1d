"""Tags of findings, and terms as they are compared: by their words, in any case, singular or plural."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’&.][^\W_]+)*")
POSSESSIVE = re.compile(r"['’][sS]?$")
SHORTEST_PLURAL = 4  # letters of the shortest word whose last s is taken for a plural: "gas" and "bus" keep theirs
INITIALS = re.compile(r"[A-Z0-9]{2,}s")  # "EVs", "GPUs": the small s is a plural, however short they are
SINGULAR = ("ss", "us", "is")  # endings of words that are no plurals
SINGULAR_IN_S = ("alias", "atlas", "bias", "biogas", "canvas", "gas", "lens")
PLURAL_IN_S = ("alibis", "bureaus", "emus", "gurus", "kiwis", "menus", "minis", "plateaus", "safaris", "skis", "taxis")
HISSING = ("ss", "us", "sh", "ch", "x", "tz", "zz", "o")  # endings whose plural takes -es: "viruses", "potatoes"
HISSING_E = ("ouse", "ause", "shoe")  # endings in -e whose plural looks the same: "houses"
WORDS_IN_E = (
    *("use", "abuse", "amuse", "excuse", "fuse", "misuse", "muse", "refuse", "reuse", "ruse", "impasse", "mousse"),
    *("ache", "backache", "cache", "headache", "toothache", "avalanche", "cliche", "creche", "moustache", "niche"),
    *("pastiche", "psyche", "quiche", "tranche", "posse", "axe", "backhoe", "canoe", "hoe", "toe"),
)
IRREGULAR = {
    "analyses": "analysis",
    "children": "child",
    "crises": "crisis",
    "criteria": "criterion",
    "halves": "half",
    "indices": "index",
    "knives": "knife",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "quizzes": "quiz",
    "shelves": "shelf",
    "wolves": "wolf",
    "women": "woman",
}
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
    bare = POSSESSIVE.sub("", word)
    small = bare.casefold()
    if small in IRREGULAR:
        return IRREGULAR[small]
    singular = small[:-1] if INITIALS.fullmatch(bare) or small in PLURAL_IN_S else _singular(small)
    # a plural in -ies does not tell whether the word is one in -y or in -ie ("batteries", "calories")
    return singular[:-2] + "y" if singular.endswith("ie") and len(singular) >= SHORTEST_PLURAL else singular


def _singular(small: str) -> str:
    if len(small) < SHORTEST_PLURAL or not small.endswith("s") or small.endswith(SINGULAR) or small in SINGULAR_IN_S:
        return small
    bare, with_e = small[:-2], small[:-1]
    if not small.endswith("es") or with_e in WORDS_IN_E or with_e.endswith(HISSING_E):
        return with_e
    return bare if bare in SINGULAR_IN_S or bare.endswith(HISSING) else with_e

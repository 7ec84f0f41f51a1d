"""Places and named subjects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest

from trendnlp.guards.figures import CURRENCIES, SPELT, UNITS
from trendnlp.guards.lexicon import (
    ABSTRACT,
    BEFORE_NOUNS,
    BY_NAMES,
    CITIES,
    DETERMINERS,
    MONTHS,
    ORDINARY,
    OWNERS,
    STOP,
)
from trendnlp.guards.scales import PAST, directions
from trendnlp.guards.words import Words, once, stem
from trendnlp.read.gazetteer import names

LEAD_IN = re.compile(r"[^.:;!?]{1,60}: ")
NAMELESS = MONTHS | STOP | UNITS.keys() | CURRENCIES.keys() | {"rs"}  # of which a capital makes no name
INITIALS = 5  # letters of the longest name that is read as initials
LETTERS = 5  # of the shortest name that is read as a shortened word
SHORTENED = 1.8  # times the length of its short form that a word has at least
SHORTEST = 4  # tokens of statements whose openings are compared
POSSESSIVE = frozenset(("'s", "’s"))
SINGULAR = frozenset(("is", "has", "was", "does"))
AFTER_VERBS = DETERMINERS | {"more", "less", "fewer", "roughly", "about", "over", "nearly", "almost", "some"}
TITLE_CASE = 0.6  # share of capitals from which a statement is a headline, whose capitals name nothing


def places(text: str) -> frozenset[str]:
    """The countries and regions that ``text`` names, by their usual names."""
    known = _known()
    return frozenset(known[found[0]] for found in _pattern().finditer(text))


@once
def subjects(words: Words) -> frozenset[str]:
    """The stems of the capitalised words that name something other than a country, a region, a time or a unit; of a
    headline, none.

    A word that opens the statement, or a part of it after a colon, is capitalised for another reason, but for one that
    has a capital within ("LFP") or owns something ("Kelvar's robots"), and so are the words of a lead-in in title case
    ("Cloud Storage: …").
    """
    text = words.text
    if (lead_in := LEAD_IN.match(text)) and _in_title_case(lead_in[0]):
        text = text[lead_in.end() :]
    text = _pattern().sub(lambda found: found[0] if found[0] in CITIES else " ", text)
    plain = words if text == words.text else Words(text)
    found, capitals, letters = set(), 0, 0
    opening = True
    for word, following in zip_longest(plain.written, plain.written[1:], fillvalue=""):
        if not word[0].isalnum():
            opening = word in ".:;!?•-–—“\"'(" or opening
            continue
        if len(word) > 3 and word.lower() not in STOP and not opening:
            letters += 1
            capitals += word[0].isupper()
        owns = following in POSSESSIVE and word.lower() not in OWNERS
        named = not opening or owns or any(c.isupper() for c in word[1:])
        if word[0].isupper() and named and word.lower() not in NAMELESS:
            found.add(_name(word))
        opening = False
    return frozenset() if letters and capitals >= TITLE_CASE * letters else frozenset(found)


def _name(word: str) -> str:
    """The stem of a name; of several "EVs" that of one."""
    plural = len(word) > 2 and word[-1] == "s" and word[:-1].isupper()
    return stem((word[:-1] if plural else word).lower())


def _in_title_case(text: str) -> bool:
    return all(word[0].isupper() for word in Words(text).written if word[0].isalpha() and word not in STOP)


def openings(a: Words, b: Words) -> tuple[str, str] | None:
    """The words that open two statements which agree in all others, where both may be names: alone before a verb, and
    neither plurals nor abstract ("Buyers", "Customers", "Leasing", "Renting"), which may mean the same.
    """
    if len(a.lower) < SHORTEST or a.lower[1:] != b.lower[1:] or a.stems[:1] == b.stems[:1]:
        return None
    both = all(_may_be_name(words.lower[0], words.lower[1]) for words in (a, b))
    return (a.written[0], b.written[0]) if both and _is_verb(a.lower[1], a.lower[2]) else None


def _may_be_name(word: str, verb: str) -> bool:
    plural = word.endswith("s") and not (verb in SINGULAR or verb.endswith("s"))
    ordinary = any(word in words for words in (NAMELESS, OWNERS, ORDINARY, SPELT, directions()))
    return word.isalpha() and not plural and not ordinary and not word.endswith(ABSTRACT)


def _is_verb(word: str, following: str) -> bool:
    """Whether the second word of a statement is its verb, as an auxiliary is, or what stands before "its" or "more";
    and what tells of a movement in the past, where an object follows ("cut prices", and not "a deep cut in prices").
    """
    if word in SINGULAR or following in AFTER_VERBS:
        return True
    past = word.endswith("ed") or word in PAST
    return past and word in directions() and following.isalpha() and following not in BEFORE_NOUNS


def only_in(a: frozenset[str], b: frozenset[str], other: Words) -> frozenset[str]:
    """The subjects of ``a`` that are none of ``b`` and stand not in ``other`` in small letters or in short."""
    lone = a - b
    if not lone:
        return lone
    initials = "".join(word[0] for word in other.lower if word[0].isalpha())
    return frozenset(name for name in lone if name not in other.stems and not _is_short(name, initials, other.stems))


def _is_short(name: str, initials: str, stems: Sequence[str]) -> bool:
    """Whether a name stands for initials in a row ("P&G"), or letters of one long word in order ("BNetzA")."""
    letters = name.replace("&", "")
    if 1 < len(letters) <= INITIALS and letters in initials:
        return True
    return len(letters) >= LETTERS and any(_shortens(letters, stem) for stem in stems)


def _shortens(letters: str, word: str) -> bool:
    rest = iter(word)
    return len(word) >= SHORTENED * len(letters) and word[0] == letters[0] and all(c in rest for c in letters)


@cache
def _known() -> dict[str, str]:
    return names() | BY_NAMES | CITIES


@cache
def _pattern() -> re.Pattern[str]:
    known = _known()
    listed = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    opening = "".join(sorted({re.escape(name[0]) for name in known}))  # looked at first: most letters open no name
    return re.compile(rf"(?<![\w-])(?=[{opening}])(?:{listed})(?![\w])")

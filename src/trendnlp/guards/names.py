"""Places and named subjects."""

from __future__ import annotations

import re
from functools import cache

from trendnlp.guards.figures import CURRENCIES, UNITS
from trendnlp.guards.lexicon import BY_NAMES, CITIES, MONTHS, STOP
from trendnlp.guards.words import Words, stem
from trendnlp.read.gazetteer import names

LEAD_IN = re.compile(r"[^.:;!?]{1,60}: ")
NAMELESS = MONTHS | STOP | UNITS.keys() | CURRENCIES.keys() | {"rs"}  # of which a capital makes no name
TITLE_CASE = 0.6  # share of capitals from which a statement is a headline, whose capitals name nothing


def places(text: str) -> frozenset[str]:
    """The countries and regions that ``text`` names, by their usual names."""
    known = _known()
    return frozenset(known[found[0]] for found in _pattern().finditer(text))


def subjects(words: Words) -> frozenset[str]:
    """The stems of the capitalised words that name something other than a country, a region, a time or a unit; of a
    headline, none.

    A word that opens the statement, or a part of it after a colon, is capitalised for another reason, and so are the
    words of a lead-in in title case ("Cloud Storage: …").
    """
    text = words.text
    if (lead_in := LEAD_IN.match(text)) and _in_title_case(lead_in[0]):
        text = text[lead_in.end() :]
    text = _pattern().sub(lambda found: found[0] if found[0] in CITIES else " ", text)
    plain = words if text == words.text else Words(text)
    found, capitals, letters = set(), 0, 0
    opening = True
    for word in plain.written:
        if not word[0].isalnum():
            opening = word in ".:;!?•-–—“\"'(" or opening
            continue
        if len(word) > 3 and word.lower() not in STOP and not opening:
            letters += 1
            capitals += word[0].isupper()
        if word[0].isupper() and not opening and word.lower() not in NAMELESS:
            found.add(_name(word))
        opening = False
    return frozenset() if letters and capitals >= TITLE_CASE * letters else frozenset(found)


def _name(word: str) -> str:
    """The stem of a name; of several "EVs" that of one."""
    plural = len(word) > 2 and word[-1] == "s" and word[:-1].isupper()
    return stem((word[:-1] if plural else word).lower())


def _in_title_case(text: str) -> bool:
    return all(word[0].isupper() for word in Words(text).written if word[0].isalpha() and word not in STOP)


def only_in(a: frozenset[str], b: frozenset[str], other: Words) -> frozenset[str]:
    """The subjects of ``a`` that are none of ``b`` and stand not in ``other`` in small letters or in short."""
    lone = a - b
    if not lone:
        return lone
    initials = "".join(word[0] for word in other.lower if word[0].isalpha())
    return frozenset(name for name in lone if name not in other.stems and not (1 < len(name) <= 5 and name in initials))


@cache
def _known() -> dict[str, str]:
    return names() | BY_NAMES | CITIES


@cache
def _pattern() -> re.Pattern[str]:
    known = _known()
    listed = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    opening = "".join(sorted({re.escape(name[0]) for name in known}))  # looked at first: most letters open no name
    return re.compile(rf"(?<![\w-])(?=[{opening}])(?:{listed})(?![\w])")

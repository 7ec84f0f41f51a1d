"""The phrases that a statement may be tagged with, as it writes them: one to three words, and names of institutions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from trendnlp.guards.lexicon import MONTHS
from trendnlp.read.gazetteer import names
from trendnlp.tags.lexicon import (
    ADJECTIVES,
    INSTITUTIONS,
    before_nouns,
    breaks,
    generic,
    not_adjectives,
    not_adverbs,
    not_past,
    words_of,
)
from trendnlp.terms import fold, term_key

LONGEST = 3  # words of a phrase
SHORTEST_WORD = 2  # letters
KEPT = 2**16  # words of which is kept what they are: each is asked for many times
TOKEN = re.compile(r"([^\W_]+(?:[-’'&.][^\W_]+)*)")
FIGURE = re.compile(r"[\d.,]+(?:st|nd|rd|th|s|x|bn|mn|[kmKM])?|.*\d{4}.*")
OPENING = frozenset(".:;!?•“\"'(")  # characters after which a capital says nothing
CAPITAL = r"[A-Z][\w-]+"
INSTITUTION = rf"(?:{'|'.join(INSTITUTIONS.split())})"
# A capital after a link word continues the name: "Drug Administration" alone is none.
NAME = re.compile(
    rf"\b(?:(?:{CAPITAL} ){{0,3}}{INSTITUTION} (?:of|for|of the) {CAPITAL}(?: (?:(?:and|&) )?{CAPITAL}){{0,4}}"
    rf"|{CAPITAL} (?:{CAPITAL} ){{0,2}}(?:and|&) (?:{CAPITAL} ){{1,3}}{INSTITUTION})\b"
)
COPULAS = words_of("is are was were be been being become becomes became remain remains remained")


class Phrase(NamedTuple):
    """Words in a row. ``key`` is equal for phrases that differ in case and number alone, ``opens`` says that a sentence
    begins with it, so that its first capital says nothing, ``whole`` that no word before it belongs to it.
    """

    words: tuple[str, ...]
    key: str
    opens: bool
    whole: bool


class _Token(NamedTuple):
    """``low`` is the word in small letters."""

    text: str
    low: str
    opens: bool


def phrases(text: str) -> Iterator[Phrase]:
    """The phrases of ``text``: names of institutions whole, then all others in text order.

    Words in a row between stop words, verbs, adverbs, figures, places and punctuation are a run; what a run ends with
    is its noun, so its phrases are its last word, its last two and its last three. A lone word that ends as adjectives
    do, or follows "is" or "remain", is no phrase.
    """
    known = generic()
    for name in _institutions(text):
        text = text.replace(name, "|" * len(name))
        words = tuple(name.split())
        yield Phrase(words, " ".join(map(_key, words)), opens=False, whole=True)
    for run in _runs(text):
        part = run[-LONGEST:]
        words = tuple(token.text for token in part)
        keys = [_key(word) for word in words]
        telling = [token.low not in known for token in part]
        for at in range(len(part)):
            if any(telling[at:]) and (at + 1 < len(part) or not _like_adjective(part[at].low)):
                yield Phrase(words[at:], " ".join(keys[at:]), part[at].opens, at == 0 and len(run) == len(part))


def _institutions(text: str) -> Iterator[str]:
    for found in NAME.finditer(text):
        words = found[0].split()
        while words and words[0].lower() in breaks():
            words.pop(0)
        if not all(word[0].isupper() for word in words):
            yield " ".join(words)


def _runs(text: str) -> Iterator[Sequence[_Token]]:
    run: list[_Token] = []
    copula = follows_copula = False
    opens = True
    parts = TOKEN.split(places().sub(lambda found: "|" * len(found[0]), text))
    for between, word in zip(parts[::2], parts[1::2], strict=False):  # white space and punctuation end the text
        joined = between == " "  # as most words are
        if not joined:
            opens = opens or not OPENING.isdisjoint(between)
            joined = not between.strip()
        low = _low(word)
        stands = _stands(low)
        # "are displacing oxides", ", compelling firms": a verb; "the ageing population": none
        if stands and (copula or not (joined or opens)) and low.endswith("ing"):
            stands = False
        if run and not (joined and stands):
            yield from _nouns(run, follows_copula)
            run = []
        if stands:
            follows_copula = follows_copula if run else copula and joined
            run.append(_Token(word, low, opens))
        copula = low in COPULAS or (copula and low.endswith("ly"))
        opens = False
    if run:
        yield from _nouns(run, follows_copula)


def _nouns(run: Sequence[_Token], follows_copula: bool) -> Iterator[Sequence[_Token]]:
    """``run`` without its verbs: after a plural, and in -ed at its end."""
    if follows_copula and len(run) == 1:
        return
    for i, token in enumerate(run[:-1]):
        if _is_plural(token.text):
            yield run[: i + 1]
            yield from _nouns(run[i + 2 :], False)
            return
    while run and run[-1].low.endswith("ed") and run[-1].low not in not_past():
        run = run[:-1]
    if run:
        yield run


@lru_cache(maxsize=KEPT)
def _is_plural(word: str) -> bool:
    low = _low(word)
    return fold(word) != low and low.endswith("s") and not low.endswith(("ics", "'s")) and low not in before_nouns()


@lru_cache(maxsize=KEPT)
def _low(word: str) -> str:
    return word.lower().replace("’", "'")


@lru_cache(maxsize=KEPT)
def _like_adjective(word: str) -> bool:
    return word.endswith(ADJECTIVES) and word not in not_adjectives()


@lru_cache(maxsize=KEPT)
def _key(word: str) -> str:
    return term_key(word)


@lru_cache(maxsize=KEPT)
def _stands(word: str) -> bool:
    """Whether a phrase may hold ``word``, given in small letters."""
    if len(word) < SHORTEST_WORD or word in breaks() or word in MONTHS or FIGURE.fullmatch(word):
        return False
    if word.endswith("n't") or (word.endswith("ly") and word not in not_adverbs()):
        return False
    return fold(word) not in breaks() or word in generic()


@cache
def places() -> re.Pattern[str]:
    """What names countries, regions and their people."""
    known = sorted(names(), key=len, reverse=True)
    listed = "|".join(map(re.escape, known))
    opening = "".join(sorted({re.escape(name[0]) for name in known}))  # looked at first: most letters open no name
    return re.compile(rf"(?<![\w-])(?=[{opening}])(?:{listed})(?:['’]s)?(?![\w])")

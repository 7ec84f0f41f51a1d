"""Themes: the phrases that tell a finding from others, by class-based TF-IDF.

Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF procedure", arXiv:2203.05794: a term t
of a class c weighs tf(t, c) · log(1 + A / f(t)), where f counts t in all classes and A is the mean number of words of a
class. Here a class is a finding, tf is the share of its different texts that hold the phrase, and f and A come from a
table that is shipped: the phrases of the labelled texts, one class a market. The finding counts as one class more. So
the tags of a finding depend on its members alone: a document that is added or deleted changes the tags of the findings
it touches and of no other, and findings that are made one document at a time have the tags of those made all at once.
What all documents of one market share would weigh too much by such a table: phrases of the market's own name are left
out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from trendnlp.tags.phrases import Phrase, phrases
from trendnlp.terms import Tag, TagOrigin, term_words

MAX_TAGS = 5
DECIMALS = 4
LEAST = 0.3  # of the best phrase's score: what is far below it says little
TOLD_APART = 0.35  # weight from which a phrase tells a finding from others; below stand "staff", "quality", "data"
USUAL = 2  # words; of equals, phrases of at least two read best
SCORE_SHARE = 0.7  # of a phrase's score in choosing the next one; the rest goes off for words that it shares
REFERENCE = Path(__file__).with_name("reference.tsv")


@dataclass(frozen=True, slots=True)
class Reference:
    """How often phrases (by key) occur in the reference, and how many words a class has in the mean."""

    words: float
    counts: dict[str, int]

    def weight(self, key: str, inside: int) -> float:
        """How telling a phrase is, 0 to 1, that ``inside`` texts of the finding hold."""
        most = math.log(1 + self.words)
        return math.log(1 + self.words / (self.counts.get(key, 0) + inside)) / most


class _Candidate(NamedTuple):
    phrase: tuple[str, ...]
    words: frozenset[str]
    score: float
    whole: bool
    order: int

    def likeness(self, other: _Candidate) -> float:
        """The share of the shorter one's words that both have."""
        shared = len(self.words & other.words)
        return shared / min(len(self.words), len(other.words)) if shared else 0.0


class _Open(NamedTuple):
    """A candidate that may still be chosen, and its likeness with the most like of those that are. The one of the
    lowest ``rank`` is chosen next.
    """

    rank: tuple[float, ...]
    candidate: _Candidate
    nearest: float

    @classmethod
    def of(cls, candidate: _Candidate, nearest: float = 0.0) -> _Open:
        worth = round(SCORE_SHARE * candidate.score - (1 - SCORE_SHARE) * nearest, DECIMALS)
        words = min(len(candidate.phrase), USUAL) if candidate.whole else len(candidate.phrase)
        return cls((-worth, abs(words - USUAL), candidate.order), candidate, nearest)

    def beside(self, taken: _Candidate) -> _Open:
        likeness = self.candidate.likeness(taken)
        return self if likeness <= self.nearest else _Open.of(self.candidate, likeness)


@cache
def reference() -> Reference:
    """The shipped table: one line ``phrase TAB count``, the first with the mean number of words of a class."""
    first, *lines = REFERENCE.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return Reference(float(first.split("\t")[1]), {key: int(count) for key, count in rows})


def themes(texts: Sequence[str], left_out: Iterable[str] = (), room: int = MAX_TAGS) -> tuple[Tag, ...]:
    """At most ``room`` tags of a finding whose members have these different texts, the most telling first.

    No tag consists of words of ``left_out`` (names of markets, other tags). Tags share as few words as may be (maximal
    marginal relevance). The order of the texts decides between equals alone.
    """
    kept = _candidates(texts, {word for name in left_out for word in term_words(name)})
    best = max((c.score for c in kept), default=0.0)
    rest = [_Open.of(c) for c in kept if c.score >= LEAST * best]
    chosen: list[_Candidate] = []
    while rest and len(chosen) < room:
        following = min(rest).candidate
        chosen.append(following)
        rest = [left for c in rest if (left := c.beside(following)).nearest < 1]
    return tuple(Tag(" ".join(c.phrase), TagOrigin.THEME, c.score) for c in chosen)


def _candidates(texts: Sequence[str], left_out: set[str]) -> list[_Candidate]:
    forms: dict[str, list[Phrase]] = {}
    holders: dict[str, set[int]] = {}
    for number, text in enumerate(texts):
        for phrase in phrases(text):
            forms.setdefault(phrase.key, []).append(phrase)
            holders.setdefault(phrase.key, set()).add(number)
    table = reference()
    kept = []
    parts = {part for key, uses in forms.items() if any(use.whole for use in uses) for part in _parts(key, holders)}
    for order, (key, uses) in enumerate(forms.items()):
        if key in parts:
            continue
        weight = table.weight(key, len(holders[key]))
        if weight < TOLD_APART:
            continue
        words = frozenset(key.split())
        if words <= left_out:
            continue
        score = round(weight * len(holders[key]) / len(texts), DECIMALS)
        kept.append(_Candidate(_written(uses), words, score, any(use.whole for use in uses), order))
    return kept


def _parts(key: str, holders: Mapping[str, set[int]]) -> Iterator[str]:
    """What ``key`` ends with and stands in no other text: of "heat pump installers", "pump installers"."""
    words = key.split()
    ends = (" ".join(words[at:]) for at in range(1, len(words)))
    return (end for end in ends if holders.get(end) == holders[key])


def _written(uses: Sequence[Phrase]) -> tuple[str, ...]:
    """The phrase as most of its uses write it, in small letters but for names and abbreviations."""
    if len(uses) == 1:
        return _small(uses[0])
    written = Counter(map(_small, uses))
    return min(written, key=lambda words: (-written[words], words))


def _small(use: Phrase) -> tuple[str, ...]:
    """The words of a phrase, a capital taken off where it only opens a sentence."""
    first, *others = use.words
    if not use.opens or not first[1:].islower() or (others and others[0][0].isupper()):
        return use.words
    return first.lower(), *others

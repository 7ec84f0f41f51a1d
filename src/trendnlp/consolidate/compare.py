"""What is said of a pair of statements: one rule, for consolidation, for ``trendnlp compare`` and for training."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trendnlp.guards import Reading, fired, overruled, shared_words
from trendnlp.guards.figures import UNATTACHED
from trendnlp.judge import Scorer, same_score
from trendnlp.relations import Band, Ground, GuardResult, Relation, Verdict

DECIMALS = 4
SIGN = rf"{UNATTACHED}-(?=[\d$\u00a2-\u00a5\u20a0-\u20cf])"  # of a figure below nought, as against a hyphen or a range
DASHES = str.maketrans("−–", "--")  # what may stand for the sign
TELLING = frozenset(("Sc", "Sm", "So"))  # Unicode's currency signs, signs of reckoning, and arrows and pictures
PER = "%‰‱"
# Of the telling categories, but only marks of rights beside a name, degrees beside a unit, rules and bullets.
MUTE = frozenset("®©™℠°|¦●○◦▪▫■□►▸▶➢➤✓✔★☆◆◇❖✦")
# Plurals that are words of their own.
PLURALS = frozenset(("arms", "customs", "damages", "futures", "goods", "savings", "spirits"))
ARTICLES = frozenset(("a", "an", "the"))
BECAUSE = "because"
# What begins a clause that may stand before or after the main one, and means the same there.
SUBORDINATORS = frozenset(
    (
        *("since", "if", "unless", "when", "whenever", "while", "whereas", "although", "though"),
        *("until", "before", "after", "despite", "owing", "due", "thanks"),
    )
)
SO = re.compile(r",\s+(?:and\s+)?so\s+(?!that\b|far\b|much\b|many\b|called\b|as\b)", re.IGNORECASE)
THEREFORE = "∴"
ONE_CLAIM = 0.5  # shared words from which a pair that a guard keeps apart makes the same claim but for what it saw
CONTRARY_FROM = 0.6  # cosine from which the judge is asked whether claims of kinds that do not mix contradict
WORDS = 2**16  # words whose near form is kept: statements share most
KEPT = 2**14  # texts whose words are kept as they are compared: each is asked for with every pair, and its finding
RELATIONS = tuple(Relation)
CONTESTED = (Relation.CONTRADICTS, Relation.DIFFERS_IN)


@dataclass(frozen=True, slots=True)
class Rule:
    """When statements are the same.

    Pairs with a cosine below ``low`` are not judged, and never the same. A pair is the same where its ``same_score`` is
    at least ``threshold`` and no guard fires that the judge cannot overrule. Two of a finding have at least
    ``diameter``.
    """

    low: float
    threshold: float
    diameter: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements and the cosine of their vectors."""

    a: Reading
    b: Reading
    cosine: float


@dataclass(frozen=True, slots=True)
class CosineComparer:
    """Guards and the cosine: the rule of models folders without a judge. Two statements are the same from a cosine of
    ``threshold`` where no guard fires. The guards see every pair: below the threshold, one may still merge by the mean
    of a group.
    """

    threshold: float
    digest: str

    def compare(self, pairs: Sequence[Pair]) -> tuple[Verdict, ...]:
        """One verdict a pair, in order."""
        return tuple(self._verdict(pair) for pair in pairs)

    def _verdict(self, pair: Pair) -> Verdict:
        cosine = round(pair.cosine, DECIMALS)
        band = band_of(replace(pair, cosine=cosine), self.threshold)
        guards = fired(pair.a, pair.b)
        relation, ground = _unjudged(pair, band, guards)
        if guards and guards[0].relation in CONTESTED and shared_words(pair.a, pair.b) >= ONE_CLAIM:
            relation, ground = guards[0].relation, Ground.GUARD  # however far the vectors are apart
        return Verdict(relation, ground, band, cosine, None, self.threshold, guards)


class Comparer:
    """Guards and a pair judge under one rule. A verdict depends on its own pair alone."""

    def __init__(self, judge: Scorer, rule: Rule) -> None:
        self.judge = judge
        self.rule = rule

    @property
    def digest(self) -> str:
        return self.judge.digest

    def compare(self, pairs: Sequence[Pair]) -> tuple[Verdict, ...]:
        """One verdict a pair, in order; the same for (b, a) as for (a, b). The judge is asked of the middle band alone,
        and only where what it says can change anything.
        """
        bands = [band_of(pair, self.rule.low) for pair in pairs]
        seen = [fired(p.a, p.b) if band is not Band.LOW else () for p, band in zip(pairs, bands, strict=True)]
        judged = [i for i, band in enumerate(bands) if band is Band.MIDDLE and _is_open(pairs[i], seen[i])]
        scores = dict(zip(judged, self._scores([pairs[i] for i in judged]), strict=True))
        return tuple(self._verdict(pair, bands[i], seen[i], scores.get(i)) for i, pair in enumerate(pairs))

    def _scores(self, pairs: Sequence[Pair]) -> list[NDArray[np.float64]]:
        """Each pair of texts is judged once."""
        texts = [tuple(sorted((_folded(pair.a.text), _folded(pair.b.text)))) for pair in pairs]
        distinct = list(dict.fromkeys((a, b) for a, b in texts))
        found = dict(zip(distinct, self.judge.predict_proba(distinct), strict=True)) if distinct else {}
        return [found[a, b] for a, b in texts]

    def _verdict(
        self, pair: Pair, band: Band, guards: tuple[GuardResult, ...], scores: NDArray[np.float64] | None
    ) -> Verdict:
        cosine = round(pair.cosine, DECIMALS)
        if scores is None:
            relation, ground = _unjudged(pair, band, guards)
            return Verdict(relation, ground, band, cosine, None, self.rule.threshold, guards)
        same = round(same_score(scores), DECIMALS)
        likeliest, ground = _likeliest(scores), Ground.JUDGE
        free = overruled(pair.a, pair.b, guards)
        if same >= self.rule.threshold and free:
            relation = Relation.SAME
        elif likeliest is Relation.SAME and free:
            relation = Relation.DISTINCT  # what is likely the same, but not surely, is no contrary of it
        elif guards:
            relation = _guarded(pair, guards, likeliest)
            # What the guard does not speak for was the judge: another claim, or the contrary of one of another kind.
            ground = Ground.GUARD if relation is guards[0].relation else Ground.JUDGE
        else:
            relation = likeliest
        return Verdict(relation, ground, band, cosine, same, self.rule.threshold, guards)


def _is_open(pair: Pair, guards: Sequence[GuardResult]) -> bool:
    """Whether the guards leave anything to say: none fires, or only what a sure judge overrules; or one does that
    means a contrast, and the two may still be two claims; or only their kinds do not mix, and they are near enough to
    contradict.
    """
    if overruled(pair.a, pair.b, guards):
        return True
    if guards[0].relation is Relation.DISTINCT:
        return pair.cosine >= CONTRARY_FROM and _only_kind(guards)
    return shared_words(pair.a, pair.b) < ONE_CLAIM


def _only_kind(guards: Sequence[GuardResult]) -> bool:
    return all(guard.name == "kind" for guard in guards)


def band_of(pair: Pair, low: float) -> Band:
    """High for pairs with the same or nearly the same words, low for those with a cosine below ``low``."""
    if near_words(pair.a.text) == near_words(pair.b.text):
        return Band.HIGH
    return Band.MIDDLE if pair.cosine >= low else Band.LOW


@lru_cache(maxsize=KEPT)
def normalised(text: str) -> str:
    """Words, figures and signs that tell something: statements that agree in these are exact copies."""
    words = re.findall(rf"{SIGN}|\w+[#+]*|[^\w\s-]", text.casefold().translate(DASHES))
    return " ".join(filter(_tells, words)) or text


@lru_cache(maxsize=KEPT)
def near_words(text: str) -> str:
    """``normalised`` without articles and the endings of plurals, and a subordinate clause first wherever it stands:
    statements that agree in these are near-exact copies.

    Signs that change a figure stay ("5.2 %" is not "52 %"), and capitals that make a name ("US" is not "us").
    """
    words = re.findall(
        rf"{SIGN}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?[#+]*|[^\w\s-]",
        SO.sub(f" {THEREFORE} ", text).translate(DASHES),
    )
    kept = [_near_word(word, i == 0 and len(word) == 1) for i, word in enumerate(filter(_tells, words))]
    return " ".join(_clause_first([word for word in kept if word not in ARTICLES])) or text


@lru_cache(maxsize=WORDS)
def _tells(word: str) -> bool:
    """Whether a word, or a sign of which some only part words, adds to what is said."""
    if len(word) > 1 or word == "-" or word.isalnum():
        return True
    return word in PER or (word not in MUTE and unicodedata.category(word) in TELLING)


def _clause_first(words: list[str]) -> list[str]:
    """``words`` from their one "because", else from their one other subordinator on, then those before it. What follows
    from what stands before it ("…, so …") is told as if by "because". Unchanged where there are none or several.
    """
    if words.count(THEREFORE) == 1 and BECAUSE not in words:
        place = words.index(THEREFORE)
        return [BECAUSE, *words[:place], *words[place + 1 :]]
    for first in ({BECAUSE}, SUBORDINATORS):
        places = [i for i, word in enumerate(words) if word in first]
        if places:
            return words[places[0] :] + words[: places[0]] if len(places) == 1 else words
    return words


@lru_cache(maxsize=WORDS)
def _near_word(word: str, opening: bool) -> str:
    # An "A" within a statement is a name ("Vitamin A"), one that opens it is none.
    if word.isupper() and len(word) < 4 and not opening:
        return word
    word = word.casefold()
    if word in PLURALS:
        return word
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _unjudged(pair: Pair, band: Band, guards: Sequence[GuardResult]) -> tuple[Relation, Ground]:
    if band is Band.LOW:
        return Relation.DISTINCT, Ground.COSINE
    if guards:
        return guards[0].relation, Ground.GUARD
    if band is Band.MIDDLE:
        return Relation.SAME, Ground.COSINE
    exact = normalised(pair.a.text) == normalised(pair.b.text)
    return Relation.SAME, Ground.EXACT if exact else Ground.NEAR_EXACT


def _guarded(pair: Pair, guards: Sequence[GuardResult], likeliest: Relation) -> Relation:
    """What a guard speaks for, where the pair is one claim but for what the guard saw; else the pair is distinct.

    A pair of two kinds that do not mix can still contradict.
    """
    wanted = guards[0].relation
    if wanted is Relation.DISTINCT:
        return likeliest if _only_kind(guards) and likeliest in CONTESTED else Relation.DISTINCT
    one_claim = likeliest is not Relation.DISTINCT or shared_words(pair.a, pair.b) >= ONE_CLAIM
    return wanted if one_claim else Relation.DISTINCT


def _likeliest(scores: NDArray[np.float64]) -> Relation:
    return RELATIONS[int(scores.argmax())]


def _folded(text: str) -> str:
    return " ".join(text.split())

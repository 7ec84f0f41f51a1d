"""What pair judges learn from: pairs that people labelled, and statements that merely nobody put together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from trendnlp.consolidate.compare import near_words
from trendnlp.consolidate.judged import NEAR
from trendnlp.corpus import LabelledText, Marked
from trendnlp.encode import Encoder
from trendnlp.judge import RELATIONS
from trendnlp.judge_rule import DECIMALS, words_of
from trendnlp.pairs import LabelledPair
from trendnlp.relations import Relation
from trendnlp.tune_pairs import PairLesson
from trendnlp.types import OTHER

NEAR_ELSEWHERE = 20  # nearer statements of other markets may make the same claim, as many markets are neighbours
BESIDE = 2  # other lessons for each that is learnt further
LOOKED_AMONG = (5, 11)  # the nearest claim of another market is looked for among 2 to the power of so many of them
Told = tuple[str, str]  # a claim of a report, white space folded, and its kind


def pair_lessons(pairs: Sequence[LabelledPair]) -> list[PairLesson]:
    """Of pairs as they are labelled."""
    return [PairLesson(p.a, p.b, _sure(p.relation)) for p in pairs]


def further_lessons(fresh: Sequence[LabelledPair], all: Sequence[PairLesson]) -> list[PairLesson]:
    """Of pairs that are learnt after all others: these, and ``BESIDE`` times as many of ``all`` lessons, or the judge
    would forget what those taught.
    """
    lessons = pair_lessons(fresh)
    known = {(lesson.a, lesson.b) for lesson in lessons}
    others = [lesson for lesson in all if (lesson.a, lesson.b) not in known]
    return lessons + random.Random(len(lessons)).sample(others, min(len(others), BESIDE * len(lessons)))


def claim_lessons(claims: Mapping[str, Sequence[Marked]], base: Encoder, count: int) -> list[PairLesson]:
    """Of each market's marked claims at most ``count`` pairs that are the same, as many of the nearest that are not,
    and half as many of any that are not.
    """
    found: list[PairLesson] = []
    for market, marked in sorted(claims.items()):
        told = [(words_of(m), m.key) for m in marked]
        same = [(a, b) for (a, key), (b, other) in combinations(told, 2) if key == other and a != b]
        random.Random(market).shuffle(same)
        found += [PairLesson(a, b, _sure(Relation.SAME)) for a, b in same[:count]]
        found += _strangers(market, told, base, count)
    return found


def stranger_lessons(markets: Mapping[str, Sequence[tuple[str, str]]], base: Encoder, count: int) -> list[PairLesson]:
    """Of each market's texts, with their keys, the ``count`` nearest of two keys, and half as many of any."""
    return [lesson for market, told in markets.items() for lesson in _strangers(market, told, base, count)]


def elsewhere_lessons(markets: Mapping[str, Sequence[tuple[str, str]]], base: Encoder, count: int) -> list[PairLesson]:
    """``count`` random texts of each market, each with its ``NEAR_ELSEWHERE``-th nearest of other markets, or with the
    farthest where there are fewer: near, but another claim.
    """
    texts = [(text, market) for market, told in markets.items() for text, _ in told]
    vectors = base.encode([text for text, _ in texts])
    found, start = [], 0
    for market, told in markets.items():
        rest = [i for i in range(len(texts)) if texts[i][1] != market]
        others = vectors[rest]
        for i in random.Random(market).sample(range(start, start + len(told)), min(count, len(told)) if rest else 0):
            cosine = others @ vectors[i]
            order = np.argsort(-cosine.round(DECIMALS), kind="stable")
            other = rest[order[min(NEAR_ELSEWHERE, len(order)) - 1]]
            found.append(PairLesson(texts[i][0], texts[other][0], _sure(Relation.DISTINCT)))
        start += len(told)
    return found


def told_claims(texts: Sequence[LabelledText]) -> dict[str, list[Told]]:
    """What the reports of each market claim, each wording of a kind once, in order."""
    found: dict[str, set[Told]] = {}
    for text in texts:
        claims = {(" ".join(text.text[u.start : u.end].split()), u.kind) for u in text.units if u.kind != OTHER}
        found.setdefault(text.market, set()).update(claims)
    return {market: sorted(claims) for market, claims in sorted(found.items())}


def across_markets(markets: Mapping[str, Sequence[Told]], base: Encoder, count: int) -> tuple[LabelledPair, ...]:
    """Claims of reports that are near enough to be judged though they are of two markets, and so two claims: ``count``
    of each market, each with the nearest of its kind from other markets, each pair once and none of the same words.

    It is looked for among few claims here and among many there, as in corpora of any size: among more, a claim has
    neighbours that are nearer, and other ones. That none makes the same claim is an assumption: nobody has read them.
    """
    told = [(text, kind, market) for market, claims in markets.items() for text, kind in claims]
    if not told or not count:
        return ()
    vectors = base.encode([text for text, *_ in told])
    kinds = np.array([kind for _, kind, _ in told])
    found: dict[tuple[str, str], LabelledPair] = {}
    start = 0
    for market, claims in markets.items():
        own = np.zeros(len(told), bool)
        own[start : start + len(claims)] = True
        elsewhere = {kind: np.flatnonzero((kinds == kind) & ~own).tolist() for kind in sorted({k for _, k in claims})}
        chance = random.Random(market)
        for i in sorted(chance.sample(range(start, start + len(claims)), min(count, len(claims)))):
            a, kind, _ = told[i]
            others = chance.sample(elsewhere[kind], min(2 ** chance.randint(*LOOKED_AMONG), len(elsewhere[kind])))
            cosines = (vectors[others] @ vectors[i]).round(DECIMALS)
            if others and cosines.max() >= NEAR:
                b = told[others[int(cosines.argmax())]][0]
                if near_words(a) != near_words(b):
                    pair = LabelledPair(market, a, b, kind, Relation.DISTINCT, "market")
                    found.setdefault((min(a, b), max(a, b)), pair)
        start += len(claims)
    return tuple(found.values())


def _strangers(market: str, told: Sequence[tuple[str, str]], base: Encoder, count: int) -> list[PairLesson]:
    """Of texts with their keys: the ``count`` nearest of different keys, and half as many at random. What has another
    key is taken for another claim, which of statements that merely nobody paired is an assumption.
    """
    vectors = base.encode([text for text, _ in told])
    cosine = vectors @ vectors.T
    apart = [(i, j) for i, j in combinations(range(len(told)), 2) if told[i][1] != told[j][1]]
    apart.sort(key=lambda p: (-round(float(cosine[p]), DECIMALS), p))
    rest = apart[count:]
    random.Random(market).shuffle(rest)
    chosen = apart[:count] + rest[: count // 2]
    return [PairLesson(told[i][0], told[j][0], _sure(Relation.DISTINCT)) for i, j in chosen]


def _sure(relation: Relation) -> tuple[float, ...]:
    return tuple(float(relation is other) for other in RELATIONS)

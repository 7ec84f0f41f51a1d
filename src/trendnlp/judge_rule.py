"""Which scores of a pair judge make two statements one, fitted on markets that calibrate, and how right that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trendnlp.consolidate import Comparer, Pair, Rule
from trendnlp.consolidate.judged import judged_partition
from trendnlp.corpus import Marked
from trendnlp.encode import Encoder, Vectors
from trendnlp.evaluate import b_cubed_f1
from trendnlp.guards import Reading
from trendnlp.judge import DISTINCT, RELATIONS, Matrix, QuickScorer, Scorer
from trendnlp.pairs import LabelledPair
from trendnlp.relations import Relation, Verdict

DECIMALS = 4
LOW_SHARE = 0.01  # of the pairs that say the same, which may be lost because nobody judges them
LOWEST, HIGHEST_LOW = 0.2, 0.6  # the cosines between which that bound is sought
# Of the pairs that are not distinct, which the fast judge may settle as distinct: the better one would merge some of
# them, but so it is asked of fewer near claims of two markets, of which it merges too many.
SETTLED_SHARE = 0.03
MOST_CONTRARY = 0.015  # of the pairs that contradict, which may merge
MOST_ACROSS = 0.015  # of the near claims of two markets, which may merge
THRESHOLDS = [round(0.10 + 0.02 * i, 2) for i in range(45)]
DIAMETERS = (0.02, 0.05, 0.1, 0.2, 0.3)
DIAMETER = 0.1  # where no market that calibrates marks its claims

Claims = Mapping[str, Sequence[Marked]]  # marked claims, by market


@dataclass(frozen=True, slots=True)
class PairScores:
    """Of verdicts on labelled pairs: precision, recall and F1 of "the same", the share of right relations, and how
    many pairs that contradict would merge.
    """

    precision: float
    recall: float
    f1: float
    relations: float
    contradictions: int


def fit_settled(quick: QuickScorer, pairs: Sequence[LabelledPair]) -> float:
    """The score of "distinct" that ``quick`` gives to few of the pairs that are anything else."""
    found = quick.at_a_glance([(p.a, p.b) for p in pairs if p.relation is not Relation.DISTINCT])
    bound = float(np.quantile(found[:, DISTINCT], 1.0 - SETTLED_SHARE))
    return round(min(1.0, bound + 10.0**-DECIMALS), DECIMALS)


def fit_rule(
    judge: Scorer, base: Encoder, dev: Sequence[LabelledPair], claims: Claims, across: Sequence[LabelledPair] = ()
) -> Rule:
    """The rule that serves the markets that calibrate best: of the thresholds at which few contradicting pairs merge,
    and few pairs ``across`` markets, the one with the best F1 of "the same"; then the diameter with the best B-cubed F1
    of the marked claims.
    """
    judge = _Remembering(judge)
    cosines = [pair.cosine for pair, p in zip(as_pairs(dev, base), dev, strict=True) if p.relation is Relation.SAME]
    low = float(np.clip(np.floor(np.quantile(cosines, LOW_SHARE) * 100) / 100, LOWEST, HIGHEST_LOW))
    lowest = Comparer(judge, Rule(low, THRESHOLDS[0], 0.0))
    verdicts, strange = compare_pairs(lowest, base, dev), compare_pairs(lowest, base, across)
    most = MOST_CONTRARY * sum(p.relation is Relation.CONTRADICTS for p in dev)

    def worth(threshold: float) -> tuple[float, float, float]:
        scores = pair_scores(dev, [_at(v, threshold) for v in verdicts])
        merged = sum(_at(v, threshold).relation is Relation.SAME for v in strange)
        wrong = max(0.0, scores.contradictions - most) + max(0.0, merged - MOST_ACROSS * len(across))
        # Of equally good ones the highest: a wrong merge hides a claim, a missed one only shows it twice.
        return -wrong, round(scores.f1, DECIMALS), threshold

    threshold = max(THRESHOLDS, key=worth)
    if not claims:
        return Rule(low, threshold, DIAMETER)
    fits = [(claims_score(Comparer(judge, Rule(low, threshold, d)), base, claims), d) for d in DIAMETERS]
    return Rule(low, threshold, max(fits)[1])


class _Remembering:
    """A judge that is asked once for each pair, however many rules are tried on it."""

    def __init__(self, judge: Scorer) -> None:
        self.judge = judge
        self.digest = judge.digest
        self.known: dict[tuple[str, str], Matrix] = {}

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self.known]
        self.known.update(zip(fresh, self.judge.predict_proba(fresh), strict=True))
        return np.array([self.known[pair] for pair in pairs]).reshape(len(pairs), len(RELATIONS))


def _at(verdict: Verdict, threshold: float) -> Verdict:
    """A verdict under a higher threshold, as far as "the same" goes."""
    if verdict.relation is Relation.SAME and verdict.score is not None and verdict.score < threshold:
        return replace(verdict, relation=Relation.DISTINCT)
    return verdict


def judge_scores(
    comparer: Comparer, base: Encoder, pairs: Sequence[LabelledPair], claims: Claims, across: Sequence[LabelledPair]
) -> dict[str, float]:
    """Named scores of the judge and its rule on pairs, on pairs ``across`` markets, and on marked claims, if there are
    any.
    """
    found = pair_scores(pairs, compare_pairs(comparer, base, pairs))
    scores = {
        "same_precision": found.precision,
        "same_recall": found.recall,
        "same_f1": found.f1,
        "relation_accuracy": found.relations,
        "contradictions_merged": float(found.contradictions),
        "pairs": float(len(pairs)),
        "across_merged": float(sum(v.relation is Relation.SAME for v in compare_pairs(comparer, base, across))),
        "across": float(len(across)),
    }
    if claims:
        scores["b_cubed_f1"] = claims_score(comparer, base, claims)
    return {name: round(value, DECIMALS) for name, value in scores.items()}


def compare_pairs(comparer: Comparer, base: Encoder, pairs: Sequence[LabelledPair]) -> tuple[Verdict, ...]:
    """A verdict a labelled pair, in order."""
    return comparer.compare(as_pairs(pairs, base))


def as_pairs(pairs: Sequence[LabelledPair], base: Encoder) -> list[Pair]:
    """Labelled pairs as they are compared: with the cosine of ``base`` and their kind."""
    a, b = (
        base.encode([" ".join(text.split()) for text in side]) for side in ([p.a for p in pairs], [p.b for p in pairs])
    )
    cosines = (a.astype(np.float64) * b).sum(1)
    return [
        Pair(Reading(p.a, p.kind), Reading(p.b, p.kind), float(cosine))
        for p, cosine in zip(pairs, cosines, strict=True)
    ]


def pair_scores(pairs: Sequence[LabelledPair], verdicts: Sequence[Verdict]) -> PairScores:
    """How verdicts stand against what people say of the pairs."""
    said = [v.relation is Relation.SAME for v in verdicts]
    gold = [p.relation is Relation.SAME for p in pairs]
    both = sum(s and g for s, g in zip(said, gold, strict=True))
    precision, recall = (both / total if total else 0.0 for total in (sum(said), sum(gold)))
    right = sum(v.relation is p.relation for p, v in zip(pairs, verdicts, strict=True))
    contradictions = sum(s and p.relation is Relation.CONTRADICTS for s, p in zip(said, pairs, strict=True))
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    return PairScores(precision, recall, f1, right / max(1, len(pairs)), contradictions)


def claims_score(comparer: Comparer, base: Encoder, markets: Claims) -> float:
    """B-cubed F1 over the marked claims of all markets, each consolidated by itself."""
    gold, found = [], []
    for market, marked in sorted(markets.items()):
        claims = [m.claim for m in marked]
        judged = judged_partition(claims, vectors_of(marked, base), comparer)
        gold += [f"{market} {m.key}" for m in marked]
        found += [f"{market} {cluster}" for cluster in judged.clusters[judged.rows]]
    return b_cubed_f1(gold, found)


def vectors_of(marked: Sequence[Marked], base: Encoder) -> Vectors:
    return base.encode([words_of(m) for m in marked])


def words_of(marked: Marked) -> str:
    return " ".join(marked.claim.labelled.statement.text.split())

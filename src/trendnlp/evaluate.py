"""Scores as pure functions of gold and predicted labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from trendnlp.types import OTHER

BINS = 10  # of the reliability table, equally wide, as in Guo et al. 2017


@dataclass(frozen=True, slots=True)
class Gold:
    """A unit's kind, and a second kind that a careful reader would also accept, or None."""

    kind: str
    alternative: str | None = None


@dataclass(frozen=True, slots=True)
class KindF1:
    """Precision, recall, F1 and number of gold units of one kind."""

    kind: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The scores from ``low`` up to the next bin: their mean, the share of them that were right, how many they are."""

    low: float
    score: float
    right: float
    units: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Units by gold kind (rows) and predicted kind (columns), both in the order of ``kinds``."""

    kinds: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """``macro_f1``: mean F1 over the kinds but ``other``. ``accepted_f1``: the same where predicting the second
    acceptable kind counts as right. ``claim_precision``, ``claim_recall``: claim or not, whatever its kind.
    """

    macro_f1: float
    accepted_f1: float
    claim_precision: float
    claim_recall: float
    kinds: tuple[KindF1, ...]
    units: int


def score(gold: Sequence[Gold], predicted: Sequence[str]) -> Scores:
    """Compare ``predicted`` with ``gold``, one a unit in the same order; a kind with no gold unit is left out."""
    kinds = sorted({g.kind for g in gold} - {OTHER})
    strict = [g.kind for g in gold]
    accepted = [p if p == g.alternative else g.kind for g, p in zip(gold, predicted, strict=True)]
    per_kind = tuple(kind_f1(kind, strict, predicted) for kind in kinds)
    both = sum(g != OTHER and p != OTHER for g, p in zip(strict, predicted, strict=True))
    return Scores(
        macro_f1=_mean([k.f1 for k in per_kind]),
        accepted_f1=_mean([kind_f1(kind, accepted, predicted).f1 for kind in kinds]),
        claim_precision=_ratio(both, sum(p != OTHER for p in predicted)),
        claim_recall=_ratio(both, sum(g != OTHER for g in strict)),
        kinds=per_kind,
        units=len(gold),
    )


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean F1 over the classes of ``gold``."""
    return _mean([kind_f1(kind, gold, predicted).f1 for kind in sorted(set(gold))])


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence and accuracy over equally wide bins, weighted by their size."""
    bins = reliability(confidence, right)
    return _ratio(sum(abs(b.score - b.right) * b.units for b in bins), len(confidence))


def reliability(confidence: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """What confidences from 0 to 1 promise and what they keep, by equally wide bins; empty bins are left out."""
    found = []
    for low in range(BINS):
        inside = [i for i, c in enumerate(confidence) if min(int(c * BINS), BINS - 1) == low]
        if inside:
            promised, kept = sum(confidence[i] for i in inside), sum(right[i] for i in inside)
            found.append(Bin(low / BINS, promised / len(inside), kept / len(inside), len(inside)))
    return tuple(found)


def confusion(gold: Sequence[str], predicted: Sequence[str]) -> Confusion:
    """How often each gold kind was said to be which, over all kinds of either, by the alphabet."""
    kinds = tuple(sorted({*gold, *predicted}))
    pairs = Counter(zip(gold, predicted, strict=True))
    return Confusion(kinds, tuple(tuple(pairs[g, p] for p in kinds) for g in kinds))


def best_threshold(confidence: Sequence[float], positive: Sequence[bool]) -> float:
    """The highest of the confidences from which saying "positive" has the best F1; 0.5 where nothing is positive."""
    best, threshold = 0.0, 0.5
    right = 0
    ranked = sorted(zip(confidence, positive, strict=True), reverse=True)
    for said, (value, is_positive) in enumerate(ranked, 1):
        right += is_positive
        last = said == len(ranked) or ranked[said][0] < value  # equal confidences are said together
        f1 = 2 * right / (said + sum(positive))
        if last and f1 > best:
            best, threshold = f1, value
    return threshold


def b_cubed_f1(gold: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """F1 of B-cubed precision and recall (Bagga and Baldwin 1998) of a clustering: one cluster name an item, in the
    same order as the gold ones. 0 where there are no items.
    """
    both = Counter(zip(gold, found, strict=True))
    wanted, made = Counter(gold), Counter(found)
    precision = sum(n * n / made[f] for (_, f), n in both.items()) / max(1, len(gold))
    recall = sum(n * n / wanted[g] for (g, _), n in both.items()) / max(1, len(gold))
    return 2 * precision * recall / (precision + recall) if gold else 0.0


def kind_f1(kind: str, gold: Sequence[str], predicted: Sequence[str]) -> KindF1:
    """Precision, recall and F1 of saying ``kind``."""
    both = sum(g == kind and p == kind for g, p in zip(gold, predicted, strict=True))
    support = sum(g == kind for g in gold)
    precision, recall = _ratio(both, sum(p == kind for p in predicted)), _ratio(both, support)
    return KindF1(kind, precision, recall, _ratio(2 * precision * recall, precision + recall), support)


def _mean(values: Sequence[float]) -> float:
    return _ratio(sum(values), len(values))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

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
    per_kind = tuple(_kind_f1(kind, strict, predicted) for kind in kinds)
    both = sum(g != OTHER and p != OTHER for g, p in zip(strict, predicted, strict=True))
    return Scores(
        macro_f1=_mean([k.f1 for k in per_kind]),
        accepted_f1=_mean([_kind_f1(kind, accepted, predicted).f1 for kind in kinds]),
        claim_precision=_ratio(both, sum(p != OTHER for p in predicted)),
        claim_recall=_ratio(both, sum(g != OTHER for g in strict)),
        kinds=per_kind,
        units=len(gold),
    )


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean F1 over the classes of ``gold``."""
    return _mean([_kind_f1(kind, gold, predicted).f1 for kind in sorted(set(gold))])


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence and accuracy over equally wide bins, weighted by their size."""
    total = 0.0
    for low in range(BINS):
        inside = [i for i, c in enumerate(confidence) if min(int(c * BINS), BINS - 1) == low]
        if inside:
            total += abs(sum(confidence[i] for i in inside) - sum(right[i] for i in inside))
    return _ratio(total, len(confidence))


def b_cubed_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """B-cubed F1 of two clusterings of the same items (Bagga and Baldwin 1998)."""
    precision = recall = 0.0
    for g, p in zip(gold, predicted, strict=True):
        both = sum(x == g and y == p for x, y in zip(gold, predicted, strict=True))
        precision += both / predicted.count(p)
        recall += both / gold.count(g)
    precision, recall = _ratio(precision, len(gold)), _ratio(recall, len(gold))
    return _ratio(2 * precision * recall, precision + recall)


def _kind_f1(kind: str, gold: Sequence[str], predicted: Sequence[str]) -> KindF1:
    both = sum(g == kind and p == kind for g, p in zip(gold, predicted, strict=True))
    support = sum(g == kind for g in gold)
    precision, recall = _ratio(both, sum(p == kind for p in predicted)), _ratio(both, support)
    return KindF1(kind, precision, recall, _ratio(2 * precision * recall, precision + recall), support)


def _mean(values: Sequence[float]) -> float:
    return _ratio(sum(values), len(values))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def b_cubed(gold: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """F1 of B-cubed precision and recall (Bagga and Baldwin 1998) of a clustering: one cluster name an item, in the
    same order as the gold ones. 0 where there are no items.
    """
    both = Counter(zip(gold, found, strict=True))
    wanted, made = Counter(gold), Counter(found)
    precision = sum(n * n / made[f] for (_, f), n in both.items()) / max(1, len(gold))
    recall = sum(n * n / wanted[g] for (g, _), n in both.items()) / max(1, len(gold))
    return 2 * precision * recall / (precision + recall) if gold else 0.0

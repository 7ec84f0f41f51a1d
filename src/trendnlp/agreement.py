"""How far readers agree, and how sure a measured error is. Pure functions.

For two readers with the shares ``p_i`` and ``q_i`` of the verdict ``i`` among ``k`` verdicts, and ``a`` the share of
items on which they agree:

- Cohen's kappa is ``(a - e) / (1 - e)`` with ``e = sum p_i q_i`` (Cohen 1960, Educational and Psychological
  Measurement 20:37-46).
- Gwet's AC1 is ``(a - e) / (1 - e)`` with ``e = sum m_i (1 - m_i) / (k - 1)`` and ``m_i = (p_i + q_i) / 2`` (Gwet 2008,
  British Journal of Mathematical and Statistical Psychology 61:29-48). Where nearly all verdicts are one, kappa falls
  though the readers agree, and AC1 does not.
- The limits of an error rate are Clopper and Pearson's (1934, Biometrika 26:404-413), which are never too narrow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
_STEPS = 60  # of bisection: halves the interval to 1e-18
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """What two readers said of one item."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over ``n`` items, to four decimals; None where it is not defined: without items, or where chance alone would
    make the readers agree always.
    """

    n: int
    raw: float | None
    kappa: float | None
    ac1: float | None


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """``errors`` of ``n``, with the limits between which the true rate lies in 95 of 100 cases; 0 and 1 of nothing."""

    n: int
    errors: int
    low: float
    high: float


def agreement(pairs: Sequence[Pair]) -> Agreement:
    """Of two readers, over the items that both read."""
    n = len(pairs)
    if n == 0:
        return Agreement(0, None, None, None)
    raw = sum(p.a == p.b for p in pairs) / n
    first, second = Counter(p.a for p in pairs), Counter(p.b for p in pairs)
    verdicts = {*first, *second}
    by_chance = sum(first[v] * second[v] for v in verdicts) / n**2
    means = [(first[v] + second[v]) / (2 * n) for v in verdicts]
    # of one verdict alone, the formula leaves 0 / 0: nobody could have disagreed by chance
    evenly = sum(m * (1 - m) for m in means) / (len(verdicts) - 1) if len(verdicts) > 1 else 0.0
    return Agreement(n, round(raw, DECIMALS), _above(raw, by_chance), _above(raw, evenly))


def error_rate(n: int, errors: int) -> ErrorRate:
    """The rate of ``errors`` among ``n``."""
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if errors == 0 else _root(lambda p: 1 - _at_most(errors - 1, n, p) - tail)
    high = 1.0 if errors == n else _root(lambda p: tail - _at_most(errors, n, p))
    return ErrorRate(n, errors, round(low, DECIMALS), round(high, DECIMALS))


def _above(raw: float, chance: float) -> float | None:
    return None if math.isclose(chance, 1.0) else round((raw - chance) / (1 - chance), DECIMALS)


def _at_most(k: int, n: int, p: float) -> float:
    """The probability of at most ``k`` of ``n`` where each has ``p``, between 0 and 1."""
    whole = math.lgamma(n + 1)
    terms = (
        math.exp(whole - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p))
        for i in range(k + 1)
    )
    return math.fsum(terms)


def _root(rising: Callable[[float], float]) -> float:
    """Where a function that rises from 0 to 1 is 0."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2

"""In what order statements are worth a person's time. Pure functions.

The value of a decision is ``uncertainty * impact * novelty``:

- ``uncertainty = 1 - (p1 - p2)`` of the two most probable kinds' calibrated probabilities: 1 where the model cannot
  tell two kinds apart, 0 where it is sure.
- ``impact = log2(1 + sources)`` of the independent sources of the statement's finding, 1 where it stands in none: each
  doubling of what hangs on it counts the same.
- ``novelty = 1 / (1 + judged)`` of the statements of its finding that are judged: who has judged one of a finding knows
  much of the rest.

Each of the three is told in whole ten-thousandths, so that every machine multiplies and orders alike.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

PAUSE = 300  # seconds: a longer gap between two decisions of one person is a pause, not work
STEPS = 10_000
DECIMALS = 4  # of a step, and of what is shown


class Order(StrEnum):
    """In what order a queue comes: ``random`` draws by a seed."""

    VALUE = "value"
    NEWEST = "newest"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a decision on a statement is worth, and of what it is made."""

    uncertainty: float
    impact: float
    novelty: float

    @classmethod
    def of(cls, scores: Sequence[float], sources: int, judged: int) -> Worth:
        """``scores``: the most probable kind's first. ``sources`` and ``judged``: of its finding, 1 and 0 of none."""
        return cls(*(part / STEPS for part in (uncertainty(scores), impact(sources), novelty(judged))))

    @property
    def value(self) -> float:
        return round(self.uncertainty * self.impact * self.novelty, DECIMALS)


@dataclass(frozen=True, slots=True)
class Share:
    """A random ``size`` (0 to 1) of statements, by ``seed`` and their ids alone: a larger one only adds to it."""

    size: float
    seed: int = 0

    def has(self, statement: str) -> bool:
        return _draw(f"share {self.seed} {statement}") < self.size


def uncertainty(scores: Sequence[float]) -> int:
    """Of the calibrated probabilities of the kinds, the most probable first."""
    margin = scores[0] - scores[1] if len(scores) > 1 else 1.0
    return round((1 - margin) * STEPS)


def impact(sources: int) -> int:
    return round(math.log2(1 + sources) * STEPS)


def novelty(judged: int) -> int:
    """Half a step counts as one, as in a division of whole numbers that any database does."""
    return (2 * STEPS + 1 + judged) // (2 * (1 + judged))


def weight(uncertainty: int, sources: int, judged: int) -> int:
    """The value as a whole number, by which statements are ordered."""
    return uncertainty * impact(sources) * novelty(judged)


def drawn(ids: Iterable[str], seed: int) -> list[str]:
    """``ids`` in an order that hangs on the seed and on each id alone."""
    return sorted(ids, key=lambda id: (_draw(f"{seed} {id}"), id))


def strewn(rest: Sequence[str], sample: Iterable[str], share: float, seed: int) -> Iterator[str]:
    """``rest`` in its order with the ``sample`` in a random one among it, at a ``share`` of the places, so that nobody
    sees which they are.
    """
    shuffled = sorted(sample)
    random.Random(seed).shuffle(shuffled)
    chance, left, picked = random.Random(seed), list(rest)[::-1], shuffled[::-1]
    while left and picked:
        yield (picked if chance.random() < share else left).pop()
    yield from (left or picked)[::-1]


def audit_draw(statement: str) -> float:
    """From 0 to 1, by the id alone: below the audit share, the statement is of the random sample that is read whatever
    the model says of it, so that what is read of the sample tells how often the model errs. A larger share only adds.
    """
    return _draw(f"audit {statement}")


def in_audit(statement: str, share: float) -> bool:
    return audit_draw(statement) < share


def seconds_each(times: Iterable[Sequence[float]]) -> float | None:
    """The median time between two decisions of one person; ``times`` are theirs, in seconds, in order. None where
    there are none.
    """
    gaps = [b - a for of in times for a, b in pairwise(of) if 0 <= b - a <= PAUSE]
    return median(gaps) if gaps else None


def _draw(text: str) -> float:
    """A number from 0 to 1 that hangs on ``text`` alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64

"""In what order statements are worth a person's time. Pure functions.

The value of a decision is ``uncertainty * impact * novelty``:

- ``uncertainty = 1 - (p1 - p2)`` of the two most probable kinds' calibrated probabilities: 1 where the model cannot
  tell two kinds apart, 0 where it is sure.
- ``impact = log2(1 + sources)`` of the independent sources of the statement's finding, 1 where it stands in none: each
  doubling of what hangs on it counts the same.
- ``novelty = 1 / (1 + judged)`` of the statements of its finding that are judged: who has judged one of a finding knows
  much of the rest.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

PAUSE = 300  # seconds: a longer gap between two decisions of one person is a pause, not work
DECIMALS = 4


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
        margin = scores[0] - scores[1] if len(scores) > 1 else 1.0
        parts = (1 - margin, math.log2(1 + sources), 1 / (1 + judged))
        return cls(*(round(part, DECIMALS) for part in parts))

    @property
    def value(self) -> float:
        return round(self.uncertainty * self.impact * self.novelty, DECIMALS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that waits; the newest has the highest ``number``."""

    id: str
    number: int
    worth: Worth


def ordered(waiting: Iterable[Candidate], order: Order, seed: int, audit_share: float) -> list[str]:
    """The ids of what waits. Ordered by value, the audit sample is strewn among the rest, an ``audit_share`` of the
    places, so that nobody sees which they are.
    """
    found = sorted(waiting, key=lambda c: c.id)
    if order is Order.NEWEST:
        return [c.id for c in sorted(found, key=lambda c: -c.number)]
    if order is Order.RANDOM:
        return [c.id for c in sorted(found, key=lambda c: _draw(f"{seed} {c.id}"))]
    sample = [c.id for c in found if in_audit(c.id, audit_share)]
    random.Random(seed).shuffle(sample)
    chosen = frozenset(sample)
    rest = [c.id for c in sorted(found, key=lambda c: (-c.worth.value, c.id)) if c.id not in chosen]
    return _strewn(rest, sample, audit_share, random.Random(seed))


def in_audit(statement: str, share: float) -> bool:
    """Whether a statement is of the random sample that is read whatever the model says of it. It hangs on the id alone,
    so that what is read of the sample tells how often the model errs; a larger share only adds to it.
    """
    return _draw(f"audit {statement}") < share


def seconds_each(times: Iterable[Sequence[float]]) -> float | None:
    """The median time between two decisions of one person; ``times`` are theirs, in seconds, in order. None where
    there are none.
    """
    gaps = [b - a for of in times for a, b in pairwise(of) if 0 <= b - a <= PAUSE]
    return median(gaps) if gaps else None


def _draw(text: str) -> float:
    """A number from 0 to 1 that hangs on ``text`` alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _strewn(rest: list[str], sample: list[str], share: float, chance: random.Random) -> list[str]:
    found: list[str] = []
    rest, sample = rest[::-1], sample[::-1]
    while rest and sample:
        found.append((sample if chance.random() < share else rest).pop())
    return found + (rest or sample)[::-1]

"""Tuning that has collapsed begins again with smaller steps: at too high a rate an encoder can come to give one vector
to whatever it reads, from which it does not recover.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

T_co = TypeVar("T_co", covariant=True)
SLOWER = 1 / 3  # of the rate before
TRIES = 3
JUDGED_FROM = 100  # steps: before that little is learnt anyway
LEARNT = 0.97  # of a constant answer's loss: whoever has learnt anything loses less
MARK, BELOW = "collapsed", "slower"


class Collapsed(Exception):
    """An epoch ended no better than the same answer to everything would have."""


def constant_loss(shares: Sequence[Sequence[float]]) -> float:
    """The mean cross-entropy of the best answer that is the same to all rows: the entropy of their mean."""
    mean = np.mean(np.array(shares, np.float64), axis=0)
    return float(-(mean * np.log(np.maximum(mean, 1e-12))).sum())


class Trial(Protocol[T_co]):
    """Tuning at some rate. ``last``: it is not to raise Collapsed."""

    def run(self, work: Path, report: Callable[[Any], None], last: bool) -> T_co: ...


def patiently(at: Callable[[float], Trial[T_co]], rate: float, work: Path, report: Callable[[Any], None]) -> T_co:
    """What tuning at ``rate`` makes in the folder ``work``, or, where that has collapsed, at lower rates in folders
    below. What has collapsed is marked, and not tried again.
    """
    for last in (False,) * (TRIES - 1) + (True,):
        if not (work / MARK).exists():
            try:
                return at(rate).run(work, report, last)
            except Collapsed:
                (work / MARK).touch()
        rate, work = rate * SLOWER, work / BELOW
    raise AssertionError("the last one never raises")

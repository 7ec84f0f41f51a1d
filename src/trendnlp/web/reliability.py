"""The reliability of scores as a drawing: what they promise and what they keep. Lengths are in units of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.evaluate import BINS, Bin

SIZE = 240
GAP = 0.2  # part of a bar's step that stays empty


@dataclass(frozen=True, slots=True)
class Kept:
    """The scores of one bin: ``right`` of them were right, where ``score`` was promised, which is drawn as a line at
    ``promised``.
    """

    bin: Bin
    x: float
    y: float
    width: float
    height: float
    promised: float


def kept(bins: Sequence[Bin]) -> tuple[Kept, ...]:
    """A bar a bin, on a square of ``SIZE``."""
    step = SIZE / BINS
    return tuple(
        Kept(
            bin,
            x=round(bin.low * SIZE + step * GAP / 2, 2),
            y=round(SIZE * (1 - bin.right), 2),
            width=round(step * (1 - GAP), 2),
            height=round(SIZE * bin.right, 2),
            promised=round(SIZE * (1 - bin.score), 2),
        )
        for bin in bins
    )

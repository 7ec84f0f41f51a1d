"""A timeline as bars. Lengths are in units of the drawing."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.timeline import Period, Timeline

WIDTH, HEIGHT = 640, 96
GAP = 0.15  # part of a bar's step that stays empty, so that bars are told apart
WIDEST = 40.0  # a few bars over the whole width look like a diagram of something else


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its bar stands on the line at ``HEIGHT``."""

    period: Period
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Independent sources per period. ``most`` is the count that the highest bar stands for."""

    bars: tuple[Bar, ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT


def chart(timeline: Timeline) -> Chart | None:
    """The bars of the periods; None where there are none, or nothing stands in any."""
    most = max((period.sources for period in timeline.periods), default=0)
    if most == 0:
        return None
    step = min(WIDTH / len(timeline.periods), WIDEST)
    bars = tuple(_bar(period, number, step, most) for number, period in enumerate(timeline.periods))
    return Chart(bars, most)


def _bar(period: Period, number: int, step: float, most: int) -> Bar:
    height = round(HEIGHT * period.sources / most, 2)
    return Bar(period, round(number * step, 2), round(HEIGHT - height, 2), round(step * (1 - GAP), 2), height)

"""Whether a finding is reported more than before: the rate of independent sources, with an exact interval.

Counts of rare events in two windows are taken as Poisson. Given their sum, the count of one window is binomial, so an
exact interval for the ratio of the rates follows from the interval for a binomial proportion: Przyborowski and Wilenski
1940, "Homogeneity of results in testing samples from Poisson series", Biometrika 31; the proportion's interval is that
of Clopper and Pearson 1934, "The use of confidence or fiducial limits", Biometrika 26.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from trendnlp.backing import Backing
from trendnlp.periods import MonthCount, month_at, newest, number

WINDOW_MONTHS = 12  # many reports come once a year: a shorter window would take the month of their issue for a trend
CONFIDENCE = 0.95
STEADY = 3.0  # the largest change of rate that an interval may leave open where a finding is called steady
DECIMALS = 4

FORMULA = (
    f"recent: the {WINDOW_MONTHS} months that end with the newest month of the store; before: the {WINDOW_MONTHS} "
    "months before these; earlier: all months before. sources: independent sources of the finding with a document in "
    "the window; corpus: documents of the store in it, of any market, copies too. ratio = (recent.sources / "
    "recent.corpus) / (before.sources / before.corpus). Given n = recent.sources + before.sources, recent.sources is "
    "binomial(n, p) with p / (1 - p) = ratio * recent.corpus / before.corpus; low and high are the Clopper-Pearson "
    f"bounds of p at {CONFIDENCE:.0%}, turned into ratios. overall is the same with earlier added to before. new: "
    "overall.low > 1, and no source before recent; rising: low > 1; fading: high < 1; steady: "
    f"1/{STEADY:g} < low and high < {STEADY:g}; else insufficient evidence."
)


class State(StrEnum):
    """What the numbers allow to say."""

    NEW = "new"
    RISING = "rising"
    STEADY = "steady"
    FADING = "fading"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Span:
    """Months from ``first`` to ``last``, both included; ``first`` is None where there is no beginning."""

    first: str | None
    last: str

    def holds(self, month: str) -> bool:
        return (self.first is None or month >= self.first) and month <= self.last


@dataclass(frozen=True, slots=True)
class Windows:
    """The spans that are compared, the newest month of the store being the last of ``recent``."""

    recent: Span
    before: Span
    earlier: Span


@dataclass(frozen=True, slots=True)
class Window:
    """What was published in one span: independent sources of the finding, and documents of the corpus."""

    span: Span
    sources: int
    corpus: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the second rate the first one is, and its bounds; to four decimals. None stands for infinity
    in ``ratio`` and ``high``.
    """

    ratio: float | None
    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Momentum:
    """``ratio`` compares the recent window with the one before, ``overall`` with everything before; each is None where
    one side has no documents, or the finding no source in either.
    """

    state: State
    recent: Window
    before: Window
    earlier: Window
    ratio: Ratio | None
    overall: Ratio | None


def windows(reference: str) -> Windows:
    """The spans as of the month ``reference``."""
    end = number(reference)
    start, before = end - WINDOW_MONTHS + 1, end - 2 * WINDOW_MONTHS + 1
    return Windows(
        Span(month_at(start), reference),
        Span(month_at(before), month_at(start - 1)),
        Span(None, month_at(before - 1)),
    )


def momentum(backing: Iterable[Backing], corpus: tuple[MonthCount, ...]) -> Momentum | None:
    """The momentum of a finding with ``backing`` in a store whose documents are of the months of ``corpus``: a pure
    function of the two. None where no document of the store has a month.
    """
    reference = newest(corpus)
    if reference is None:
        return None
    dated = [(document.month, document.origin) for document in backing if document.month is not None]
    spans = windows(reference)
    recent, before, earlier = (
        Window(
            span,
            len({origin for month, origin in dated if span.holds(month)}),
            corpus_in(span, corpus),
        )
        for span in (spans.recent, spans.before, spans.earlier)
    )
    return compared(recent, before, earlier)


def state(backing: Iterable[Backing], corpus: tuple[MonthCount, ...]) -> State:
    """The state alone; of a store without a dated document there is no evidence."""
    found = momentum(backing, corpus)
    return State.INSUFFICIENT if found is None else found.state


def corpus_in(span: Span, corpus: tuple[MonthCount, ...]) -> int:
    """How many documents of the corpus are of ``span``."""
    return sum(count.documents for count in corpus if count.month is not None and span.holds(count.month))


def compared(recent: Window, before: Window, earlier: Window) -> Momentum:
    """The momentum that the counts of the three windows give."""
    ratio = rate_ratio(recent.sources, recent.corpus, before.sources, before.corpus)
    overall = rate_ratio(
        recent.sources, recent.corpus, before.sources + earlier.sources, before.corpus + earlier.corpus
    )
    unseen = before.sources == earlier.sources == 0
    return Momentum(_state(ratio, overall, unseen), recent, before, earlier, ratio, overall)


def _state(ratio: Ratio | None, overall: Ratio | None, unseen: bool) -> State:
    if unseen and overall is not None and overall.low > 1:
        return State.NEW
    if ratio is None:
        return State.INSUFFICIENT
    if ratio.low > 1:
        return State.RISING
    if ratio.high is None:
        return State.INSUFFICIENT
    if ratio.high < 1:
        return State.FADING
    return State.STEADY if ratio.low > 1 / STEADY and ratio.high < STEADY else State.INSUFFICIENT


@lru_cache(maxsize=4096)  # many findings have the same few counts
def rate_ratio(events: int, exposure: int, events_before: int, exposure_before: int) -> Ratio | None:
    """The ratio of two Poisson rates, events per exposure, with its exact interval at ``CONFIDENCE``. None where there
    are no events, or nothing was exposed to one of the two.
    """
    # The library takes longer to import than the store, which stands on this module, to open.
    from scipy.special import betaincinv

    total = events + events_before
    if not (total and exposure and exposure_before):
        return None
    scale, tail = exposure_before / exposure, (1 - CONFIDENCE) / 2
    low = float(betaincinv(events, events_before + 1, tail)) if events else 0.0
    high = float(betaincinv(events + 1, events_before, 1 - tail)) if events_before else None
    return Ratio(
        round(events / events_before * scale, DECIMALS) if events_before else None,
        round(low / (1 - low) * scale, DECIMALS),
        None if high is None else round(high / (1 - high) * scale, DECIMALS),
    )

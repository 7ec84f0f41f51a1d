"""Findings over time: periods, rates, exact intervals and states, with numbers counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from trendnlp.backing import Backing
from trendnlp.momentum import CONFIDENCE, Ratio, Span, State, Window, compared, momentum, rate_ratio, state, windows
from trendnlp.periods import MonthCount, Step, month_at, month_of, number, period_of, periods
from trendnlp.timeline import EARLIER, MAX_PERIODS, UNDATED, Period, of_period, timeline
from trendnlp.web import examples

CORPUS = (
    MonthCount("2023-01", 4),
    MonthCount("2023-11", 7),
    MonthCount("2024-02", 5),
    MonthCount("2024-03", 2),
    MonthCount(None, 3),
)
BACKING = (
    Backing("a", 0, "atlas", "2023-11"),
    Backing("b", 0, "atlas", "2023-11"),
    Backing("c", 1, None, "2023-11"),
    Backing("d", 0, "atlas", "2024-02"),
    Backing("e", 2, "borealis", None),
)


@pytest.mark.parametrize(
    ("published", "month"),
    [
        ("2024-03-05", "2024-03"),
        ("2024-03", "2024-03"),
        ("2024", None),
        (None, None),
        ("2024-13", None),
        ("2024-03 or so", None),
    ],
)
def test_a_month_is_read_from_a_date_that_names_it(published: str | None, month: str | None) -> None:
    assert month_of(published) == month


def test_periods_follow_each_other() -> None:
    assert periods("2023-11", "2024-02", Step.MONTH) == ("2023-11", "2023-12", "2024-01", "2024-02")
    assert periods("2023-11", "2024-04", Step.QUARTER) == ("2023-Q4", "2024-Q1", "2024-Q2")
    assert [period_of(f"2024-{n:02}", Step.QUARTER)[-2:] for n in range(1, 13)] == sorted(["Q1", "Q2", "Q3", "Q4"] * 3)
    assert all(month_at(number(month)) == month for month in ("0001-01", "1999-12", "2024-06"))


def test_a_timeline_counts_each_period_and_leaves_none_out() -> None:
    found = timeline(BACKING, CORPUS, Step.MONTH)
    assert found.periods == (
        Period("2023-11", documents=3, publishers=1, sources=2, corpus=7),
        Period("2023-12", documents=0, publishers=0, sources=0, corpus=0),
        Period("2024-01", documents=0, publishers=0, sources=0, corpus=0),
        Period("2024-02", documents=1, publishers=1, sources=1, corpus=5),
        Period("2024-03", documents=0, publishers=0, sources=0, corpus=2),
    )
    assert found.earlier == Period(None, 0, 0, 0, 4)
    assert found.undated == Period(None, 1, 1, 1, 3)
    quarters = timeline(BACKING, CORPUS, Step.QUARTER)
    assert quarters.periods == (Period("2023-Q4", 3, 1, 2, 7), Period("2024-Q1", 1, 1, 1, 7))


def test_what_is_undated_or_long_ago_is_counted_apart() -> None:
    undated = timeline(BACKING[4:], CORPUS, Step.MONTH)
    assert (undated.periods, undated.undated, undated.earlier) == (
        (),
        Period(None, 1, 1, 1, 3),
        Period(None, 0, 0, 0, 0),
    )
    old = (Backing("z", 3, "zenith", "0001-01"), *BACKING)
    found = timeline(old, (MonthCount("0001-01", 1), *CORPUS), Step.MONTH)
    assert (len(found.periods), found.periods[0].period, found.periods[-1].period) == (
        MAX_PERIODS,
        "2004-04",
        "2024-03",
    )
    assert found.earlier == Period(None, 1, 1, 1, 1)
    told = {name: sorted(of_period(old, CORPUS, found, name)) for name in (EARLIER, "2023-11", "2023-12", UNDATED)}
    assert told == {EARLIER: ["z"], "2023-11": ["a", "b", "c"], "2023-12": [], UNDATED: ["e"]}


def test_the_windows_end_with_the_newest_month_of_the_store() -> None:
    found = windows("2024-03")
    assert (found.recent, found.before) == (Span("2023-04", "2024-03"), Span("2022-04", "2023-03"))
    assert found.earlier == Span(None, "2022-03")
    counted = momentum(BACKING, CORPUS)
    assert counted is not None
    assert (counted.recent, counted.before, counted.earlier) == (
        Window(found.recent, 2, 14),
        Window(found.before, 0, 4),
        Window(found.earlier, 0, 0),
    )
    assert counted.state is State.INSUFFICIENT
    assert momentum(BACKING, (MonthCount(None, 3),)) is None
    assert state(BACKING, ()) is State.INSUFFICIENT


def test_intervals_are_exact() -> None:
    # Six events to none, with equal exposure: p is at least 0.025 ** (1 / 6).
    lowest = 0.025 ** (1 / 6)
    assert rate_ratio(6, 10, 0, 10) == Ratio(None, round(lowest / (1 - lowest), 4), None)
    assert rate_ratio(0, 10, 6, 10) == Ratio(0.0, 0.0, round((1 - lowest) / lowest, 4))
    assert rate_ratio(20, 100, 8, 100) == Ratio(2.5, 1.0548, 6.5622)
    assert rate_ratio(20, 50, 8, 100) == Ratio(5.0, 2.1096, 13.1244)  # half the exposure, twice the rate
    assert rate_ratio(0, 10, 0, 10) is rate_ratio(1, 0, 1, 10) is rate_ratio(1, 10, 1, 0) is None


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 500), st.integers(1, 500))
@settings(deadline=None)
def test_intervals_are_those_of_the_binomial_test(
    events: int, before: int, exposure: int, exposure_before: int
) -> None:
    found = rate_ratio(events, exposure, before, exposure_before)
    if events + before == 0:
        assert found is None
        return
    assert found is not None
    interval = binomtest(events, events + before).proportion_ci(CONFIDENCE, method="exact")
    scale = exposure_before / exposure
    assert found.low == pytest.approx(interval.low / (1 - interval.low) * scale, rel=1e-8, abs=1e-4)
    if before:
        assert found.high == pytest.approx(interval.high / (1 - interval.high) * scale, rel=1e-8, abs=1e-4)
        assert found.ratio is not None and found.high is not None
        assert found.low <= found.ratio <= found.high


ANY = windows("2024-03")


@pytest.mark.parametrize(
    ("recent", "before", "earlier", "expected"),
    [
        ((6, 100), (0, 100), (0, 0), State.NEW),
        ((5, 100), (0, 100), (0, 0), State.INSUFFICIENT),  # 0.025 ** (1 / 5) is below a half
        ((3, 100), (0, 100), (0, 400), State.NEW),  # a long silence tells more
        ((6, 100), (0, 100), (1, 400), State.RISING),
        ((20, 100), (8, 100), (8, 100), State.RISING),
        ((8, 100), (20, 100), (8, 100), State.FADING),
        ((0, 100), (6, 100), (0, 0), State.FADING),
        ((9, 100), (9, 100), (0, 0), State.STEADY),
        ((8, 100), (8, 100), (0, 0), State.INSUFFICIENT),
        ((20, 250), (8, 100), (0, 0), State.STEADY),  # the corpus has grown as much
        ((20, 100), (0, 0), (0, 0), State.INSUFFICIENT),  # nothing to compare with
        ((0, 100), (0, 100), (9, 100), State.INSUFFICIENT),
        ((0, 0), (20, 100), (0, 0), State.INSUFFICIENT),
    ],
)
def test_states(recent: tuple[int, int], before: tuple[int, int], earlier: tuple[int, int], expected: State) -> None:
    found = compared(Window(ANY.recent, *recent), Window(ANY.before, *before), Window(ANY.earlier, *earlier))
    assert found.state is expected


months = st.sampled_from(periods("2021-10", "2024-03", Step.MONTH))
behind = st.builds(Backing, st.sampled_from("abc"), st.integers(0, 5), st.none(), st.none() | months)


@given(st.lists(behind, max_size=8), st.sets(months, min_size=1, max_size=8), st.sampled_from(Step), st.randoms())
@settings(deadline=None)
def test_nothing_is_lost_and_the_order_does_not_matter(
    backing: list[Backing], published: set[str], by: Step, random: object
) -> None:
    corpus = tuple(MonthCount(month, 2) for month in sorted(published))
    found, counted = timeline(backing, corpus, by), momentum(backing, corpus)
    shuffled = list(backing)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert (timeline(shuffled, corpus, by), momentum(shuffled, corpus)) == (found, counted)
    everything = [*found.periods, found.earlier, found.undated]
    assert sum(period.documents for period in everything) == len(backing)
    if found.periods:
        assert sum(period.corpus for period in everything) == 2 * len(published)


def test_the_example_of_the_description_follows_from_its_formula() -> None:
    shown = examples.TIMELINE["momentum"]
    spans = windows(shown["recent"]["last"])
    given = {name: shown[name] for name in ("recent", "before", "earlier")}
    made = compared(*(Window(getattr(spans, n), w["sources"], w["corpus"]) for n, w in given.items()))
    assert {n: (w["first"], w["last"]) for n, w in given.items()} == {
        n: (getattr(spans, n).first, getattr(spans, n).last) for n in given
    }
    assert made.ratio is not None and made.overall is not None
    assert (made.state.value, made.ratio, made.overall) == (
        shown["state"],
        Ratio(**shown["ratio"]),
        Ratio(**shown["overall"]),
    )


@pytest.mark.parametrize("by", list(Step))
def test_a_document_from_after_the_newest_month_counts_as_undated(by: Step) -> None:
    late = Backing("f", 3, "atlas", "2099-01")
    undated = Backing("f", 3, "atlas", None)
    assert timeline((*BACKING, late), CORPUS, by) == timeline((*BACKING, undated), CORPUS, by)
    assert momentum((*BACKING, late), CORPUS) == momentum((*BACKING, undated), CORPUS)

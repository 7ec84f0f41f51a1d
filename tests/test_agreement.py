"""Agreement and error limits on worked examples of the literature, and what a decision is worth."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta
from sklearn.metrics import cohen_kappa_score

from trendnlp.agreement import Agreement, ErrorRate, Pair, agreement, error_rate
from trendnlp.triage import Worth, drawn, in_audit, seconds_each, strewn


def table(*rows: tuple[str, str, int]) -> list[Pair]:
    return [Pair(a, b) for a, b, number in rows for _ in range(number)]


def test_a_worked_example_of_kappa() -> None:
    # 50 proposals, 35 judged alike: 0.7 observed, 0.5 by chance
    pairs = table(("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15))
    found = agreement(pairs)
    assert (found.n, found.raw, found.kappa) == (50, 0.7, 0.4)


def test_where_nearly_all_is_one_verdict_kappa_falls_and_ac1_does_not() -> None:
    # Gwet's paradox: of 125, 118 and 0 alike; e = 2 * 0.972 * 0.028 = 0.0544
    pairs = table(("+", "+", 118), ("+", "-", 5), ("-", "+", 2))
    found = agreement(pairs)
    assert (found.raw, found.kappa, found.ac1) == (0.944, -0.0234, 0.9408)


def test_what_is_not_defined() -> None:
    assert agreement([]) == Agreement(0, None, None, None)
    assert agreement(table(("a", "a", 3))) == Agreement(3, 1.0, None, 1.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30))
def test_kappa_is_that_of_scikit_learn(said: list[tuple[str, str]]) -> None:
    found = agreement([Pair(a, b) for a, b in said])
    if found.kappa is not None:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*said, strict=True)), abs=1e-4)


@settings(deadline=None)
@given(st.integers(1, 400), st.floats(0, 1))
def test_limits_are_those_of_the_beta_distribution(n: int, share: float) -> None:
    errors = round(share * n)
    low = beta.ppf(0.025, errors, n - errors + 1) if errors else 0.0
    high = beta.ppf(0.975, errors + 1, n - errors) if errors < n else 1.0
    found = error_rate(n, errors)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_limits_of_nothing_and_of_no_error() -> None:
    assert error_rate(0, 0) == ErrorRate(0, 0, 0.0, 1.0)
    assert error_rate(20, 0) == ErrorRate(20, 0, 0.0, 0.1684)


def test_the_value_of_a_decision() -> None:
    unsure = Worth.of((0.45, 0.4, 0.15), sources=3, judged=0)
    assert (unsure.uncertainty, unsure.impact, unsure.novelty, unsure.value) == (0.95, 2.0, 1.0, 1.9)
    assert Worth.of((0.45, 0.4, 0.15), sources=3, judged=4).value == 0.38
    assert Worth.of((1.0, 0.0), sources=1, judged=0).value == 0.0


def test_the_audit_sample_is_strewn_among_the_rest_and_only_grows() -> None:
    ids = [f"st_{i}" for i in range(200)]
    rest = [id for id in ids if not in_audit(id, 0.2)]
    sample = [id for id in ids if in_audit(id, 0.2)]
    order = list(strewn(rest, sample, 0.2, 1))
    places = [place for place, id in enumerate(order) if in_audit(id, 0.2)]
    assert rest == [id for id in order if not in_audit(id, 0.2)]
    assert sorted(order) == sorted(ids)
    assert 20 < len(places) < 60 and places[0] < 25
    assert len({b - a for a, b in pairwise(places)}) > 3
    assert order == list(strewn(rest, sample[::-1], 0.2, 1)) != list(strewn(rest, sample, 0.2, 2))
    assert order[:50] == list(strewn(rest[:50], sample, 0.2, 1))[:50]
    assert all(in_audit(id, 0.4) for id in sample)


def test_a_random_order_hangs_on_the_seed_and_the_ids_alone() -> None:
    ids = [f"st_{i}" for i in range(50)]
    assert drawn(ids, 1) == drawn(ids[::-1], 1) != drawn(ids, 2)
    assert sorted(drawn(ids, 1)) == sorted(ids) != drawn(ids, 1)


def test_the_time_of_a_decision_leaves_pauses_out() -> None:
    assert seconds_each([(0, 4, 10, 5000, 5008), (3,)]) == 6
    assert seconds_each([(3,)]) is None

"""Scores against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendnlp.evaluate import (
    Bin,
    Confusion,
    Gold,
    KindF1,
    Scores,
    b_cubed_f1,
    best_threshold,
    confusion,
    expected_calibration_error,
    macro_f1,
    reliability,
    score,
)


def test_scores_of_six_units() -> None:
    gold = [
        Gold("driver"),
        Gold("driver", "trend"),
        Gold("trend"),
        Gold("challenge"),
        Gold("other", "trend"),
        Gold("other"),
    ]
    predicted = ["driver", "trend", "trend", "other", "trend", "other"]
    # Strict. driver: 1 of 1 predicted, 1 of 2 gold. trend: 1 of 3, 1 of 1. challenge: none.
    # Accepted: the second and the fifth unit become gold trends, so driver is 1 of 1 of 1 and trend 3 of 3 of 3.
    # Claims: four predicted and four gold, three of them both.
    assert score(gold, predicted) == Scores(
        macro_f1=pytest.approx((0 + 2 / 3 + 1 / 2) / 3),
        accepted_f1=pytest.approx((0 + 1 + 1) / 3),
        claim_precision=3 / 4,
        claim_recall=3 / 4,
        kinds=(
            KindF1("challenge", 0.0, 0.0, 0.0, 1),
            KindF1("driver", 1.0, 0.5, pytest.approx(2 / 3), 2),
            KindF1("trend", pytest.approx(1 / 3), 1.0, 0.5, 1),
        ),
        units=6,
    )


def test_nothing_to_score_is_zero() -> None:
    assert score([], []) == Scores(0.0, 0.0, 0.0, 0.0, (), 0)
    assert score([Gold("other")], ["other"]) == Scores(0.0, 0.0, 0.0, 0.0, (), 1)
    assert (macro_f1([], []), expected_calibration_error([], []), b_cubed_f1([], [])) == (0.0, 0.0, 0.0)


def test_another_number_of_predictions_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        score([Gold("driver")], [])


def test_macro_f1_is_over_the_gold_classes_alone() -> None:
    # a: 1 of 1 predicted, 1 of 2 gold: 2/3. b: 1 of 1, 1 of 1: 1. c is predicted, but no gold class.
    assert macro_f1(["a", "a", "b"], ["a", "c", "b"]) == pytest.approx((2 / 3 + 1) / 2)


def test_calibration_error_by_bins() -> None:
    # Bin 0.9 to 1.0: 0.9 + 1.0 + 0.95 said, 2 right. Bin 0.5 to 0.6: 0.5 said, 1 right.
    error = expected_calibration_error([0.9, 1.0, 0.95, 0.5], [True, True, False, True])
    assert error == pytest.approx((0.85 + 0.5) / 4)


def test_b_cubed_of_a_split_cluster() -> None:
    # Items 1 and 2 and 3 belong together; 3 was left alone, 4 rightly is.
    # Precision 1. Recall 2/3, 2/3, 1/3, 1 -> 2/3.
    assert b_cubed_f1(["a", "a", "a", "b"], ["1", "1", "2", "3"]) == pytest.approx(2 * (2 / 3) / (1 + 2 / 3))


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_a_clustering_equals_itself_under_other_names(gold: list[str]) -> None:
    assert b_cubed_f1(gold, [{"a": "x", "b": "y", "c": "z"}[g] for g in gold]) == pytest.approx(1.0)


def test_reliability_and_confusion_of_four_units() -> None:
    assert reliability([0.9, 1.0, 0.95, 0.5], [True, True, False, True]) == (
        Bin(0.5, 0.5, 1.0, 1),
        Bin(0.9, pytest.approx(0.95), pytest.approx(2 / 3), 3),
    )
    assert confusion(["a", "a", "b"], ["a", "c", "b"]) == Confusion(("a", "b", "c"), ((1, 0, 1), (0, 1, 0), (0, 0, 0)))
    assert (reliability([], []), confusion([], [])) == ((), Confusion((), ()))


def test_the_threshold_with_the_best_f1() -> None:
    # From 0.8 on: 1 of 1 of 3, F1 1/2. From 0.4: 2 of 3 of 3, 2/3. From 0.3: 3 of 5 of 3, 3/4, both of them at once.
    assert best_threshold([0.3, 0.8, 0.4, 0.6, 0.3, 0.1], [True, True, True, False, False, False]) == 0.3
    assert best_threshold([0.9, 0.2], [True, False]) == 0.9
    assert best_threshold([0.9, 0.2], [False, False]) == 0.5
    assert best_threshold([], []) == 0.5

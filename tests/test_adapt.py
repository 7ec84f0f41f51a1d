"""A head that learns from reviews: what it takes up, what it keeps, and how it is judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trendnlp.adapt import FOLDS, Reviews, adapt, folds_of, spread_of
from trendnlp.classify import Matrix, linear_head
from trendnlp.evaluate import Gold
from trendnlp.marks import Answers, compared

KINDS = ("challenge", "driver", "other")
CENTERS = np.eye(3, 6) * 4  # of the vectors of each kind
HABIT = np.eye(1, 6, 4)[0] * 3  # what sets some challenges apart, which this analyst calls drivers


def drawn(seed: int, count: int) -> tuple[Matrix, np.ndarray, np.ndarray]:
    """Vectors, what the analyst calls each, and whether he does so by his habit."""
    chance = np.random.default_rng(seed)
    kinds = chance.integers(3, size=count)
    habit = (chance.random(count) < 0.5) & (kinds == 0)
    rows = CENTERS[kinds] + chance.normal(size=(count, 6)) * 0.5 + habit[:, None] * HABIT
    return rows, np.where(habit, 1, kinds), habit


@pytest.fixture(scope="module")
def reviews() -> Reviews:
    rows, said, _ = drawn(1, 150)
    return Reviews(rows, said, np.arange(150) // 10)


HEAD = linear_head(CENTERS / 8, np.zeros(3), KINDS)


def test_a_habit_is_taken_up_and_the_rest_kept(reviews: Reviews) -> None:
    rows, said, habit = drawn(2, 400)
    found = adapt(HEAD, reviews, spread_of(rows))
    before, after = (head.predict_proba(rows).argmax(axis=1) for head in (HEAD, found.head))
    assert (before == said)[~habit].all() and not (before == said)[habit].any()
    assert (after == said)[~habit].mean() > 0.99 and (after == said)[habit].mean() > 0.8
    assert tuple(found.head.classes_) == KINDS


def test_the_same_reviews_give_the_same_head(reviews: Reviews) -> None:
    one, other = (adapt(HEAD, reviews, 4.0).head for _ in range(2))
    assert one.coef_.tobytes() == other.coef_.tobytes() and one.intercept_.tobytes() == other.intercept_.tobytes()


def test_reviews_that_agree_with_the_head_change_no_label(reviews: Reviews) -> None:
    agreed = replace(reviews, kinds=HEAD.predict_proba(reviews.rows).argmax(axis=1))
    rows, _, _ = drawn(3, 400)
    found = adapt(HEAD, agreed, spread_of(rows)).head
    assert (found.predict_proba(rows).argmax(axis=1) == HEAD.predict_proba(rows).argmax(axis=1)).all()


def test_what_is_held_out_did_not_teach(reviews: Reviews) -> None:
    """What an analyst says of a document changes nothing of what is answered for it."""
    mine = reviews.documents % FOLDS == 0
    other = replace(reviews, kinds=np.where(mine, (reviews.kinds + 1) % 3, reviews.kinds))
    one, two = (adapt(HEAD, r, 4.0) for r in (reviews, other))
    if one.ties == two.ties:
        assert one.held_out[mine].tobytes() == two.held_out[mine].tobytes()
    assert one.held_out[~mine].tobytes() != two.held_out[~mine].tobytes()


def test_a_document_falls_into_one_part() -> None:
    documents = np.array([7, 7, 2, 9, 9, 9, 4, 30, 31])
    assert folds_of(documents).tolist() == [2, 2, 0, 3, 3, 3, 1, 4, 0]


def test_two_kinds_are_learnt_as_well() -> None:
    head = linear_head(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2), ("no", "yes"))
    chance = np.random.default_rng(5)
    rows = chance.normal(size=(60, 2))
    given = head.predict_proba(rows).argmax(axis=1)
    found = adapt(head, Reviews(rows, 1 - given, np.arange(60)), 1.4).head
    assert (found.predict_proba(rows).argmax(axis=1) == 1 - given).mean() > 0.9
    assert tuple(found.classes_) == ("no", "yes")


def answers(before: list[int], after: list[int]) -> Answers:
    gold = tuple(Gold(KINDS[i]) for i in (0, 1, 2, 0, 1, 2, 0, 1))
    return Answers(gold, KINDS, np.eye(3)[before], np.eye(3)[after], np.array([0, 0, 0, 1, 1, 1, 2, 2]))


def test_answers_are_compared_with_their_interval() -> None:
    found = compared(answers([0, 2, 2, 0, 1, 2, 1, 1], [0, 1, 2, 0, 1, 2, 0, 1]))
    assert (found.statements, found.documents) == (8, 3)
    assert found.before == {
        "macro_f1": 0.7333,
        "accepted_f1": 0.7333,
        "claim_precision": 1.0,
        "claim_recall": 0.8333,
        "calibration_error": 0.25,
    }
    assert found.after == {**dict.fromkeys(found.before, 1.0), "calibration_error": 0.0}
    assert 0 <= found.low <= 0.2667 <= found.high <= 1


def test_the_same_answers_do_not_differ() -> None:
    same = [0, 2, 2, 0, 1, 2, 1, 1]
    found = compared(answers(same, same))
    assert (found.low, found.high) == (0.0, 0.0) and found.before == found.after

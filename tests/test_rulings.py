"""What stands of decisions: which are overruled, and what they say of two statements, be it by way of others."""

from __future__ import annotations

import pytest

from trendnlp.relations import Relation
from trendnlp.review import Action, Draft, Review, effective, undone
from trendnlp.rulings import Decided, decided, overruled


def log(*said: str) -> list[Review]:
    """Records of "merge a b", "kind a trend" or "undo 0", which names the first record."""
    found: list[Review] = []
    for number, line in enumerate(said):
        action, *rest = line.split()
        if action == Action.UNDO:
            found.append(Review.undo(found[int(rest[0])], "Ann", number, "2026-01-01"))
        else:
            value = rest.pop() if action == Action.KIND else None
            found.append(Review.of(Draft(Action(action), tuple(rest), "Ann", value), number, "2026-01-01"))
    return found


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        (("split a b", "merge a b"), [0]),
        (("merge a b", "split a b"), [0]),
        (("merge a b c", "merge a b"), []),  # of the first, c stays tied
        (("split a b", "merge a b", "undo 1"), []),  # it stands again
        (("split a b", "undo 0", "merge a b"), []),  # taken back, not overruled
        (("drop a", "head a"), [0]),
        (("kind a trend", "kind a driver"), [0]),
        (("head a", "head b"), []),  # which counts hangs on where they stand
    ],
)
def test_a_decision_of_which_nothing_stands_is_overruled(said: tuple[str, ...], passed: list[int]) -> None:
    reviews = log(*said)
    assert overruled(reviews, undone(reviews), effective(reviews)) == {reviews[number].id for number in passed}


def test_two_statements_are_decided_by_way_of_others() -> None:
    reviews = log("merge a b", "merge b c", "split c d", "merge d e", "drop f")
    ids = [review.id for review in reviews]
    constraints = effective(reviews)
    assert decided(constraints, "a", "b") == Decided(Relation.SAME, (ids[0],))
    assert decided(constraints, "a", "c") == Decided(Relation.SAME, (ids[0], ids[1]))
    assert decided(constraints, "c", "a") == Decided(Relation.SAME, (ids[1], ids[0]))
    assert decided(constraints, "c", "d") == Decided(Relation.DISTINCT, (ids[2],))
    assert decided(constraints, "e", "a") == Decided(Relation.DISTINCT, (ids[3], ids[2], ids[1], ids[0]))
    assert decided(constraints, "a", "f") is None
    assert decided(constraints, "x", "y") is None


def test_one_merge_of_many_is_named_once() -> None:
    (review,) = log("merge a b c")
    assert decided(effective([review]), "a", "c") == Decided(Relation.SAME, (review.id,))

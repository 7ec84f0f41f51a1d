"""What decisions come to: the later one counts, an undo takes back, and nothing contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.errors import BadReview, Conflict
from trendnlp.review import NO_CONSTRAINTS, Action, Choice, Constraints, Draft, Review, Tie, check, effective, undone
from trendnlp.ties import Ties

AT = "2024-06-03T09:45:00+00:00"


class Log:
    """A log that checks as the store does."""

    def __init__(self) -> None:
        self.reviews: list[Review] = []

    def add(self, action: Action, *statements: str, value: str | None = None) -> Review:
        return self._append(Review.of(Draft(action, statements, "Ann", value), len(self.reviews) + 1, AT))

    def undo(self, review: Review) -> Review:
        return self._append(Review.undo(review, "Bob", len(self.reviews) + 1, AT))

    def now(self) -> Constraints:
        return effective(self.reviews)

    def _append(self, review: Review) -> Review:
        check(self.reviews, review)
        self.reviews.append(review)
        return review


def test_every_decision_stands_with_its_review() -> None:
    log = Log()
    merge = log.add(Action.MERGE, "c", "a", "b")
    split = log.add(Action.SPLIT, "e", "d")
    head = log.add(Action.HEAD, "a")
    kind = log.add(Action.KIND, "d", value="trend")
    drop = log.add(Action.DROP, "b")
    assert log.now() == Constraints(
        must=(Tie("a", "c", merge.id), Tie("b", "c", merge.id), Tie("a", "b", merge.id)),
        cannot=(Tie("d", "e", split.id),),
        heads=(Choice("a", head.id),),
        kinds=(Choice("d", kind.id, "trend"),),
        hidden=(Choice("b", drop.id),),
    )
    assert len({review.id for review in log.reviews}) == 5


def test_of_two_decisions_on_the_same_the_later_one_counts() -> None:
    log = Log()
    log.add(Action.MERGE, "a", "b")
    split = log.add(Action.SPLIT, "b", "a")
    assert log.now() == Constraints(cannot=(Tie("a", "b", split.id),))
    merge = log.add(Action.MERGE, "a", "b")
    assert log.now() == Constraints(must=(Tie("a", "b", merge.id),))
    first, second = (log.add(Action.KIND, "a", value=kind) for kind in ("trend", "driver"))
    assert log.now().kinds == (Choice("a", second.id, "driver"),)
    log.undo(second)
    assert log.now().kinds == (Choice("a", first.id, "trend"),)
    log.add(Action.DROP, "a")
    log.add(Action.HEAD, "a")
    assert log.now().hidden == ()


def test_whoever_is_named_first_no_one_leaves_a_merge_of_three() -> None:
    log = Log()
    merge = log.add(Action.MERGE, "a", "b", "c")
    for pair in combinations("abc", 2):
        with pytest.raises(Conflict, match=merge.id):
            log.add(Action.SPLIT, *pair)


def test_an_undo_can_be_undone() -> None:
    log = Log()
    merge = log.add(Action.MERGE, "a", "b")
    undo = log.undo(merge)
    assert (undo.statements, undo.undoes, log.now()) == (("a", "b"), merge.id, NO_CONSTRAINTS)
    with pytest.raises(Conflict, match=f"undone already, by {undo.id}"):
        log.undo(merge)
    log.undo(undo)
    assert log.now() == Constraints(must=(Tie("a", "b", merge.id),))
    assert undone(log.reviews) == {undo.id}
    log.undo(merge)
    assert log.now() == NO_CONSTRAINTS


def test_what_an_earlier_decision_rules_out_is_refused_and_the_decision_is_named() -> None:
    log = Log()
    split = log.add(Action.SPLIT, "a", "c")
    merge = log.add(Action.MERGE, "a", "b")
    before = log.now()
    words = f"a and c cannot be joined by {merge.id} (by Ann), this decision while {split.id} (by Ann) keeps them apart"
    with pytest.raises(Conflict, match=re.escape(words)):
        log.add(Action.MERGE, "b", "c")
    other = log.add(Action.MERGE, "d", "c")
    with pytest.raises(Conflict, match="keeps them apart"):
        log.add(Action.MERGE, "b", "d")
    log.undo(split)
    log.add(Action.MERGE, "b", "d")
    words = f"a and d cannot be joined by .*{merge.id}.* while this decision keeps them apart"
    with pytest.raises(Conflict, match=words):
        log.add(Action.SPLIT, "a", "d")
    # What came meanwhile rules the old decision out.
    with pytest.raises(Conflict, match=split.id):
        log.undo(log.reviews[-2])
    assert before.must == (Tie("a", "b", merge.id),) and log.now().must[1] == Tie("c", "d", other.id)


@pytest.mark.parametrize(
    ("action", "statements", "value", "by"),
    [
        (Action.MERGE, ("a",), None, "Ann"),
        (Action.SPLIT, ("a", "b", "c"), None, "Ann"),
        (Action.MERGE, ("a", "a"), None, "Ann"),
        (Action.HEAD, ("a", "b"), None, "Ann"),
        (Action.KIND, ("a",), None, "Ann"),
        (Action.DROP, ("a",), "trend", "Ann"),
        (Action.UNDO, ("a",), None, "Ann"),
        (Action.DROP, ("a",), None, " "),
    ],
)
def test_a_decision_without_what_it_needs_is_none(
    action: Action, statements: tuple[str, ...], value: str | None, by: str
) -> None:
    with pytest.raises(BadReview):
        Draft(action, statements, by, value)


steps = st.lists(
    st.tuples(st.sampled_from(("merge", "merge", "split", "undo")), st.integers(0, 9), st.integers(0, 20)), max_size=14
)


def played(moves: Sequence[tuple[str, int, int]], letters: str = "abcde") -> Log:
    """A log of the moves that are not refused."""
    log = Log()
    pairs = list(combinations(letters, 2))
    for action, pair, target in moves:
        try:
            if action != "undo":
                log.add(Action(action), *pairs[pair])
            elif log.reviews:
                log.undo(log.reviews[target % len(log.reviews)])
        except Conflict:
            pass
    return log


@settings(max_examples=300, deadline=None)
@given(steps)
def test_what_stands_never_contradicts_itself(moves: list[tuple[str, int, int]]) -> None:
    log = played(moves)
    found = log.now()
    of = {letter: letter for letter in "abcde"}
    for tie in found.must:
        old, new = of[tie.a], of[tie.b]
        of = {letter: new if root == old else root for letter, root in of.items()}
    assert all(of[tie.a] != of[tie.b] for tie in found.cannot)
    assert {tie.review for tie in (*found.must, *found.cannot)}.isdisjoint(undone(log.reviews))


@settings(max_examples=200, deadline=None)
@given(steps, st.sampled_from(("merge", "split")), st.integers(0, 9))
def test_undo_restores_what_stood_before(moves: list[tuple[str, int, int]], action: str, pair: int) -> None:
    log = played(moves)
    before = log.now()
    try:
        added = log.add(Action(action), *list(combinations("abcde", 2))[pair])
    except Conflict:
        return
    after = log.now()
    undo = log.undo(added)
    assert log.now() == before
    log.undo(undo)
    assert log.now() == after


moves_of_three = st.tuples(st.sampled_from(("merge", "split", "undo")), st.integers(0, 9), st.integers(0, 20))


@settings(max_examples=300, deadline=None)
@given(st.lists(moves_of_three, max_size=16), st.integers(0, 16))
def test_one_by_one_is_refused_what_the_whole_log_refuses(moves: list[tuple[str, int, int]], known: int) -> None:
    log, ties = Log(), Ties()
    pairs, threes = list(combinations("abcde", 2)), list(combinations("abcde", 3))
    for step, (action, number, target) in enumerate(moves):
        if step == known:  # as of a log that is there already
            ties = Ties(log.reviews)
        before = list(log.reviews)
        try:
            if action == "undo":
                standing = [r for r in before if r.id not in undone(before)]
                if not standing:
                    continue
                new = Review.undo(standing[target % len(standing)], "Bob", len(before) + 1, AT)
            else:
                statements = threes[number] if action == "merge" and target % 2 else pairs[number]
                new = Review.of(Draft(Action(action), statements, "Ann"), len(before) + 1, AT)
            check(before, new)
        except Conflict:
            with pytest.raises(Conflict, match="apart"):
                ties.add(new)
        else:
            ties.add(new)
            log.reviews.append(new)

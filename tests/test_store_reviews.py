"""Decisions and the ids of former findings, as the store keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest
from builders import make_analysis, make_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trendnlp.consolidate import consolidate
from trendnlp.diff import Cause, Change, diff
from trendnlp.errors import BadCursor, Conflict, Gone, Moved, NotFound
from trendnlp.review import NO_CONSTRAINTS, Action, Constraints, Draft, Review, Tie
from trendnlp.store import FindingFilter, PageRequest, ReviewFilter, Store
from trendnlp.types import Finding, LabelledStatement, Metadata, Run

NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)
TEXTS = ("Costs fall.", "Demand grows.", "Staff is scarce.", "Beds are dear.", "Pumps break.")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, now=lambda: NOON) as store:
        yield store


def add(store: Store, text: str, published: str | None = None) -> str:
    """Store a document of one driver that is like no other, and return the statement's id."""
    analysis = make_analysis(
        make_document(text, source=text, metadata=Metadata(published=published)), kinds=("driver",)
    )
    (labelled,) = analysis.statements
    vector = np.eye(len(TEXTS), dtype="<f4")[TEXTS.index(text)].tobytes()
    known = LabelledStatement(labelled.statement, labelled.label, vector)
    store.save(type(analysis)(analysis.document, (known,)))
    return labelled.statement.id


def refresh(store: Store) -> tuple[Finding, ...]:
    store.replace_findings(consolidate(store.claims(), 0.9, "encoder-1", None, store.constraints()))
    return store.findings(FindingFilter()).items


def decide(store: Store, action: Action, *statements: str, value: str | None = None) -> Review:
    added = store.add_review(Draft(action, statements, "Ann", value))
    refresh(store)
    return added


def undo(store: Store, review: Review) -> Review:
    added = store.undo_review(review.id, "Bob")
    refresh(store)
    return added


def test_the_log_is_kept_and_listed(store: Store) -> None:
    a, b = add(store, TEXTS[0]), add(store, TEXTS[1])
    revision = store.revision()
    merge = store.add_review(Draft(Action.MERGE, (b, a), "Ann"))
    kind = store.add_review(Draft(Action.KIND, (a,), "Ann Ωmega", "trend"))
    taken = store.undo_review(merge.id, "Bob")
    assert store.revision() == revision + 3 and not store.is_consolidated()
    assert merge == Review(merge.id, Action.MERGE, (b, a), None, "Ann", "2024-03-12T12:00:00+00:00")
    assert taken == Review(taken.id, Action.UNDO, (b, a), None, "Bob", "2024-03-12T12:00:00+00:00", merge.id)
    assert store.undone((merge.id, kind.id, taken.id)) == {merge.id}
    first = store.reviews(ReviewFilter(), PageRequest(2))
    rest = store.reviews(ReviewFilter(), PageRequest(2, first.next_cursor))
    assert (first.items, rest.items, first.total, rest.next_cursor) == ((taken, kind), (merge,), 3, None)
    assert store.reviews(ReviewFilter(statement=b)).items == (taken, merge)
    with pytest.raises(BadCursor):
        store.reviews(ReviewFilter(statement=a), PageRequest(2, first.next_cursor))


def test_what_a_review_changed_between_two_runs_names_it(store: Store) -> None:
    def run(number: int) -> str:
        return store.record_run(Run((), (), (), (("fast", "digest-1"),), ()), f"2024-01-01T00:{number:02}", "later")

    a, b, c = (add(store, text) for text in TEXTS[:3])
    refresh(store)
    apart = run(1)
    merge = decide(store, Action.MERGE, a, b)
    joined = run(2)
    decide(store, Action.DROP, c)
    undo(store, merge)
    undone = run(3)
    assert store.run_state(joined).snapshot.reviews == {merge.id: (a, b)}

    def changes(before: str, after: str) -> list[tuple[Change, tuple[str, ...], tuple[Cause, ...]]]:
        found = diff(store.run_state(before), store.run_state(after)).findings
        return [(change.change, change.left, change.causes) for change in found]

    by_review = (Cause.REVIEW,)
    assert changes(apart, joined) == [(Change.MERGED, (), by_review)]
    assert changes(joined, undone) == [(Change.SPLIT, (), by_review), (Change.WENT, (c,), by_review)]
    assert changes(apart, undone) == [(Change.WENT, (c,), by_review)]


def test_what_cannot_be_decided_is_not_recorded(store: Store) -> None:
    a, b, c = (add(store, text) for text in TEXTS[:3])
    with pytest.raises(NotFound, match="no such statement"):
        store.add_review(Draft(Action.MERGE, (a, "st_none"), "Ann"))
    with pytest.raises(NotFound, match="no such review"):
        store.undo_review("rev_none", "Ann")
    store.add_review(Draft(Action.SPLIT, (a, c), "Ann"))
    store.add_review(Draft(Action.MERGE, (a, b), "Ann"))
    revision = store.revision()
    with pytest.raises(Conflict):
        store.add_review(Draft(Action.MERGE, (b, c), "Ann"))
    assert (store.revision(), store.reviews(ReviewFilter()).total) == (revision, 2)


def test_decisions_outlive_their_documents(store: Store) -> None:
    a, b = add(store, TEXTS[0], "2022"), add(store, TEXTS[1], "2023")
    decide(store, Action.MERGE, a, b)
    (both,) = refresh(store)
    store.delete_document(store.statement(a).statement.document)
    (alone,) = refresh(store)
    assert [m.statement for m in alone.members] == [b]
    with pytest.raises(Moved) as moved:
        store.finding(both.id)
    assert moved.value.to == alone.id
    add(store, TEXTS[0], "2022")
    assert refresh(store) == (both,)
    assert store.split_into(both.id) == ()


def test_a_merge_leads_to_the_survivor_and_its_undo_leaves_no_trace(store: Store) -> None:
    a, b, c = (add(store, text, year) for text, year in zip(TEXTS, ("2021", "2022", "2023"), strict=False))
    before = refresh(store)
    of = {f.head: f.id for f in before}
    first = decide(store, Action.MERGE, b, c)
    second = decide(store, Action.MERGE, a, b)
    (whole,) = refresh(store)
    assert whole.id == of[a]
    for former in (of[b], of[c]):
        with pytest.raises(Moved) as moved:
            store.finding(former)
        assert moved.value.to == of[a]
    assert store.judging.history(whole) == (first, second)
    undo(store, second)
    undo(store, first)
    assert store.findings(FindingFilter()).items == before
    assert [store.split_into(id) for id in of.values()] == [(), (), ()]


def test_a_split_lists_its_children(store: Store) -> None:
    a, b, c = (add(store, text, year) for text, year in zip(TEXTS, ("2021", "2022", "2023"), strict=False))
    merge = decide(store, Action.MERGE, a, b, c)
    (whole,) = refresh(store)
    refresh(store)
    undo(store, merge)
    alone = {f.head: f.id for f in refresh(store)}
    assert (alone[a], store.split_into(whole.id)) == (whole.id, tuple(sorted((alone[b], alone[c]))))
    # Where the part that kept the id is taken up elsewhere, nothing has it any more.
    earlier = add(store, TEXTS[3], "2020")
    decide(store, Action.MERGE, earlier, a)
    with pytest.raises(Gone) as gone:
        store.finding(whole.id)
    now = store.finding_of([a, b, c])
    assert gone.value.parts == tuple(sorted(now.values()))
    assert now[a] == store.finding_of([earlier])[earlier]


def test_a_finding_that_is_split_again_lists_its_children_again(store: Store) -> None:
    a, b, c = (add(store, text, year) for text, year in zip(TEXTS, ("2021", "2022", "2023"), strict=False))
    merge = store.add_review(Draft(Action.MERGE, (a, b, c), "Ann"))
    (whole,) = refresh(store)
    taken = undo(store, merge)
    children = tuple(sorted(f.id for f in refresh(store) if f.id != whole.id))
    assert (store.split_into(whole.id), len(children)) == (children, 2)
    for _ in range(2):
        again = undo(store, taken)
        assert (refresh(store), store.split_into(whole.id)) == ((whole,), ())
        for child in children:
            with pytest.raises(Moved) as moved:
                store.finding(child)
            assert moved.value.to == whole.id
        taken = undo(store, again)
        assert store.split_into(whole.id) == children
        assert [store.split_into(child) for child in children] == [(), ()]


def test_the_id_of_what_was_merged_leads_on_where_it_is_hidden(store: Store) -> None:
    a, b, c = (add(store, text, year) for text, year in zip(TEXTS, ("2021", "2022", "2023"), strict=False))
    of = {f.head: f.id for f in refresh(store)}
    decide(store, Action.MERGE, a, b)
    decide(store, Action.DROP, b)
    with pytest.raises(Moved) as moved:
        store.finding(of[b])
    assert moved.value.to == of[a]
    assert (store.finding(of[a]).hidden, store.split_into(of[a]), store.split_into(of[c])) == ((b,), (), ())


def test_the_id_of_what_is_deleted_or_hidden_is_gone_and_of_what_never_was_unknown(store: Store) -> None:
    a, b = add(store, TEXTS[0]), add(store, TEXTS[1])
    of = {f.head: f.id for f in refresh(store)}
    store.delete_document(store.statement(b).statement.document)
    with pytest.raises(NotFound) as unknown:  # until it is known what becomes of it
        store.finding(of[b])
    assert type(unknown.value) is NotFound
    drop = decide(store, Action.DROP, a)
    for id in of.values():
        with pytest.raises(Gone) as gone:
            store.finding(id)
        assert gone.value.parts == ()
    with pytest.raises(NotFound) as unknown:
        store.finding("find_none")
    assert type(unknown.value) is NotFound
    undo(store, drop)
    assert store.finding(of[a]).hidden == ()


steps = st.lists(
    st.tuples(st.sampled_from(("merge", "merge", "split", "drop", "undo", "delete", "add")), st.integers(0, 9)),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_every_former_id_resolves(new_url: Callable[[], str], moves: Sequence[tuple[str, int]]) -> None:
    with Store.open(new_url()) as store:
        years = ("2020", None, "2022", "2021", None)
        ids = [add(store, text, year) for text, year in zip(TEXTS, years, strict=True)]
        former = {f.id for f in refresh(store)}
        for action, number in moves:
            play(store, ids, action, number)
            current = {f.id: f for f in refresh(store)}
            former |= current.keys()
            for id in former - current.keys():
                with pytest.raises((Moved, Gone)) as found:
                    store.finding(id)
                error = found.value
                assert isinstance(error, Moved | Gone)
                parts = (error.to,) if isinstance(error, Moved) else error.parts
                assert set(parts) <= current.keys()
            for id in current:
                assert store.finding(id) == current[id]
                assert set(store.split_into(id)) <= current.keys() - {id}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from(("merge", "split", "drop", "undo")), st.integers(0, 9))
def test_undoing_restores_the_findings_before(
    new_url: Callable[[], str], moves: Sequence[tuple[str, int]], action: str, number: int
) -> None:
    with Store.open(new_url()) as store:
        ids = [add(store, text) for text in TEXTS]
        for move in moves:
            play(store, ids, *move)
        before, known = refresh(store), store.reviews(ReviewFilter()).items
        play(store, ids, action, number)
        for review in store.reviews(ReviewFilter()).items:
            if review not in known:
                refresh(store)
                undo(store, review)
        assert refresh(store) == before


def play(store: Store, ids: Sequence[str], action: str, number: int) -> None:
    pair = list(combinations(ids, 2))[number]
    one = number % len(ids)
    try:
        if action in ("merge", "split"):
            store.add_review(Draft(Action(action), pair, "Ann"))
        elif action == "drop":
            store.add_review(Draft(Action.DROP, (ids[one],), "Ann"))
        elif action == "undo":
            log = store.reviews(ReviewFilter()).items
            if log:
                store.undo_review(log[number % len(log)].id, "Ann")
        elif action == "delete":
            store.delete_document(store.statement(ids[one]).statement.document)
        else:
            add(store, TEXTS[one], ("2020", None, "2022", "2021", None)[one])
    except (Conflict, NotFound):
        pass


def test_constraints_are_what_stands_of_the_log(store: Store) -> None:
    assert store.constraints() == NO_CONSTRAINTS
    a, b = sorted((add(store, TEXTS[0]), add(store, TEXTS[1])))
    merge = store.add_review(Draft(Action.MERGE, (b, a), "Ann"))
    assert store.constraints() == Constraints(must=(Tie(a, b, merge.id),))

"""Decisions out of one store and into another, and as they go to people and to training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import MODEL
from judged_store import SENTENCES, Clock, add, decide, kept, listed, of, refresh

from trendnlp.actions import Action, Reading
from trendnlp.errors import BadReview
from trendnlp.review import Draft
from trendnlp.review_records import csv_row, judged_export, log_record, recorded_of
from trendnlp.store import ReviewFilter, StatementFilter, Store


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, now=Clock()) as store:
        yield store


def exported(store: Store) -> list[str]:
    return [json.dumps(log_record(recorded)) for recorded in store.judging.log()]


def test_a_log_goes_out_and_comes_in_as_it_was(store: Store, tmp_path: Path) -> None:
    a, b, c, d = add(store)
    refresh(store)
    decide(store, Action.ACCEPT, a)
    merge = decide(store, Action.MERGE, a, b)
    decide(store, Action.REJECT, c, value="everywhere")
    decide(store, Action.REJECT, a, value="finding", by="Bob")
    decide(store, Action.RELABEL, d, value="trend", by="Bob", reading=Reading.BLIND)
    undo = store.undo_review(merge.id, "Bob")
    store.undo_review(undo.id, "Ann")
    store.judging.accept_above(0.0, StatementFilter(), "Ann", 0.0)
    lines = exported(store)
    with Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        # before its documents came: what was decided waits for them
        found = other.judging.take(recorded_of(line, "log") for line in lines)
        assert (found.added, found.known, found.refused) == (8, 0, ())
        add(other)
        assert exported(other) == lines
        assert [of(other, id) for id in (a, b, c, d)] == [of(store, id) for id in (a, b, c, d)]
        assert (other.constraints(), kept(other)) == (store.constraints(), kept(store))
        again = other.judging.take(recorded_of(line, "log") for line in lines)
        assert (again.added, again.known, exported(other)) == (0, 8, lines)
    with Store.open(f"sqlite:///{tmp_path / 'third.sqlite'}") as third:
        add(third)
        split = third.add_review(Draft(Action.SPLIT, (a, b), "Cy"))
        found = third.judging.take(recorded_of(line, "log") for line in lines)
        # the split stands in the way of nothing that is later: the merge overrules it
        assert (found.added, third.reviews(ReviewFilter()).total) == (8, 9)
        assert split.id in {r.id for r in third.reviews(ReviewFilter()).items}
        orphan = [line for line in lines if json.loads(line)["id"] != merge.id][4:5]
        with_other = json.loads(orphan[0]) | {"id": "rev_x", "undoes": "rev_none", "action": "undo", "value": None}
        refused = third.judging.take([recorded_of(json.dumps(with_other), "log")]).refused
        assert [(r.id, r.reason) for r in refused] == [("rev_x", "no such review")]
        forged = json.loads(lines[0]) | {"by": "Eve"}
        (only,) = third.judging.take([recorded_of(json.dumps(forged), "log")]).refused
        assert only.reason == "another decision has this id here"
    for bad in ("{}", "[", "[1]", json.dumps(json.loads(lines[0]) | {"action": "explode"}), "[" * 10**5):
        with pytest.raises(BadReview, match="no record of a log"):
            recorded_of(bad, "line 1")


def test_what_is_judged_goes_out_in_its_context(store: Store) -> None:
    a, b, _, _ = add(store)
    add(store, "=SUM(A1).", ("driver",))
    (formula,) = listed(store, q="SUM")
    for id in (a, formula):
        decide(store, Action.ACCEPT, id)
    decide(store, Action.RELABEL, b, value="challenge", by="Bob")
    decide(store, Action.TAG, b, value="demand", by="Bob")
    first, second, third = map(judged_export, store.judging.judged())
    assert (first["id"], first["kind"], first["status"], first["before"], first["after"]) == (
        *(a, "driver", "accepted", ""),
        " Demand grows. Staff is scarce. We are experts.",
    )
    assert (second["kind"], second["tags"], second["by"], second["before"]) == (
        *("challenge", ["demand"], "Bob"),
        "Costs rise. ",
    )
    assert second["said"] == {"kind": "trend", "score": 0.8125, "aspect": "technology", "model": MODEL}
    assert third["text"] == "=SUM(A1)."
    assert [csv_row(item)["text"] for item in store.judging.judged()] == [*SENTENCES[:2], "=SUM(A1)."]


def test_what_contradicts_a_decision_that_is_here_is_refused_alone(store: Store, tmp_path: Path) -> None:
    a, b, c, _ = add(store)
    first = decide(store, Action.MERGE, a, b)
    second = decide(store, Action.MERGE, b, c)
    taken = store.undo_review(first.id, "Ann")
    again = store.undo_review(taken.id, "Ann")
    lines = exported(store)
    with Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        add(other)
        split = decide(other, Action.SPLIT, a, c, by="Cy")
        found = other.judging.take(recorded_of(line, "log") for line in lines)
        assert [(r.id, f"while {split.id} (by Cy) keeps them apart" in r.reason) for r in found.refused] == [
            (second.id, True)
        ]
        assert {r.id for r in other.reviews(ReviewFilter()).items} == {split.id, first.id, taken.id, again.id}
        other.undo_review(split.id, "Cy")
        found = other.judging.take(recorded_of(line, "log") for line in lines)
        assert (found.added, found.known, found.refused) == (1, 3, ())
        assert {(t.a, t.b) for t in other.constraints().must} == {(t.a, t.b) for t in store.constraints().must}

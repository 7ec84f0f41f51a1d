"""What changed between two runs, on snapshots made by hand, and how a store keeps them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import process_time

import pytest
from builders import make_analysis, make_claims, make_consolidation
from databases import connected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from trendnlp.actions import Action, Reading
from trendnlp.diff import (
    Cause,
    Change,
    DocumentState,
    FindingChange,
    FindingRef,
    FindingState,
    LabelChange,
    RunDiff,
    RunState,
    Snapshot,
    diff,
)
from trendnlp.errors import NotFound
from trendnlp.review import Draft
from trendnlp.store import Store
from trendnlp.types import Run

RULE = (("threshold", "0.75"), ("cascade", "None"), ("version", "1"))
MODELS = (("fast", "digest-1"), ("encoder", "e"), ("weights", "w"))


def state(
    id: str,
    documents: Mapping[str, str],
    findings: Mapping[str, str],
    *,
    reviews: Mapping[str, tuple[str, ...]] | None = None,
    models: tuple[tuple[str, str], ...] = MODELS,
    rule: tuple[tuple[str, str], ...] = RULE,
) -> RunState:
    """Documents as "a1 a2 a3:other" (a driver where no kind is given), findings as "a1 a2"."""
    found = {}
    for name, statements in documents.items():
        kinds = dict(part.split(":") if ":" in part else (part, "driver") for part in statements.split())
        found[name] = DocumentState("m", kinds)
    held = {name: FindingState(name.upper(), tuple(members.split())) for name, members in findings.items()}
    return RunState(id, models, rule, Snapshot(found, held, reviews or {}))


def refs(*named: str) -> tuple[FindingRef, ...]:
    """Findings as "f 2": its id and how many statements it has."""
    return tuple(FindingRef(id, id.upper(), int(n)) for id, n in (name.split() for name in named))


A = {"a": "a1 a2 a3", "b": "b1 b2"}
F = {"f": "a1 b1", "g": "a2 b2", "h": "a3"}


def test_the_same_twice_is_no_change() -> None:
    assert diff(state("x", A, F), state("y", A, F)) == RunDiff("x", "y", (), (), (), ())


def test_a_new_document_joins_a_finding_and_brings_one() -> None:
    found = diff(state("x", A, F), state("y", A | {"c": "c1 c2"}, F | {"f": "a1 b1 c1", "k": "c2"}))
    new = (Cause.NEW_DOCUMENT,)
    assert found == RunDiff(
        "x",
        "y",
        added=("c",),
        deleted=(),
        labels=(),
        findings=(
            FindingChange(Change.APPEARED, (), refs("k 1"), ("c2",), (), new),
            FindingChange(Change.GREW, refs("f 2"), refs("f 3"), ("c1",), (), new),
        ),
    )


def test_a_deleted_document_takes_its_statements_away() -> None:
    found = diff(state("x", A, F), state("y", {"b": "b1 b2"}, {"f": "b1", "g": "b2"}))
    gone = (Cause.DELETED_DOCUMENT,)
    assert (found.added, found.deleted, found.labels) == ((), ("a",), ())
    assert found.findings == (
        FindingChange(Change.WENT, refs("h 1"), (), (), ("a3",), gone),
        FindingChange(Change.SHRANK, refs("f 2"), refs("f 1"), (), ("a1",), gone),
        FindingChange(Change.SHRANK, refs("g 2"), refs("g 1"), (), ("a2",), gone),
    )


def test_another_threshold_merges_and_splits() -> None:
    lower = (("threshold", "0.6"), *RULE[1:])
    found = diff(state("x", A, F), state("y", A, {"f": "a1 b1 a3", "g": "a2", "k": "b2"}, rule=lower))
    rule = (Cause.THRESHOLD,)
    assert found.findings == (
        FindingChange(Change.MERGED, refs("f 2", "h 1"), refs("f 3"), (), (), rule),
        FindingChange(Change.SPLIT, refs("g 2"), refs("g 1", "k 1"), (), (), rule),
    )


def test_another_model_relabels_and_its_findings_follow() -> None:
    other = (("fast", "digest-2"), ("encoder", "e"), ("weights", "w2"))
    found = diff(state("x", A, F), state("y", A | {"a": "a1 a2 a3:other"}, {"f": "a1 b1", "g": "a2 b2"}, models=other))
    model = (Cause.MODEL,)
    assert found.labels == (LabelChange("a3", "a", "driver", "other", model),)
    assert found.findings == (FindingChange(Change.WENT, refs("h 1"), (), (), ("a3",), model),)


def test_a_digest_that_only_holds_another_threshold_is_not_another_model() -> None:
    other = (("fast", "digest-2"), *MODELS[1:])
    lower = (("threshold", "0.6"), *RULE[1:])
    after = state("y", A, {"f": "a1 b1", "g": "a2 b2 a3"}, models=other, rule=lower)
    (change,) = diff(state("x", A, F), after).findings
    assert change.causes == (Cause.THRESHOLD,)


def test_a_document_that_is_read_anew_is_named_as_the_cause() -> None:
    found = diff(state("x", A, F), state("y", A | {"a": "a1 a2 a4"}, {"f": "a1 b1", "g": "a2 b2", "k": "a4"}))
    again = (Cause.CHANGED_DOCUMENT,)
    assert [(f.change, f.joined, f.left, f.causes) for f in found.findings] == [
        (Change.APPEARED, ("a4",), (), again),
        (Change.WENT, (), ("a3",), again),
    ]


def test_a_review_is_named_before_the_rule() -> None:
    split = {"f": "a1", "k": "b1", "g": "a2 b2", "h": "a3"}
    (change,) = diff(state("x", A, F), state("y", A, split, reviews={"rev_1": ("a1", "b1")})).findings
    assert (change.change, change.causes) == (Change.SPLIT, (Cause.REVIEW,))
    (undone,) = diff(state("y", A, split, reviews={"rev_1": ("a1", "b1")}), state("z", A, F)).findings
    assert (undone.change, undone.causes) == (Change.MERGED, (Cause.REVIEW,))


def test_a_review_that_gives_another_kind_is_named() -> None:
    before = state("x", A, F)
    after = state("y", A | {"b": "b1:trend b2"}, F)
    after = replace(after, snapshot=replace(after.snapshot, relabels={"rev_1": ("b1",)}))
    (label,) = diff(before, after).labels
    assert (label.statement, label.after, label.causes) == ("b1", "trend", (Cause.REVIEW,))


def test_a_merge_changes_no_label() -> None:
    newer = (*MODELS[:2], ("weights", "w2"))
    reviewed = state("y", A | {"b": "b1:trend b2"}, F, reviews={"rev_1": ("b1", "b2")}, models=newer)
    (label,) = diff(state("x", A, F), reviewed).labels
    assert (label.statement, label.causes) == ("b1", (Cause.MODEL,))


def test_a_document_elsewhere_and_nothing_at_all() -> None:
    moved = {"f": "a1 b1 a3", "g": "a2 b2"}
    decided = diff(state("x", A, F), state("y", A, moved, reviews={"rev_1": ("b2", "c1")}))
    assert [f.causes for f in decided.findings] == [(Cause.REVIEW,)]
    far = diff(state("x", A, F), state("y", A | {"c": "c1:other"}, moved))
    assert [f.causes for f in far.findings] == [(Cause.NEW_DOCUMENT,)]
    assert [f.causes for f in diff(state("x", A, F), state("y", A, moved)).findings] == [(Cause.UNKNOWN,)]
    newer = (*RULE[:2], ("version", "2"))
    assert [f.causes for f in diff(state("x", A, F), state("y", A, moved, rule=newer)).findings] == [(Cause.VERSION,)]


def test_several_that_become_several_others() -> None:
    lower = (("threshold", "0.6"), *RULE[1:])
    (change,) = diff(state("x", A, F), state("y", A, {"f": "a1 a2", "g": "b1 b2", "h": "a3"}, rule=lower)).findings
    assert change == FindingChange(Change.REGROUPED, refs("f 2", "g 2"), refs("f 2", "g 2"), (), (), (Cause.THRESHOLD,))


def test_many_changes_take_no_more_time_each_than_few() -> None:
    names = {f"f{n}": f"a{n}" for n in range(30_000)}
    documents = {"a": " ".join(names.values())}
    begun = process_time()
    found = diff(state("x", documents, names), state("y", documents, {f"{id}-new": s for id, s in names.items()}))
    assert len(found.findings) == len(names)
    assert process_time() - begun < 12  # a look at all others for each took over half a minute


partitions = st.lists(st.integers(0, 3), min_size=6, max_size=6)


@settings(deadline=None)
@given(partitions, partitions)
def test_every_change_is_told_once_and_back_again(a: list[int], b: list[int]) -> None:
    names = [f"a{i}" for i in range(6)]

    def made(id: str, groups: list[int]) -> RunState:
        held = {min(n for n, g in zip(names, groups, strict=True) if g == group): group for group in set(groups)}
        findings = {
            first: " ".join(n for n, g in zip(names, groups, strict=True) if g == group)
            for first, group in held.items()
        }
        return state(id, {"a": " ".join(names)}, findings)

    there, back = diff(made("x", a), made("y", b)), diff(made("y", b), made("x", a))
    assert {(f.before, f.after) for f in there.findings} == {(f.after, f.before) for f in back.findings}
    told = [ref.id for f in there.findings for ref in f.before]
    assert len(told) == len(set(told))
    same = {tuple(sorted(n for n, g in zip(names, a, strict=True) if g == x)) for x in set(a)} & {
        tuple(sorted(n for n, g in zip(names, b, strict=True) if g == x)) for x in set(b)
    }
    assert len(told) == len(set(a)) - len(same)


@pytest.fixture
def store(url: str):
    with Store.open(url) as store:
        yield store


def record(store: Store, number: int) -> str:
    run = Run((f"{number}.txt",), (), (), MODELS, RULE)
    return store.record_run(run, f"2024-01-01T00:{number:02}", f"2024-01-01T01:{number:02}")


def refresh(store: Store) -> None:
    store.replace_findings(make_consolidation(store.claims()))


def test_a_store_knows_what_each_run_left_behind(store: Store) -> None:
    empty = record(store, 0)
    first, second = make_analysis("Costs rise. It rains. Demand grows."), make_analysis("Costs rise. It snows.")
    expected = [Snapshot()]
    ids = [empty]
    for number, analysis in enumerate((first, second), 1):
        store.save(analysis)
        refresh(store)
        ids.append(record(store, number))
    store.delete_document(first.document.id)
    refresh(store)
    ids.append(record(store, 3))
    for analyses in ((first,), (first, second), (second,)):
        documents = {
            a.document.id: DocumentState("sha256:0001", {s.statement.id: s.label.kind for s in a.statements})
            for a in analyses
        }
        made = make_consolidation(make_claims(analyses)).findings
        findings = {
            f.id: FindingState(f.title, tuple(sorted(m.statement for m in f.members)), f.kind, f.head) for f in made
        }
        expected.append(Snapshot(documents, findings))
    assert [store.run_state(id).snapshot for id in ids] == expected
    assert store.run_state(ids[1]) == RunState(ids[1], MODELS, RULE, expected[1])
    assert [run.id for run in store.runs().items] == ids[::-1]


def test_a_run_can_be_named_by_how_its_id_begins(store: Store) -> None:
    ids = [record(store, n) for n in range(30)]
    assert store.run_state(ids[3][:12]).id == ids[3]
    with pytest.raises(NotFound, match="several runs begin so"):
        store.run_state("run_")
    with pytest.raises(NotFound, match="no such run"):
        store.run_state("run_%")


def test_a_run_from_before_snapshots_says_so(store: Store, url: str) -> None:
    id = record(store, 1)
    with connected(url) as connection:
        connection.execute(text("DELETE FROM snapshots"))
    with pytest.raises(NotFound, match="recorded without what it left behind"):
        store.run_state(id)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_what_is_kept_is_what_was_there(new_url: Callable[[], str], steps: list[int]) -> None:
    """Each step adds the document of its number, or deletes it where it is there."""
    with Store.open(new_url()) as store:
        analyses = [make_analysis(f"Report {n} of lifts. Costs rise. " * (n + 1)) for n in range(6)]
        held: set[int] = set()
        expected = []
        for number, step in enumerate(steps):
            if step in held:
                store.delete_document(analyses[step].document.id)
            else:
                store.save(analyses[step])
            held ^= {step}
            refresh(store)
            expected.append((record(store, number), {analyses[n].document.id for n in held}))
        assert [(id, set(store.run_state(id).snapshot.documents)) for id, _ in expected] == expected


def told(title: str, kind: str | None, head: str | None, reviews: Mapping[str, tuple[str, ...]]) -> RunState:
    documents = {"a": DocumentState("m", {"a1": "driver", "a2": "trend"})}
    return RunState(
        "x", MODELS, RULE, Snapshot(documents, {"f": FindingState(title, ("a1", "a2"), kind, head)}, reviews)
    )


def test_another_kind_head_or_title_of_the_same_statements_is_a_change() -> None:
    before = told("Costs", "driver", "a1", {})
    for after in (
        told("Costs", "trend", "a1", {"rev_1": ("a1",)}),
        told("Costs", "driver", "a2", {"rev_1": ("a2",)}),
        told("Rising costs", "driver", "a1", {"rev_1": ("a1",)}),
    ):
        finding = after.snapshot.findings["f"]
        was = FindingRef("f", "Costs", 2, "driver", "a1")
        now = FindingRef("f", finding.title, 2, finding.kind, finding.head)
        expected = FindingChange(Change.ALTERED, (was,), (now,), (), (), (Cause.REVIEW,))
        assert diff(before, after).findings == (expected,)


def test_what_an_earlier_version_did_not_keep_is_no_change() -> None:
    assert diff(told("Costs", None, None, {}), told("Costs", "trend", "a1", {})).findings == ()


def test_findings_that_an_earlier_version_kept_are_read(store: Store, url: str) -> None:
    store.save(make_analysis("Costs rise. It rains."))
    refresh(store)
    id = record(store, 1)
    whole = store.run_state(id).snapshot
    with connected(url) as connection:
        kept = json.loads(zlib.decompress(connection.execute(text("SELECT data FROM snapshots")).scalar_one()))
        kept["findings"] = {id: [told[0], *members] for id, (told, *members) in kept["findings"].items()}
        written = {"data": zlib.compress(json.dumps(kept).encode())}
        connection.execute(text("UPDATE snapshots SET data = :data"), written)
    findings = {id: FindingState(f.title, f.members) for id, f in whole.findings.items()}
    assert store.run_state(id).snapshot == Snapshot(whole.documents, findings, whole.reviews)


NEWER = (("fast", "digest-2"), ("encoder", "e"), ("weights", "w2"))


def kept(store: Store, number: int, models: tuple[tuple[str, str], ...] = MODELS) -> RunState:
    """The state after a run whose findings are of the store as it is."""
    refresh(store)
    run = Run((), (), (), models, RULE)
    return store.run_state(store.record_run(run, f"2024-01-01T00:{number:02}", f"2024-01-01T01:{number:02}"))


def said_anew(store: Store) -> None:
    """Another model calls the one sentence a challenge."""
    store.save(make_analysis("Costs rise.", kinds=("challenge",), model="sha256:0002"))


def test_a_kind_that_a_person_held_against_a_model_goes_with_the_decision(store: Store) -> None:
    analysis = make_analysis("Costs rise.", kinds=("driver",))
    store.save(analysis)
    accepted = store.add_review(Draft(Action.ACCEPT, (analysis.statements[0].statement.id,), "Ann"))
    first = kept(store, 1)
    said_anew(store)
    second = kept(store, 2, NEWER)
    store.undo_review(accepted.id, "Ann")
    third = kept(store, 3, NEWER)
    assert diff(first, second) == RunDiff(first.id, second.id, (), (), (), ())
    found = diff(second, third)
    assert [(c.before, c.after, c.causes) for c in found.labels] == [("driver", "challenge", (Cause.REVIEW,))]
    assert [c.causes for c in found.findings] == [(Cause.REVIEW,)]


@pytest.mark.parametrize(
    ("action", "value", "reading"),
    [
        (Action.RELABEL, "trend", Reading.BLIND),
        (Action.ACCEPT, None, Reading.OPEN),
        (Action.RELABEL, "challenge", Reading.OPEN),
    ],
)
def test_a_decision_without_which_the_kind_is_the_same_is_no_cause(
    store: Store, action: Action, value: str | None, reading: Reading
) -> None:
    analysis = make_analysis("Costs rise.", kinds=("driver",))
    store.save(analysis)
    first = kept(store, 1)
    said_anew(store)
    store.add_review(Draft(action, (analysis.statements[0].statement.id,), "Ann", value, reading))
    found = diff(first, kept(store, 2, NEWER))
    assert [(c.after, c.causes) for c in found.labels] == [("challenge", (Cause.MODEL,))]
    assert [c.causes for c in found.findings] == [(Cause.MODEL,)]


def test_a_tag_or_an_acceptance_is_no_cause_of_what_a_new_document_adds(store: Store) -> None:
    analysis = make_analysis("Costs rise.", kinds=("driver",))
    store.save(analysis)
    first = kept(store, 1)
    named = (analysis.statements[0].statement.id,)
    store.add_review(Draft(Action.TAG, named, "Ann", "costs"))
    store.add_review(Draft(Action.ACCEPT, named, "Ann"))
    store.save(make_analysis("# Beds\n\nCosts rise.", kinds=("driver",)))
    assert [(c.change, c.causes) for c in diff(first, kept(store, 2)).findings] == [
        (Change.GREW, (Cause.NEW_DOCUMENT,))
    ]

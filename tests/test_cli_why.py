"""``trendnlp findings --why``: what it says of two statements agrees with where they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders import make_analysis
from commands import run

from trendnlp.actions import Action
from trendnlp.cli import why
from trendnlp.consolidate import consolidate
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.store import Store

TOLD = {"one.md": "High costs keep clinics away.", "two.md": "High costs keep the clinics away."}
COSTS, AGE, RULES = "High costs keep clinics away.", "An ageing population needs beds.", "Strict rules delay sales."


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whatever is compared afresh is judged the same."""
    verdict = Verdict(Relation.SAME, Ground.JUDGE, Band.MIDDLE, 0.8, 0.9, 0.7)
    matcher = SimpleNamespace(compare_labelled=lambda a, b: verdict, digest="judge-1")
    monkeypatch.setattr(why, "load_matcher", lambda settings: matcher)
    (home / "home").mkdir(exist_ok=True)
    with Store.open(Settings(home=home / "home").store_url) as opened:
        yield opened


def saved(store: Store, *texts: str) -> list[str]:
    """The ids of the statements that they are, each in a document of its own."""
    store.save_all([make_analysis(text, kinds=("driver",)) for text in texts])
    ids = {c.labelled.statement.text: c.labelled.statement.id for c in store.claims()}
    return [ids[text.strip()] for text in texts]


def told(store: Store, a: str, b: str) -> dict[str, Any]:
    """What is told once all findings are made anew, without their ledgers: these hold the nearest pairs alone."""
    found = consolidate(store.claims(), 0.999, "encoder", constraints=store.constraints())
    store.replace_findings(replace(found, findings=tuple(replace(f, ledger=(), apart=()) for f in found.findings)))
    record: dict[str, Any] = json.loads(run("findings", "--why", a, b, "--format", "jsonl").stdout)
    assert not record["stored"]
    return record


def decide(store: Store, action: Action, statements: Sequence[str]) -> str:
    return store.add_review(Draft(action, tuple(statements), "Ann")).id


def test_what_a_person_decided_by_way_of_a_statement_that_is_gone_is_not_told(store: Store) -> None:
    costs, age, rules = saved(store, COSTS, AGE, RULES)
    ties = [decide(store, Action.MERGE, pair) for pair in ((costs, age), (age, rules))]
    before = told(store, costs, rules)
    assert (before["together"], before["ground"], before["reviews"]) == (True, "person", ties)
    store.delete_document(store.statement(age).statement.document)
    after = told(store, costs, rules)
    assert (after["together"], after["reviews"]) == (False, [])
    assert (after["relation"], after["ground"]) == ("same", "linkage")
    assert after["reason"].endswith(
        "; but the rest of the two findings is not the same, or neither was among the other's nearest"
    )


@pytest.mark.parametrize(("action", "relation"), [(Action.MERGE, "same"), (Action.SPLIT, "distinct")])
def test_what_a_person_decided_of_a_copy_is_told_of_the_other(store: Store, action: Action, relation: str) -> None:
    costs, copy, age = saved(store, COSTS, f"{COSTS} ", AGE)
    copies = sorted(c.labelled.statement.id for c in store.claims() if c.labelled.statement.text == COSTS)
    assert len(copies) == 2 and {costs, copy} <= {*copies}
    review = decide(store, action, (copies[0], age))
    found = told(store, copies[1], age)
    assert (found["together"], found["relation"]) == (relation == "same", relation)
    assert (found["ground"], found["reviews"]) == ("person", [review])
    alike = told(store, *copies)
    assert (alike["together"], alike["reviews"]) == (True, [])


def test_the_run_that_recorded_a_tie_is_told_by_later_ones_too(home: Path) -> None:
    for name, text in TOLD.items():
        (home / name).write_text(f"# {name} Market\n\n## Challenges\n\n{text}\n")

    def tie() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run("findings", "--why", *sorted(ids), "--format", "jsonl").stdout)
        return found

    assert run("ingest", *TOLD).exit_code == 0
    (finding,) = (json.loads(line) for line in run("findings", "--format", "jsonl").stdout.splitlines())
    ids = {member["statement"] for member in finding["members"]}
    (first,) = (json.loads(line)["id"] for line in run("runs", "--format", "jsonl").stdout.splitlines())
    assert (tie()["together"], tie()["ground"], tie()["run"]) == (True, "near_exact", first)
    assert f"recorded by run {first}" in run("findings", "--why", *ids).stdout

    (home / "three.md").write_text("# Saw Market\n\n## Challenges\n\nStrict rules delay the sale of saws.\n")
    assert run("ingest", "three.md").exit_code == 0
    assert tie()["run"] == first


def test_members_that_are_not_the_same_by_themselves_are_told_by_way_of_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Verdict(Relation.DISTINCT, Ground.JUDGE, Band.MIDDLE, 0.6, 0.41, 0.7)
    matcher = SimpleNamespace(compare_labelled=lambda a, b: far, digest="judge-1")
    monkeypatch.setattr(why, "load_matcher", lambda settings: matcher)
    costs, age, rules = saved(store, COSTS, AGE, RULES)
    found = consolidate(store.claims(), -1.0, "encoder")
    (made,) = found.findings
    near = replace(far, relation=Relation.SAME, score=0.9)
    ties = tuple(LedgerEntry(one, age, near, "judge-1") for one in (costs, rules))
    store.replace_findings(replace(found, findings=(replace(made, ledger=ties),)))
    record = json.loads(run("findings", "--why", costs, rules, "--format", "jsonl").stdout)
    assert (record["together"], record["relation"], record["stored"]) == (True, "distinct", False)
    assert record["reason"] == (
        "judged something else: same 0.41, needed 0.70; but the pairs of their finding are the same on average, "
        f"or by a person, by way of {age}"
    )

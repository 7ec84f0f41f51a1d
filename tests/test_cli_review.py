"""``trendnlp review`` as its users see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import MODEL, make_analysis, make_finding
from commands import run

from trendnlp.actions import MAX_STATEMENTS, Action
from trendnlp.consolidate import consolidate
from trendnlp.merging import tied
from trendnlp.review import Draft
from trendnlp.store import Store
from trendnlp.types import Consolidation

LIFTS = "# Lift Market\n\n## Challenges\n\nHigh purchase costs keep clinics from buying lifts.\n"
BEDS = "# Bed Market\n\n## Growth drivers\n\nAn ageing population is raising the demand for beds at home.\n"


def listed(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*arguments, "--format", "jsonl").stdout.splitlines()]


def test_decisions_are_made_listed_and_taken_back(home: Path) -> None:
    for name, text in (("lifts.md", LIFTS), ("beds.md", BEDS)):
        (home / name).write_text(text, "utf-8")
    assert run("ingest", "lifts.md", "beds.md").exit_code == 0
    before = run("findings", "--format", "jsonl").stdout
    one, other = (json.loads(line) for line in before.splitlines())

    merged = run("review", "merge", one["id"], other["id"], "--by", "Ann")
    review = merged.stdout.strip()
    (both,) = listed("findings")
    assert (merged.exit_code, merged.stderr) == (0, f"merge: 2 statements, now in {both['id']}\n")
    gone = next(f["id"] for f in (one, other) if f["id"] != both["id"])  # leads on to the other, and so to its head
    member = both["members"][1]["statement"]
    why = json.loads(run("findings", "--why", gone, member, "--format", "jsonl").stdout)
    assert (why["together"], why["ground"], why["reason"], why["review"]) == (True, "person", "by a person", review)

    itself = run("findings", "--why", gone, both["id"])
    assert (itself.exit_code, itself.stdout) == (2, "")
    assert f"both are the statement {both['head']}" in itself.stderr

    wrong = run("review", "kind", one["head"], "chalenge", "--by", "Ann")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "'chalenge' is none of the models'" in wrong.stderr
    missing = run("review", "drop", "st_none", "--by", "Ann")
    assert (missing.exit_code, missing.stderr.split(".")[0]) == (3, "trendnlp: st_none: no such statement")
    same = run("review", "merge", one["head"], one["head"], "--by", "Ann")
    assert (same.exit_code, same.stdout) == (2, "")
    assert run("review", "merge", one["head"], other["head"]).exit_code == 2
    assert run("review", "merge", one["id"], one["id"], "--by", "Ann").exit_code == 2
    assert "cannot be printed" in run("review", "head", one["head"], "--by", "\x1b[31mEve").stderr

    undone = run("review", "undo", review, "--by", "Bob")
    assert (undone.exit_code, run("findings", "--format", "jsonl").stdout) == (0, before)
    assert [(r["id"], r["action"], r["by"], r["undone"]) for r in listed("review", "list")] == [
        (undone.stdout.strip(), "undo", "Bob", False),
        (review, "merge", "Ann", True),
    ]
    table = run("review", "list", "--statement", one["head"]).stdout
    assert all(words in table for words in (review, "merge (undone)", "Ann"))
    again = run("review", "undo", review, "--by", "Bob")
    assert (again.exit_code, "it is undone already" in again.stderr) == (3, True)


def test_decisions_go_from_one_workspace_into_another(home: Path) -> None:
    (home / "lifts.md").write_text(LIFTS, "utf-8")
    assert run("ingest", "lifts.md").exit_code == 0
    (finding,) = listed("findings")
    assert run("review", "drop", finding["head"], "--by", "Ann").exit_code == 0
    (waiting,) = listed("review", "queue")
    assert (waiting["statement"]["id"], waiting["version"]) == (finding["head"], 1)
    assert finding["head"] in run("review", "queue").stdout
    log = run("review", "export").stdout
    (home / "log.jsonl").write_text(log, "utf-8")
    other = ("--home", str(home / "other"))
    taken = run(*other, "review", "import", "log.jsonl")
    assert (taken.exit_code, taken.stderr) == (0, "1 decisions added, 0 were here, 0 refused\n")
    assert run(*other, "review", "export").stdout == log
    again = run(*other, "review", "import", "log.jsonl")
    assert (again.exit_code, again.stderr) == (0, "0 decisions added, 1 were here, 0 refused\n")
    (home / "bad.jsonl").write_text(log + "{}\n", "utf-8")
    bad = run(*other, "review", "import", "bad.jsonl")
    assert (bad.exit_code, "bad.jsonl, line 2: it is no record of a log" in bad.stderr) == (2, True)
    assert run("review", "export", "--format", "csv").stdout.startswith("id,document,source,text,")
    assert run("review", "export", "--format", "training").stdout == ""
    assert "kappa" in run("review", "agreement").stdout


def test_a_note_of_any_characters_goes_from_one_workspace_to_another(home: Path) -> None:
    said = "one\u2028two\x85three\nfour\ud800"
    with Store.open(f"sqlite:///{home / 'home' / 'trendnlp.sqlite'}") as store:
        analysis = make_analysis("Costs rise.")
        store.save(analysis)
        store.add_review(Draft(Action.NOTE, (analysis.statements[0].statement.id,), "Ann", said))
    log = run("review", "export").stdout
    (home / "log.jsonl").write_text(log, "utf-8")
    other = ("--home", str(home / "other"))
    assert run(*other, "review", "import", "log.jsonl").stderr == "1 decisions added, 0 were here, 0 refused\n"
    assert run(*other, "review", "export").stdout == log


def test_a_log_that_is_no_text_is_refused(home: Path) -> None:
    (home / "log.jsonl").write_bytes(b"\xff\xfe{}")
    refused = run("review", "import", "log.jsonl")
    assert (refused.exit_code, "log.jsonl" in refused.stderr) == (2, True)


SAYINGS = (
    "High purchase costs keep clinics from buying lifts.",
    "An ageing population is raising the demand for beds at home.",
    "Strict import rules delay the sale of scanners.",
)


def test_why_tells_what_people_decided_by_way_of_others(home: Path) -> None:
    (home / "a.md").write_text("# Market\n\n" + "\n\n".join((*SAYINGS, "The report has ten pages.")) + "\n", "utf-8")
    assert run("ingest", "a.md").exit_code == 0
    heads = sorted(f["head"] for f in listed("findings"))
    assert len(heads) == len(SAYINGS)
    ties = [run("review", "merge", heads[i], heads[i + 1], "--by", "Ann").stdout.strip() for i in (0, 1)]
    why = json.loads(run("findings", "--why", heads[0], heads[2], "--format", "jsonl").stdout)
    assert (why["together"], why["relation"], why["ground"]) == (True, "same", "person")
    assert (why["review"], why["reviews"], why["reason"]) == (None, ties, "by a person")
    assert f"decided by {ties[0]}, {ties[1]}" in run("findings", "--why", heads[0], heads[2]).stdout

    assert run("review", "drop", heads[2], "--by", "Ann").exit_code == 0
    told = run("findings", "--why", heads[0], heads[2]).stdout
    assert ("B in no finding" in told, "two findings" in told) == (True, False)


def test_findings_of_more_members_than_one_decision_takes_are_merged_whole(tmp_path: Path) -> None:
    texts = (
        "Costs rise. " * (MAX_STATEMENTS + 10),
        "Prices climb. Fees go up.",
        "Demand grows. Orders rise. Sales soar.",
    )
    analyses = [make_analysis(text, kinds=("driver",)) for text in texts]
    with Store.open(f"sqlite:///{tmp_path / 's.sqlite'}") as store:
        store.save_all(analyses)
        of = {id: {s.statement.id for s in a.statements} for id, a in zip("abc", analyses, strict=True)}
        claims = {id: [c for c in store.claims() if c.labelled.statement.id in of[id]] for id in "abc"}
        made = (make_finding([*claims["a"], *claims["b"]]), make_finding(claims["c"]))
        store.replace_findings(Consolidation(made, 0.75, MODEL))
        large, small = (finding.id for finding in made)
        named = tied(store, (large, small))
        assert named[:2] == (made[0].head, made[1].head) and len(set(named)) == MAX_STATEMENTS
        assert set(named) >= of["b"] | of["c"]  # of every wording one
        store.add_review(Draft(Action.MERGE, named, "Ann"))
        (both,) = consolidate(store.claims(), 0.99, "encoder", constraints=store.constraints()).findings
        assert {m.statement for m in both.members} == of["a"] | of["b"] | of["c"]


def test_findings_say_that_their_tags_are_of_another_taxonomy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "a.md").write_text(f"# Market\n\n{SAYINGS[0]}\n", "utf-8")
    assert run("ingest", "a.md").exit_code == 0
    notice = "the tags are of another taxonomy"
    assert notice not in run("findings").stderr
    (home / "tags.toml").write_text('[tags]\ncost = ["costs"]\n', "utf-8")
    monkeypatch.setenv("TRENDNLP_TAXONOMY", str(home / "tags.toml"))
    assert notice in run("findings").stderr
    assert run("ingest", "a.md").exit_code == 0
    assert notice not in run("findings").stderr
    (found,) = listed("findings")
    assert {"name": "cost", "origin": "taxonomy", "score": 1.0} in found["tags"]

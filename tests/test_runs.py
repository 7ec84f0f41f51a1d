"""Runs end to end: reports come in, a threshold changes, and the comparison of runs says which of them did what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import changed_models
from typer.testing import CliRunner, Result

from trendnlp.cli import app

FIRST = """# Lift Market in Portugal

## Growth drivers

Nurses are scarce, which boosts the demand for patient lifts.

## Challenges

High purchase costs keep small clinics from buying lifts.
"""
SECOND = """# Hospital Beds in Spain

## Growth drivers

Nurses are scarce, which boosts the demand for patient lifts. Ageing patients raise the demand for beds.

## Challenges

Long approval times hold back the sale of new beds.
"""
TAXONOMY = '[tags]\nstaffing = ["nurse", "doctor"]\n'


@pytest.fixture
def home(home: Path) -> Path:
    """A workspace, still empty, beside two reports."""
    (home / "first.md").write_text(FIRST, "utf-8")
    (home / "second.md").write_text(SECOND, "utf-8")
    return home


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result


def runs() -> list[str]:
    """The ids of all runs, the first one first."""
    return [json.loads(line)["id"] for line in run("runs", "--format", "jsonl").stdout.splitlines()][::-1]


def loosened(manifest: dict[str, Any]) -> None:
    """Another rule: whatever no guard keeps apart is the same."""
    manifest["threshold"] = 0.01
    for judge in manifest["judges"].values():
        judge |= {"low": 0.01, "threshold": 0.0001, "diameter": 0.0}


def test_each_change_between_runs_has_its_cause(home: Path) -> None:
    run("ingest", "first.md")
    run("ingest", "second.md")
    run("--models", str(changed_models(home / "models", loosened)), "ingest", "second.md")
    one, two, three = runs()

    added = json.loads(run("diff", one, two, "--format", "json").stdout)
    assert (added["a"], added["b"], len(added["added"]), added["deleted"], added["labels"]) == (one, two, 1, [], [])
    assert {cause for change in added["findings"] for cause in change["causes"]} == {"new document"}
    (grown,) = (change for change in added["findings"] if change["change"] == "grew")
    assert [said["text"] for said in grown["joined"]] == [
        "Nurses are scarce, which boosts the demand for patient lifts."
    ]
    assert ([ref["members"] for ref in grown["before"]], [ref["members"] for ref in grown["after"]]) == ([1], [2])
    assert {change["change"] for change in added["findings"]} == {"appeared", "grew"}

    looser = json.loads(run("diff", two, three, "--format", "json").stdout)
    assert (looser["added"], looser["deleted"], looser["labels"]) == ([], [], [])
    assert {change["change"] for change in looser["findings"]} == {"merged"}
    assert [change["causes"] for change in looser["findings"]] == [["threshold"]] * len(looser["findings"])
    assert all(change["joined"] == change["left"] == [] for change in looser["findings"])

    assert json.loads(run("diff", two, two, "--format", "json").stdout)["findings"] == []
    lines = [json.loads(line) for line in run("diff", one[:14], two, "--format", "jsonl").stdout.splitlines()]
    assert lines[0] == {"of": "document", "document": added["added"][0], "change": "added"}
    assert [line for line in lines if line["of"] == "finding"] == [{"of": "finding", **c} for c in added["findings"]]
    table = run("diff", two, three)
    assert "merged" in table.stdout and "threshold" in table.stdout
    assert table.stderr.endswith(f"0 labels and {len(looser['findings'])} groups of findings changed\n")
    assert one in run("runs").stdout


def test_what_was_decided_can_be_recorded_and_compared(home: Path) -> None:
    run("ingest", "first.md", "second.md")
    head = json.loads(run("findings", "--limit", "1", "--format", "jsonl").stdout)["head"]
    run("review", "drop", head, "--by", "Ann")
    (recorded,) = map(json.loads, run("runs", "--record", "--format", "jsonl").stdout.splitlines())
    before, after = runs()
    assert (recorded["id"], recorded["done"], recorded["skipped"], recorded["failed"]) == (after, 0, 0, [])
    found = json.loads(run("diff", before, after, "--format", "json").stdout)
    assert (found["added"], found["deleted"]) == ([], [])
    assert {cause for change in found["findings"] for cause in change["causes"]} == {"review"}
    table = run("runs", "--record").stdout
    assert runs()[:2] == [before, after] and runs()[2] in table and after not in table


def test_a_run_that_there_is_not(home: Path) -> None:
    result = CliRunner().invoke(app, ["diff", "run_x", "run_y"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "trendnlp: run_x: no such run. List the runs for the ids there are.\n"


def test_a_taxonomy_tags_the_findings_that_are_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("ingest", "first.md")
    without = [json.loads(line) for line in run("findings", "--format", "jsonl").stdout.splitlines()]
    assert {tag["origin"] for finding in without for tag in finding["tags"]} == {"theme"}
    assert {finding["geography"] for finding in without} == {"Portugal"}

    (home / "tags.toml").write_text(TAXONOMY, "utf-8")
    monkeypatch.setenv("TRENDNLP_TAXONOMY", "tags.toml")
    run("ingest", "first.md")
    (tagged,) = (
        json.loads(line) for line in run("findings", "--tag", "Staffing", "--format", "jsonl").stdout.splitlines()
    )
    assert tagged["tags"][0] == {"name": "staffing", "origin": "taxonomy", "score": 1.0}
    assert "nurse" not in {tag["name"].lower() for tag in tagged["tags"]}
    header, row = run("findings", "--tag", "staffings", "--format", "csv").stdout.splitlines()
    assert header.split(",")[:8] == ["id", "kind", "aspect", "state", "title", "market", "geography", "tags"]
    assert row.startswith(f"{tagged['id']},{tagged['kind']},") and "staffing" in row
    assert run("findings", "--tag", "none", "--format", "jsonl").stdout == ""

    (home / "tags.toml").write_text("[tags]\nstaffing = 3\n", "utf-8")
    result = CliRunner().invoke(app, ["ingest", "first.md"])
    assert result.exit_code == 2
    assert result.stderr.startswith("trendnlp: tags.toml, line 2: the tag 'staffing' has no list of phrases.")

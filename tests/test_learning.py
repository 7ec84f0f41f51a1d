"""Learning from the decisions in a workspace, as its users see it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import run
from fastapi.testclient import TestClient
from web_client import serving

from trendnlp.actions import Action, Reading
from trendnlp.errors import NotFound
from trendnlp.pipeline import Pipeline
from trendnlp.read import read_text
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.store import PageRequest, Saved, StatementFilter, Store
from trendnlp.trainings import STOPPED, State, Trainings
from trendnlp.types import Format, LabelledStatement
from trendnlp.uses import models_in
from trendnlp.workspace import Workspace

MARKETS = ("lifts", "beds", "stretchers", "scales", "hoists")
TEXT = """# {0} Market

## Growth drivers

An ageing population is raising the demand for {1} at home. Nurses are scarce, so hospitals buy {1}.

## Challenges

High purchase costs keep small clinics from buying {1}. Long approval times hold back new {1}.

## Outlook

Rental of {1} could open the home care segment. More makers of {1} now sell online. The sum was EUR 40 million in 2023.
"""
EVERYTHING = PageRequest(500)


def statements(settings: Settings) -> tuple[LabelledStatement, ...]:
    """All of the store but their vectors, whose last bits depend on how many threads computed them."""
    with Store.open(settings.store_url) as store:
        return tuple(replace(s, vector=None) for s in store.statements(StatementFilter(), EVERYTHING).items)


@pytest.fixture
def settings(home: Path, pipeline: Pipeline) -> Settings:
    """A workspace of five reports, in which Ann has accepted every label but those of what begins "Rental"."""
    settings = Settings.from_env()
    with Store.open(settings.store_url) as store:
        for market in MARKETS:
            text = TEXT.format(market.title(), market)
            store.save(pipeline.analyse(read_text(text, source=f"{market}.md", format=Format.MARKDOWN)))
        for each in store.statements(StatementFilter(), EVERYTHING).items:
            kind = "driver" if each.statement.text.startswith("Rental") else each.label.kind
            same = kind == each.label.kind
            action, value = (Action.ACCEPT, None) if same else (Action.RELABEL, kind)
            store.add_review(Draft(action, (each.statement.id,), "Ann", value))
    return settings


def decided(found: tuple[LabelledStatement, ...]) -> list[tuple[object, ...]]:
    """What people decided, and what counts because of it."""
    told = ((s, s.judgement) for s in found if s.judgement is not None)
    return [(s.statement.id, s.label.kind, j.status, j.version, j.by, j.at) for s, j in told]


def relabel(settings: Settings) -> None:
    """As whoever opens the workspace does."""
    with Workspace.open(settings) as workspace:
        workspace.refresh()


def models_of(found: tuple[LabelledStatement, ...]) -> set[str]:
    return {s.judgement.said.model if s.judgement else s.label.model for s in found}


def test_models_learn_are_used_and_are_left_again(settings: Settings) -> None:
    before = statements(settings)
    done = run("train", "--reviews")
    assert done.exit_code == 0, done.stderr
    assert f"{len(before)} reviews of 5 documents, held out" in done.stdout
    assert "788 units of held-out markets of the corpus" in done.stdout
    (digest,) = (p.name for p in models_in(settings.workspace).iterdir() if len(p.name) == 64)
    assert f"{digest} is in use" in done.stderr

    listed = run("models", "list")
    assert listed.exit_code == 0 and f"learnt from {len(before)} reviews, in" in " ".join(listed.stdout.split())
    relabel(settings)
    after = statements(settings)
    assert decided(after) == decided(before) and len(decided(after)) == len(before)
    assert models_of(after).isdisjoint(models_of(before))

    assert run("train", "--reviews").exit_code == 0
    kept = [p.name for p in models_in(settings.workspace).iterdir() if len(p.name) == 64]
    assert kept == [digest]  # the same decisions, the same models

    assert run("models", "use", "shipped").stdout == "shipped\n"
    relabel(settings)
    assert statements(settings) == before

    (models_in(settings.workspace) / digest / "fast.heads.safetensors").write_bytes(b"other")
    damaged = run("models", "use", digest[:8])
    assert damaged.exit_code == 3 and "expected" in damaged.stderr
    assert statements(settings) == before


def test_only_what_people_said_teaches(settings: Settings) -> None:
    with Store.open(settings.store_url) as store:
        taught = store.judging.reviewed_documents()
        one, two, three, four = (taught[0].statements[i].id for i in range(4))
        text = taught[0].statements[3].text
        store.add_review(Draft(Action.SKIP, (one,), "Ann", None))
        store.add_review(Draft(Action.RELABEL, (two,), "Bob", "challenge", Reading.BLIND))
        store.add_review(Draft(Action.RELABEL, (three,), "Cy", "trend", Reading.FINAL))
        store.add_review(Draft(Action.REJECT, (four,), "Ann", "everywhere"))
        again = store.judging.reviewed_documents()
    kinds = dict(zip((s.id for s in again[0].statements), again[0].kinds, strict=True))
    was = dict(zip((s.id for s in taught[0].statements), taught[0].kinds, strict=True))
    assert kinds == {**was, one: None, three: "trend", four: "other"}
    assert [d.id for d in again] == sorted(d.id for d in again) and len(again) == 5
    assert all(s.text != text or kind == "other" for d in again for s, kind in zip(d.statements, d.kinds, strict=True))


def test_too_few_reviews_teach_nothing(home: Path) -> None:
    (home / "lifts.md").write_text(TEXT.format("Lift", "lifts"), "utf-8")
    assert run("ingest", "lifts.md").exit_code == 0
    done = run("train", "--reviews")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("the reviews: are too few to learn from: 0 decisions on statements of 0 documents")
    assert not models_in(Settings.from_env().workspace).exists()


def test_the_service_trains_in_the_background_and_switches(settings: Settings) -> None:
    with serving(settings.workspace) as client:
        before = client.get("/v1/model").json()
        assert before["learnt"] is None
        started = client.post("/v1/model/train")
        assert started.status_code == 202 and started.json()["state"] == "running"
        address = started.headers["location"]
        assert client.post("/v1/model/train").status_code == 409
        training = wait(client, address)
        assert training["state"] == "succeeded" and training["learnt"]["worse"] == [] and training["used"], training
        assert client.get("/v1/model/trainings").json() == {"items": [training], "next_cursor": None, "total": 1}

        client.get("/v1/queue")
        assert client.post("/v1/analyze", json={"text": "Costs rise."}).status_code == 200  # by the models in use
        after = client.get("/v1/model").json()
        assert after["learnt"]["reviews"] == training["learnt"]["reviews"] and after["digest"] != before["digest"]
        page = client.get("/model").text
        assert "In use." in page and "went on to learn from" in page and "Difference of the first" in page

        answer = client.post("/model/use", data={"models": "shipped"}, headers={"origin": "http://127.0.0.1"})
        assert answer.status_code == 200 and "Use this model" in answer.text
        client.post("/v1/analyze", json={"text": "Costs rise."})
        assert client.get("/v1/model").json() == before
        missing = client.post("/v1/model/use", json={"models": "abcdef"})
        assert (missing.status_code, missing.json()["title"]) == (404, "Not found")
        assert client.get("/v1/model/trainings/none").status_code == 404


def wait(client: TestClient, address: str) -> dict[str, Any]:
    for _ in range(600):
        training: dict[str, Any] = client.get(address).json()
        if training["state"] != "running":
            return training
        time.sleep(0.2)
    raise AssertionError(json.dumps(training))


def test_the_service_says_what_is_too_few(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as client:
        refused = client.post("/v1/model/train")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:trendnlp:problem:too-few-reviews")
        assert client.get("/v1/model/trainings").json()["items"] == []


def test_only_trainings_whose_process_is_gone_are_closed_at_a_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    trainings = Trainings(settings, tuple)
    folder = models_in(settings.workspace) / "trainings"
    begun = trainings._begin("Ann")
    other = Trainings(settings, tuple)
    other.close_left_over()
    assert other.one(begun.id).state is State.RUNNING
    record = json.loads((folder / f"{begun.id}.json").read_bytes())
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    (folder / f"{begun.id}.json").write_text(json.dumps(record | {"process": [record["process"][0], child.pid]}))
    (folder / "20260101T000000-damaged.json").write_text("")
    other.close_left_over()
    assert [training.state for training in other.list()] == [State.FAILED]
    assert other.one(begun.id) == replace(begun, state=State.FAILED, ended=other.one(begun.id).ended, reason=STOPPED)


def test_a_document_that_is_deleted_while_all_are_labelled_anew_stays_deleted(settings: Settings) -> None:
    with Store.open(settings.store_url) as store:
        first = store.analysis(store.documents(EVERYTHING).items[0].id)
        store.delete_document(first.document.id)
        assert store.save(first, known=True) is Saved.UNCHANGED
        with pytest.raises(NotFound):
            store.analysis(first.document.id)

"""The forms of the review: who may send them, what they refuse, and in whose name they decide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from builders import MODEL, make_analysis, make_finding
from fastapi.testclient import TestClient
from unloaded import add_key, bearer, store_of, unloaded
from web_client import REPORT, put

from trendnlp.access import Role
from trendnlp.actions import MAX_STATEMENTS
from trendnlp.merging import tied
from trendnlp.types import Consolidation

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with unloaded(tmp_path_factory.mktemp("home")) as client:
        put(client, REPORT, source="lifts.md")
        # no models are loaded, and none are needed: these decisions touch no finding
        client.app.state.workspace._pipeline = object()  # type: ignore[attr-defined]
        yield client


def waiting(client: TestClient) -> list[str]:
    return [s["id"] for s in client.get("/v1/statements", params={"status": "pending", "limit": 50}).json()["items"]]


def decide(client: TestClient, *fields: tuple[str, str], **headers: str) -> Any:
    body = urlencode(fields)
    return client.post("/review/decide", content=body, headers={**FORM, **headers}, follow_redirects=False)


def test_a_decision_needs_a_name_and_then_leads_on(client: TestClient) -> None:
    id = waiting(client)[0]
    nameless = decide(client, ("decision", "accept"), ("statement", id))
    assert (nameless.status_code, nameless.json()["errors"][0]["pointer"]) == (422, "#/by")
    named = client.post("/review/name", data={"name": " Ann\t", "to": "/review?kind=trend"}, follow_redirects=False)
    assert (named.status_code, named.headers["location"]) == (303, "/review?kind=trend")
    done = decide(client, ("decision", "accept"), ("statement", id), ("seen", f"{id}:0"), ("to", "/review?start=20"))
    assert (done.status_code, done.headers["location"]) == (303, "/review?start=20")
    judgement = store_of(client).statement(id).judgement
    assert judgement is not None and (judgement.status.value, judgement.by) == ("accepted", "Ann")
    away = decide(client, ("decision", "skip"), ("statement", id), ("to", "//evil.example/"))
    assert away.headers["location"] == "/"
    stale = decide(client, ("decision", "reopen"), ("statement", id), ("seen", f"{id}:0"))
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:trendnlp:problem:stale")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((("decision", "explode"),), 422),
        ((("decision", "undo"),), 422),
        ((("decision", "relabel threat"),), 422),
        ((("decision", "accept"), ("reading", "auto")), 422),
        ((("decision", "accept"), ("seen", "st_1:x")), 422),
        ((("decision", "accept"), ("seen", "x" * 600)), 422),
        ((("decision", "accept"), *(("seen", f"st_{n}:1") for n in range(501))), 422),
        ((("decision", "note"), ("value", " ")), 422),
        ((("decision", "accept"), ("statement", "st_none")), 404),
        ((("decision", "merge"), ("finding", "find_none")), 404),
    ],
)
def test_what_is_no_decision_is_refused(client: TestClient, fields: tuple[tuple[str, str], ...], status: int) -> None:
    client.post("/review/name", data={"name": "Ann"})
    known = () if any(name in ("statement", "finding") for name, _ in fields) else (("statement", waiting(client)[1]),)
    answer = decide(client, *fields, *known)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    wrong = client.post("/review/decide", json={"decision": "accept"})
    assert wrong.status_code == 415


def test_what_does_not_exist_is_told_and_an_old_queue_begins_anew(client: TestClient) -> None:
    for path in ("/review/items/st_none", "/review/source/st_none", "/review/findings/find_none"):
        assert client.get(path).status_code == 404
    assert client.get("/review?queue=long-gone&start=40").status_code == 200
    assert client.get("/review?kind=threat").status_code == 422
    assert client.get("/review?order=worst").status_code == 422
    assert client.get("/review?min_score=&order=&reading=&start=").status_code == 200


def test_a_log_that_is_none_is_refused_whole(client: TestClient) -> None:
    good = {"id": "rv_1", "action": "accept", "statements": ["st_1"], "value": None, "by": "Ann", "reading": "open"}
    good |= {"at": "2026-01-01T00:00:00+00:00", "undoes": None, "words": None}
    said = {"kind": "trend", "aspect": None, "model": "m"}
    odd = [good | {"said": []}, *(good | {"said": {"st_1": said | {"score": s}}} for s in (10**400, float("nan"), 7))]
    for data in (b"\xff\xfe", b'{"id": 1}\n', b"not json\n", *(json.dumps(line).encode() for line in odd)):
        answer = client.post("/review/exchange", files={"file": ("log.jsonl", data)})
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert client.post("/review/exchange", data={"file": "text"}).status_code in (415, 422)


def test_with_keys_the_review_is_for_reviewers_and_decisions_bear_the_name_of_the_key(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with unloaded(tmp_path_factory.mktemp("home")) as client:
        put(client, REPORT, source="lifts.md")
        client.app.state.workspace._pipeline = object()  # type: ignore[attr-defined]
        submit, review = add_key(client, "Sub", Role.SUBMIT), add_key(client, "Rita", Role.REVIEW)
        for key in (submit, review):
            assert "Under which name" not in client.get("/review", headers=bearer(key)).text
        id = client.get("/v1/statements", headers=bearer(review)).json()["items"][0]["id"]
        accept = (("decision", "accept"), ("statement", id))
        assert decide(client, *accept, **bearer(submit)).status_code == 403
        assert decide(client, *accept, **bearer(review), Cookie="trendnlp_name=Mallory").status_code == 303
        judgement = store_of(client).statement(id).judgement
        assert judgement is not None and judgement.by == "Rita"
        log = {"file": ("log.jsonl", b"")}
        assert client.post("/review/exchange", files=log, headers=bearer(review)).status_code == 403


def test_only_who_may_settle_makes_and_undoes_final_decisions_by_forms(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with unloaded(tmp_path_factory.mktemp("home")) as client:
        put(client, REPORT, source="lifts.md")
        client.app.state.workspace._pipeline = object()  # type: ignore[attr-defined]
        review, settle = (bearer(add_key(client, n, r)) for n, r in (("Rita", Role.REVIEW), ("Cy", Role.ADJUDICATE)))
        id = client.get("/v1/statements", headers=review).json()["items"][0]["id"]
        final = (("decision", "accept"), ("statement", id), ("reading", "final"))
        assert decide(client, *final, **review).status_code == 403
        assert decide(client, *final, **settle).status_code == 303
        (made,) = client.get("/v1/reviews", headers=settle).json()["items"]
        form = {"review": made["id"]}
        undone = client.post("/review/undo", data=form, headers=review, follow_redirects=False)
        assert undone.status_code == 403
        for reading in ("final", "blind"):
            many = {"decision": "reject", "reading": reading}
            assert client.post("/review/many", data=many, headers=settle).status_code == 422
        assert client.post("/review/undo", data=form, headers=settle, follow_redirects=False).status_code == 303


def test_a_merge_ties_the_same_statements_as_on_the_command_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    texts = ("Costs rise. " * (MAX_STATEMENTS + 10) + "Prices climb.", "Demand grows. Orders rise.")
    with unloaded(tmp_path_factory.mktemp("home")) as client:
        store = store_of(client)
        workspace = client.app.state.workspace  # type: ignore[attr-defined]
        workspace._pipeline, workspace.review = object(), store.add_review  # findings stay as they are
        analyses = [make_analysis(text, kinds=("driver",)) for text in texts]
        store.save_all(analyses)
        claims = {a.document.id: [c for c in store.claims() if c.document == a.document.id] for a in analyses}
        findings = tuple(make_finding(some) for some in claims.values())
        store.replace_findings(Consolidation(findings, 0.75, MODEL))
        client.post("/review/name", data={"name": "Ann"})
        large, small = (finding.id for finding in findings)
        assert decide(client, ("decision", "merge"), ("finding", large), ("finding", small)).status_code == 303
        (made,) = client.get("/v1/reviews").json()["items"]
        assert tuple(made["statements"]) == tied(store, (large, small))
        assert {s.statement.id for s in analyses[1].statements} < set(made["statements"])

"""Reviews out of one service and into another, and who may settle, import and see what."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from unloaded import add_key, bearer
from web_client import REPORT, add, serving

from trendnlp.access import Role

LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with a report and some decisions on it, and no keys."""
    with serving(tmp_path_factory.mktemp("home"), audit_share=0.0) as client:
        add(client, REPORT, format="markdown")
        a, b, *_ = (i["statement"]["id"] for i in client.get("/v1/queue", params={"kind": "driver"}).json()["items"])
        made = [
            decide(client, "accept", a, by="Ann"),
            decide(client, "reject", a, by="Bob", reading="blind"),
            decide(client, "tag", b, value="=SUM(1)", by="Ann"),
            decide(client, "relabel", b, value="trend", by="Ann"),
            decide(client, "reject", b, value="everywhere", by="Ann"),
        ]
        assert client.post(f"/v1/reviews/{made[-1]}/undo", json={"by": "Bob"}).status_code == 201
        yield client


def decide(client: TestClient, action: str, id: str, status: int = 201, **body: Any) -> str:
    headers = body.pop("headers", None)
    answer = client.post("/v1/reviews", json={"action": action, "statements": [id], **body}, headers=headers)
    assert answer.status_code == status, answer.text
    return str(answer.json().get("id") or answer.json()["type"])


def exported(client: TestClient, format: str = "log") -> str:
    answer = client.get("/v1/reviews/export", params={"format": format})
    assert answer.status_code == 200, answer.text
    return answer.text


def standings(client: TestClient) -> list[Any]:
    return [(s["id"], s["kind"], s["judgement"]) for s in client.get("/v1/statements").json()["items"]]


def test_an_imported_log_is_the_exported_one(client: TestClient, new_url: Callable[[], str], tmp_path: Path) -> None:
    log = exported(client)
    assert [json.loads(line)["action"] for line in log.splitlines()] == [
        *("accept", "reject", "tag", "relabel", "reject", "undo"),
    ]
    with serving(tmp_path, audit_share=0.0, database_url=new_url()) as other:
        half = log[: log.index("\n") + 1]
        assert taken(other, half) == {"added": 1, "known": 0, "refused": []}
        add(other, REPORT, format="markdown")
        assert taken(other, log) == {"added": 5, "known": 1, "refused": []}
        assert taken(other, log) == {"added": 0, "known": 6, "refused": []}
        assert (exported(other), exported(other, "training")) == (log, exported(client, "training"))
        assert standings(other) == standings(client)
        assert other.get("/v1/findings").json() == client.get("/v1/findings").json()
        revoked = json.dumps(json.loads(half) | {"by": "Eve"})
        (refused,) = taken(other, revoked)["refused"]
        assert refused["reason"] == "another decision has this id here"


def taken(client: TestClient, log: str) -> Any:
    answer = client.post("/v1/reviews/import", content=log.encode(), headers=LINES)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_line_that_is_no_record_refuses_all(client: TestClient) -> None:
    before = exported(client)
    for body, status in ((before + '{"id": 1}\n', 422), ("\udcff", 422)):
        answer = client.post("/v1/reviews/import", content=body.encode("utf-8", "surrogateescape"), headers=LINES)
        assert answer.status_code == status, answer.text
    assert client.post("/v1/reviews/import", json={}).status_code == 415
    assert exported(client) == before


def test_judged_statements_are_exported_for_training_and_for_people(client: TestClient) -> None:
    a, b = map(json.loads, exported(client, "training").splitlines())
    assert {(a["status"], a["kind"]), (b["status"], b["kind"])} == {("accepted", "driver"), ("corrected", "trend")}
    rows = list(csv.DictReader(StringIO(exported(client, "csv"))))
    assert [row["id"] for row in rows] == [a["id"], b["id"]]
    assert "'=SUM(1)" in {row["tags"] for row in rows}
    assert client.get("/v1/reviews/export", params={"format": "xml"}).status_code == 422


def test_a_list_has_another_etag_once_somebody_decides(client: TestClient) -> None:
    id = client.get("/v1/queue", params={"kind": "challenge"}).json()["items"][0]["statement"]["id"]
    before = {path: client.get(path).headers["etag"] for path in ("/v1/statements", "/v1/statements?status=pending")}
    made = decide(client, "accept", id, by="Ann")
    for path, tag in before.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert client.post(f"/v1/reviews/{made}/undo", json={"by": "Ann"}).status_code == 201


def test_a_random_share_is_given_to_a_reader(client: TestClient) -> None:
    body = {"reader": "Dee", "by": "Cy", "seed": 3, "filter": {"kind": ["challenge", "driver", "trend"]}}
    given = [assigned(client, **body, share=share) for share in (0.5, 0.5, 1.0, 1.0)]
    assert given[1] == given[3] == 0 and given[0] + given[2] > given[2] > 0
    queue = client.get("/v1/queue", params={"reader": "Dee", "blind": True}).json()["items"]
    assert len(queue) == 2  # those that others judged
    for wrong in ({}, {"share": 0}, {"share": 0.5, "statements": [queue[0]["statement"]["id"]]}):
        answer = client.post("/v1/queue/assignments", json={"reader": "Dee", "by": "Cy", **wrong})
        assert answer.status_code == 422


def assigned(client: TestClient, **body: Any) -> int:
    answer = client.post("/v1/queue/assignments", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["assigned"])


def test_roles_of_reviewers_adjudicators_and_blind_readers(tmp_path: Path) -> None:
    with serving(tmp_path, audit_share=0.0) as client:
        add(client, REPORT, format="markdown")
        document = client.get("/v1/documents").json()["items"][0]["id"]
        names = (("Ann", Role.REVIEW), ("Bob", Role.REVIEW), ("Cy", Role.ADJUDICATE), ("Root", Role.ADMIN))
        ann, bob, cy, root = (bearer(add_key(client, name, role)) for name, role in names)
        (id, *_) = (i["statement"]["id"] for i in client.get("/v1/queue", headers=ann).json()["items"])
        decide(client, "reject", id, headers=ann)
        given = {"reader": "Bob", "share": 1.0, "filter": {"status": ["rejected"]}}
        assert client.post("/v1/queue/assignments", json=given, headers=ann).json() == {"assigned": 1}
        telling = ("/v1/statements", f"/v1/statements/{id}", "/v1/reviews", "/v1/reviews/export", "/v1/findings")
        telling += ("/v1/queue", "/v1/queue/auto", "/v1/reviews/agreement", "/v1/export")
        telling += (f"/v1/documents/{document}/statements",)
        for path in telling:
            assert client.get(path, headers=ann).status_code == 200, path
            refused = client.get(path, headers=bob)
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:trendnlp:problem:share-open"), path
        (item,) = client.get("/v1/queue", params={"reader": "Bob", "blind": True}, headers=bob).json()["items"]
        assert (item["statement"]["judgement"], item["reason"]) == (None, None)
        blind = client.get("/v1/queue", params={"reader": "Bob", "blind": True}, headers=bob).json()
        assert blind["progress"] is None
        bulk = {"action": "accept", "filter": {"document": document, "status": ["rejected"]}}
        assert client.post("/v1/reviews/bulk", json=bulk, headers=ann).status_code == 200
        assert client.post("/v1/reviews/bulk", json=bulk, headers=bob).status_code == 403
        assert client.get(f"/v1/documents/{document}", headers=bob).status_code == 200
        decide(client, "accept", id, reading="blind", headers=bob)
        assert client.get("/v1/reviews", headers=bob).status_code == 200
        assert decide(client, "accept", id, 403, reading="final", headers=bob).endswith("forbidden")
        final = decide(client, "accept", id, reading="final", headers=cy)
        undo = client.post(f"/v1/reviews/{final}/undo", json={}, headers=cy).json()["id"]
        for review in (final, undo):
            assert client.post(f"/v1/reviews/{review}/undo", json={}, headers=ann).status_code == 403
        log = client.get("/v1/reviews/export", headers=ann).content
        assert client.post("/v1/reviews/import", content=log, headers=cy | LINES).status_code == 403
        assert client.post("/v1/reviews/import", content=log, headers=root | LINES).json()["added"] == 0

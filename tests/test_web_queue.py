"""Review work over HTTP: the queue, stale decisions, many statements at once, second readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from web_client import REPORT, add, serving

BEDS = "# Beds\n\n## Challenges\n\nBeds are too dear for small clinics. Clinics lack rooms for new beds.\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), audit_share=0.0) as client:
        add(client, REPORT, format="markdown")
        add(client, BEDS, format="markdown")
        yield client


@pytest.fixture
def client(shared: TestClient) -> Iterator[TestClient]:
    """The service, with all decisions of a test taken back after it."""
    before = {r["id"] for r in shared.get("/v1/reviews", params={"limit": 500}).json()["items"]}
    yield shared
    for review in shared.get("/v1/reviews", params={"limit": 500}).json()["items"]:
        if review["id"] not in before and review["action"] != "undo" and not review["undone"]:
            post(shared, f"/v1/reviews/{review['id']}/undo", by="Test")


def post(client: TestClient, path: str, status: int = 201, headers: Any = None, **body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def queue(client: TestClient, **params: Any) -> dict[str, Any]:
    answer = client.get("/v1/queue", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_queue_gives_each_statement_with_its_worth_its_version_and_a_reason(client: TestClient) -> None:
    first = queue(client, limit=2)
    rest = client.get("/v1/queue", params={"cursor": first["next_cursor"], "limit": 500}).json()
    ids = [i["statement"]["id"] for i in (*first["items"], *rest["items"])]
    assert len(ids) == len(set(ids)) == first["total"] == first["progress"]["pending"]
    assert [i["reason"] for i in first["items"]] == [None, None]  # nothing is judged yet
    values = [i["worth"]["value"] for i in (*first["items"], *rest["items"])]
    assert values == sorted(values, reverse=True)
    claims = [i for i in (*first["items"], *rest["items"]) if i["statement"]["kind"] != "other"]
    one, other = claims[:2]
    post(client, "/v1/reviews", action="accept", statements=[one["statement"]["id"]], by="Ann")
    again = {i["statement"]["id"]: i for i in queue(client, limit=500)["items"]}
    assert one["statement"]["id"] not in again
    reason = again[other["statement"]["id"]]["reason"]
    assert (reason["statement"], reason["kind"]) == (one["statement"]["id"], one["statement"]["kind"])
    assert reason["status"] == "accepted" and -1 <= reason["cosine"] < 1
    kept = client.get("/v1/queue", params={"cursor": first["next_cursor"], "limit": 500}).json()
    assert [i["statement"]["id"] for i in kept["items"]] == ids[2:]
    assert (kept["progress"]["accepted"], kept["progress"]["today"] >= 1) == (1, True)


def test_a_decision_on_what_changed_meanwhile_is_refused_and_says_by_whom(client: TestClient) -> None:
    item = queue(client, limit=1)["items"][0]
    id, version = item["statement"]["id"], item["version"]
    tag = {"If-Match": f'"{version}"'}
    done = post(client, "/v1/reviews", headers=tag, action="accept", statements=[id], by="Ann")
    problem = post(client, "/v1/reviews", 412, headers=tag, action="reject", statements=[id], by="Bob")
    assert (problem["type"], problem["changed"]) == ("urn:trendnlp:problem:stale", [done["id"]])
    assert "by Ann (accepted)" in problem["detail"]
    stale = {id: version}
    post(client, "/v1/reviews", 412, action="reject", statements=[id], by="Bob", versions=stale)
    (seen,) = [i for i in queue(client, status="accepted", limit=500)["items"] if i["statement"]["id"] == id]
    post(client, "/v1/reviews", action="reject", statements=[id], by="Bob", versions={id: seen["version"]})
    bad = post(client, "/v1/reviews", 422, headers={"If-Match": "W/x"}, action="skip", statements=[id], by="Bob")
    assert bad["errors"][0]["pointer"] == "#/versions"


def test_a_relabelled_statement_joins_the_findings_and_leaves_them_again(client: TestClient) -> None:
    other = queue(client, kind="other", limit=1)["items"][0]["statement"]["id"]
    before = client.get("/v1/findings").json()["items"]
    made = post(client, "/v1/reviews", action="relabel", value="opportunity", statements=[other], by="Ann")
    after = client.get("/v1/findings").json()["items"]
    assert [f["kind"] for f in after if f["head"] == other] == ["opportunity"]
    post(client, f"/v1/reviews/{made['id']}/undo", by="Ann")
    assert client.get("/v1/findings").json()["items"] == before
    head = before[0]["head"]
    post(client, "/v1/reviews", action="reject", statements=[head], by="Ann")
    assert head not in {f["head"] for f in client.get("/v1/findings").json()["items"]}
    post(client, "/v1/reviews", 422, action="relabel", value="threat", statements=[head], by="Ann")
    post(client, "/v1/reviews", 422, action="aspect", value="economic", statements=[head], by="Ann")


def test_all_that_match_are_decided_on_at_once_and_taken_back_at_once(client: TestClient) -> None:
    body = {"action": "reject", "by": "Ann", "filter": {"kind": ["challenge"], "status": ["pending"]}}
    preview = post(client, "/v1/reviews/bulk", 200, **body)
    assert preview["count"] == len(preview["samples"]) > 1
    assert {s["kind"] for s in preview["samples"]} == {"challenge"}
    applied = post(client, "/v1/reviews/bulk", **body, token=preview["token"])
    assert (applied["review"]["statements_total"], applied["left_out"]) == (preview["count"], 0)
    assert client.get("/v1/findings", params={"kind": "challenge"}).json()["total"] == 0
    post(client, "/v1/reviews/bulk", 409, **body, token=preview["token"])
    post(client, "/v1/reviews/bulk", 404, **body, token="none")
    post(client, f"/v1/reviews/{applied['review']['id']}/undo", by="Ann")
    assert client.get("/v1/findings", params={"kind": "challenge"}).json()["total"] > 0
    wrong = {**body, "filter": {"kind": ["threat"]}}
    assert post(client, "/v1/reviews/bulk", 422, **wrong)["errors"][0]["pointer"] == "?kind.0"


def test_a_second_reader_and_an_adjudicator(client: TestClient) -> None:
    item = queue(client, limit=1)["items"][0]["statement"]
    id = item["id"]
    others = [kind for kind in ("trend", "driver") if kind != item["kind"]]
    post(client, "/v1/reviews", action="relabel", value=others[0], statements=[id], by="Ann")
    (blind,) = queue(client, reader="Bob", blind=True)["items"]
    assert (blind["statement"]["id"], blind["statement"]["kind"], blind["statement"]["judgement"]) == (
        *(id, item["kind"]),
        None,
    )
    post(client, "/v1/reviews", action="reject", reading="blind", statements=[id], by="Bob")
    (disputed,) = queue(client, disagreements=True)["items"]
    assert [(v["reader"], v["verdict"]) for v in disputed["verdicts"]] == [("Ann", others[0]), ("Bob", "rejected")]
    (pair,) = client.get("/v1/reviews/agreement").json()["items"]
    assert (pair["a"], pair["b"], pair["n"], pair["raw"]) == ("Ann", "Bob", 1, 0.0)
    post(client, "/v1/reviews", action="accept", reading="final", statements=[id], by="Cy")
    assert queue(client, disagreements=True)["items"] == []
    assert post(client, "/v1/reviews", 409, action="reject", statements=[id], by="Ann")["type"].endswith("conflict")
    assert post(client, "/v1/queue/assignments", reader="Dee", by="Cy", statements=[id, id]) == {"assigned": 1}
    assert [i["statement"]["id"] for i in queue(client, reader="Dee", blind=True)["items"]] == [id]
    assert client.get("/v1/queue", params={"blind": True}).status_code == 422


def test_what_the_model_is_sure_of_is_accepted_in_one_decision(client: TestClient) -> None:
    for item in queue(client, limit=2)["items"]:
        post(client, "/v1/reviews", action="accept", statements=[item["statement"]["id"]], by="Ann")
    evidence = client.get("/v1/queue/auto").json()
    lowest = evidence["thresholds"][0]
    assert lowest["reviewed"]["errors"] == 0 and lowest["audit"] == {"n": 0, "errors": 0, "low": 0.0, "high": 1.0}
    assert 0 < lowest["remaining"] <= evidence["pending"]
    done = post(client, "/v1/queue/auto", threshold=lowest["score"], by="Ann")
    assert (done["review"]["statements_total"], done["review"]["reading"]) == (lowest["remaining"], "auto")
    assert client.get("/v1/queue/auto").json()["thresholds"][0]["remaining"] == 0
    post(client, "/v1/queue/auto", 409, threshold=lowest["score"], by="Ann")


def test_a_cursor_that_is_none_is_refused(client: TestClient) -> None:
    assert client.get("/v1/queue", params={"cursor": "x"}).status_code == 400
    assert client.get("/v1/queue", params={"cursor": "x.1"}).status_code == 404


def twice(client: TestClient, path: str, key: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """The status and the answer to a request that is sent twice under one key, and is done once."""
    first, again = (client.post(path, json=body, headers={"Idempotency-Key": key}) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    return first.status_code, dict(first.json())


def test_decisions_on_many_that_are_sent_again_are_made_once(client: TestClient) -> None:
    chosen = {"action": "accept", "by": "Ann", "filter": {"kind": ["challenge"]}}
    before = client.get("/v1/reviews").json()["total"]
    status, preview = twice(client, "/v1/reviews/bulk", "bulk-1", **chosen)
    assert status == 200 and preview["count"] > 0
    status, applied = twice(client, "/v1/reviews/bulk", "bulk-2", **chosen, token=preview["token"])
    assert (status, applied["review"]["action"]) == (201, "accept")
    status, auto = twice(client, "/v1/queue/auto", "auto-1", threshold=0.0, by="Ann", filter={"kind": ["driver"]})
    assert (status, auto["review"]["action"]) == (201, "accept")
    statement = applied["review"]["statements"][0]
    status, _ = twice(client, "/v1/queue/assignments", "give-1", reader="Zoe", statements=[statement], by="Ann")
    assert status == 201
    assert client.get("/v1/reviews").json()["total"] == before + 2

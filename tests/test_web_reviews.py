"""Decisions over HTTP and on the page of a finding, and where the ids of former findings lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html
from web_client import REPORT, add, serving


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), database_url=new_url()) as client:
        add(client, REPORT, format="markdown")
        yield client


def post(client: TestClient, path: str, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def findings(client: TestClient) -> list[dict[str, Any]]:
    return list(client.get("/v1/findings").json()["items"])


def page(client: TestClient, path: str) -> html.HtmlElement:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def minute(review: dict[str, Any]) -> str:
    """When it was made, as a page tells it."""
    return str(review["at"][:16].replace("T", " "))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_merge_is_told_leads_on_and_can_be_taken_back(client: TestClient) -> None:
    before = client.get("/v1/findings").content
    one, other = findings(client)[:2]
    by = "Ann <b>"

    review = post(client, "/v1/reviews", action="merge", statements=[one["head"], other["head"]], by=by)
    assert review == {
        **{"id": review["id"], "action": "merge", "statements": [one["head"], other["head"]], "value": None},
        **{"statements_total": 2, "by": by, "at": review["at"], "reading": "open", "undoes": None, "undone": False},
    }
    assert client.get("/v1/reviews").json()["items"] == [review]
    now = {f["id"]: f for f in findings(client)}
    (kept,) = {one["id"], other["id"]} & now.keys()
    (former,) = {one["id"], other["id"]} - now.keys()
    found = client.get(f"/v1/findings/{kept}").json()
    (entry,) = found["ledger"]
    assert (entry["ground"], entry["reason"], entry["review"]) == ("person", "by a person", review["id"])
    assert ([m["reason"] for m in found["members"]], found["history"]) == (["head", "person"], [review])
    for path, query in (("/v1/findings", "offset_unit=utf16"), ("/findings", "skip=0")):
        answer = client.get(f"{path}/{former}?{query}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (308, f"{path}/{kept}?{query}")
        assert client.get(f"{path}/{former}").status_code == 200

    shown = page(client, f"/findings/{kept}")
    history = words(shown.cssselect(".history")[0])
    assert f"put together by {by} {minute(review)}" in history and "taken back" not in history
    assert "by a person" in words(shown.cssselect(".places")[0])

    taken = post(client, f"/v1/reviews/{review['id']}/undo", by="Bob")
    assert (taken["action"], taken["undoes"]) == ("undo", review["id"])
    assert client.get("/v1/findings").content == before
    assert [r["undone"] for r in client.get("/v1/reviews").json()["items"]] == [False, True]
    assert "taken back" in words(page(client, f"/findings/{former}").cssselect(".history")[0])
    assert client.get(f"/v1/findings/{former}", follow_redirects=False).json()["split_into"] == []


def test_what_an_earlier_decision_rules_out_is_a_conflict_that_names_it(client: TestClient) -> None:
    a, b, c = (f["head"] for f in findings(client)[:3])
    split = post(client, "/v1/reviews", action="split", statements=[a, b], by="Ann")
    merge = post(client, "/v1/reviews", action="merge", statements=[b, c], by="Ann")
    problem = post(client, "/v1/reviews", 409, action="merge", statements=[a, c], by="Bob")
    assert problem["type"] == "urn:trendnlp:problem:conflict"
    assert split["id"] in problem["detail"]
    total = client.get("/v1/reviews", params={"statement": c}).json()["total"]
    for review in (merge, split):
        post(client, f"/v1/reviews/{review['id']}/undo", by="Ann")
    assert client.get("/v1/reviews", params={"statement": c}).json()["total"] == total + 1
    post(client, f"/v1/reviews/{split['id']}/undo", 409, by="Ann")


def test_a_head_a_kind_and_a_dropped_statement(client: TestClient) -> None:
    first, second = findings(client)[:2]
    kind = "opportunity" if first["kind"] != "opportunity" else "trend"
    post(client, "/v1/reviews", action="kind", statements=[first["head"]], value=kind, by="Ann")
    post(client, "/v1/reviews", action="merge", statements=[first["head"], second["head"]], by="Ann")
    post(client, "/v1/reviews", action="head", statements=[second["head"]], by="Ann")
    id = next(f["id"] for f in findings(client) if f["head"] == second["head"])
    found = client.get(f"/v1/findings/{id}").json()
    assert (found["kind"], [m["statement"] for m in found["members"]]) == (kind, [second["head"], first["head"]])
    drop = post(client, "/v1/reviews", action="drop", statements=[first["head"]], by="Ann")
    found = client.get(f"/v1/findings/{id}").json()
    assert ([m["statement"] for m in found["members"]], found["hidden"]) == ([second["head"]], [first["head"]])
    assert "1 statement hidden by a person" in words(page(client, f"/findings/{id}"))

    post(client, "/v1/reviews", action="drop", statements=[second["head"]], by="Ann")
    gone = client.get(f"/v1/findings/{id}", follow_redirects=False)
    assert (gone.status_code, gone.json()["type"], gone.json()["split_into"]) == (410, "urn:trendnlp:problem:gone", [])
    assert client.get(f"/findings/{id}", headers={"accept": "text/html"}).status_code == 410
    post(client, f"/v1/reviews/{drop['id']}/undo", by="Ann")
    assert client.get(f"/v1/findings/{id}").json()["hidden"] == [second["head"]]


def test_what_stands_in_no_finding_cannot_be_decided_on(client: TestClient) -> None:
    document = client.get("/v1/documents").json()["items"][0]["id"]
    stated = client.get(f"/v1/documents/{document}/statements", params={"kind": "other"}).json()
    other = stated["items"][0]["id"]
    problem = post(client, "/v1/reviews", 422, action="head", statements=[other], by="Ann")
    assert problem["detail"].startswith(f"head: {other} is no claim, and stands in no finding. ")


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"action": "merge", "statements": ["st_x", "st_y"], "by": "Ann"}, 404, "not-found"),
        ({"action": "merge", "statements": ["st_x"], "by": "Ann"}, 422, "bad-review"),
        ({"action": "kind", "statements": ["st_x"], "value": "other", "by": "Ann"}, 422, "bad-review"),
        ({"action": "undo", "statements": ["st_x"], "by": "Ann"}, 422, "invalid"),
        ({"action": "drop", "statements": ["st_x"]}, 422, "invalid"),
    ],
)
def test_a_decision_that_is_none_is_refused(client: TestClient, body: dict[str, Any], status: int, slug: str) -> None:
    total = client.get("/v1/reviews").json()["total"]
    assert post(client, "/v1/reviews", status, **body)["type"] == f"urn:trendnlp:problem:{slug}"
    assert post(client, "/v1/reviews/rev_x/undo", 404, by="Ann")["type"] == "urn:trendnlp:problem:not-found"
    assert client.get("/v1/reviews").json()["total"] == total


def test_a_decision_that_a_later_one_overruled_says_so(client: TestClient) -> None:
    one, other = findings(client)[-2:]
    apart = post(client, "/v1/reviews", action="split", statements=[one["head"], other["head"]], by="Ann")
    shown = words(page(client, f"/findings/{one['id']}").cssselect(".history")[0])
    assert f"kept apart by Ann {minute(apart)}" in shown and "overruled" not in shown
    together = post(client, "/v1/reviews", action="merge", statements=[one["head"], other["head"]], by="Bob")
    shown = words(page(client, f"/findings/{one['id']}").cssselect(".history")[0])
    assert shown.count("overruled by a later decision") == 1
    assert shown.index("kept apart by Ann") < shown.index("overruled by a later decision") < shown.index("by Bob")
    post(client, f"/v1/reviews/{together['id']}/undo", by="Bob")
    assert "overruled" not in words(page(client, f"/findings/{one['id']}").cssselect(".history")[0])


def test_a_form_that_names_a_finding_that_was_merged_meanwhile(client: TestClient) -> None:
    client.post("/review/name", data={"name": "Ann"})
    one, other, third = (finding["id"] for finding in findings(client)[:3])
    (seen, *_) = page(client, f"/review/findings/{one}").xpath("//input[@name='seen']/@value")

    def merged(with_: str) -> int:
        form = {"decision": "merge", "finding": [one, with_], "seen": seen}
        return client.post("/review/decide", data=form, follow_redirects=False).status_code

    def recorded() -> list[str]:
        return [review["action"] for review in client.get("/v1/reviews").json()["items"]]

    before = recorded()
    assert merged(other) == 303
    assert recorded() == ["merge", *before]
    # the same once more, as after a double click: one of the two is gone, and nothing more is recorded
    assert merged(other) == 303
    assert recorded() == ["merge", *before]
    # another merge from the page as it was: refused, not taken for the first one
    assert merged(third) == 412
    assert recorded() == ["merge", *before]
    review = client.get("/v1/reviews").json()["items"][0]["id"]
    post(client, f"/v1/reviews/{review}/undo", by="Ann")
    assert {one, other, third} <= {finding["id"] for finding in findings(client)}

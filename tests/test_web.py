"""The JSON routes as a program uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from web_client import REPORT, add, put, serving

from trendnlp.types import ASPECTS, KINDS, OTHER


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), database_url=new_url(), max_bytes=4_000_000) as client:
        yield client


@pytest.fixture
def client(service: TestClient) -> Iterator[TestClient]:
    """The service with an empty store."""
    while items := service.get("/v1/documents", params={"limit": 500}).json()["items"]:
        for item in items:
            service.delete(f"/v1/documents/{item['id']}", headers={"If-Match": "*"})
    yield service


def test_an_analysis_gives_every_statement_with_its_place_and_stores_nothing(client: TestClient) -> None:
    text = "# Lifts 🏥\r\n\r\n看護師 are scarce, so hospitals buy lifts. Cafe\u0301s buy none 👩‍⚕️ of them.\r\n"

    answer = client.post("/v1/analyze", json={"text": text, "format": "markdown", "market": "Lifts"})

    assert answer.status_code == 200
    body = answer.json()
    normalised = text.replace("\r\n", "\n")
    assert [normalised[s["start"] : s["end"]] for s in body["statements"]] == [
        "看護師 are scarce, so hospitals buy lifts.",
        "Cafe\u0301s buy none 👩‍⚕️ of them.",
    ]
    assert all(s["text"] == normalised[s["start"] : s["end"]] for s in body["statements"])
    assert (body["document"]["market"], body["document"]["characters"]) == ("Lifts", len(normalised))
    in_findings = {m["statement"] for finding in body["findings"] for m in finding["members"]}
    assert in_findings == {s["id"] for s in body["statements"] if s["kind"] != OTHER}
    assert client.get("/v1/documents").json() == {"items": [], "next_cursor": None, "total": 0}


def test_the_format_of_a_text_is_told_from_its_content(client: TestClient) -> None:
    page = "<!doctype html><title>Lifts</title><p>Lifts sell well &amp; often.</p>"

    analysis = client.post("/v1/analyze", json={"text": page}).json()
    stored = client.post("/v1/documents", json={"text": page}).json()

    assert [statement["text"] for statement in analysis["statements"]] == ["Lifts sell well & often."]
    assert (analysis["document"]["format"], stored["document"]["format"]) == ("html", "html")
    assert client.post("/v1/analyze", json={"text": page, "format": "text"}).json()["document"]["format"] == "text"


def test_the_same_content_is_one_document_however_it_is_sent(client: TestClient) -> None:
    first = client.post("/v1/documents", json={"text": REPORT, "format": "markdown", "source": "lifts.md"})
    assert first.status_code == 201
    document = first.json()["document"]
    assert first.json()["duplicate_of"] is None
    assert first.headers["location"] == f"/v1/documents/{document['id']}"

    headers = {"content-type": "text/markdown"}
    raw = client.post("/v1/documents", content=REPORT.encode(), headers=headers, params={"source": "lifts.md"})
    upload = client.post("/v1/documents", files={"file": ("lifts.md", REPORT.encode())})
    renamed = client.post("/v1/documents", json={"text": REPORT, "format": "markdown", "title": "Another"})

    for again in (raw, upload, renamed):
        assert again.status_code == 200
        assert again.json() == {**first.json(), "duplicate_of": document["id"], "warnings": again.json()["warnings"]}
    assert (raw.json()["warnings"], upload.json()["warnings"]) == ([], [])
    assert len(renamed.json()["warnings"]) == 1
    assert client.get(f"/v1/documents/{document['id']}").json() == {**document, "text": REPORT, "copies": []}
    assert client.get("/v1/documents").json()["total"] == 1


def test_metadata_can_stand_beside_a_file_and_in_the_query_of_a_raw_text(client: TestClient) -> None:
    fields = {"title": "Lifts", "publisher": "Example Research", "published": "2024-05", "market": "Patient lifts"}
    upload = client.post("/v1/documents", files={"file": ("a b'<i>.txt", b"Lifts sell well.")}, data=fields)
    raw = client.post(
        "/v1/documents", content=b"Lifts sell badly.", headers={"content-type": "text/plain"}, params=fields
    )

    kept = [{name: answer.json()["document"][name] for name in fields} for answer in (upload, raw)]
    assert kept == [fields, fields]
    assert (upload.json()["document"]["source"], raw.json()["document"]["source"]) == ("a b'<i>.txt", "request")


def test_an_encoding_that_the_caller_names_is_used(client: TestClient) -> None:
    headers = {"content-type": "text/plain; charset=utf-16"}
    answer = client.post("/v1/documents", content="Cafés buy lifts.".encode("utf-16"), headers=headers)
    assert client.get(answer.headers["location"]).json()["text"] == "Cafés buy lifts."


def test_statements_can_be_walked_page_by_page_and_filtered(client: TestClient) -> None:
    id = add(client, REPORT, format="markdown")
    everything = client.get(f"/v1/documents/{id}/statements").json()
    assert everything["total"] == len(everything["items"]) == 6

    walked, address = [], f"/v1/documents/{id}/statements?limit=4"
    while address:
        answer = client.get(address)
        walked += answer.json()["items"]
        address = answer.links.get("next", {}).get("url", "")
    assert walked == everything["items"]

    kinds = sorted({item["kind"] for item in walked})[:2]
    some = client.get(f"/v1/documents/{id}/statements", params={"kind": kinds}).json()["items"]
    assert some == [item for item in walked if item["kind"] in kinds]


def test_a_statement_is_shown_with_the_text_around_it(client: TestClient) -> None:
    id = add(client, REPORT, format="markdown")
    statement = client.get(f"/v1/documents/{id}/statements").json()["items"][2]

    context = client.get(f"/v1/statements/{statement['id']}/context", params={"characters": 40}).json()

    passage = context["passage"]
    assert context["statement"] == statement
    assert passage["text"] == REPORT[passage["start"] : passage["end"]]
    assert passage["start"] <= statement["start"] < statement["end"] <= passage["end"]
    assert len(passage["text"]) <= len(statement["text"]) + 80


def test_a_deleted_document_is_gone_with_its_statements_and_findings(client: TestClient) -> None:
    path = f"/v1/documents/{add(client, REPORT)}"

    answer = client.delete(path, headers={"If-Match": client.get(path).headers["etag"]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert [client.delete(path).status_code, client.get(path).status_code] == [404, 404]
    assert client.get(f"{path}/statements").status_code == 404
    assert client.get("/v1/findings").json()["items"] == []


def test_a_lone_surrogate_in_a_request_is_refused_and_not_a_defect(client: TestClient) -> None:
    body = b'{"text": "Lifts \\ud800 sell."}'
    answer = client.post("/v1/analyze", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


def test_the_model_and_its_limits_are_told(client: TestClient) -> None:
    card = client.get("/v1/model").json()
    statement = client.post("/v1/analyze", json={"text": "Lifts sell well."}).json()["statements"][0]
    assert (sorted(card["kinds"]), sorted(card["aspects"])) == (sorted(KINDS), sorted(ASPECTS))
    assert sorted(statement["scores"]) == sorted(KINDS)
    assert (len(card["digest"]), 0 < card["threshold"] < 1) == (64, True)
    assert (card["max_bytes"], card["max_analyze_bytes"]) == (4_000_000, 2_097_152)


def test_a_document_that_other_models_labelled_is_brought_up_to_date(client: TestClient) -> None:
    id = put(client, REPORT, source="lifts.md")
    old = client.get(f"/v1/documents/{id}/statements").json()["items"]

    again = client.post("/v1/documents", json={"text": REPORT, "format": "markdown", "source": "lifts.md"})

    assert (again.status_code, again.json()["duplicate_of"], len(again.json()["warnings"])) == (200, id, 1)
    new = client.get(f"/v1/documents/{id}/statements").json()["items"]
    assert {s["score"] for s in old} == {0.8125} != {s["score"] for s in new}


def test_head_answers_as_get_does_without_the_body(client: TestClient) -> None:
    id = add(client, REPORT, format="markdown")
    changing = ("x-request-id", "server-timing", "ratelimit")
    for path in ("/healthz", "/v1/model", "/v1/documents?limit=1", f"/v1/documents/{id}", "/v1/nothing", "/", "/docs"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        same = [(k, v) for k, v in get.headers.items() if k not in (*changing, "content-length")]
        assert [(k, v) for k, v in head.headers.items() if k not in (*changing, "content-length")] == same


def test_documents_survive_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        id = add(client, REPORT, source="lifts.txt")
        findings = client.get("/v1/findings").json()
    with serving(tmp_path) as client:
        assert client.get(f"/v1/documents/{id}").json()["source"] == "lifts.txt"
        assert client.get("/v1/findings").json() == findings

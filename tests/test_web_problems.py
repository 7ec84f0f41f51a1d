"""What a client is told when something cannot be done, and what is true of every answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from web_client import add, serving

from trendnlp.settings import Settings
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

MAX_BYTES = 20_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), max_bytes=MAX_BYTES) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "slug"),
    [
        ("GET", "/v1/nothing", None, 404, "not-found"),
        ("GET", "/v1/documents/doc_00000000000000000000", None, 404, "not-found"),
        ("GET", "/v1/documents/doc_00000000000000000000/statements", None, 404, "not-found"),
        ("GET", "/v1/findings/fi_00000000000000000000", None, 404, "not-found"),
        ("GET", "/v1/statements/st_00000000000000000000/context", None, 404, "not-found"),
        ("GET", "/static/nothing.css", None, 404, "not-found"),
        ("DELETE", "/v1/documents/doc_00000000000000000000", None, 404, "not-found"),
        ("PUT", "/v1/documents", None, 405, "method-not-allowed"),
        ("GET", "/v1/findings?cursor=Zm9yZ2Vk", None, 400, "bad-cursor"),
        ("GET", "/v1/findings?limit=501", None, 422, "invalid"),
        ("GET", "/v1/findings?kinds=trend", None, 422, "invalid"),
        ("GET", "/v1/findings?kind=other", None, 422, "invalid"),
        ("POST", "/v1/analyze", b"{", 422, "invalid"),
        ("POST", "/v1/analyze", b'{"text": " \\n "}', 422, "empty"),
        ("POST", "/v1/analyze", b'{"text": "x", "published": "2024-13"}', 422, "invalid"),
        ("POST", "/v1/analyze", b'{"text": "x", "title": "two\\nlines"}', 422, "invalid"),
        ("POST", "/v1/documents?title=Lifts", b'{"text": "x"}', 422, "invalid"),
        ("POST", "/v1/documents", b'{"text": "' + b"x" * MAX_BYTES + b'"}', 413, "too-large"),
    ],
)
def test_every_refusal_is_a_problem_document(
    client: TestClient, method: str, path: str, body: bytes | None, status: int, slug: str
) -> None:
    headers = {"X-Request-Id": "test-7", **({"content-type": "application/json"} if body else {})}

    answer = client.request(method, path, content=body, headers=headers)

    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors", "request_id"}
    assert (problem["type"], problem["status"]) == (f"urn:trendnlp:problem:{slug}", status)
    assert (problem["instance"], problem["request_id"]) == (path.split("?")[0], "test-7")
    assert problem["detail"].endswith(".")


def test_nothing_outside_the_static_files_is_served(client: TestClient) -> None:
    for path in ("/static/..%2f..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("type", "body", "status", "slug"),
    [
        ("application/pdf", b"%PDF-1.7", 415, "unsupported-media-type"),
        ("", b"text", 415, "unsupported-media-type"),
        ("text/plain", b"%PDF-1.7 \x00\x01\x02", 415, "unsupported-format"),
        ("text/plain; charset=rot13", b"text", 415, "unsupported-charset"),
        ("text/plain; charset=utf-16", b"\xff\xfe\x00", 422, "not-text"),
        ("text/plain", b"", 422, "empty"),
        ("text/plain", b" \n\n", 422, "empty"),
        ("multipart/form-data", b"", 400, "bad-request"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422, "invalid"),
    ],
)
def test_what_is_no_readable_text_is_refused_with_the_reason(
    client: TestClient, type: str, body: bytes, status: int, slug: str
) -> None:
    answer = client.post("/v1/documents", content=body, headers={"content-type": type} if type else {})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:trendnlp:problem:{slug}")


def test_each_fault_of_a_request_is_pointed_at(client: TestClient) -> None:
    answer = client.post("/v1/analyze", json={"text": 1, "published": "May", "colour": "red"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/published", "#/text", "#/colour"]
    answer = client.get("/v1/findings", params={"limit": "0", "kind": "fashion"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["?limit", "?kind.0"]


def test_a_body_that_streams_in_is_counted(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b"Lifts sell well. " * 100

    answer = client.post("/v1/documents", content=chunks(), headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:trendnlp:problem:too-large")


def test_every_answer_carries_its_id_its_time_and_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/v1/findings", "/static/trendnlp.css", "/v1/nothing", "/docs"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["server-timing"].startswith("app;dur=")
        assert "access-control-allow-origin" not in headers


def test_a_request_id_that_could_break_a_log_line_is_replaced(client: TestClient) -> None:
    given = ["good-1.a_b", "two words", 'q"uote', "x" * 65, ""]
    answered = [client.get("/healthz", headers={"X-Request-Id": id}).headers["x-request-id"] for id in given]
    assert answered[0] == "good-1.a_b"
    assert [len(id) for id in answered[1:]] == [32] * 4


def test_a_page_of_another_origin_cannot_store_anything(client: TestClient) -> None:
    def post(origin: str) -> int:
        headers = {"content-type": "text/plain", "origin": origin}
        return client.post("/v1/documents", content=b"Lifts sell.", headers=headers).status_code

    assert [post("https://evil.example"), post("null"), post("http://testserver")] == [403, 403, 201]


def test_a_cursor_of_one_list_does_not_open_another(client: TestClient) -> None:
    for text in ("Lifts sell well in Spain.", "Lifts sell well in Italy."):
        add(client, text)
    cursor = client.get("/v1/documents", params={"limit": 1}).json()["next_cursor"]
    assert client.get("/v1/documents", params={"limit": 1, "cursor": cursor}).status_code == 200
    assert client.get("/v1/findings", params={"cursor": cursor}).status_code == 400


class Loading(Workspace):
    """A workspace whose models are never loaded."""

    def ready(self) -> str | None:
        return "the models are being loaded"


def test_until_the_models_are_loaded_the_service_lives_reads_and_says_when_to_come_back(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(home=tmp_path), Loading.open)) as client:
        assert [client.get(path).status_code for path in ("/healthz", "/v1/documents", "/", "/documents")] == [200] * 4
        answers = (client.get("/readyz"), client.post("/v1/analyze", json={"text": "x"}))
    assert [(a.status_code, a.headers["retry-after"], a.json()["detail"]) for a in answers] == [
        (503, "5", "The models are being loaded."),
        (503, "5", "The models are not loaded; /readyz says why."),
    ]


class Broken(Workspace):
    """A workspace with a defect."""

    def ready(self) -> str | None:
        raise RuntimeError("secret of /home/somebody")


def test_a_defect_is_logged_and_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(create_app(Settings(home=tmp_path), Broken.open)) as client:
        answer = client.get("/readyz", headers={"X-Request-Id": "test-8"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "test-8" in caplog.text and "secret of /home/somebody" in caplog.text

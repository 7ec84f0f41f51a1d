"""What a client is told when something cannot be done, and what is true of every answer."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi.testclient import TestClient
from httpx import Response
from unloaded import unloaded
from web_client import add, connected, serving

from trendnlp.settings import Settings
from trendnlp.types import Analysis, Document
from trendnlp.web.app import create_app
from trendnlp.web.parts import MAX_TURNS
from trendnlp.workspace import Workspace

MAX_BYTES = 20_000
ODD_PART = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain; charset*=a; charset*0=b\r\n\r\nLifts.\r\n--x--\r\n"
)
PATIENCE = 60  # seconds after which a service that should answer is taken to hang


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
        ("GET", "/v1/findings/find_00000000000000000000", None, 404, "not-found"),
        ("GET", "/v1/statements/st_00000000000000000000/context", None, 404, "not-found"),
        ("GET", "/static/nothing.css", None, 404, "not-found"),
        ("DELETE", "/v1/documents/doc_00000000000000000000", None, 404, "not-found"),
        ("PUT", "/v1/documents", None, 405, "method-not-allowed"),
        ("GET", "/v1/findings?cursor=Zm9yZ2Vk", None, 400, "bad-cursor"),
        ("GET", "/v1/findings?limit=501", None, 422, "invalid"),
        ("GET", "/v1/findings?kinds=trend", None, 422, "invalid"),
        ("GET", "/v1/findings?kind=other", None, 422, "invalid"),
        ("GET", "/v1/findings?aspect=fashion", None, 422, "invalid"),
        ("GET", "/v1/documents/doc_00000000000000000000/statements?min_score=2", None, 422, "invalid"),
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
        ("application/pdf", b"%PDF-1.7", 422, "damaged"),
        ("", b"text", 415, "unsupported-media-type"),
        ("text/plain", b"%PDF-1.7 \x00\x01\x02", 422, "damaged"),
        ("text/plain; charset=rot13", b"text", 415, "unsupported-charset"),
        ("text/plain; charset=utf-16", b"\xff\xfe\x00", 422, "not-text"),
        ("text/plain; charset*=a; charset*0=b", b"text", 415, "unsupported-charset"),
        ("multipart/form-data; boundary*=a; boundary*0=b", b"--a--\r\n", 400, "bad-request"),
        ("multipart/form-data; boundary=x", ODD_PART, 415, "unsupported-charset"),
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
    answer = client.get("/v1/findings", params={"limit": "0", "colour": "red"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["?limit", "?colour"]
    answer = client.get("/v1/findings", params={"kind": ["trend", "fashion"], "aspect": "colour"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["?kind.1", "?aspect.0"]


def test_of_very_many_faults_the_first_are_told(named: TestClient) -> None:
    def post(path: str, body: bytes) -> dict[str, Any]:
        answer = named.post(path, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, len(answer.content) < 10_000) == (422, True), answer.text[:500]
        return dict(answer.json())

    fields = b", ".join(b'"f%d": 0' % number for number in range(900))
    for path in ("/v1/analyze", "/v1/documents"):
        told = post(path, b'{"text": "x", ' + fields + b"}")
        assert [fault["pointer"] for fault in told["errors"]] == [f"#/f{number}" for number in range(20)]
        assert told["detail"].endswith("; and 880 more.")
    post("/v1/analyze", b'{"text": "x", "' + b"f" * 100_000 + b'": 0}')


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/analyze", b'{"text": "x", %s}' % b", ".join(b'"f%d": 0' % number for number in range(100_000))),
        ("/v1/documents", b"[%s0]" % (b"0," * 500_000)),
        ("/v1/reviews", b'{"by": "Ann", "action": "accept", "statements": [%s0]}' % (b"0," * 500_000)),
        ("/v1/jobs", b'{"documents": [%s0]}' % (b"0," * 9_000)),
        ("/v1/jobs", b'{"documents": [{%s}]}' % b", ".join(b'"f%d": 0' % number for number in range(9_000))),
    ],
)
def test_a_body_of_faults_takes_no_more_than_a_few_times_its_size(named: TestClient, path: str, body: bytes) -> None:
    tracemalloc.start()
    try:
        answer = named.post(path, content=body, headers={"content-type": "application/json"})
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status_code, len(answer.content) < 10_000) == (422, True), answer.text[:500]
    assert most < 40 * 1024 * 1024


def test_a_body_that_is_too_large_names_the_setting_that_helps(client: TestClient, tmp_path: Path) -> None:
    def told(path: str, type: str, size: int) -> str:
        answer = client.post(path, content=b"x" * size, headers={"content-type": type})
        assert answer.status_code == 413
        return str(answer.json()["detail"])

    with unloaded(tmp_path, max_bytes=MAX_BYTES, max_job_bytes=MAX_BYTES + 1) as little:
        answer = little.post("/v1/jobs", content=b"x" * 60_000, headers={"content-type": "application/zip"})
    assert "raise TRENDNLP_MAX_JOB_BYTES" in answer.json()["detail"]
    assert "raise TRENDNLP_MAX_BYTES" in told("/v1/documents", "text/plain", MAX_BYTES + 1)
    assert told("/login", "application/x-www-form-urlencoded", 17_000).endswith("16384 bytes. Send less.")


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
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
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

    assert [post("https://evil.example"), post("null"), post("http://127.0.0.1")] == [403, 403, 201]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("127.8.9.10", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("Trends.Example:443", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("evil.example:127.0.0.1", 421),
        ("192.168.0.7", 421),
        ("0.0.0.0", 421),
        ("[::2]", 421),
        ("[", 421),
        ("127.0.0.1@evil.example", 421),
        ("evil.example/127.0.0.1", 421),
        ("", 421),
    ],
)
def test_the_service_answers_to_its_own_names_alone(named: TestClient, host: str, status: int) -> None:
    for path in ("/v1/documents", "/healthz", "/static/trendnlp.css"):
        assert named.get(path, headers={"host": host}).status_code == status
    page = named.get("/documents", headers={"host": host, "accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    # what a page makes its reader's browser send once its own name points here
    headers = {"host": host, "origin": f"http://{host}", "content-type": "text/plain"}
    answer = named.post("/v1/documents", content=b" ", headers=headers)
    assert answer.status_code == (422 if status == 200 else 421)
    assert answer.json()["instance"] == "/v1/documents"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), hosts=("Trends.example",)) as client:
        yield client


def test_a_request_with_two_hosts_is_refused(named: TestClient) -> None:
    answer = named.get("/v1/documents", headers=[("host", "127.0.0.1"), ("host", "evil.example")])
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:trendnlp:problem:misdirected-request")


def test_an_analysis_takes_less_than_the_store_does(named: TestClient) -> None:
    body = b'{"text": "' + b"x" * 2_097_152 + b'"}'

    def chunks() -> Iterator[bytes]:
        yield from (body[at : at + 65_536] for at in range(0, len(body), 65_536))

    for content in (body, chunks()):
        answer = named.post("/v1/analyze", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:trendnlp:problem:too-large")
        assert "2097152 bytes" in answer.json()["detail"] and "/v1/documents" in answer.json()["detail"]


class Slow(Workspace):
    """A workspace whose analyses wait until they are let go."""

    begun = threading.Semaphore(0)
    let_go = threading.Event()

    def analyse(self, document: Document) -> Analysis:
        self.begun.release()
        self.let_go.wait()
        return super().analyse(document)


def test_analyses_that_take_long_silence_neither_health_nor_refusals(tmp_path: Path) -> None:
    def post(number: int) -> int:
        return client.post("/v1/analyze", json={"text": f"Lift {number} sells well."}).status_code

    with serving(tmp_path, Slow.open) as client, ThreadPoolExecutor(MAX_TURNS + 1) as pool:
        client.portal.call(lambda: setattr(current_default_thread_limiter(), "total_tokens", MAX_TURNS))
        try:
            waiting = [pool.submit(post, number) for number in range(MAX_TURNS)]
            for _ in waiting:
                assert Slow.begun.acquire(timeout=PATIENCE)

            def ask() -> list[Response]:
                document = "/v1/documents/doc_00000000000000000000"
                gets = [client.get(path) for path in ("/healthz", "/readyz")]
                return [
                    *gets,
                    client.post("/v1/analyze", json={"text": "x"}),
                    client.delete(document, headers={"If-Match": "*"}),
                ]

            answers = pool.submit(ask).result(PATIENCE)
        finally:
            Slow.let_go.set()
        assert [a.status_code for a in answers] == [200, 200, 429, 429]
        assert [a.headers.get("retry-after") for a in answers[2:]] == ["5", "5"]
        assert answers[2].json()["type"] == "urn:trendnlp:problem:busy"
        assert [future.result(PATIENCE) for future in waiting] == [200] * MAX_TURNS
        assert post(MAX_TURNS) == 200


def test_a_refused_text_gives_its_turn_back(client: TestClient) -> None:
    statuses = {client.post("/v1/analyze", json={"text": " "}).status_code for _ in range(2 * MAX_TURNS)}
    assert statuses == {422}


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
    with connected(create_app(Settings(home=tmp_path), Loading.open)) as client:
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
    with connected(create_app(Settings(home=tmp_path), Broken.open)) as client:
        answer = client.get("/readyz", headers={"X-Request-Id": "test-8"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "test-8" in caplog.text and "secret of /home/somebody" in caplog.text

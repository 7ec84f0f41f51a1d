"""The Python client against the real service and its description."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from commands import Answer, start
from fastapi.testclient import TestClient
from web_client import REPORT, serving

from trendnlp import client as package
from trendnlp.client import Client, Gone, NotFound, Retries, TooLarge, Unavailable, Unreachable, Unreadable, values
from trendnlp.client import client as calls
from trendnlp.client.errors import Conflicting, Fault, Problem
from trendnlp.client.jobs import Item, Jobs
from trendnlp.client.transport import Transport

PATIENCE = 0.3  # seconds; the client's, with an answer
OTHER_REPORT = "# Lifts in Spain\n\nNurses are scarce, so hospitals buy patient lifts to spare their backs.\n"
# What a class of the client is called in the description, where not by its own name.
SCHEMAS = {"Member": "PlacedMember", "Finding": "ListedFinding"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), max_bytes=100_000) as client:
        yield client


@pytest.fixture(scope="module")
def client(service: TestClient) -> Client:
    return Client(http=service)


@pytest.fixture(scope="module")
def described(service: TestClient) -> dict[str, Any]:
    return dict(service.get("/openapi.json").json())


def test_an_analyst_s_program_from_a_text_to_a_decision(client: Client, tmp_path: Path) -> None:
    analysis = client.analyze(OTHER_REPORT, format="markdown", market="Lifts")
    assert (analysis.document.market, analysis.statements[0].text) == ("Lifts", OTHER_REPORT.splitlines()[2])
    assert list(client.documents()) == []

    file = tmp_path / "lifts.md"
    file.write_text(REPORT, "utf-8")
    first = client.add_document(path=file, publisher="Lift Weekly")
    again = client.add_document(text=REPORT, format="markdown")
    second = client.add_document(text=OTHER_REPORT, format="markdown", source="spain.md")
    assert (first.duplicate_of, again.duplicate_of) == (None, first.document.id)
    assert [d.source for d in client.documents()] == ["spain.md", "lifts.md"]
    document = client.document(first.document.id)
    assert (document.text, document.publisher) == (REPORT, "Lift Weekly")

    statements = list(client.statements(document.id))
    assert len(statements) == first.statements
    assert all(document.text[s.start : s.end] == s.text for s in statements)
    claims = [s for s in statements if s.kind != "other"]
    kinds = sorted({s.kind for s in claims})
    assert [s.id for s in client.statements(document.id, kind=kinds)] == [s.id for s in claims]

    findings = list(client.findings())
    assert {m.statement for f in findings for m in f.members} >= {s.id for s in claims}
    full = client.finding(findings[0].id)
    assert (full.title, full.members[0].record.id) == (findings[0].title, findings[0].head)
    assert [f.id for f in client.findings(document=second.document.id, kind=[full.kind])] == [
        f.id for f in findings if f.kind == full.kind and second.document.id in {m.document for m in f.members}
    ]

    same, other = client.compare([("Costs rise.", "Costs rise."), ("Costs rise.", "Lifts are blue.")])
    assert (same.same, same.ground, other.same) == (True, "exact", False)

    review = client.review("drop", [full.head], by="Ann")
    assert [r.id for r in client.reviews(statement=full.head)] == [review.id]
    assert client.undo(review.id, by="Ann").undoes == review.id
    assert [r.undone for r in client.reviews()] == [False, True]
    with pytest.raises(Conflicting):
        client.undo(review.id, by="Ann")
    assert client.model()["max_bytes"] == 100_000

    client.delete_document(second.document.id)
    with pytest.raises(NotFound):
        client.document(second.document.id)


def test_every_page_of_a_list_is_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = client.add_document(text=REPORT, format="markdown").document.id
    whole = list(client.statements(document))
    monkeypatch.setattr(calls, "PAGE", 2)
    assert len(whole) > 4
    assert list(client.statements(document)) == whole


def test_refusals_are_exceptions_that_say_where_and_why(client: Client) -> None:
    with pytest.raises(NotFound) as missing:
        client.finding("find_none")
    assert (missing.value.status, missing.value.type) == (404, "urn:trendnlp:problem:not-found")
    assert missing.value.request_id in str(missing.value)
    with pytest.raises(Unreadable) as invalid:
        client.analyze("Lifts sell.", format="pdf")
    (fault,) = invalid.value.errors
    assert fault == Fault("#/format", fault.detail) and fault.detail
    with pytest.raises(TooLarge):
        client.add_document(text="x" * 200_000)
    with pytest.raises(Unreadable):
        list(client.findings(kind=["nonsense"]))
    with pytest.raises(ValueError, match="one of text and path"):
        client.add_document()


def answered(*answers: httpx.Response | Exception) -> tuple[Transport, list[httpx.Request], list[float]]:
    """A transport to a service that gives these answers in turn; the requests it got, and the pauses between."""
    requests: list[httpx.Request] = []
    pauses: list[float] = []
    rest = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        answer = rest.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.Client(transport=httpx.MockTransport(handle), base_url="http://127.0.0.1")
    return Transport(http, Retries(tries=3, first=1.0, longest=10.0), pauses.append), requests, pauses


def test_what_passes_is_tried_again_with_the_same_key() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"type": "urn:x:busy", "detail": "Busy."})
    transport, requests, pauses = answered(busy, httpx.ConnectError("refused"), httpx.Response(200, json={"a": 1}))
    assert transport.send("POST", "/v1/reviews", json={}) == {"a": 1}
    keys = {request.headers["idempotency-key"] for request in requests}
    assert (len(requests), len(keys)) == (3, 1)
    assert pauses[0] == 7.0 and 1.0 <= pauses[1] <= 2.0

    running = {"type": "urn:trendnlp:problem:request-in-progress", "detail": "It is still worked on."}
    transport, requests, _ = answered(httpx.ReadError("reset"), httpx.Response(409, json=running), httpx.Response(204))
    assert transport.send("POST", "/v1/documents", json={}) is None
    assert len(requests) == 3 and len({request.headers["idempotency-key"] for request in requests}) == 1

    transport, requests, pauses = answered(*[httpx.Response(503, text="proxy")] * 3)
    with pytest.raises(Unavailable, match="503 blank: Service Unavailable"):
        transport.send("GET", "/v1/findings")
    assert len(requests) == 3 and "idempotency-key" not in requests[0].headers


def test_a_job_is_followed_to_its_results() -> None:
    """Against answers as the contract writes them."""
    queued = {"id": "job_1", "state": "queued", "counts": {"total": 2}, "expires_at": None}
    ended = queued | {"state": "partial", "expires_at": "2026-12-01T00:00:00+00:00"}
    told = (
        'id: 7\r\nevent: progress\r\ndata: {"state": "running"}\r\n\r\n: ping\n\n',
        'id: 8\nevent: end\ndata: {"state":\ndata: "partial"}\n\n',
    )
    results = '{"custom_id": "a", "text": "one\u2028line"}\n\n{"custom_id": "b", "problem": {"status": 422}}\n'
    transport, requests, _ = answered(
        httpx.Response(202, json=queued),
        *(httpx.Response(200, json=queued), httpx.Response(200, json=ended)),
        *(httpx.Response(200, content=part.encode()) for part in told),
        httpx.Response(200, content=results.encode()),
        *(httpx.Response(202, json=queued | {"state": "cancelling"}), httpx.Response(409, json={})),
    )
    jobs = Jobs(transport)
    job = jobs.submit([Item("Lifts.", custom_id="a", known={"market": "Lifts"}), Item("Beds.", "b.md")], key="k")
    assert (job.state, job.ended, jobs.wait(job.id).ended) == ("queued", False, True)
    assert [(e.event, e.data) for e in jobs.events(job.id)] == [
        ("progress", {"state": "running"}),
        ("end", {"state": "partial"}),
    ]
    assert [r.headers.get("last-event-id") for r in requests if r.url.path.endswith("/events")] == [None, "7"]
    one, two = jobs.results(job.id)
    assert (one.custom_id, one.problem, one.line["text"]) == ("a", None, "one\u2028line")
    assert (two.custom_id, two.problem) == ("b", {"status": 422})
    assert jobs.cancel(job.id).state == "cancelling"
    with pytest.raises(Conflicting):
        list(jobs.results(job.id))
    assert [(r.method, r.url.raw_path.decode()) for r in requests] == [
        ("POST", "/v1/jobs"),
        *[("GET", "/v1/jobs/job_1?wait=20")] * 2,
        ("GET", "/v1/jobs/job_1/events"),
        ("GET", "/v1/jobs/job_1/events"),
        ("GET", "/v1/jobs/job_1/results"),
        ("POST", "/v1/jobs/job_1/cancel"),
        ("GET", "/v1/jobs/job_1/results"),
    ]
    assert requests[0].headers["idempotency-key"] == "k"
    assert [json.loads(line) for line in requests[0].content.splitlines()] == [
        {"text": "Lifts.", "custom_id": "a", "market": "Lifts"},
        {"text": "Beds.", "source": "b.md"},
    ]


class _Slow(BaseHTTPRequestHandler):
    """A service at which a job takes longer than the client's patience with an answer."""

    def do_GET(self) -> None:
        time.sleep(PATIENCE * 2)
        job = {"id": "job_1", "state": "succeeded", "counts": {}, "expires_at": None}
        events = self.path.endswith("/events")
        body = json.dumps(job).encode()
        with suppress(BrokenPipeError):  # of the client that does not wait
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"event: end\ndata: " + body + b"\n\n" if events else body)

    def log_message(self, *told: object) -> None:
        return


def test_a_job_may_take_longer_than_one_answer_may() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with Client(f"http://127.0.0.1:{server.server_port}", timeout=PATIENCE, retries=Retries(1)) as client:
                assert client.jobs.wait("job_1").ended
                assert client.jobs.get("job_1", wait=1).ended
                assert [event.event for event in client.jobs.events("job_1")] == ["end"]
                with pytest.raises(Unreachable):
                    client.jobs.get("job_1")
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(429, headers={"Retry-After": "3600"}, json={}), Unavailable),
        (httpx.Response(500, json={"type": "urn:trendnlp:problem:internal", "detail": "A defect."}), Problem),
        (httpx.Response(410, json={"type": "urn:trendnlp:problem:gone", "detail": "It was split."}), Gone),
        (httpx.ReadTimeout("slow"), Unreachable),
    ],
)
def test_what_does_not_pass_is_told_at_once(answer: httpx.Response | Exception, error: type[Exception]) -> None:
    transport, requests, pauses = answered(answer)
    with pytest.raises(error):
        transport.send("POST", "/v1/documents", key="mine", json={})
    assert (len(requests), pauses, requests[0].headers["idempotency-key"]) == (1, [], "mine")


def test_the_key_of_the_api_goes_with_every_request() -> None:
    with Client("http://127.0.0.1:1", api_key="secret", retries=Retries(tries=1)) as client:
        assert client._own is not None and client._own.headers["authorization"] == "Bearer secret"
        with pytest.raises(Unreachable, match="GET http://127"):
            client.document("doc_1")


def used_paths(source: Callable[..., Any]) -> set[str]:
    """Templates of the paths that the client's code names, with {} for what is put in."""
    text = inspect.getsource(inspect.getmodule(source))  # type: ignore[arg-type]
    found = set(re.findall(r'"(/v1/\w+)"', text))
    for call in re.findall(r"_path\(([^)]*)\)", text):
        parts = [p.strip() for p in call.split(",")]
        if "*" not in call:
            found.add("/v1/" + "/".join(p.strip('"') if p.startswith('"') else "{}" for p in parts))
    return found


def test_every_call_and_every_field_is_of_the_description(described: dict[str, Any]) -> None:
    known = {re.sub(r"\{\w+\}", "{}", path) for path in described["paths"]}
    assert used_paths(Client) - known == set()
    assert len(used_paths(Client) & known) >= 10
    schemas = described["components"]["schemas"]
    for name, cls in vars(values).items():
        if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
            continue
        schema = schemas[SCHEMAS.get(name, name)]["properties"]
        hints = get_type_hints(cls)
        for field in dataclasses.fields(cls):
            assert field.name in schema, (name, field.name)
            nullable = any(part.get("type") == "null" for part in schema[field.name].get("anyOf", []))
            assert nullable == (type(None) in get_args(hints[field.name])), (name, field.name)
    assert all(hasattr(package, name) for name in package.__all__)


def test_importing_the_client_loads_nothing_of_weight() -> None:
    heavy = ("torch", "numpy", "spacy", "fastapi", "pydantic", "sqlalchemy", "sentence_transformers", "trendnlp.store")
    script = f"import sys, trendnlp.client; print([name for name in {heavy} if name in sys.modules])"
    assert start("-c", script) == Answer(0, "[]\n", "")

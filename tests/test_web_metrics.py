"""What the service tells of itself: its metrics, its log, its spans."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from builders import make_analysis
from commands import start
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from web_client import REPORT, add, connected, serving

from trendnlp import __version__, logs
from trendnlp.errors import StoreError
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.web import metrics
from trendnlp.web.app import create_app
from trendnlp.web.metrics import Metrics, Reading

ROOT = Path(__file__).parents[1]
Samples = dict[str, dict[tuple[str, ...], float]]


def scraped(text: str) -> Samples:
    """The samples by name, and by the values of their labels in the order of the labels' names."""
    found: Samples = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is read for every scrape."""
    monkeypatch.setattr(metrics, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "SHARE", 0)


def test_a_scrape_tells_of_requests_stages_and_the_store(tmp_path: Path, quick: None) -> None:
    with serving(tmp_path, model="fast") as client, serving(tmp_path / "other", model="fast") as other:
        document = add(client, REPORT, format="markdown")
        client.get(f"/v1/documents/{document}")
        client.get("/v1/documents/doc_none")
        client.head("/v1/findings")
        client.get("/made/up")
        client.request("BREW", "/v1/findings")
        client.get("/static/none.css")
        answer = client.get("/metrics")
        seen, elsewhere = scraped(answer.text), scraped(other.get("/metrics").text)
        card = client.get("/v1/model").json()
        stored = client.get("/v1/documents").json()["items"][0]
        findings = client.get("/v1/findings").json()["total"]

    assert answer.headers["content-type"].startswith("text/plain; version=")
    requests = {labels: n for labels, n in seen["trendnlp_http_requests_total"].items() if labels[1] != "/readyz"}
    assert requests == {
        ("POST", "/v1/documents", "201"): 1,
        ("GET", "/v1/documents/{document_id}", "200"): 1,
        ("GET", "/v1/documents/{document_id}", "404"): 1,
        ("HEAD", "/v1/findings", "200"): 1,
        ("GET", "unmatched", "404"): 1,
        ("other", "/v1/findings", "405"): 1,
        ("GET", "/static", "404"): 1,
    }
    assert seen["trendnlp_http_request_seconds_count"]["POST", "/v1/documents"] == 1
    assert {stage[0]: n for stage, n in seen["trendnlp_stage_seconds_count"].items()} == {
        **{"read": 1, "segment": 1, "label": 1, "save": 1},
        "consolidate": seen["trendnlp_stage_seconds_count"]["consolidate",],
    }
    assert seen["trendnlp_stage_seconds_count"]["consolidate",] >= 1
    assert [seen[f"trendnlp_{name}"][()] for name in ("documents", "statements", "claims", "findings")] == [
        *(1, stored["statements"], stored["claims"], findings),
    ]
    assert seen["trendnlp_model_info"] == {(card["digest"], "fast", __version__): 1}
    assert (seen["trendnlp_ready"][()], seen["trendnlp_store_up"][()]) == (1, 1)
    assert seen["process_cpu_seconds_total"][()] > 0
    assert (
        elsewhere["trendnlp_documents"][()] == 0
        and ("POST", "/v1/documents", "201") not in elsewhere["trendnlp_http_requests_total"]
    )


def test_reading_the_store_takes_no_more_than_its_share(tmp_path: Path) -> None:
    now, reads = [0.0], [0]

    def slow(store: Store) -> Iterator[Reading]:
        reads[0] += 1
        now[0] += 0.5
        for state in ("queued", "running"):
            yield Reading("trendnlp_jobs", "Jobs.", reads[0], "state", state)

    counted = Metrics((slow,), lambda: now[0])
    with Store.open(Settings(home=tmp_path).store_url) as store:
        counted._store.store = store
        for at in (0.0, 1.0, 40.0, 50.0, 51.0, 60.0):
            now[0] = max(now[0], at)
            seen = scraped(counted.exposition().decode())
    assert reads[0] == 2
    assert seen["trendnlp_jobs"] == {("queued",): 2, ("running",): 2}


def test_a_store_that_cannot_be_read_is_told_and_hides_nothing_else(tmp_path: Path) -> None:
    def broken(store: Store) -> Iterator[Reading]:
        yield Reading("trendnlp_documents", "Documents.", 1)
        raise StoreError("the store", "it is gone", "Look for it.")

    counted = Metrics((broken,))
    with Store.open(Settings(home=tmp_path).store_url) as store:
        counted._store.store = store
        seen = scraped(counted.exposition().decode())
    assert seen["trendnlp_store_up"] == {(): 0}
    assert "trendnlp_documents" not in seen and "process_cpu_seconds_total" in seen


@pytest.fixture
def log() -> Iterator[Any]:
    """Configures the log as the service does, and gives what is written to it."""
    root = logging.getLogger()
    before = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in (None, *logs.OURS, *logs.SERVER)}
    stream = io.StringIO()

    def configure(**settings: str) -> io.StringIO:
        logs.configure(Settings(**settings), stream)  # type: ignore[arg-type]
        return stream

    yield configure
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def failing(tmp_path: Path, error: Exception) -> TestClient:
    """A service whose route /boom fails."""
    app = create_app(Settings(home=tmp_path, model="fast"))

    @app.get("/boom")
    def boom() -> None:
        try:
            raise ValueError("Nurses are scarce, says the report")
        except ValueError as cause:
            raise error from cause

    return connected(app)


def test_an_error_is_in_the_log_with_its_trace_and_without_what_it_quotes(tmp_path: Path, log: Any) -> None:
    stream = log(log_format="json")
    with failing(tmp_path, KeyError("Nurses")) as client:
        answer = client.get("/boom", headers={"X-Request-Id": "req-1"})
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    (told,) = [line for line in lines if line["level"] == "error"]
    assert (answer.status_code, answer.json()["request_id"], told["request_id"]) == (500, "req-1", "req-1")
    assert "Nurses" not in stream.getvalue() + answer.text
    assert told["exception"].splitlines()[-1] == "builtins.KeyError"
    assert "builtins.ValueError" in told["exception"] and "in boom" in told["exception"]
    assert "boom" not in answer.json()["detail"]


def test_an_error_of_our_own_is_told_in_its_words_and_the_log_can_be_read(tmp_path: Path, log: Any) -> None:
    stream = log(log_format="text")
    with failing(tmp_path, StoreError("the store", "the disk is full", "Make room.")) as client:
        assert client.get("/boom?q=secret").status_code == 503
        client.get("/v1/findings/evil%0Aline%1b[31m")
    text = stream.getvalue()
    assert "trendnlp.errors.StoreError: the store: the disk is full. Make room." in text
    assert "secret" not in text and "\x1b" not in text
    (line,) = [line for line in text.splitlines() if "evil" in line]
    assert "status=404" in line and "route=/v1/findings/{finding_id}" in line and "\\nline\\x1b[31m" in line


def test_models_that_cannot_be_loaded_are_told_in_the_log(tmp_path: Path, log: Any) -> None:
    stream = log(log_format="json")
    app = create_app(Settings(home=tmp_path, model="fast", encoder=tmp_path / "none"))
    with connected(app) as client:
        app.state.workspace._loading.join()
        assert client.get("/readyz").status_code == 503
        assert scraped(client.get("/metrics").text)["trendnlp_ready"] == {(): 0}
    (told,) = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == "not ready"]
    assert "trendnlp.errors.ArtefactError: " in told["exception"] and str(tmp_path / "none") in told["exception"]


WORKER = """
import logging
from pathlib import Path
from trendnlp.cli import worker
from trendnlp.errors import ArtefactError
from trendnlp.settings import Settings
try:
    worker.run(Settings.from_env())
except ArtefactError:
    try:
        raise ValueError("Nurses are scarce, says the report")
    except ValueError:
        logging.getLogger("trendnlp.jobs").exception("a document failed")
"""


def test_a_worker_has_the_log_of_the_service(tmp_path: Path) -> None:
    given = {"TRENDNLP_HOME": str(tmp_path), "TRENDNLP_MODELS": str(tmp_path), "TRENDNLP_LOG_FORMAT": "json"}
    answer = start("-c", WORKER, **given)
    assert (answer.code, "Nurses" in answer.err) == (0, False)
    told = [json.loads(line) for line in answer.err.splitlines()]
    assert told[-1]["event"] == "a document failed" and told[-1]["exception"].endswith("builtins.ValueError")


def test_another_server_has_the_log_of_the_service(tmp_path: Path) -> None:
    """``uvicorn service:app``, which has handlers of its own by then."""
    script = (
        "import logging, uvicorn; config = uvicorn.Config('service:app'); config.load()\n"
        "logging.getLogger('uvicorn.access').info('GET /?q=secret')\n"
        "try:\n    raise ValueError('Nurses are scarce')\n"
        "except ValueError:\n    logging.getLogger('uvicorn.error').exception('it failed')\n"
    )
    answer = start("-c", script, cwd=ROOT, TRENDNLP_HOME=str(tmp_path), TRENDNLP_LOG_FORMAT="json")
    assert answer.code == 0 and "secret" not in answer.err and "Nurses" not in answer.err
    assert [json.loads(line)["event"] for line in answer.err.splitlines()] == ["it failed"]


def test_a_record_below_the_level_is_left_out(log: Any) -> None:
    stream = log(log_format="json", log_level="warning")
    logging.getLogger("trendnlp.x").info("quiet")
    logging.getLogger("httpx").info("GET /?q=words")
    with logs.bound(request_id="r"):
        logging.getLogger("trendnlp.x").warning("loud %s", "enough")
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["event"], line["request_id"], line["logger"], line["level"]) == (
        *("loud enough", "r", "trendnlp.x", "warning"),
    )


class _Collector(BaseHTTPRequestHandler):
    """Takes what is posted to /v1/traces."""

    received: list[bytes]

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.received.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The address of an OTLP collector, and what it has been sent."""
    received: list[bytes] = []
    handler = type("Handler", (_Collector,), {"received": received})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def test_the_spans_of_a_request_hold_its_stages(tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with collector() as (address, received), serving(tmp_path, model="fast", otlp_endpoint=address) as client:
        headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        client.post("/v1/documents", json={"text": REPORT}, headers=headers)
        client.post("/v1/documents", json={"text": " ", "source": "Nurses.txt"}, headers=headers)
    spans = [
        span
        for body in received
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        if span.trace_id.hex() == trace
    ]
    request, refused = (span for span in spans if span.name == "POST /v1/documents")
    attributes = {a.key: a.value.string_value or a.value.int_value for a in request.attributes}
    assert (attributes["http.route"], attributes["http.response.status_code"]) == ("/v1/documents", 201)
    assert request.parent_span_id.hex() == "00f067aa0ba902b7"
    (failed,) = [span for span in spans if span.parent_span_id == refused.span_id]
    assert (failed.name, failed.status.code, failed.status.message) == ("read", 2, "")
    assert (request.status.code, refused.status.code) == (0, 0)
    stages = [span for span in spans if span not in (request, refused, failed)]
    assert {span.name for span in stages} == {"read", "segment", "label", "save", "consolidate"}
    assert {span.parent_span_id for span in stages} == {request.span_id}
    assert b"Nurses" not in b"".join(received)


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from trendnlp.settings import Settings
from trendnlp.tracing import Tracer
from trendnlp.errors import SettingsError
with Tracer.of(Settings()).span("read"):
    print("works")
try:
    Tracer.of(Settings(otlp_endpoint="http://127.0.0.1:1"))
except SettingsError as error:
    print(error)
"""


def test_without_the_extra_all_works_but_what_asks_for_it() -> None:
    answer = start("-c", WITHOUT)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "works",
        "TRENDNLP_OTLP_ENDPOINT: OpenTelemetry is not installed. Install it with `pip install 'trendnlp[otel]'`, "
        "or remove the setting.",
    ]


def test_the_readings_are_of_what_is_stored(tmp_path: Path) -> None:
    with Store.open(Settings(home=tmp_path).store_url) as store:
        store.save(make_analysis("Nurses are scarce. Beds sell."))
        assert {r.name: r.value for r in metrics.stored(store)} == {
            "trendnlp_documents": 1,
            "trendnlp_statements": 2,
            "trendnlp_claims": 1,
            "trendnlp_findings": 0,
        }

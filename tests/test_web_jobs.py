"""Jobs over HTTP: submitted in every form, watched, cancelled, done again, read until they expire."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from job_site import HELD, Gate, fast_worker
from unloaded import store_of, unloaded
from web_client import connected, serving

from trendnlp.settings import Settings
from trendnlp.store import database
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

SAID = "Demand for patient lifts is rising in {}."


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[TestClient]:
    """A service whose worker is real, and analyses fast."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, worker=fast_worker(gate), max_queued=40, max_job_documents=30, max_bytes=50_000) as client:
        yield client


def submitted(client: TestClient, *texts: str) -> str:
    documents = [{"text": text, "custom_id": f"c{n}"} for n, text in enumerate(texts)]
    answer = client.post("/v1/jobs", json={"documents": documents})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(client: TestClient, id: str) -> dict[str, Any]:
    """The job when it has ended."""
    job: dict[str, Any] = client.get(f"/v1/jobs/{id}?wait=60").json()
    assert job["finished_at"] is not None, job
    return job


def results(client: TestClient, id: str) -> list[dict[str, Any]]:
    answer = client.get(f"/v1/jobs/{id}/results", headers={"accept": "application/x-ndjson"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def outline(client: TestClient, id: str) -> list[tuple[object, ...]]:
    """What became of each document, and the kind of problem."""
    return [
        (r["custom_id"], r["source"], r["state"], (r["problem"] or {"type": ""})["type"].rpartition(":")[2])
        for r in results(client, id)
    ]


def test_a_job_is_accepted_at_once_and_its_documents_are_stored(client: TestClient) -> None:
    body = {"documents": [{"text": SAID.format("Spain"), "source": "spain.txt", "custom_id": "es"}]}
    answer = client.post("/v1/jobs", json=body)
    job = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/jobs/{job['id']}")
    assert answer.headers["retry-after"] == "2"
    assert (job["state"], job["counts"]["total"], job["queue_position"]) == ("queued", 1, 1)

    done = ended(client, job["id"])

    assert (done["state"], done["counts"]) == (
        "succeeded",
        {"total": 1, "done": 1, "failed": 0, "cancelled": 0, "left": 0},
    )
    (result,) = results(client, job["id"])
    document = result.pop("document")
    assert result == {
        "position": 0,
        "custom_id": "es",
        "source": "spain.txt",
        "state": "done",
        "duplicate_of": None,
        "statements": 1,
        "claims": 1,
        "warnings": [],
        "problem": None,
    }
    assert client.get(f"/v1/documents/{document}").json()["source"] == "spain.txt"
    assert client.get("/v1/jobs").json()["items"][0] == done
    days = datetime.fromisoformat(done["expires_at"]) - datetime.fromisoformat(done["finished_at"])
    assert days == timedelta(days=7)


def test_what_is_stored_before_is_told_as_a_duplicate(client: TestClient) -> None:
    text = SAID.format("Malta")
    id = submitted(client, text, text)
    ended(client, id)
    first, second = results(client, id)
    assert first["document"] == second["document"] == second["duplicate_of"]
    assert first["duplicate_of"] is None


def test_rows_come_back_with_their_custom_id_and_a_bad_one_fails_alone(client: TestClient) -> None:
    rows = [
        json.dumps({"custom_id": "a", "text": SAID.format("Chile"), "source": "chile.txt", "market": "Lifts"}),
        "{no json",
        json.dumps({"custom_id": 7, "text": 3}),
        json.dumps({"custom_id": "d", "html": f"<p>{SAID.format('Peru')}</p>"}),
        json.dumps({"custom_id": "e", "text": " "}),
    ]
    answer = client.post("/v1/jobs", content="\n".join(rows).encode(), headers={"content-type": "application/x-ndjson"})
    assert answer.status_code == 202, answer.text
    id = answer.json()["id"]
    job = ended(client, id)
    assert (job["state"], job["counts"]["done"], job["counts"]["failed"]) == ("partial", 2, 3)
    assert outline(client, id) == [
        ("a", "chile.txt", "done", ""),
        (None, "request.ndjson:2", "failed", "damaged"),
        ("7", "request.ndjson:3", "failed", "damaged"),
        ("d", "request.ndjson:4", "done", ""),
        ("e", "request.ndjson:5", "failed", "empty"),
    ]
    problem = results(client, id)[4]["problem"]
    assert (problem["status"], problem["instance"]) == (422, f"/v1/jobs/{id}/results")
    assert problem["detail"] == "request.ndjson:5: it holds nothing but white space. Give a text."


def test_archives_that_unpack_to_too_much_together_are_no_job(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "Demand rises. " * 5000)
    files = [("files", (f"{n}.zip", packed.getvalue(), "application/zip")) for n in range(2)]
    with unloaded(tmp_path, max_job_bytes=100_000, max_expanded=100_000) as client:
        assert client.post("/v1/jobs", files=files[:1]).status_code == 202
        answer = client.post("/v1/jobs", files=files)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:trendnlp:problem:too-large")
        assert answer.json()["detail"].startswith("the job: its documents have more than 100,000 bytes, unpacked.")
        assert client.get("/v1/jobs").json()["total"] == 1


def test_many_files_and_an_archive_among_them(client: TestClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("north/norway.txt", SAID.format("Norway"))
        archive.writestr("north/map.png", b"\x89PNG")
        archive.writestr("__MACOSX/norway.txt", b"x")
    files = [
        ("files", ("france.md", SAID.format("France"), "text/markdown")),
        ("files", ("north.zip", packed.getvalue(), "application/zip")),
        ("files", ("broken.pdf", b"%PDF-1.4 nothing", "application/pdf")),
    ]
    id = client.post("/v1/jobs", files=files).json()["id"]
    ended(client, id)
    told = outline(client, id)
    assert told[:3] == [
        (None, "france.md", "done", ""),
        (None, "north/norway.txt", "done", ""),
        (None, "north/map.png", "failed", "unsupported-format"),
    ]
    assert told[3][1:3] == ("broken.pdf", "failed")

    zipped = client.post("/v1/jobs", content=packed.getvalue(), headers={"content-type": "application/zip"})
    ended(client, zipped.json()["id"])
    (norway, picture) = results(client, zipped.json()["id"])
    assert (norway["duplicate_of"], picture["state"]) == (norway["document"], "failed")


def test_what_a_job_cannot_be_told_of_a_file_is_told_of_a_row_or_of_a_single_document(client: TestClient) -> None:
    german = (
        "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen zahlen inzwischen die "
        "Hälfte des Preises jedes neuen Geräts, das in einer Klinik des Landes aufgestellt wird."
    )
    rows = b"".join(json.dumps({"text": german, **known}).encode() + b"\n" for known in ({}, {"language": "en"}))
    files = [
        ("f", ("rows.ndjson", rows)),
        ("f", ("a.pdf", (Path(__file__).parent / "data/encrypted.pdf").read_bytes())),
    ]
    id = client.post("/v1/jobs", files=files).json()["id"]
    ended(client, id)
    foreign, forced, encrypted = results(client, id)
    assert forced["state"] == "done" and "German" in forced["warnings"][0]
    assert foreign["problem"]["type"].endswith("foreign-language") and "in a row" in foreign["problem"]["detail"]
    assert encrypted["problem"]["type"].endswith("encrypted") and "POST /v1/documents" in encrypted["problem"]["detail"]


@pytest.mark.parametrize(
    ("content", "type", "status", "slug"),
    [
        (b"{}", "application/json", 422, "invalid"),
        (b'{"documents": []}', "application/json", 422, "invalid"),
        (b'{"documents": [{"text": "x", "colour": "red"}]}', "application/json", 422, "invalid"),
        (b"text", "text/plain", 415, "unsupported-media-type"),
        (b"x" * 50_001, "application/json", 413, "too-large"),
        (b'{"text": "Lifts sell."}\n' * 31, "application/x-ndjson", 413, "too-large"),
        (
            b'{"documents": [%s{"text": "Lifts sell."}]}' % (b'{"text": "x"},' * 30),
            "application/json",
            413,
            "too-large",
        ),
    ],
)
def test_what_is_no_job_is_refused_and_leaves_none(
    client: TestClient, content: bytes, type: str, status: int, slug: str
) -> None:
    before = client.get("/v1/jobs").json()["total"]
    answer = client.post("/v1/jobs", content=content, headers={"content-type": type})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:trendnlp:problem:{slug}")
    assert client.get("/v1/jobs").json()["total"] == before
    assert client.get("/v1/jobs/job_0").status_code == 404


def until(said: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_in_hand_is_watched_cancelled_and_cannot_be_read_before_it_has_ended(
    client: TestClient, gate: Gate
) -> None:
    gate.opened.clear()
    id = submitted(client, f"{HELD} Once.", *(SAID.format(f"Port {n}") for n in range(4)))
    assert gate.reached.wait(60)
    assert client.get(f"/v1/jobs/{id}").json()["state"] == "running"
    assert client.get(f"/v1/jobs/{id}?wait=0.1").json()["state"] == "running"
    early = client.get(f"/v1/jobs/{id}/results")
    assert (early.status_code, early.json()["type"]) == (409, "urn:trendnlp:problem:wrong-state")
    assert client.post(f"/v1/jobs/{id}/retry").status_code == 409

    cancelled = client.post(f"/v1/jobs/{id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelling")
    assert cancelled.json()["counts"] == {"total": 5, "done": 0, "failed": 0, "cancelled": 4, "left": 1}
    gate.opened.set()

    assert ended(client, id)["state"] == "cancelled"
    assert [r["state"] for r in results(client, id)] == ["done", *["cancelled"] * 4]
    assert client.post(f"/v1/jobs/{id}/cancel").status_code == 409


def told_events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_events_tell_the_progress_and_go_on_where_the_client_was(client: TestClient) -> None:
    id = submitted(client, *(SAID.format(f"Town {n}") for n in range(5)))
    answer = client.get(f"/v1/jobs/{id}/events")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = told_events(answer.text)
    versions = [version for version, _, _ in told]
    assert versions == sorted(set(versions))
    assert [name for _, name, _ in told] == ["progress"] * (len(told) - 1) + ["end"]
    assert told[-1][2] == ended(client, id)

    again = client.get(f"/v1/jobs/{id}/events", headers={"last-event-id": str(versions[0])})
    assert told_events(again.text) == [told[-1]]
    over = client.get(f"/v1/jobs/{id}/events", headers={"last-event-id": str(versions[-1])})
    assert (over.status_code, over.content) == (204, b"")


def test_waiting_for_a_job_holds_no_thread_and_ends_with_it(client: TestClient, gate: Gate) -> None:
    gate.opened.clear()
    gate.reached.clear()
    id = submitted(client, f"{HELD} Twice.")
    answers: list[str] = []
    many = [threading.Thread(target=lambda: answers.append(ended(client, id)["state"])) for _ in range(45)]
    for waiting in many:
        waiting.start()
    assert gate.reached.wait(60)
    assert client.get("/v1/documents").status_code == 200  # its thread is of the pool, which has 40
    gate.opened.set()
    for waiting in many:
        waiting.join(60)
    assert answers == ["succeeded"] * 45


def test_a_full_queue_is_told_with_when_to_come_back(client: TestClient, gate: Gate) -> None:
    gate.opened.clear()
    gate.reached.clear()
    first = submitted(client, f"{HELD} Thrice.", *(SAID.format(f"Road {n}") for n in range(25)))
    assert gate.reached.wait(60)
    client.post(f"/v1/jobs/{first}/cancel")
    fill = submitted(client, f"{HELD} Again.", *(SAID.format(f"Lane {n}") for n in range(29)))
    body = {"documents": [{"text": SAID.format(f"Way {n}")} for n in range(30)]}
    full = client.post("/v1/jobs", json=body)
    assert (full.status_code, full.headers["retry-after"]) == (429, "30")
    assert full.json()["type"] == "urn:trendnlp:problem:queue-full"
    gate.opened.set()
    ended(client, first)
    ended(client, fill)
    assert client.post("/v1/jobs", json=body).status_code == 202


def test_results_are_read_page_by_page(client: TestClient) -> None:
    id = submitted(client, *(SAID.format(f"Hill {n}") for n in range(5)))
    ended(client, id)
    positions, path = [], f"/v1/jobs/{id}/results?limit=2"
    while True:
        answer = client.get(path)
        positions.append([item["position"] for item in answer.json()["items"]])
        if "link" not in answer.headers:
            break
        path = answer.headers["link"].split("<")[1].split(">")[0]
    assert positions == [[0, 1], [2, 3], [4]]
    assert answer.json()["total"] == 5


def test_a_stuck_writer_is_told_with_when_to_come_back_and_holds_no_thread_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.5)
    with unloaded(tmp_path) as client, ThreadPoolExecutor(45) as many:  # the pool of the service has 40 threads
        body = {"documents": [{"text": SAID.format("Iceland")}]}
        with store_of(client).database.writing():
            answers = list(many.map(lambda _: client.post("/v1/jobs", json=body), range(45)))
            assert client.get("/v1/documents").status_code == 200
        assert {(answer.status_code, answer.headers.get("retry-after")) for answer in answers} == {(503, "5")}
        assert {answer.json()["type"] for answer in answers} == {"urn:trendnlp:problem:unavailable"}
        assert client.post("/v1/jobs", json=body).status_code == 202


def test_without_a_worker_the_service_is_not_ready(tmp_path: Path) -> None:
    with connected(create_app(Settings(home=tmp_path))) as client:
        workspace: Workspace = client.app.state.workspace  # type: ignore[attr-defined]
        until(lambda: workspace.ready() is None)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["detail"] == ("No worker lives that works on jobs; start one with `trendnlp worker`.")

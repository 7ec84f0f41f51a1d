"""Requests that come again, that come too late and that come too often: over a real server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from test_web_statements import Unloaded
from web_client import LOADING_SECONDS, REPORT, connected, note_worker

from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.store.kept import LEASE_SECONDS, Hold, KeptAnswer, KeptAnswers, Slot, Taken
from trendnlp.types import Analysis, Document
from trendnlp.web.app import create_app
from trendnlp.web.rates import WINDOW, Quota, Windows
from trendnlp.workspace import Workspace

HOURS = 3600
PATIENCE = 60  # seconds after which a request that should have come through is given up


class Gated(Workspace):
    """A workspace that analyses only while its gate is open, and tells that somebody waits there."""

    gate = threading.Event()
    waiting = threading.Event()

    def analyse(self, document: Document) -> Analysis:
        self.waiting.set()
        assert self.gate.wait(PATIENCE)
        return super().analyse(document)


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the application behind a real server on a free port."""
    app = create_app(settings, Gated.open)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + LOADING_SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        note_worker(app)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
                time.sleep(0.1)
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(Settings(home=tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.fixture
def client(service: httpx.Client) -> httpx.Client:
    """The service with an open gate and an empty store."""
    Gated.gate.set()
    for item in service.get("/v1/documents").json()["items"]:
        service.delete(f"/v1/documents/{item['id']}", headers={"If-Match": "*"})
    return service


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition(":")[2]


def test_a_key_gets_the_answer_that_it_got_before(client: httpx.Client) -> None:
    body = {"text": REPORT, "format": "markdown"}
    first = client.post("/v1/documents", json=body, headers=keyed("k-1"))
    again = client.post("/v1/documents", json=body, headers=keyed("k-1"))
    without = client.post("/v1/documents", json=body)

    assert (first.status_code, first.headers.get("idempotency-replayed")) == (201, None)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert (without.status_code, without.json()["duplicate_of"]) == (200, first.json()["document"]["id"])


def test_a_key_is_for_one_request_alone(client: httpx.Client) -> None:
    client.post("/v1/documents", json={"text": "Lifts sell well."}, headers=keyed("k-2"))
    other_body = client.post("/v1/documents", json={"text": "Lifts sell badly."}, headers=keyed("k-2"))
    other_route = client.post("/v1/reviews", json={"text": "Lifts sell well."}, headers=keyed("k-2"))
    other_query = client.post(
        "/v1/documents?offset_unit=utf16", json={"text": "Lifts sell well."}, headers=keyed("k-2")
    )
    for answer in (other_body, other_route, other_query):
        assert (answer.status_code, slug(answer)) == (422, "idempotency-key-reused")
    assert client.get("/v1/documents").json()["total"] == 1


def test_an_upload_sent_again_is_the_same_though_its_boundary_is_another(client: httpx.Client) -> None:
    files = {"file": ("lifts.md", REPORT.encode())}
    first, again = (client.post("/v1/documents", files=files, headers=keyed("k-3")) for _ in range(2))
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (first.status_code, again.content) == (201, first.content)
    other = client.post("/v1/documents", files={"file": ("lifts.md", b"Lifts.")}, headers=keyed("k-3"))
    assert other.status_code == 422


@pytest.mark.parametrize("boundary", ["undefined''abc", "idna''a%ff", "punycode''a%ff", "mixed; boundary*0=b"])
def test_a_boundary_in_no_charset_is_no_boundary(client: httpx.Client, boundary: str) -> None:
    headers = {"content-type": f"multipart/form-data; boundary*={boundary}", **keyed(f"k-{boundary[:4]}")}
    assert client.post("/v1/documents", content=b"--abc", headers=headers).status_code in (400, 415, 422)


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "caf\u00e9"])
def test_what_is_no_key_is_refused(client: httpx.Client, key: str) -> None:
    answer = client.post("/v1/documents", json={"text": "Lifts."}, headers={"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["Idempotency-Key"]
    assert client.get("/v1/documents").json()["total"] == 0


def test_a_refusal_leaves_the_key_free(client: httpx.Client) -> None:
    refused = client.post("/v1/documents", json={"text": " "}, headers=keyed("k-4"))
    mended = client.post("/v1/documents", json={"text": "Lifts sell well."}, headers=keyed("k-4"))
    assert (refused.status_code, mended.status_code) == (422, 201)


def test_a_request_that_is_still_worked_on_is_not_begun_again(client: httpx.Client) -> None:
    Gated.gate.clear()
    Gated.waiting.clear()
    with ThreadPoolExecutor(1) as pool:
        body = {"text": "Nurses are scarce, so hospitals buy lifts."}
        first = pool.submit(client.post, "/v1/documents", json=body, headers=keyed("k-5"))
        assert Gated.waiting.wait(PATIENCE)
        meanwhile = client.post("/v1/documents", json={"text": "x"}, headers=keyed("k-5"))
        running = client.post("/v1/documents", json=body, headers=keyed("k-5"))
        Gated.gate.set()
        done = first.result(PATIENCE)
    assert (meanwhile.status_code, slug(meanwhile)) == (422, "idempotency-key-reused")
    assert (running.status_code, slug(running), running.headers["retry-after"]) == (409, "request-in-progress", "5")
    again = client.post("/v1/documents", json=body, headers=keyed("k-5"))
    assert (done.status_code, again.status_code, again.content) == (201, 201, done.content)


def test_a_decision_sent_many_times_at_once_is_recorded_once(client: httpx.Client) -> None:
    client.post("/v1/documents", json={"text": REPORT, "format": "markdown"})
    head = client.get("/v1/findings").json()["items"][0]["head"]
    before = client.get("/v1/reviews").json()["total"]
    body = {"action": "kind", "statements": [head], "value": "trend", "by": "Ann"}
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(client.post, "/v1/reviews", json=body, headers=keyed("k-6")) for _ in range(6)]
        answers = [future.result(PATIENCE) for future in sent]
    assert {answer.status_code for answer in answers} <= {201, 409}
    (recorded,) = {answer.content for answer in answers if answer.status_code == 201}
    assert client.post("/v1/reviews", json=body, headers=keyed("k-6")).content == recorded
    assert client.get("/v1/reviews").json()["total"] == before + 1
    id = client.get("/v1/reviews").json()["items"][0]["id"]
    undone = [client.post(f"/v1/reviews/{id}/undo", json={"by": "Ann"}, headers=keyed("k-7")) for _ in range(2)]
    assert ([answer.status_code for answer in undone], undone[0].content) == ([201, 201], undone[1].content)
    assert client.get("/v1/reviews").json()["total"] == before + 2


DIES = """
import os, sys
from trendnlp.store import Store
from trendnlp.store.kept import KeptAnswers, Slot
with Store.open(sys.argv[1]) as store:
    print(KeptAnswers(store.database).begin(Slot.of("ann", "k", "request"), 3600))
    sys.stdout.flush()
    os._exit(9)
"""


def test_the_key_of_a_process_that_died_is_free_after_a_while(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    died = subprocess.run([sys.executable, "-c", DIES, url], capture_output=True, check=False, text=True)
    assert (died.returncode, died.stdout.startswith("Hold(")) == (9, True)
    later = 0.0
    with Store.open(url) as store:
        kept = KeptAnswers(store.database, lambda: time.time() + later)
        slot = Slot.of("ann", "k", "request")
        assert kept.begin(slot, HOURS) is Taken.RUNNING
        later = LEASE_SECONDS + 1
        hold = kept.begin(slot, HOURS)
        assert isinstance(hold, Hold)
        assert kept.begin(slot, HOURS) is Taken.RUNNING


def test_kept_answers_expire_and_belong_to_their_caller(tmp_path: Path) -> None:
    at = 1000.0
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        kept = KeptAnswers(store.database, lambda: at)
        slot = Slot.of("ann", "k", "request")
        answer = KeptAnswer(201, (("content-type", "application/json"),), b"{}")

        hold = kept.begin(slot, HOURS)
        assert isinstance(hold, Hold)
        at += LEASE_SECONDS - 1
        kept.renew(hold)
        at += LEASE_SECONDS - 1
        assert kept.begin(slot, HOURS) is Taken.RUNNING
        kept.keep(hold, answer)
        assert kept.begin(slot, HOURS) == answer
        assert kept.begin(Slot.of("ann", "k", "another"), HOURS) is Taken.OTHER_REQUEST
        assert isinstance(kept.begin(Slot.of("bob", "k", "another"), HOURS), Hold)
        kept.release(hold)  # too late: what is kept stays
        assert kept.begin(slot, HOURS) == answer
        at += HOURS
        assert isinstance(kept.begin(slot, HOURS), Hold)


def test_who_lost_the_key_keeps_no_answer(tmp_path: Path) -> None:
    at = 1000.0
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        kept = KeptAnswers(store.database, lambda: at)
        slot = Slot.of("", "k", "request")
        slow = kept.begin(slot, HOURS)
        at += LEASE_SECONDS
        quick = kept.begin(slot, HOURS)
        assert isinstance(slow, Hold) and isinstance(quick, Hold)
        kept.keep(slow, KeptAnswer(201, (), b"slow"))
        kept.keep(quick, KeptAnswer(200, (), b"quick"))
        assert kept.begin(slot, HOURS) == KeptAnswer(200, (), b"quick")


def test_every_route_with_offsets_tells_them_in_the_units_of_browsers(client: httpx.Client) -> None:
    text = "🏥 Lifts\n\n🛏 The lift market was worth EUR 40 million in 2023. Nurses are scarce, so hospitals buy lifts."
    units = text.encode("utf-16-le")

    def told(found: Any) -> set[str]:
        """The words at all places in an answer, cut from the text as a browser does; each must be its own text."""
        if isinstance(found, list):
            return set().union(*map(told, found))
        if not isinstance(found, dict) or found.get("type") == "TextPositionSelector":
            return set()
        words = told([*found.values()])
        if "start" in found:
            cut = units[2 * found["start"] : 2 * found["end"]].decode("utf-16-le")
            assert cut == found["text"]
            words.add(cut)
        return words

    def ask(method: str, path: str, **body: Any) -> Any:
        return client.request(method, path, params={"offset_unit": "utf16"}, **body).json()

    size, said = "EUR 40 million in 2023", "Nurses are scarce, so hospitals buy lifts."
    stored = ask("POST", "/v1/documents", json={"text": text})
    document = stored["document"]["id"]
    finding = client.get("/v1/findings").json()["items"][0]
    raw = ask("POST", "/v1/documents", content=text.encode(), headers={"content-type": "text/plain"})
    assert raw["duplicate_of"] == document
    answers = [
        stored,
        raw,
        ask("POST", "/v1/analyze", json={"text": text}),
        ask("GET", f"/v1/documents/{document}"),
        ask("GET", "/v1/facts"),
        ask("GET", f"/v1/documents/{document}/statements"),
        ask("GET", f"/v1/findings/{finding['id']}"),
        ask("GET", f"/v1/findings/{finding['id']}/statements"),
        ask("GET", f"/v1/statements/{finding['head']}/context"),
    ]
    assert [{size, said} & told(answer) for answer in answers] == [
        *({size}, {size}, {size, said}, {size}, {size}, {said}, {said}, {said}, {size, said})
    ]


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    id = client.post("/v1/documents", json={"text": REPORT, "format": "markdown"}).json()["document"]["id"]
    finding = client.get("/v1/findings").json()["items"][0]
    paths = [
        *(f"/v1/documents/{id}", f"/v1/documents/{id}/statements", f"/v1/statements/{finding['head']}"),
        *(f"/v1/findings/{finding['id']}", "/v1/findings", "/v1/statements", "/v1/model", "/openapi.json"),
    ]
    tags = {}
    for path in paths:
        full = client.get(path)
        tag = tags[path] = full.headers["etag"]
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            same = client.get(path, headers={"If-None-Match": known})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
            assert "content-type" not in same.headers
        other = client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, full.content)
        assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    body = {"action": "kind", "statements": [finding["head"]], "value": "opportunity", "by": "Ann"}
    assert client.post("/v1/reviews", json=body).status_code == 201
    changed = {path for path in paths if client.get(path).headers["etag"] != tags[path]}
    assert changed == {path for path in paths if "findings" in path or "statements" in path}
    assert "etag" not in client.get("/v1/nothing").headers


def test_nobody_deletes_what_he_has_not_seen(client: httpx.Client) -> None:
    path = client.post("/v1/documents", json={"text": REPORT, "format": "markdown"}).headers["location"]
    tag = client.get(path).headers["etag"]
    client.post("/v1/documents", json={"text": f"{REPORT}\n\nLifts sell well.", "format": "markdown"})  # a copy of it

    missing = client.delete(path)
    stale = client.delete(path, headers={"If-Match": tag})
    weak = client.delete(path, headers={"If-Match": f"W/{client.get(path).headers['etag']}"})
    assert [(a.status_code, slug(a)) for a in (missing, stale, weak)] == [
        (428, "precondition-required"),
        (412, "precondition-failed"),
        (412, "precondition-failed"),
    ]
    in_units = client.get(path, params={"offset_unit": "utf16"}).headers["etag"]
    assert client.delete(path, headers={"If-Match": f'"other", {in_units}'}).status_code == 204
    assert client.delete(path, headers={"If-Match": "*"}).status_code == 404


def test_a_caller_is_told_what_it_has_left_and_stopped_after_that(tmp_path: Path) -> None:
    with connected(create_app(Settings(home=tmp_path, requests_per_minute=3), Unloaded.open)) as client:
        # a minute may end in between: then the one that begins is whole
        many = [client.get("/v1/documents") for _ in range(10)]
        statuses = [a.status_code for a in many]
        starts = [at for at in range(6) if statuses[at : at + 5] == [200, 200, 200, 429, 429]]
        answers = many[starts[0] :][:5]
        assert {a.headers["ratelimit-policy"] for a in answers} == {f'"minute";q=3;w={WINDOW}'}
        assert [a.headers["ratelimit"].split(";")[1] for a in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
        last: Any = answers[-1]
        assert slug(last) == "too-many-requests"
        assert last.headers["ratelimit"].endswith(f";t={last.headers['retry-after']}")
        assert client.get("/healthz").status_code == 200


def test_every_caller_has_its_own_minute() -> None:
    at = 120.0
    windows = Windows(2, lambda: at)
    assert [windows.count("ann") for _ in range(3)] == [Quota(1, 60), Quota(0, 60), Quota(-1, 60)]
    at = 179.5
    assert (windows.count("bob"), windows.count("ann")) == (Quota(1, 1), Quota(-1, 1))
    at = 180.0
    assert windows.count("ann") == Quota(1, 60)

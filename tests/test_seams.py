"""What several parts of the service do together: jobs with webhooks, metrics, keys of requests and of callers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from job_site import TERMS, FastSite, ended, office, texts
from receivers import receiving
from service_process import Service, service
from standardwebhooks import Webhook as Signed
from test_web_metrics import scraped
from web_client import serving

from trendnlp.access import Role
from trendnlp.client import Client, NotAllowed
from trendnlp.client.jobs import Item
from trendnlp.errors import StoreError
from trendnlp.events import EventType
from trendnlp.jobs import Worker
from trendnlp.jobs.dbos import DbosQueue
from trendnlp.settings import Settings
from trendnlp.store import Access, ItemFailure, JobStore, JobWork, Outbox, Store, Webhooks
from trendnlp.store.access import utc_now
from trendnlp.web import metrics
from trendnlp.web.job_metrics import job_gauges
from trendnlp.workspace import Workspace

SAID = "Demand for patient lifts is rising in {}."
NDJSON = {"content-type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service whose worker is real, and analyses fast."""

    def hire(workspace: Workspace) -> Worker:
        database, settings = workspace.store.database, workspace.settings
        work = JobWork(database, TERMS.days)
        return Worker(JobStore(database, TERMS), work, FastSite(workspace.store), DbosQueue.of(settings))

    home = tmp_path_factory.mktemp("home")
    with serving(home, worker=hire, model="fast", webhook_hosts=("127.0.0.1",)) as client:
        yield client


def keyed(key: str, **headers: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **headers}


def done(client: TestClient, id: str) -> dict[str, Any]:
    """The job when it has ended."""
    job: dict[str, Any] = client.get(f"/v1/jobs/{id}?wait=60").json()
    assert job["finished_at"] is not None, job
    return job


def replayed(*answers: Any) -> list[bool]:
    return ["idempotency-replayed" in answer.headers for answer in answers]


def test_a_webhook_is_told_of_a_job_each_time_that_it_ends(client: TestClient) -> None:
    with receiving() as receiver:
        hook = client.post("/v1/webhooks", json={"url": receiver.url(), "events": ["job.finished"]}).json()
        rows = [json.dumps({"text": SAID.format("Spain")}), "{broken", json.dumps({"text": " "})]
        job = client.post("/v1/jobs", content="\n".join(rows).encode(), headers=NDJSON).json()
        end = done(client, job["id"])
        receiver.wait(1)
        told = [Signed(hook["secret"]).verify(body, headers) for _, headers, body in receiver.got]
        assert client.delete(f"/v1/webhooks/{hook['id']}").status_code == 204
    assert told == [
        {
            "type": "job.finished",
            "timestamp": end["finished_at"],
            "data": {
                "job": job["id"],
                "state": "partial",
                "documents": {"total": 3, "done": 1, "failed": 2, "cancelled": 0},
            },
        }
    ]


def test_a_job_does_not_end_without_the_event_that_tells_of_it(tmp_path: Path) -> None:
    with office(tmp_path) as (store, jobs):
        Webhooks(store.database).add("https://8.8.8.8/", [EventType.JOB_FINISHED], "Ann")
        work = JobWork(store.database, TERMS.days)
        job = jobs.submit(texts(1))
        (ticket,) = work.hand_out(1)
        held = work.begin(ticket, work.items(ticket)[0])
        assert held is not None and work.finish(held, ItemFailure("DamagedInput", "it is broken", "Mend it."))
        with sqlite3.connect(Settings(home=tmp_path).store_url.removeprefix("sqlite:///")) as file:
            file.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        with pytest.raises(StoreError):
            work.close(ticket)
        assert not jobs.job(job.id).ended and work.tickets() == (ticket,)
        with sqlite3.connect(Settings(home=tmp_path).store_url.removeprefix("sqlite:///")) as file:
            file.execute("DROP TRIGGER full")
        assert work.close(ticket) and work.close(ticket)

        first = ended(jobs, job.id)
        jobs.retry(job.id)
        jobs.cancel(job.id)
        second = ended(jobs, job.id)
        sent = Outbox(store.database).claim(utc_now(), utc_now(), 10)
    counts = {"total": 1, "done": 0, "failed": 0, "cancelled": 0}
    assert [(o.event.at, o.event.data) for o in sent] == [
        (first.finished, {"job": job.id, "state": "failed", "documents": counts | {"failed": 1}}),
        (second.finished, {"job": job.id, "state": "cancelled", "documents": counts | {"cancelled": 1}}),
    ]


def test_the_metrics_tell_of_jobs_and_workers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "SHARE", 0)
    before = scraped(client.get("/metrics").text)
    job = client.post("/v1/jobs", json={"documents": [{"text": SAID.format("Malta")}]}).json()
    done(client, job["id"])
    after = scraped(client.get("/metrics").text)
    assert set(after["trendnlp_jobs"]) == {
        *(("queued",), ("running",), ("cancelling",), ("succeeded",), ("partial",), ("failed",), ("cancelled",))
    }
    assert after["trendnlp_jobs"]["succeeded",] == before["trendnlp_jobs"]["succeeded",] + 1
    assert after["trendnlp_workers"] == {(): 1}
    assert after["trendnlp_job_documents_waiting"] == after["trendnlp_job_oldest_seconds"] == {(): 0}


def test_what_waits_is_in_the_metrics_of_a_service_without_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "FRESH_SECONDS", 0.0)
    with Store.open(Settings(home=tmp_path).store_url) as store:
        JobStore(store.database, TERMS).submit(texts(3))
        counted = metrics.Metrics((job_gauges,))
        counted._store.store = store
        seen = scraped(counted.exposition().decode())
    assert (seen["trendnlp_jobs"]["queued",], seen["trendnlp_job_documents_waiting"]) == (1, {(): 3})
    assert seen["trendnlp_job_oldest_seconds"][()] >= 0 and seen["trendnlp_workers"] == {(): 0}


def test_a_job_that_is_submitted_again_under_its_key_is_made_once(client: TestClient) -> None:
    before = client.get("/v1/jobs").json()["total"]
    body = {"documents": [{"text": SAID.format("Chile")}]}
    answers = [client.post("/v1/jobs", json=body, headers=keyed("job-1")) for _ in range(2)]
    rows = b"".join(json.dumps({"text": SAID.format(n) + " " * 50_000}).encode() + b"\n" for n in range(30))
    answers += [client.post("/v1/jobs", content=rows, headers=keyed("job-2", **NDJSON)) for _ in range(2)]
    files = [("files", (f"{n}.txt", SAID.format(f"land {n}").encode() + b" " * 500_000)) for n in range(3)]
    answers += [client.post("/v1/jobs", files=files, headers=keyed("job-3")) for _ in range(2)]
    other = client.post("/v1/jobs", content=rows + b"{}", headers=keyed("job-2", **NDJSON))

    assert [answer.status_code for answer in (*answers, other)] == [202] * 6 + [422]
    assert replayed(*answers) == [False, True] * 3
    assert all(answers[n].content == answers[n + 1].content for n in (0, 2, 4))
    assert all(answers[n].headers["location"] == answers[n + 1].headers["location"] for n in (0, 2, 4))
    assert client.get("/v1/jobs").json()["total"] == before + 3
    counts = [done(client, answers[n].json()["id"])["counts"]["done"] for n in (0, 2, 4)]
    assert counts == [1, 30, 3]


def test_a_retry_and_a_webhook_that_are_asked_for_again_are_made_once(client: TestClient) -> None:
    rows = json.dumps({"text": SAID.format("Peru")}).encode() + b"\n" + json.dumps({"text": " "}).encode()
    job = client.post("/v1/jobs", content=rows, headers=NDJSON).json()
    assert done(client, job["id"])["state"] == "partial"
    tried = [client.post(f"/v1/jobs/{job['id']}/retry", headers=keyed("again-1")) for _ in range(2)]
    assert [a.status_code for a in tried] == [202, 202] and replayed(*tried) == [False, True]
    assert tried[0].content == tried[1].content
    assert done(client, job["id"])["state"] == "partial"
    late = [client.post(f"/v1/jobs/{job['id']}/cancel", headers=keyed("stop-1")) for _ in range(2)]
    assert [a.status_code for a in late] == [409, 409] and replayed(*late) == [False, False]

    body = {"url": "https://8.8.8.8/", "events": ["job.finished"]}
    made = [client.post("/v1/webhooks", json=body, headers=keyed("hook-1")) for _ in range(2)]
    assert [a.status_code for a in made] == [201, 201] and replayed(*made) == [False, True]
    assert made[0].content == made[1].content
    hooks = [hook["id"] for hook in client.get("/v1/webhooks").json()["items"] if hook["url"] == body["url"]]
    assert hooks == [made[0].json()["id"]]
    client.delete(f"/v1/webhooks/{hooks[0]}")


def key_of(running: Service, key: str) -> Client:
    return Client(running.address, api_key=key)


def test_a_program_with_a_key_takes_documents_from_a_job_to_a_decision(tmp_path: Path) -> None:
    """The Python client, the service in a process of its own, its worker and models."""
    home = tmp_path / "home"
    with Store.open(Settings(home=home).store_url) as store:
        access = Access(store.database)
        ann = access.add("Ann", (Role.SUBMIT, Role.REVIEW))[1]
        bob = access.add("Bob", (Role.REVIEW,))[1]
    with service(home) as running, key_of(running, ann) as client, key_of(running, bob) as other:
        items = [Item(SAID.format("Spain"), "spain.txt", "es", {"market": "Lifts"}), Item(" ", "empty.txt", "no")]
        job = client.jobs.submit(items, key="mine")
        assert client.jobs.submit(items, key="mine").id == job.id
        with pytest.raises(NotAllowed):
            other.jobs.submit(items)
        events = list(client.jobs.events(job.id))
        assert (events[-1].event, events[-1].data["state"]) == ("end", "partial")
        end = client.jobs.wait(job.id)
        assert (end.state, end.counts["done"], end.counts["failed"], end.expires_at is not None) == (
            *("partial", 1, 1, True),
        )
        good, bad = client.jobs.results(job.id)
        assert (good.custom_id, good.problem, good.line["source"]) == ("es", None, "spain.txt")
        assert bad.problem is not None and (bad.custom_id, bad.problem["status"]) == ("no", 422)
        document = client.document(good.line["document"])
        assert (document.text, document.market) == (SAID.format("Spain"), "Lifts")
        (statement,) = client.statements(document.id)
        review = other.review("accept", [statement.id])
        assert (review.by, [r.by for r in client.reviews(statement=statement.id)]) == ("Bob", ["Bob"])
        assert b"spain.txt" in b"".join(client.export(of="statements", format="csv"))
        with pytest.raises(NotAllowed):
            other.delete_document(document.id)
        client.delete_document(document.id)
        assert list(client.documents()) == []

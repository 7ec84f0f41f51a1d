"""The whole service, killed in the midst of mixed work: what it had answered is there when it runs again."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_process import Service, service
from web_client import REPORT

DOCUMENTS = 8  # that were answered before it is killed
JOB = 12  # documents of a job
PATIENCE = 180.0


def report(name: str) -> str:
    return REPORT.replace("Portugal", f"Region {name}")


class Callers:
    """Who submits documents and jobs and decides, all at once, until the service is gone."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._enough = threading.Semaphore(0)
        self.documents: list[str] = []
        self.reviews: list[str] = []
        self.jobs: list[str] = []
        work = (self._submit("a"), self._submit("b"), self._job(), self._review("Ann"), self._review("Bob"))
        self._threads = [threading.Thread(target=self._until_gone, args=(act,)) for act in work]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for thread in self._threads:
            thread.join()

    def wait(self) -> None:
        """Until enough is answered."""
        for _ in range(DOCUMENTS):
            assert self._enough.acquire(timeout=PATIENCE)

    def _until_gone(self, act: Callable[[httpx.Client, int], None]) -> None:
        with httpx.Client(base_url=self._address, timeout=PATIENCE) as client:
            for number in range(10_000):
                try:
                    act(client, number)
                except httpx.TransportError:
                    return

    def _submit(self, who: str) -> Callable[[httpx.Client, int], None]:
        def act(client: httpx.Client, number: int) -> None:
            body = {"text": report(f"{who}{number}"), "format": "markdown"}
            answer = client.post("/v1/documents", json=body)
            if answer.status_code == 201:
                self.documents.append(answer.json()["document"]["id"])
                self._enough.release()

        return act

    def _job(self) -> Callable[[httpx.Client, int], None]:
        def act(client: httpx.Client, number: int) -> None:
            documents = [{"text": report(f"job {number}-{n}"), "format": "markdown"} for n in range(JOB)]
            answer = client.post("/v1/jobs", json={"documents": documents})
            if answer.status_code == 202:
                self.jobs.append(answer.json()["id"])
            client.get(f"/v1/jobs/{self.jobs[-1]}?wait=5")

        return act

    def _review(self, by: str) -> Callable[[httpx.Client, int], None]:
        def act(client: httpx.Client, number: int) -> None:
            items = client.get("/v1/queue", params={"limit": 3, "order": "random", "seed": number}).json()["items"]
            for item in items:
                body = {"action": "accept", "statements": [item["statement"]["id"]], "by": by}
                answer = client.post("/v1/reviews", json=body)
                if answer.status_code == 201:
                    self.reviews.append(answer.json()["id"])

        return act


def ids(client: httpx.Client, path: str) -> set[str]:
    page: dict[str, Any] = client.get(path, params={"limit": 500}).json()
    assert page["next_cursor"] is None
    return {item["id"] for item in page["items"]}


def killed_in_the_midst(running: Service) -> Callers:
    with Callers(running.address) as callers:
        callers.wait()
        os.kill(running.process.pid, signal.SIGKILL)
    return callers


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by signals")
def test_what_was_answered_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        callers = killed_in_the_midst(running)
    assert len(callers.documents) >= DOCUMENTS and callers.jobs and callers.reviews
    with service(tmp_path) as running, httpx.Client(base_url=running.address, timeout=PATIENCE) as client:
        assert set(callers.documents) <= ids(client, "/v1/documents")
        assert set(callers.reviews) <= ids(client, "/v1/reviews")
        for id in callers.jobs:
            while (job := client.get(f"/v1/jobs/{id}?wait=60").json())["finished_at"] is None:
                pass
            assert (job["state"], job["counts"]["done"]) == ("succeeded", JOB)
            results = client.get(f"/v1/jobs/{id}/results", params={"limit": 500}).json()["items"]
            assert {result["document"] for result in results} <= ids(client, "/v1/documents")

"""The whole service, with its models, as a process: killed in the midst of a job, stopped gently, a worker alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import plain_environment
from web_client import LOADING_SECONDS, REPORT

DOCUMENTS = 24


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def process(home: Path, *command: str, **given: str) -> Iterator[subprocess.Popen[bytes]]:
    """A ``trendnlp`` command that runs until it is ended here."""
    environment = plain_environment(TRENDNLP_HOME=str(home), **given)
    with (home.parent / "log").open("ab") as log:
        started = subprocess.Popen([sys.executable, "-m", "trendnlp", *command], env=environment, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextmanager
def service(home: Path, **given: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """The service and a client of it, once it is ready."""
    port = free_port()
    with (
        process(home, "serve", "--port", str(port), **given) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as client,
    ):
        wait_until_ready(client, server)
        yield server, client


def wait_until_ready(client: httpx.Client, server: subprocess.Popen[bytes], status: int = 200) -> None:
    deadline = time.monotonic() + LOADING_SECONDS
    while True:
        assert server.poll() is None and time.monotonic() < deadline
        try:
            if client.get("/readyz").status_code == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)


def report(number: int) -> str:
    return REPORT.replace("Portugal", f"Region {number}").replace("40 million", f"{number} million")


def submit(client: httpx.Client, count: int = DOCUMENTS) -> str:
    documents = [{"text": report(n), "format": "markdown", "source": f"{n}.md"} for n in range(count)]
    answer = client.post("/v1/jobs", json={"documents": documents})
    assert answer.status_code == 202
    return str(answer.json()["id"])


def ended(client: httpx.Client, id: str) -> dict[str, Any]:
    job: dict[str, Any] = client.get(f"/v1/jobs/{id}?wait=60").json()
    assert job["finished_at"] is not None, job
    return job


def progress(client: httpx.Client, id: str) -> int:
    return int(client.get(f"/v1/jobs/{id}").json()["counts"]["done"])


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by signals")
def test_a_service_that_is_killed_and_then_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with service(home) as (server, client):
        id = submit(client)
        while not progress(client, id):
            time.sleep(0.02)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    with service(home) as (server, client):
        assert 0 < progress(client, id) <= DOCUMENTS
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) in (0, -signal.SIGTERM)
    with service(home) as (server, client):
        job = ended(client, id)
        assert (job["state"], job["counts"]["done"]) == ("succeeded", DOCUMENTS)
        results = client.get(f"/v1/jobs/{id}/results").json()["items"]
        assert [item["source"] for item in results] == [f"{n}.md" for n in range(DOCUMENTS)]
        assert {item["duplicate_of"] for item in results} == {None}
        assert client.get("/v1/documents").json()["total"] == DOCUMENTS
        assert client.get("/v1/findings").json()["total"] > 0


def test_a_service_without_a_worker_is_ready_once_one_works_beside_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    port = free_port()
    with (
        process(home, "serve", "--port", str(port), TRENDNLP_WORKER="none") as server,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as client,
    ):
        wait_until_ready(client, server, 503)
        id = submit(client, 3)
        with process(home, "worker") as worker:
            wait_until_ready(client, server)
            assert ended(client, id)["state"] == "succeeded"
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
        wait_until_ready(client, server, 503)

"""A real service that is told to stop, and the log that it leaves."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from service_process import Service, service

SECRET = "zebrafish"
TEXT = f"Wards are short of nurses, which boosts demand for {SECRET} beds that turn patients."
LONG = "Wards are short of nurses, which boosts demand for beds that turn patients. " * 3_000


def half_sent(to: Service, body: bytes) -> socket.socket:
    """A connection on which the service has begun an analysis whose body has not come."""
    address = urlsplit(to.address)
    connection = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60)
    head = f"POST /v1/analyze HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    connection.sendall(f"{head}Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n".encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 100")  # the route waits for the body
    return connection


def rest_of(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def busy(at: Service) -> threading.Thread:
    """A client whose document takes minutes to analyse, once that has begun."""

    def send() -> None:
        with suppress(httpx.HTTPError):
            httpx.post(at.address + "/v1/documents", json={"text": LONG}, timeout=300)

    client = threading.Thread(target=send, daemon=True)
    client.start()
    at.wait_for_answer("/metrics", 'stage_seconds_count{stage="segment"} 1')
    return client


def test_requests_in_hand_are_answered_and_the_log_says_what_was_done(tmp_path: Path) -> None:
    with service(tmp_path, TRENDNLP_LOG_FORMAT="json", TRENDNLP_LOG_LEVEL="debug") as running:
        named = {"X-Request-Id": "from-the-client"}
        httpx.post(running.address + "/v1/documents", json={"text": TEXT}, headers=named)
        httpx.get(running.address + "/v1/findings", params={"q": SECRET})
        httpx.get(running.address + "/v1/findings/find_none")
        body = json.dumps({"text": TEXT}).encode()
        with half_sent(running, body) as connection:
            running.process.send_signal(signal.SIGTERM)
            running.wait_for("stopping after the requests in hand")
            connection.sendall(body)
            answer = rest_of(connection)
        assert running.end() == 0

    assert answer.startswith(b"HTTP/1.1 200 OK") and SECRET.encode() in answer
    lines = [json.loads(line) for line in running.log]
    assert SECRET not in "".join(running.log)
    told = [
        (line["method"], line["route"], line["path"], line["status"])
        for line in lines
        if line["logger"] == "trendnlp.access" and line["level"] == "info"
    ]
    assert told == [
        ("POST", "/v1/documents", "/v1/documents", "201"),
        ("GET", "/v1/findings", "/v1/findings", "200"),
        ("GET", "/v1/findings/{finding_id}", "/v1/findings/find_none", "404"),
        ("POST", "/v1/analyze", "/v1/analyze", "200"),
    ]
    first = next(line for line in lines if line.get("status") == "201")
    assert first["request_id"] == "from-the-client"
    assert set(first) == {
        *("event", "logger", "level", "timestamp"),
        *("request_id", "method", "route", "path", "status", "ms", "client"),
    }


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    with service(tmp_path, TRENDNLP_STOP_SECONDS="600") as running:
        busy(running)
        running.process.send_signal(signal.SIGTERM)
        running.wait_for("stopping after the requests in hand, in 600 s at most; another signal stops at once")
        running.process.send_signal(signal.SIGTERM)
        assert running.end() == 128 + signal.SIGTERM


def test_what_takes_longer_than_it_may_is_given_up(tmp_path: Path) -> None:
    with service(tmp_path, TRENDNLP_STOP_SECONDS="1") as running:
        client = busy(running)
        running.process.send_signal(signal.SIGTERM)
        assert running.end() == 128 + signal.SIGTERM
        client.join()
    assert re.search(r"stopped with \d requests? in hand", "".join(running.log))

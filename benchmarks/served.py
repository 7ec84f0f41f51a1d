"""``trendnlp serve`` as a process of its own, for the benchmarks of the service."""

from __future__ import annotations

import os
import platform
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

READY_SECONDS = 300
REPORTS = Path(__file__).parents[1] / "tests" / "data" / "reports"
TOO_MANY = "1000000"  # requests in a minute: the limit is not what is measured


@contextmanager
def served(home: Path, model: str) -> Iterator[tuple[int, str]]:
    """The process and the address of a service that is ready."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    home.mkdir(parents=True, exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TRENDNLP_")}
    environment |= {"TRENDNLP_MODEL": model, "TRENDNLP_REQUESTS_PER_MINUTE": TOO_MANY, "TRENDNLP_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "trendnlp", "--home", str(home), "serve", "--port", str(port)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, address)
        yield process.pid, address
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the service did not become ready; its log is in the workspace")


def reports(count: int, words: int) -> Sequence[str]:
    """So many different texts in Markdown of about so many words each, of the reports of the tests."""
    found = [path.read_text("utf-8") for path in sorted(REPORTS.glob("*.md"))]
    texts = []
    for number in range(count):
        parts: list[str] = [f"# Report {number}"]
        size, place = 0, number
        while size < words:
            part = found[place % len(found)].splitlines(keepends=True)
            place += 1
            for line in part:
                if size >= words:
                    break
                parts.append(line.rstrip("\n"))
                size += len(line.split())
        texts.append("\n".join(parts))
    return texts


def heading() -> str:
    """When and where this is measured, and how busy the machine is with other things."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8", "replace"))
    name = cpu[1] if cpu else platform.machine()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {name}, {os.cpu_count()} cores; load before: {load}"

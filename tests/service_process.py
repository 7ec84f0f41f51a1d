"""``trendnlp serve`` as a process of its own, for what only a real process shows."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from commands import plain_environment

READY_SECONDS = 120
END_SECONDS = 60
ADDRESS = re.compile(r"running on (http://127\.0\.0\.1:\d+)")


class Service:
    """A process that serves, its address, and what it has written to its log so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = ""

    def wait_for(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """The first place in the log where ``pattern`` is, once it is there."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if found := re.search(pattern, "".join(self.log)):
                return found
            time.sleep(0.05)
        raise AssertionError(f"the log never had {pattern!r}: {''.join(self.log)}")

    def wait_until_ready(self) -> None:
        self.wait_for_answer("/readyz", '"ok"')

    def wait_for_answer(self, path: str, words: str) -> None:
        """Ask for ``path`` until ``words`` are in the answer."""
        deadline = time.monotonic() + READY_SECONDS
        with httpx.Client(base_url=self.address, timeout=READY_SECONDS) as client:
            while words not in (told := client.get(path).text):
                assert time.monotonic() < deadline, told
                time.sleep(0.2)

    def end(self) -> int:
        """Wait for the process to end, and for the rest of its log; returns its exit code."""
        code = self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)


@contextmanager
def service(home: Path, **settings: str) -> Iterator[Service]:
    """A service over the workspace ``home``, its models loaded, on a free port; killed at the end if it still runs."""
    command = [sys.executable, "-m", "trendnlp", "--home", str(home), "serve", "--port", "0"]
    environment = plain_environment(TRENDNLP_MODEL="fast", **settings)
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True, encoding="utf-8") as process:
        running = Service(process)
        try:
            running.address = running.wait_for(ADDRESS)[1]
            running.wait_until_ready()
            yield running
        finally:
            process.kill()
            running.end()

"""Processes that a test kills: forks of one that has loaded already, so that a life is short enough to try many."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def starter(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs a script of this folder, which ends in ``batch_fakes.forks``."""
    command = [sys.executable, str(Path(__file__).with_name(script)), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def forked(process: subprocess.Popen[str], line: str, seconds: float | None = None) -> int:
    """How the fork that works on ``line`` ended, killed after so many seconds if it lasts so long."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    if seconds is not None:
        time.sleep(seconds)
        with suppress(ProcessLookupError):  # it may have ended before
            os.kill(child, signal.SIGKILL)
    return int(process.stdout.readline())

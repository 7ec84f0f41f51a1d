"""Hostile formats and long texts are read in a process of their own: its clock, its memory and its death are here.

A warm worker waits for the next document; one that is killed, crashes or has read enough is replaced by a new one. It
is a process of its own program, never a fork: a fork of a process with models loaded would carry them along.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trendnlp import errors
from trendnlp.errors import InputError, ReadingStopped
from trendnlp.read.archive import Listed
from trendnlp.read.limits import Limits
from trendnlp.read.reading import Reading
from trendnlp.read.wire import Header, Message, reading_of, receive, send

WARM = 2  # workers that wait; more run while more threads read
DOCUMENTS = 200  # that one worker reads, so that what a library leaks does not add up
START_SECONDS = 30  # for the start of a new worker, beside the limit of its first document
DYING = 2  # seconds between a process's last word and its end
GRACE = 2  # seconds beside the processor time that is limited inside
LONGEST = 512 * 1024 * 1024  # bytes of an answer
LESS = "Split it, or export it as plain text."


def read_apart(
    task: str,
    data: bytes,
    source: str,
    limits: Limits,
    geography: str | None = None,
    password: str | None = None,
) -> Reading:
    """What ``task`` ("pdf", "package", or the name of a text format, for UTF-8) makes of ``data``; ``geography`` as in
    ``Reading.of``. Raises the InputError family, about ``source``."""
    answer = _ask({"task": task, "geography": geography, "password": password}, data, source, limits)
    try:
        return reading_of(answer.header)
    except ValueError:
        raise _stopped(source, "its reader gave no proper answer") from None


def members_of(path: Path, source: str, limits: Limits) -> tuple[Listed, ...]:
    """The members of an archive; raises the InputError family."""
    members: Any = _ask({"task": "members", "path": str(path)}, b"", source, limits).header.get("members")
    try:
        listed = tuple(Listed(*map(str, member)) for member in members)
    except TypeError:
        raise _stopped(source, "its reader gave no proper answer") from None
    return listed


def member_bytes(path: Path, index: int, source: str, limits: Limits) -> bytes:
    """One member of an archive; raises the InputError family."""
    return _ask({"task": "member", "path": str(path), "index": index}, b"", source, limits).body


def close() -> None:
    """End the workers that wait."""
    _POOL.close()


class _Worker:
    """One process. Not for use from two threads at once."""

    def __init__(self) -> None:
        # The worker finds trendnlp and its libraries where this process does, and nothing else of its environment.
        paths = [str(Path(path).absolute()) for path in sys.path]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "PATH": os.defpath}
        command = [sys.executable, "-P", "-m", "trendnlp.read.worker"]
        pipe = subprocess.PIPE
        # In a session of its own, so that Ctrl-C ends the program that waits, and not what it waits for.
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        self._late = False
        self.documents = 0

    def ask(self, message: Message, seconds: float) -> Message | None:
        """The answer, None where the process died or was killed before it had given one."""
        assert self._process.stdin is not None and self._process.stdout is not None
        clock = threading.Timer(seconds, self._give_up)
        clock.daemon = True
        clock.start()
        try:
            send(self._process.stdin, message)
            return receive(self._process.stdout, LONGEST)
        except (OSError, ValueError, RecursionError):
            return None
        finally:
            clock.cancel()

    def died_late(self) -> bool:
        """Whether time ran out, for a process that gave no answer."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(DYING)
        return self._late or self._process.returncode == -getattr(signal, "SIGXCPU", 0)

    def end(self) -> None:
        """Kill the process, whatever it does."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was still to be written to the dead
                stream.close()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()


class _Pool:
    """The workers that wait. Safe for use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Worker] = []
        self._parents: list[_Worker] = []

    def take(self) -> _Worker:
        with self._lock:
            if self._waiting:
                return self._waiting.pop()
        return _Worker()

    def give_back(self, worker: _Worker) -> None:
        with self._lock:
            if len(self._waiting) < WARM and worker.documents < DOCUMENTS:
                self._waiting.append(worker)
                return
        worker.end()

    def close(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for worker in waiting:
            worker.end()

    def forget(self) -> None:
        """In a fork: the workers are the parent's."""
        self._lock = threading.Lock()
        self._parents, self._waiting = self._waiting, []  # kept: what is thrown away is waited for


_POOL = _Pool()
atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)


def _ask(task: Header, data: bytes, source: str, limits: Limits) -> Message:
    message = Message({**task, "limits": asdict(limits)}, data)
    worker = _POOL.take()
    seconds = limits.seconds + GRACE + (0 if worker.documents else START_SECONDS)
    answer = worker.ask(message, seconds)
    worker.documents += 1
    if answer is None:
        late = worker.died_late()
        worker.end()
        if late:
            remedy = "Split it, or raise TRENDNLP_PARSE_SECONDS."
            raise ReadingStopped(source, f"reading it takes more than {limits.seconds} seconds", remedy)
        raise _stopped(source, "its reader crashed, or had no memory left")
    if "memory" in answer.header:
        worker.end()
        remedy = "Split it, or raise TRENDNLP_PARSE_MEMORY."
        raise ReadingStopped(source, f"reading it takes more than {limits.memory:,} bytes of memory", remedy)
    _POOL.give_back(worker)
    if "error" in answer.header:
        raise _error(answer.header, source)
    return answer


def _error(header: Header, source: str) -> InputError:
    """The error that a worker names, about ``source``; one of its own making is none."""
    kind: Any = getattr(errors, str(header["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, InputError)):
        return _stopped(source, "its reader gave no proper answer")
    return kind(source, str(header.get("reason")), str(header.get("remedy")))


def _stopped(source: str, reason: str) -> ReadingStopped:
    return ReadingStopped(source, reason, LESS)

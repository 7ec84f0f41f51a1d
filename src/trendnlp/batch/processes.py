"""The engine ``processes``: workers on this machine, each a process of its own that loads the models once."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from trendnlp.batch.workers import Died, Done, Event, Given, Ready, Recipe, worked
from trendnlp.errors import WorkerError

STARTS = 3  # workers in a row that may die before one is ready: a machine with too little memory never gets one
LEAVING = 5  # seconds that a worker with nothing to do may take to end


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    busy: bool = False


class Processes:
    """A crew of processes. They are spawned, not forked: a fork of a process with threads can hang."""

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self._failed = 0
        self._workers = [self._started() for _ in range(workers)]

    def give(self, worker: int, given: Given) -> None:
        self._workers[worker].busy = True
        with suppress(OSError):  # a worker that has just died says so when it is waited for
            self._workers[worker].connection.send(given)

    def wait(self) -> Sequence[Event]:
        events: list[Event] = []
        while not events:
            speaking = wait([worker.connection for worker in self._workers])
            numbers = [i for i, worker in enumerate(self._workers) if worker.connection in speaking]
            events = [event for number in numbers if (event := self._heard(number)) is not None]
        return events

    def close(self) -> None:
        for worker in self._workers:
            worker.connection.close()  # one that waits ends by itself, and tidies up
            if worker.busy or not worker.ready:
                worker.process.kill()
        for worker in self._workers:
            worker.process.join(LEAVING)
            worker.process.kill()
            worker.process.join()
            worker.process.close()
        self._workers = []

    def _heard(self, number: int) -> Event | None:
        """What a worker says; None where it died before it was ready."""
        worker = self._workers[number]
        try:
            said = worker.connection.recv()
        except (EOFError, OSError):
            return self._replaced(number)
        if isinstance(said, BaseException):
            raise said
        worker.busy = False
        if said is None:
            worker.ready = True
            self._failed = 0
            return Ready(number)
        return Done(number, said)

    def _replaced(self, number: int) -> Event | None:
        worker = self._workers[number]
        worker.process.join()
        if not worker.ready:
            self._failed += 1
            if self._failed >= STARTS:
                reason = f"{STARTS} in a row died while they loaded the models (exit code {worker.process.exitcode})"
                raise WorkerError("the worker processes", reason, "Memory may be short: use fewer --workers.")
        worker.process.close()
        worker.connection.close()
        self._workers[number] = self._started()
        return Died(number) if worker.ready else None

    def _started(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._recipe), daemon=True)
        with _uninterrupted():
            process.start()
        theirs.close()  # so that its death ends our side
        return _Worker(process, ours)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started here, and what that starts, hears no Ctrl-C: this process hears it, and decides."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # at its start it lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, recipe: Recipe) -> None:
    """A worker: it says None when it is ready, then answers work with what comes of it until no more comes."""
    with suppress(OSError, EOFError):  # of the connection: whoever gave the work is gone
        try:
            pipeline = recipe.make()
        except Exception as error:
            connection.send(error)
            return
        connection.send(None)
        while True:
            given = connection.recv()
            try:
                made = worked(given, pipeline, recipe)
            except Exception as error:
                connection.send(error)
                return
            connection.send(made)

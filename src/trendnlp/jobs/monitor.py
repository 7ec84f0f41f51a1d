"""Watches the jobs that somebody waits for, and whether a worker lives: one thread, however many wait."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from trendnlp.errors import TrendnlpError
from trendnlp.jobs.lives import here, is_dead
from trendnlp.store import Job, JobStore, JobWork

log = logging.getLogger("trendnlp.jobs")

TICK = 0.25  # seconds
LOOK = 2.0  # seconds between two looks at the workers


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """Somebody who waits until a job has another version than ``version``."""

    id: str
    version: int
    loop: asyncio.AbstractEventLoop
    changed: asyncio.Future[Job]


class Monitor:
    """Works from ``start`` to ``stop``, or as a context."""

    def __init__(self, jobs: JobStore, work: JobWork) -> None:
        self._jobs = jobs
        self._work = work
        self._place = here()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiters: set[_Waiter] = set()
        self._living = False
        self._thread = threading.Thread(target=self._run, name="trendnlp-monitor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def worker_lives(self) -> bool:
        """Whether one did when the monitor looked last; never waits."""
        return self._living

    async def ended(self, job: Job, seconds: float) -> Job:
        """The job when it has ended, or as it is after so many seconds. Holds no thread."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not job.ended and (left := deadline - loop.time()) > 0:
            job = await self.changed(job, left)
        return job

    async def changed(self, job: Job, seconds: float) -> Job:
        """The job when it has changed since it was ``job``, or as it was after so many seconds. Holds no thread."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(job.id, job.version, loop, loop.create_future())
        with self._lock:
            self._waiters.add(waiter)
        try:
            return await asyncio.wait_for(waiter.changed, seconds)
        except TimeoutError:
            return job
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def _run(self) -> None:
        look = 0.0
        while True:
            try:
                if time.monotonic() >= look:
                    now = time.time()
                    self._living = any(not is_dead(worker, now, self._place) for worker in self._work.workers())
                    look = time.monotonic() + (LOOK if self._living else TICK)
                self._tell()
            except TrendnlpError as error:
                self._living = False
                log.warning("%s", error)
            if self._stopping.wait(TICK):
                return

    def _tell(self) -> None:
        with self._lock:
            waiters = list(self._waiters)
        if not waiters:
            return
        found = {job.id: job for job in self._jobs.several(list({waiter.id for waiter in waiters}))}
        for waiter in waiters:
            job = found.get(waiter.id)
            if job is not None and job.version != waiter.version and not waiter.loop.is_closed():
                waiter.loop.call_soon_threadsafe(_settle, waiter.changed, job)


def _settle(future: asyncio.Future[Job], job: Job) -> None:
    if not future.done():
        future.set_result(job)

"""A worker: hands out shards, takes its share of them, and looks after what dead workers held."""

from __future__ import annotations

import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Self

from trendnlp.errors import TrendnlpError
from trendnlp.jobs.lives import BEAT, LEASE, here, is_dead
from trendnlp.jobs.port import Queue, Seen, Site, Standing
from trendnlp.jobs.work import Work
from trendnlp.store import JobStore, JobWork, WorkerRow

log = logging.getLogger("trendnlp.jobs")

TICK = 0.2  # seconds
REAP = 2.0  # seconds between two looks for what dead workers held
TIDY = 600.0  # seconds between two looks for what has expired
AHEAD = 4  # shards that are handed out for each living worker: one job cannot fill the queue before another's turn
ABANDONED = timedelta(hours=1)  # longer than it takes to store what was uploaded; meanwhile it counts as waiting
PATIENCE = 30.0  # seconds for a document in hand when the worker stops; it is begun again elsewhere after that


class Worker:
    """Works on jobs in threads of its own, from ``start`` to ``stop``, or as a context."""

    def __init__(self, jobs: JobStore, work: JobWork, site: Site, queue: Queue) -> None:
        self.id = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._jobs = jobs
        self._work = work
        self._site = site
        self._queue = queue
        self._place = here()
        self._stopping = threading.Event()
        self._seen = math.inf  # when it last could say that it lives, once it has
        self._outage = 0.0  # when the last time ended in which it long could not, and perhaps nobody could
        self._living = 1  # workers, when it looked last
        self._lost: frozenset[str] = frozenset()  # tickets of this worker that it did not run when it looked last
        self._thread = threading.Thread(target=self._run, name="trendnlp-worker", daemon=True)

    def start(self) -> None:
        """Begin as soon as documents can be analysed."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the documents in hand, hand back the rest, and end."""
        self._stopping.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Whether it has neither stopped nor failed to start."""
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        while self._site.ready() is not None:
            if self._stopping.wait(TICK):
                return
        while not self._attempt(self._beat):  # before it holds anything
            if self._stopping.wait(BEAT):
                return
        try:
            self._queue.start(self.id, Work(self._work, self._site, self._stopping).run)
        except Exception:
            # A thread's error goes nowhere else; /readyz says that no worker lives.
            log.exception("the worker cannot start")
            self._attempt(self._leave)
            return
        chores = [_Chore(BEAT, self._beat), _Chore(REAP, self._reap), _Chore(TIDY, self._tidy)]
        while not self._stopping.wait(TICK):
            self._attempt(self._hand_out)
            for chore in chores:
                if chore.is_due():
                    self._attempt(chore.do)
        deadline = time.monotonic() + PATIENCE
        while self._queue.running() and time.monotonic() < deadline:
            self._attempt(self._beat)  # so that nobody takes it for dead meanwhile
            time.sleep(TICK)
        self._attempt(self._queue.stop)
        self._attempt(self._leave)

    def _attempt(self, do: Callable[[], None]) -> bool:
        """Do it; returns whether that went well. What fails is logged, and done again when its time comes."""
        try:
            do()
        except TrendnlpError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("a worker's chore failed")
        else:
            return True
        return False

    def _hand_out(self) -> None:
        for ticket in self._work.hand_out(AHEAD * self._living):
            self._queue.put(ticket)

    def _beat(self) -> None:
        now = time.time()
        self._work.beat(WorkerRow(self.id, self._place, os.getpid(), now))
        if now - self._seen > LEASE / 2:
            self._outage = now
        self._seen = now

    def _leave(self) -> None:
        self._work.forget([self.id])

    def _reap(self) -> None:
        """Put tickets where they belong that a worker's end left elsewhere, and strike dead workers off."""
        now = time.time()
        if now - self._seen > LEASE / 2:
            return  # the others may be as silent for the same reason: first this one says that it lives
        workers = self._work.workers()
        dead = {worker.id for worker in workers if self._is_dead(worker, now)}
        living = {worker.id for worker in workers} - dead
        self._living = max(1, len(living))
        tickets = self._work.tickets()
        seen = self._queue.look(tickets) if tickets else {}
        idle = {t for t, found in seen.items() if (found.standing, found.executor) == (Standing.HELD, self.id)}
        idle -= set(self._queue.running())
        for ticket in self._lost & idle:  # claimed, and then its start failed
            self._queue.resume(ticket)
        self._lost = frozenset(idle) - self._lost
        if self.id == min(living, default=self.id):  # one looks after the dead: two might give a ticket away twice
            for ticket in tickets:
                self._put_right(ticket, seen.get(ticket), living)
            if dead:
                self._work.forget(dead)

    def _is_dead(self, worker: WorkerRow, now: float) -> bool:
        """Whether it has ended. Who could not say that it lives while this one could not either is given time to."""
        if worker.id == self.id:
            return False
        return is_dead(replace(worker, seen=max(worker.seen, self._outage)), now, self._place)

    def _put_right(self, ticket: str, found: Seen | None, living: Collection[str]) -> None:
        if found is None:  # its worker died before it was put there, or the queue was lost
            self._queue.put(ticket)
        elif found.standing is Standing.ENDED:
            self._work.hand_back(ticket)
        elif found.standing is Standing.HELD and found.executor not in living:
            self._queue.resume(ticket)

    def _tidy(self) -> None:
        self._jobs.purge(ABANDONED)
        self._queue.sweep()


class _Chore:
    """Something to do every so many seconds, first at once."""

    def __init__(self, every: float, do: Callable[[], None]) -> None:
        self._every = every
        self._next = 0.0
        self.do = do

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every
        return True

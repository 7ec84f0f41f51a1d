"""What is done with a ticket: the documents of its shard one after the other, then the findings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from trendnlp.errors import InputError, StoreError, TrendnlpError
from trendnlp.jobs.port import Site, Step
from trendnlp.store import Held, ItemFailure, ItemResult, JobWork

log = logging.getLogger("trendnlp.jobs")

T = TypeVar("T")

# Seconds before what failed for the store or the models is done again, without a new beginning of the document.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
MAX_GENERATIONS = 5  # of a shard whose findings cannot be brought up to date; the documents are stored all the same
_DEFECT = ItemFailure("", "processing it failed unexpectedly", "The log of the worker tells more.")


class Work:
    """The work on tickets. Several threads may run several tickets; none is run to its end once ``stopping`` is set."""

    def __init__(self, work: JobWork, site: Site, stopping: threading.Event) -> None:
        self._work = work
        self._site = site
        self._stopping = stopping

    def run(self, ticket: str, step: Step) -> None:
        """Do what waits of the shard, and wait while nothing can be written. Raises what the store or the models raise
        where that lasts though the store can be written, or once ``stopping`` is set: then another ticket tries again.
        """
        patiently = partial(self._patiently, ticket)
        for item in step("documents", lambda: patiently(lambda: list(self._work.items(ticket)))):
            if self._stopping.is_set():
                self._work.hand_back(ticket)
                return
            step("document", partial(self._document, ticket, item))
        step("findings", partial(self._findings, ticket))
        if not patiently(lambda: self._work.close(ticket)):
            self._work.hand_back(ticket)

    def _document(self, ticket: str, item: int) -> None:
        held = self._patiently(ticket, lambda: self._work.begin(ticket, item))
        if held is not None:
            result = self._patiently(ticket, lambda: self._processed(held))
            self._patiently(ticket, lambda: self._work.finish(held, result))

    def _patiently(self, ticket: str, do: Callable[[], T]) -> T:
        """Do it, and again where the store or the models fail, which is no failure of the document that is in hand."""
        for pause in PAUSES:
            try:
                return do()
            except TrendnlpError as error:
                log.warning("%s: %s", ticket, error)
                if not self._outlasts(ticket, pause):
                    raise
        return do()

    def _outlasts(self, ticket: str, pause: float) -> bool:
        """Wait for so long, and on until the store can be written. False where there is no need to do it again here:
        the worker stops, or the ticket does not count any more.
        """
        while not self._stopping.wait(pause):
            try:
                return self._work.holds(ticket)
            except StoreError as error:
                log.warning("%s: %s", ticket, error)
                pause = min(2 * pause, PAUSES[-1])
        return False

    def _processed(self, held: Held) -> ItemResult | ItemFailure:
        try:
            return self._ingested(held)
        except InputError as error:
            return ItemFailure(type(error).__name__, error.reason, error.remedy)
        except TrendnlpError:
            raise  # of the store or the models: no fault of the document's
        except Exception:
            log.exception("document %d of a job failed", held.seq)
            return _DEFECT

    def _ingested(self, held: Held) -> ItemResult:
        submission = held.submission
        assert isinstance(submission.content, bytes | str)
        document = self._site.read(
            submission.content, source=submission.source, format=submission.format, given=submission.given
        )
        # Noted before it is stored: who is broken off in between must not take its own document for another's.
        added = self._work.name(held, document.id, document.id in self._site.store.stored([document.id]))
        done = self._site.ingest(document, refresh=False)
        return ItemResult(done.document, added, done.statements, done.claims, done.warnings)

    def _findings(self, ticket: str) -> None:
        try:
            self._patiently(ticket, self._site.refresh)
        except TrendnlpError:
            if int(ticket.rpartition("/")[2]) < MAX_GENERATIONS:
                raise
            log.exception("the findings are not up to date with %s", ticket)

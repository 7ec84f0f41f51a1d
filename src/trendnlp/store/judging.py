"""The work of reviewing: queues, decisions on many statements, readers and what their decisions tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from trendnlp.actions import Action, Reading
from trendnlp.review import Draft, Review
from trendnlp.standing import Status
from trendnlp.store import bulk, documents, evidence, exchange, judgements, lessons, queues, reviews
from trendnlp.store.bulk import Applied, Preview
from trendnlp.store.database import Database
from trendnlp.store.evidence import Evidence, ReaderPair
from trendnlp.store.exchange import Imported, Judged, Recorded
from trendnlp.store.lessons import Lessons
from trendnlp.store.pages import EVERYTHING, StatementFilter
from trendnlp.store.queues import Progress, Queue, QueueItem, QueueRequest
from trendnlp.store.reviewed import ReviewedDocument, reviewed_documents
from trendnlp.triage import Share, in_audit
from trendnlp.types import Finding, LabelledStatement


class Judging:
    """Review work on a store's database. Every method is one transaction and may be called from any thread."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = now

    def queue(self, request: QueueRequest, limit: int) -> Queue:
        """The beginning of a new snapshot of what waits."""
        with self._database.writing() as connection:
            token = queues.snapshot(connection, request, self._now())
            return queues.page(connection, token, 0, limit)

    def queue_page(self, token: str, start: int, limit: int) -> Queue:
        """More of a snapshot; raises NotFound."""
        with self._database.reading() as connection:
            return queues.page(connection, token, start, limit)

    def waiting(self, request: QueueRequest) -> int:
        """How many statements a new snapshot would be drawn from."""
        with self._database.reading() as connection:
            return queues.count(connection, request)

    def items(self, ids: Sequence[str], *, blind: bool = False, disputed: bool = False) -> tuple[QueueItem, ...]:
        """The statements of these ids, in order, as a queue shows them; without those that are not stored."""
        with self._database.reading() as connection:
            return queues.items(connection, ids, blind=blind, disputed=disputed)

    def lessons(self, known: Lessons | None = None) -> Lessons:
        """The vectors of what is judged, all or what has changed since ``known``."""
        with self._database.reading() as connection:
            return lessons.lessons(connection, known)

    def known_statements(self, ids: Iterable[str]) -> dict[str, LabelledStatement]:
        """Statement id to statement, without those that are not stored."""
        with self._database.reading() as connection:
            return documents.known_statements(connection, ids)

    def progress(self, filter: StatementFilter = EVERYTHING) -> Progress:
        with self._database.reading() as connection:
            return queues.progress(connection, filter, self._now())

    def assign(self, statements: Sequence[str], reader: str, by: str) -> int:
        """Give statements to a blind reader; returns how many were not his yet. Raises NotFound."""
        with self._database.writing() as connection:
            return queues.assign(connection, statements, reader, by, self._time())

    def assign_share(self, filter: StatementFilter, share: Share, reader: str, by: str) -> int:
        """Give a random share of the statements that match to a blind reader; the same share again adds what matches
        now and did not then. Returns how many were not his yet.
        """
        with self._database.writing() as connection:
            return queues.assign_share(connection, filter, share, reader, by, self._time())

    def has_open_share(self, reader: str) -> bool:
        """Whether the reader has statements that he has not read yet."""
        with self._database.reading() as connection:
            return queues.has_open_share(connection, reader)

    def is_final(self, review: str) -> bool:
        """Whether a review is an adjudicator's, or takes such a one back or makes it again; raises NotFound."""
        with self._database.reading() as connection:
            return reviews.is_final(connection, reviews.one(connection, review))

    def preview(self, draft: Draft, filter: StatementFilter) -> Preview:
        """What a decision on all that matches would reach, whatever ``draft`` names; raises BadReview."""
        with self._database.writing() as connection:
            return bulk.preview(connection, draft, filter, self._now())

    def apply(self, draft: Draft, token: str) -> Applied:
        """Decide on what was previewed, in one record. Raises NotFound, Conflict where none of it is as it was."""
        with self._database.writing() as connection:
            return bulk.apply(connection, draft, token, self._time())

    def evidence(self, filter: StatementFilter, model: str, audit_share: float) -> Evidence:
        """What the decisions tell of the labels of the model with that digest."""
        with self._database.reading() as connection:
            return evidence.evidence(connection, filter, model, audit_share)

    def accept_above(self, score: float, filter: StatementFilter, by: str, audit_share: float) -> Applied:
        """Accept the pending statements that match from a score on, in one record; the audit sample stays to be read.
        Raises Conflict where there are none.
        """
        least = max(score, filter.min_score)
        wanted = replace(filter, statuses=(Status.PENDING,), min_score=least)
        with self._database.writing() as connection:
            found = [s for s in bulk.matching(connection, wanted) if not in_audit(s.id, audit_share)]
            draft = Draft(Action.ACCEPT, (bulk.NOTHING,), by, None, Reading.AUTO)
            return bulk.on(connection, draft, found, self._time())

    def agreements(self) -> tuple[ReaderPair, ...]:
        """Of each two readers, over what both judged and at least one of them blind."""
        with self._database.reading() as connection:
            return evidence.agreements(connection)

    def log(self) -> Iterator[Recorded]:
        """All reviews, oldest first, those included that come meanwhile. Reads while it is iterated over, in a
        transaction a piece: who takes his time holds up nobody.
        """
        last = 0
        while found := self._log_after(last):
            yield from found
            last = found[-1].review.number

    def _log_after(self, number: int) -> tuple[Recorded, ...]:
        with self._database.reading() as connection:
            return exchange.log_after(connection, number)

    def judged(self) -> Iterator[Judged]:
        """The statements that are accepted, corrected or rejected, by document, in text order. Reads while it is
        iterated over, a document at a time.
        """
        with self._database.reading() as connection:
            ids = exchange.documents_judged(connection)
        for id in ids:
            with self._database.reading() as connection:
                found = exchange.judged_in(connection, id)
            yield from found

    def reviewed_documents(self) -> tuple[ReviewedDocument, ...]:
        """The documents of which people judged statements, by id."""
        with self._database.reading() as connection:
            return tuple(reviewed_documents(connection))

    def take(self, recorded: Iterable[Recorded]) -> Imported:
        """Add the reviews of another log, oldest first; one that is here already is left as it is."""
        with self._database.writing() as connection:
            return exchange.take(connection, recorded)

    def versions(self, statements: Sequence[str]) -> dict[str, int]:
        """Statement id to the number of the last decision that speaks of it, 0 where none does."""
        with self._database.reading() as connection:
            return judgements.versions(connection, statements)

    def finding_versions(self, findings: Sequence[str]) -> dict[str, int]:
        """Finding id to the highest version of its statements; without those unknown."""
        with self._database.reading() as connection:
            return judgements.finding_versions(connection, findings)

    def binding(self) -> tuple[Review, ...]:
        """The reviews that consolidation heeds, and their undos, oldest first."""
        with self._database.reading() as connection:
            return reviews.binding(connection)

    def history(self, finding: Finding) -> tuple[Review, ...]:
        """The reviews that speak of the statements of a finding, hidden ones included, oldest first."""
        with self._database.reading() as connection:
            return reviews.about(connection, (*(m.statement for m in finding.members), *finding.hidden))

    def last_number(self) -> int:
        """Of the last decision. Grows with each, those included that change no finding and so no revision."""
        with self._database.reading() as connection:
            return reviews.last_number(connection)

    def rebuild(self) -> frozenset[str]:
        """Make what is kept of each statement anew from the log; returns the statements that it changed."""
        with self._database.writing() as connection:
            changed = judgements.rebuild(connection)
            judgements.note(connection, changed, binds=False)
            return changed

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")

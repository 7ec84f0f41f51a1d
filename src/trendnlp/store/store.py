"""The store: one object over one database, for any number of threads and processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from trendnlp.backing import Copy
from trendnlp.diff import RunState
from trendnlp.periods import MonthCount
from trendnlp.relations import LedgerEntry, Verdict
from trendnlp.review import Constraints, Draft, Review
from trendnlp.store import (
    changes,
    copies,
    decisions,
    documents,
    finding_events,
    findings,
    judgements,
    lineage,
    listing,
    publication,
    reviews,
    rows,
    runs,
    saving,
    state,
    verdicts,
)
from trendnlp.store.changes import Changes
from trendnlp.store.clock import moment, month, stamp, utc_now
from trendnlp.store.counts import Counts, count
from trendnlp.store.database import Database
from trendnlp.store.decisions import NOTHING_SEEN, Versions
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.judging import Judging
from trendnlp.store.pages import FIRST, FactFilter, FindingFilter, Page, PageRequest, ReviewFilter, StatementFilter
from trendnlp.store.runs import RecordedRun
from trendnlp.syndication import shingles
from trendnlp.types import Analysis, Claim, Consolidation, Document, Finding, LabelledStatement, Run


class Store:
    """Documents, statements, findings and runs. Every method is one transaction and may be called from any thread.

    ``save`` and the others that write either happen as a whole or not at all, whatever becomes of the process. What
    they return or raise is of ``types``, ``review`` and ``errors``: StoreError where the database fails, NotFound,
    BadCursor.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._reading = database.reading
        self._writing = database.writing
        self._now = now

    @classmethod
    def open(cls, url: str, *, now: Callable[[], datetime] = utc_now) -> Store:
        """Open the database at ``url``, as ``Database.open`` does; ``now`` gives the time at which documents are added.
        Raises SchemaError, StoreError.
        """
        return cls(Database.open(url), now)

    @property
    def database(self) -> Database:
        """The database, for what keeps tables of its own in it."""
        return self._database

    @property
    def judging(self) -> Judging:
        """Review work on it: queues, decisions on many statements, readers."""
        return Judging(self._database, self._now)

    def close(self) -> None:
        """Give the connections back. The store opens new ones if it is used again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def save(self, analysis: Analysis, known: bool = False) -> Saved:
        """Store a document and its statements, by their ids; the same again is UNCHANGED and writes nothing. Whose copy
        a new or changed document is gets told with it. ``known``: one that is not stored (any more) stays so.

        The same means: equal but for the document's source, with labels of the same model. Findings are not
        recomputed; those that speak of a statement that no longer exists are deleted.
        """
        documents.check(analysis)
        fingerprint = documents.Fingerprint.of(analysis)
        with self._reading() as connection:
            if documents.compare(connection, analysis.document.id, fingerprint) is Saved.UNCHANGED:
                return Saved.UNCHANGED
        hashes = shingles(analysis.document)
        with self._writing() as connection:
            if known and documents.compare(connection, analysis.document.id, fingerprint) is Saved.ADDED:
                return Saved.UNCHANGED
            return saving.save(connection, analysis, fingerprint, hashes, self._time())

    def save_all(self, analyses: Sequence[Analysis]) -> tuple[Saved, ...]:
        """Store documents and their statements as ``save`` does, in one transaction: all of them or none."""
        for analysis in analyses:
            documents.check(analysis)
        fingerprints = [documents.Fingerprint.of(analysis) for analysis in analyses]
        hashes = [shingles(analysis.document) for analysis in analyses]
        added = self._time()
        with self._writing() as connection:
            each = zip(analyses, fingerprints, hashes, strict=True)
            return tuple(saving.save(connection, *one, added) for one in each)

    def stored(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the documents that are stored."""
        with self._reading() as connection:
            return documents.stored(connection, ids)

    def delete_document(self, id: str) -> None:
        """Delete a document, its statements, and the findings that speak of them; raises NotFound.

        The caller recomputes the findings of the other documents' statements.
        """
        with self._writing() as connection:
            documents.remove(connection, id)
            state.count_change(connection, id)

    def document(self, id: str) -> Document:
        """Raises NotFound."""
        with self._reading() as connection:
            return documents.document(connection, id)

    def analysis(self, id: str) -> Analysis:
        """The document and all its statements, as saved; raises NotFound."""
        with self._reading() as connection:
            return documents.analysis(connection, id)

    def statement(self, id: str) -> LabelledStatement:
        """Raises NotFound."""
        return self.statements_by_id((id,))[0]

    def statements_by_id(self, ids: Sequence[str]) -> tuple[LabelledStatement, ...]:
        """The statements, one per id in the same order; raises NotFound."""
        with self._reading() as connection:
            return documents.by_id(connection, ids)

    def documents(self, page: PageRequest = FIRST) -> Page[DocumentSummary]:
        """The documents, newest first; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.all_documents(), page, self._database.cursor_key)
            return Page(tuple(map(documents.summary, found.items)), found.next_cursor, found.total)

    def statements(self, filter: StatementFilter, page: PageRequest = FIRST) -> Page[LabelledStatement]:
        """The statements that pass ``filter``, by document in the order of adding, in text order; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_statements(filter), page, self._database.cursor_key)
            return Page(tuple(map(rows.labelled_of, found.items)), found.next_cursor, found.total)

    def facts(self, filter: FactFilter, page: PageRequest = FIRST) -> Page[PlacedFact]:
        """The market facts that pass ``filter``, by document, newest first, in text order; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_facts(filter), page, self._database.cursor_key)
            return Page(tuple(map(documents.placed_fact, found.items)), found.next_cursor, found.total)

    def claims(self) -> tuple[Claim, ...]:
        """Every statement that is not ``other``, by statement id: what consolidation works on."""
        with self._reading() as connection:
            return documents.claims(connection)

    def claims_without_vector(self, among: Iterable[str] | None = None) -> dict[str, str]:
        """Statement id to text of those, all or ``among`` these, that people made claims and that have no vector."""
        with self._reading() as connection:
            return documents.without_vector(connection, among)

    def add_vectors(self, vectors: Mapping[str, bytes]) -> None:
        """Keep the vectors of such statements, by id; they are claims from then on."""
        with self._writing() as connection:
            judgements.note(connection, documents.add_vectors(connection, vectors), binds=False)

    def copies_of(self, document: str) -> tuple[Copy, ...]:
        """The copies of one document: those that share most first, then by id; none where there is no such document."""
        with self._reading() as connection:
            return copies.of(connection, document)

    def copies_among(self, ids: Iterable[str]) -> tuple[Copy, ...]:
        """The copies among some documents, in the same order."""
        with self._reading() as connection:
            return copies.among(connection, ids)

    def sketch_missing(self) -> int:
        """Compare the documents that an earlier version stored with all others; returns how many there were."""
        with self._reading() as connection:
            ids = copies.missing(connection)
        for id in ids:
            with self._writing() as connection:
                if (document := documents.known(connection, id)) is not None:
                    copies.compare(connection, document, shingles(document))
                    state.count_change(connection, id)
        return len(ids)

    def publication_months(self) -> tuple[MonthCount, ...]:
        """How many documents were published in each month, in order; last those of no known month, if any. A month
        that has not begun yet is not known.
        """
        with self._reading() as connection:
            return publication.months(connection, self._month())

    def source_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Document id to the name under which it was given, for those of ``ids`` that are stored."""
        with self._reading() as connection:
            return documents.source_names(connection, ids)

    def revision(self) -> int:
        """A number that grows whenever documents, statements, labels or reviews change. Read it before ``claims`` and
        ``constraints``.
        """
        with self._reading() as connection:
            return state.revision(connection)

    def changes(self, since: int, seen: int = 0) -> Changes | None:
        """What has changed after a revision, and the reviews after the number ``seen``; None where it was not noted."""
        with self._reading() as connection:
            return changes.since(connection, since, seen)

    def consolidated_revision(self) -> int:
        """The revision whose claims and constraints the stored findings are of."""
        with self._reading() as connection:
            return state.consolidated(connection)

    def update_findings(
        self, made: Sequence[Finding], gone: Iterable[str], *, since: int, revision: int, taxonomy: str = ""
    ) -> bool:
        """Bring the findings of the revision ``since`` to ``revision``: ``made`` are the ones that are new or may have
        changed, ``gone`` the ids of those that are no more; no other is read. The store may be past ``revision``, else
        nothing would be written while others write.

        False, and nothing written, if the findings are not of ``since``, were tagged by another taxonomy than the one
        with that digest, or speak of statements that went after ``revision``.
        """
        with self._database.writing_findings() as connection:
            if state.consolidated(connection) != since or not findings.can_stand(connection, made, revision):
                return False
            if (kept := findings.info(connection)) is not None and kept.taxonomy != taxonomy:
                return False
            findings.change(connection, made, gone, self._month())
            state.set_consolidated(connection, revision)
            finding_events.tell_changes(connection, self._now())
        return True

    def verdicts(self, rule: str) -> dict[bytes, Verdict]:
        """What was remembered under ``rule``, by pair; what was remembered under another rule is dropped."""
        with self._writing() as connection:
            verdicts.forget_others(connection, rule)
            return verdicts.known(connection, rule)

    def remember(self, rule: str, learnt: Mapping[bytes, Verdict], forgotten: Iterable[bytes] = ()) -> None:
        """Keep verdicts under ``rule``, by pair, and drop those of ``forgotten`` pairs."""
        with self._writing() as connection:
            verdicts.remember(connection, rule, learnt, forgotten)

    def replace_findings(self, consolidation: Consolidation, *, revision: int | None = None) -> bool:
        """Make the stored findings those of ``consolidation``; writes only what changed.

        With ``revision``, which it is of and the store may be past: False, and nothing written, if it speaks of
        statements that went after it, or later findings are stored. Raises StoreError if two findings share a statement
        or one speaks of a statement that is not stored.
        """
        with self._database.writing_findings() as connection:
            made_of = state.revision(connection) if revision is None else revision
            is_newest = made_of >= state.consolidated(connection)
            if not (is_newest and findings.can_stand(connection, consolidation.findings, made_of)):
                return False
            findings.replace_all(connection, consolidation, self._month())
            state.set_consolidated(connection, made_of)
            finding_events.tell_changes(connection, self._now())
        return True

    def is_consolidated(self) -> bool:
        """Whether the findings were made since documents, statements, labels or reviews last changed."""
        with self._reading() as connection:
            return state.is_consolidated(connection)

    def documents_of_other_models(self, model: str, among: Sequence[str] | None = None) -> tuple[str, ...]:
        """Ids of the documents, all or those ``among`` them, with a statement that another model labelled, sorted."""
        with self._reading() as connection:
            return documents.of_other_models(connection, model, among)

    def findings(self, filter: FindingFilter, page: PageRequest = FIRST) -> Page[Finding]:
        """The findings that pass ``filter``, in its order, then by id; raises BadCursor."""
        with self._reading() as connection:
            chosen = listing.findings_of(connection, filter, self._month())
            found = listing.fetch(connection, chosen, page, self._database.cursor_key)
            return Page(findings.of_rows(connection, found.items), found.next_cursor, found.total)

    def finding(self, id: str) -> Finding:
        """Raises Moved where another finding holds its statements now, Gone where several or none do, NotFound."""
        with self._reading() as connection:
            return findings.finding(connection, id)

    def split_into(self, id: str) -> tuple[str, ...]:
        """The findings that hold statements which the finding ``id`` once had, sorted."""
        with self._reading() as connection:
            return lineage.parts(connection, id)

    def add_review(self, draft: Draft, seen: Versions = NOTHING_SEEN) -> Review:
        """Append a decision to the log. Findings are not recomputed; the revision grows where they may change.

        Raises NotFound for a statement that is not stored, Stale where a decision came after the versions ``seen`` of
        statements and findings, Conflict where an earlier decision rules it out.
        """
        with self._writing() as connection:
            return decisions.decide(connection, draft, self._time(), seen)

    def undo_review(self, id: str, by: str) -> Review:
        """Append that a decision is taken back. Raises NotFound, Conflict where that is done already, or would bring
        back what a later decision rules out.
        """
        with self._writing() as connection:
            return decisions.undo(connection, id, by, self._time())

    def reviews(self, filter: ReviewFilter, page: PageRequest = FIRST) -> Page[Review]:
        """The reviews that pass ``filter``, newest first; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_reviews(filter), page, self._database.cursor_key)
            return Page(tuple(map(rows.review_of, found.items)), found.next_cursor, found.total)

    def undone(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the reviews, by id, that are taken back."""
        with self._reading() as connection:
            return reviews.taken_back(connection, ids)

    def constraints(self) -> Constraints:
        """What stands of all reviews, those of statements that are not stored now included."""
        with self._reading() as connection:
            return reviews.constraints(connection)

    def finding_of(self, statement_ids: Iterable[str]) -> dict[str, str]:
        """Statement id to finding id, without the statements that stand in no finding."""
        with self._reading() as connection:
            return findings.of_statements(connection, statement_ids)

    def ledger_entry(self, a: str, b: str) -> LedgerEntry | None:
        """What the ledger says of two statements, seen from either; None where it does not speak of both."""
        with self._reading() as connection:
            return findings.entry(connection, a, b)

    def consolidation_info(self) -> ConsolidationInfo | None:
        """How the stored findings were made, None before the first time."""
        with self._reading() as connection:
            return findings.info(connection)

    def record_run(self, run: Run, started: str, finished: str) -> str:
        """Append a run to the log, with the labels and findings that there are now; returns its id. The same run at the
        same times is recorded once.
        """
        with self._writing() as connection:
            return runs.record(connection, run, started, finished)

    def record_now(self, run: Run) -> RecordedRun:
        """Append what there is now as a run with the models and settings of ``run``. Its ``done`` are the documents
        that the run before did not leave behind, all where there is none.
        """
        with self._writing() as connection:
            return runs.record_now(connection, run, moment(self._now()))

    def run(self, id: str) -> RecordedRun:
        """The run of that id, or whose id alone begins so; raises NotFound."""
        with self._reading() as connection:
            return runs.run(connection, id)

    def runs(self, page: PageRequest = FIRST) -> Page[RecordedRun]:
        """The runs, newest first; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.all_runs(), page, self._database.cursor_key)
            return Page(tuple(map(runs.recorded, found.items)), found.next_cursor, found.total)

    def run_state(self, id: str) -> RunState:
        """What a run left behind; ``id`` may be the beginning of one run's id alone. Raises NotFound."""
        with self._reading() as connection:
            return runs.state(connection, id)

    def stored_texts(self, ids: Iterable[str]) -> dict[str, str]:
        """Statement id to text, without the statements that are not stored."""
        with self._reading() as connection:
            return documents.texts(connection, ids)

    def counts(self) -> Counts:
        with self._reading() as connection:
            return count(connection)

    def _month(self) -> str:
        return month(self._now())

    def _time(self) -> str:
        return stamp(self._now())

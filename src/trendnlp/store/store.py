"""The store: one object over one database, for any number of threads and processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from trendnlp.errors import StoreError
from trendnlp.store import documents, findings, listing, rows, schema, state
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.engine import WRITES, make_engine, upsert, why
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.migrate import is_current, migrate
from trendnlp.store.pages import FIRST, FactFilter, FindingFilter, Page, PageRequest, StatementFilter
from trendnlp.types import (
    Analysis,
    Claim,
    Consolidation,
    Document,
    Finding,
    LabelledStatement,
    LedgerEntry,
    Run,
    content_id,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored. ``claims`` are the statements whose kind is not ``other``."""

    documents: int
    statements: int
    claims: int
    findings: int


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run and when it was: both times as the caller gave them."""

    id: str
    run: Run
    started: str
    finished: str


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Documents, statements, findings and runs. Every method is one transaction and may be called from any thread.

    ``save`` and the others that write either happen as a whole or not at all, whatever becomes of the process. What
    they return or raise is of ``types`` and ``errors``: StoreError where the database fails, NotFound, BadCursor.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._subject = engine.url.render_as_string(hide_password=True)
        self._now = now
        # In turn: threads that wait for SQLite's own lock poll for it, and hold a connection meanwhile.
        self._turn = threading.Lock()
        self._key = b""

    @classmethod
    def open(cls, url: str, *, now: Callable[[], datetime] = utc_now) -> Store:
        """Open the database at ``url``; makes the file and its folder, and brings an older schema up to date.

        ``now`` gives the time at which documents are added. Raises SchemaError if the schema is newer than this code,
        StoreError if the URL or the file cannot be used.
        """
        store = cls(make_engine(url), now)
        try:
            store._prepare()
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Give the connections back. The store opens new ones if it is used again."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def save(self, analysis: Analysis) -> Saved:
        """Store a document and its statements, by their ids; the same again is UNCHANGED and writes nothing.

        The same means: equal but for the document's source, with labels of the same model. Findings are not
        recomputed; those that speak of a statement that no longer exists are deleted.
        """
        documents.check(analysis)
        fingerprint = documents.Fingerprint.of(analysis)
        with self._reading() as connection:
            if documents.compare(connection, analysis.document.id, fingerprint) is Saved.UNCHANGED:
                return Saved.UNCHANGED
        added = self._now().astimezone(UTC).isoformat(timespec="seconds")
        with self._writing() as connection:
            saved = documents.save(connection, analysis, fingerprint, added)
            if saved is not Saved.UNCHANGED:
                state.count_change(connection)
        return saved

    def save_all(self, analyses: Sequence[Analysis]) -> tuple[Saved, ...]:
        """Store documents and their statements as ``save`` does, in one transaction: all of them or none."""
        for analysis in analyses:
            documents.check(analysis)
        fingerprints = [documents.Fingerprint.of(analysis) for analysis in analyses]
        added = self._now().astimezone(UTC).isoformat(timespec="seconds")
        with self._writing() as connection:
            pairs = zip(analyses, fingerprints, strict=True)
            saved = tuple(documents.save(connection, analysis, known, added) for analysis, known in pairs)
            if any(one is not Saved.UNCHANGED for one in saved):
                state.count_change(connection)
        return saved

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
            state.count_change(connection)

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
            found = listing.fetch(connection, listing.all_documents(), page, self._key)
            return Page(tuple(map(documents.summary, found.items)), found.next_cursor, found.total)

    def statements(self, filter: StatementFilter, page: PageRequest = FIRST) -> Page[LabelledStatement]:
        """The statements that pass ``filter``, by document in the order of adding, in text order; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_statements(filter), page, self._key)
            return Page(tuple(map(rows.labelled_of, found.items)), found.next_cursor, found.total)

    def facts(self, filter: FactFilter, page: PageRequest = FIRST) -> Page[PlacedFact]:
        """The market facts that pass ``filter``, by document, newest first, in text order; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_facts(filter), page, self._key)
            return Page(tuple(map(documents.placed_fact, found.items)), found.next_cursor, found.total)

    def claims(self) -> tuple[Claim, ...]:
        """Every statement that is not ``other``, by statement id: what consolidation works on."""
        with self._reading() as connection:
            return documents.claims(connection)

    def revision(self) -> int:
        """A number that grows whenever documents, statements or labels change. Read it before ``claims``."""
        with self._reading() as connection:
            return state.revision(connection)

    def replace_findings(self, consolidation: Consolidation, *, revision: int | None = None) -> bool:
        """Make the stored findings those of ``consolidation``; writes only what changed.

        With ``revision``: False, and nothing written, if the store has changed since it had that revision. The claims
        behind ``consolidation`` are then out of date. Raises StoreError if two findings share a statement or one
        speaks of a statement that is not stored.
        """
        with self._writing() as connection:
            if revision is not None and revision != state.revision(connection):
                return False
            try:
                findings.replace_all(connection, consolidation)
                state.set_consolidated(connection)
            except IntegrityError as error:
                reason = "two findings share an id or a statement, or one speaks of a statement that is not stored"
                raise StoreError("the findings", reason, "Consolidate the stored claims again.") from error
        return True

    def is_consolidated(self) -> bool:
        """Whether the findings were made since documents, statements or labels last changed."""
        with self._reading() as connection:
            return state.is_consolidated(connection)

    def documents_of_other_models(self, model: str) -> tuple[str, ...]:
        """Ids of the documents with a statement that another model labelled, sorted."""
        with self._reading() as connection:
            return documents.of_other_models(connection, model)

    def findings(self, filter: FindingFilter, page: PageRequest = FIRST) -> Page[Finding]:
        """The findings that pass ``filter``: most documents first, then most members, then by id; raises BadCursor."""
        with self._reading() as connection:
            found = listing.fetch(connection, listing.some_findings(filter), page, self._key)
            return Page(findings.of_rows(connection, found.items), found.next_cursor, found.total)

    def finding(self, id: str) -> Finding:
        """Raises NotFound."""
        with self._reading() as connection:
            return findings.finding(connection, id)

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
        """Append a run to the log; returns its id. The same run at the same times is recorded once."""
        values = rows.run_values(run)
        id = content_id("run", started, finished, rows.canonical(values).decode())
        row = {"id": id, "started": started, "finished": finished, "run": values}
        with self._writing() as connection:
            connection.execute(upsert(schema.runs, "id", update=False), row)
        return id

    def runs(self, limit: int = 50) -> tuple[RecordedRun, ...]:
        """The last runs, newest first."""
        newest = select(schema.runs).order_by(schema.runs.c.seq.desc()).limit(limit)
        with self._reading() as connection:
            return tuple(
                RecordedRun(row.id, rows.run_of(row.run), row.started, row.finished)
                for row in connection.execute(newest)
            )

    def counts(self) -> Counts:
        of = schema.documents.c
        sums = select(func.count(), func.sum(of.statements), func.sum(of.claims)).select_from(schema.documents)
        with self._reading() as connection:
            n_documents, n_statements, n_claims = connection.execute(sums).one()
            n_findings = connection.execute(select(func.count()).select_from(schema.findings)).scalar_one()
        return Counts(n_documents, int(n_statements or 0), int(n_claims or 0), n_findings)

    def _prepare(self) -> None:
        with self._reading() as connection:
            current = is_current(connection, self._subject)
        if not current:
            with self._writing() as connection:
                # Another process may have been here first.
                if not is_current(connection, self._subject):
                    migrate(connection)
                    state.ensure_cursor_key(connection)
        with self._reading() as connection:
            self._key = state.cursor_key(connection)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._turn, self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            remedy = "Check that the file is a trendnlp database, that it can be written, and that the disk has room."
            raise StoreError(self._subject, why(cause), remedy) from error

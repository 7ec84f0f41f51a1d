"""One database: its connections and transactions, and the schema brought up to date."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from trendnlp.errors import StoreError
from trendnlp.store import state
from trendnlp.store.engine import WRITES, make_engine, why
from trendnlp.store.migrate import is_current, migrate


class Database:
    """A database of this package. For any number of threads; what the database fails at is a StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._subject = engine.url.render_as_string(hide_password=True)
        # In turn: threads that wait for SQLite's own lock poll for it, and hold a connection meanwhile.
        self._turn = threading.Lock()
        self.cursor_key = b""

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database at ``url``; makes the file and its folder, and brings an older schema up to date.

        Raises SchemaError if the schema is newer than this code, StoreError if the URL or the file cannot be used.
        """
        database = cls(make_engine(url))
        try:
            database._prepare()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Give the connections back. New ones are opened if it is used again."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write, one at a time. It happens as a whole or not at all."""
        with self._turn, self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def writing_findings(self) -> Iterator[Connection]:
        """One that writes findings; raises StoreError if two share a statement or one speaks of none that is stored."""
        with self.writing() as connection:
            try:
                yield connection
            except IntegrityError as error:
                reason = "two findings share an id or a statement, or one speaks of a statement that is not stored"
                raise StoreError("the findings", reason, "Consolidate the stored claims again.") from error

    def _prepare(self) -> None:
        with self.reading() as connection:
            current = is_current(connection, self._subject)
        if not current:
            with self.writing() as connection:
                # Another process may have been here first.
                if not is_current(connection, self._subject):
                    migrate(connection)
                    state.ensure_cursor_key(connection)
        with self.reading() as connection:
            self.cursor_key = state.cursor_key(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            remedy = "Check that the file is a trendnlp database, that it can be written, and that the disk has room."
            raise StoreError(self._subject, why(cause), remedy) from error

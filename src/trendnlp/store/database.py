"""One database: its connections and transactions, and the schema brought up to date."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from trendnlp.errors import SchemaError, StoreError
from trendnlp.store import state
from trendnlp.store.engine import check, is_busy, is_served, make_engine, reader_of, remedy, why, writer_of
from trendnlp.store.limits import BUSY_SECONDS
from trendnlp.store.migrate import TARGET, migrate, schema_of

MIGRATE = "Stop what uses it, and run trendnlp migrate once."


class Database:
    """A database of this package. For any number of threads; what the database fails at is a StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = reader_of(engine)
        self._writer = writer_of(engine)
        self.name = engine.url.render_as_string(hide_password=True)
        # In turn: threads that wait for the database's own lock hold a connection meanwhile.
        self._turn = threading.Lock()
        self.cursor_key = b""

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database at ``url``. Of SQLite it makes the file and its folder, and brings an older schema up to
        date; the schema of a server, which other versions may be using, changes by ``migrate`` alone.

        Raises SchemaError if the schema is newer than this code, or that of a server older; StoreError if the URL or
        the database cannot be used.
        """
        return cls._opened(url, migrates=False)

    @classmethod
    def migrate(cls, url: str) -> Database:
        """Open the database at ``url``, its schema brought up to date, on a server too. Raises as ``open`` does."""
        return cls._opened(url, migrates=True)

    @classmethod
    def _opened(cls, url: str, *, migrates: bool) -> Database:
        database = cls(make_engine(url))
        try:
            database._prepare(migrates or not is_served(database._engine))
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def schema_at(cls, url: str) -> str | None:
        """The schema of the database at ``url``, None where it has no tables yet; raises SchemaError if it is newer
        than this code, StoreError. A SQLite file that is not there is made, without tables.
        """
        database = cls(make_engine(url))
        try:
            with database.reading() as connection:
                return schema_of(connection, database.name)
        finally:
            database.close()

    def close(self) -> None:
        """Give the connections back. New ones are opened if it is used again."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees one state of the database."""
        with self._translated(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write. It happens as a whole or not at all, and while it lasts no other writes: what
        it has read stays true until it ends. Raises StoreError where another thread writes for BUSY_SECONDS, or then
        another process for as long.
        """
        with self._in_turn(), self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            reason = f"another thread of this process has been writing to it for {BUSY_SECONDS} s"
            raise StoreError(self.name, reason, "Try again later.")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def writing_findings(self) -> Iterator[Connection]:
        """One that writes findings; raises StoreError if two share a statement or one speaks of none that is stored."""
        with self.writing() as connection:
            try:
                yield connection
            except IntegrityError as error:
                reason = "two findings share an id or a statement, or one speaks of a statement that is not stored"
                raise StoreError("the findings", reason, "Consolidate the stored claims again.") from error

    def _prepare(self, migrates: bool) -> None:
        with self.reading() as connection:
            check(connection, self.name)
            found = schema_of(connection, self.name)
        if found != TARGET:
            if not migrates:
                behind = f"its schema ({found}) is behind that of this version ({TARGET})" if found else "it is empty"
                raise SchemaError(self.name, behind, MIGRATE)
            with self.writing() as connection:
                # Another process may have been here first.
                if schema_of(connection, self.name) != TARGET:
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
            fix = "Try again later." if is_busy(cause) else remedy(self._engine)
            raise StoreError(self.name, why(cause), fix) from error

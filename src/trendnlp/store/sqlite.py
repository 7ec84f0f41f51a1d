"""What is particular to SQLite: the file, its lock, and its full-text index."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    Table,
    bindparam,
    column,
    create_engine,
    event,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
)

from trendnlp.errors import StoreError
from trendnlp.store.limits import BUSY_SECONDS, CONNECTIONS, SEARCHED, WRITES
from trendnlp.store.words import terms

NAMES = ("sqlite", "sqlite+pysqlite")
EXAMPLE = "sqlite:///findings.sqlite"
REMEDY = "Check that the file is a trendnlp database, that it can be written, and that the disk has room."

# Of the file, at most, in each connection: what pages count in a large store stays there from one query to the next.
CACHE_KIB = 32 * 1024

_GIVE = f"Give a URL such as {EXAMPLE}."


def make_engine(url: URL) -> Engine:
    """An engine for a file, whose folder is made; raises StoreError."""
    _prepare_file(url, url.render_as_string(hide_password=True))
    # The connection that was used last comes first: its cache is warm, and those of the others stay small.
    pool = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": 2 * BUSY_SECONDS, "pool_use_lifo": True}
    engine = create_engine(url, **pool)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def reader_of(engine: Engine) -> Engine:
    return engine


def writer_of(engine: Engine) -> Engine:
    return engine.execution_options(**{WRITES: True})


def _prepare_file(url: URL, shown: str) -> None:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(shown, "a store needs a file of its own", _GIVE)
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        reason = f"its folder cannot be made ({getattr(error, 'strerror', None) or error})"
        raise StoreError(shown, reason, "Choose a folder that you may write to.") from error
    if is_folder:
        raise StoreError(shown, "it is a folder", "Name a file in it.")


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _on_begin does
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """The change of journal needs the file for itself and does not heed busy_timeout: try until it passes."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that becomes a writer half-way fails when another wrote meanwhile.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def check(connection: Connection, subject: str) -> None:
    """Every file that can be opened will do."""


def is_busy(error: BaseException) -> bool:
    """Whether others wrote for longer than this one waits."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def last_number(connection: Connection, name: str, column: str) -> int:
    given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(connection.execute(given, {"name": name}).scalar_one_or_none() or 0)


def set_last_number(connection: Connection, name: str, column: str, number: int) -> None:
    values = {"name": name, "number": number}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), values)


def create_search(connection: Connection, indexed: str) -> None:
    """Make the full-text index of a table with a ``seq``. It holds the words, and finds the text in the table."""
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE {indexed}_search USING fts5({SEARCHED[indexed]}, content='{indexed}',"
        " content_rowid='seq', tokenize='porter unicode61 remove_diacritics 2')"
    )


def add_to_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    # In one statement, not by triggers: FTS5 writes its part of the index at the end of each, ten times slower.
    words = rows.c[SEARCHED[rows.name]]
    index = table(f"{rows.name}_search", column("rowid"), column(words.name))
    chosen = select(rows.c.seq, words).where(where)
    connection.execute(insert(index).from_select(["rowid", words.name], chosen))


def remove_from_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    words = rows.c[SEARCHED[rows.name]]
    name = f"{rows.name}_search"  # FTS5 takes commands in a column of the index's own name
    index = table(name, column(name), column("rowid"), column(words.name))
    chosen = select(literal("delete"), rows.c.seq, words).where(where)
    connection.execute(insert(index).from_select([name, "rowid", words.name], chosen))


def matches(rows: Table, query: str) -> ColumnElement[bool]:
    index = table(f"{rows.name}_search")
    found: Select[int] = select(literal_column("rowid", Integer)).select_from(index)
    match = literal_column(index.name).op("MATCH", is_comparison=True)
    return rows.c.seq.in_(found.where(match(bindparam(None, _quoted(query)))))


def _quoted(query: str) -> str:
    """``query`` in FTS5's language: each word or phrase a string, which takes it literally."""
    return " ".join(f'"{term}"' for term in terms(query)) or '""'

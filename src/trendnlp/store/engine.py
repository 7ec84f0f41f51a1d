"""The database behind the store. Everything that differs between dialects is in this file."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Integer,
    Select,
    Table,
    bindparam,
    column,
    create_engine,
    event,
    insert,
    inspect,
    literal,
    literal_column,
    make_url,
    select,
    table,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError

from trendnlp.errors import StoreError
from trendnlp.store.schema import ESCAPE

# How long a writer waits for another process. A save of 100,000 statements takes about 5 s on one core.
BUSY_SECONDS = 30
# Threads that read at the same time; FastAPI's pool has 40, which then wait for a connection, not for a lock.
CONNECTIONS = 8
Id = TypeVar("Id", str, bytes)
CHUNK = 900  # values in one IN (…): SQLite before 3.32 takes 999 in a query
SEARCHED = {"statements": "text", "findings": "title"}  # table to the column with a full-text index
WRITES = "trendnlp_writes"  # execution option of a connection that will write

_USE_SQLITE = "Give a URL such as sqlite:///findings.sqlite."
_WORDS = re.compile(r'"([^"]*)"|([^\s"]+)')


def make_engine(url: str) -> Engine:
    """An engine for ``url``; makes the folder of a SQLite file. Raises StoreError on a URL that cannot be used."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not shown: what cannot be parsed may hold a password.
        raise StoreError("the database URL", "it is not a database URL", _USE_SQLITE) from None
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(shown, f"{parsed.drivername} is not supported", _USE_SQLITE)
    _prepare_file(parsed, shown)
    engine = create_engine(parsed, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=2 * BUSY_SECONDS)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _prepare_file(url: URL, shown: str) -> None:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(shown, "a store needs a file of its own", _USE_SQLITE)
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


def why(error: BaseException) -> str:
    """The database's own words for ``error``, without the statement and its values."""
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
        return f"another process has been writing to it for {BUSY_SECONDS} s"
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def upsert(into: Table, key: str, *, update: bool = True) -> Insert:
    """Insert a row, or where ``key`` is taken write the row's other columns (with ``update``) or leave it as it is."""
    statement = sqlite.insert(into)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=[key])
    columns = {c.name: statement.excluded[c.name] for c in into.columns if c.name not in (key, "seq")}
    return statement.on_conflict_do_update(index_elements=[key], set_=columns)


def tables_in(connection: Connection) -> frozenset[str]:
    """The names of the tables of the database."""
    return frozenset(inspect(connection).get_table_names())


def chunks(ids: Iterable[Id]) -> Iterator[tuple[Id, ...]]:
    """``ids`` in parts that fit into one IN (…)."""
    rest = iter(ids)
    while chunk := tuple(islice(rest, CHUNK)):
        yield chunk


def create_search(connection: Connection, indexed: str) -> None:
    """Make the full-text index of a table with a ``seq``. It holds the words, and finds the text in the table."""
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE {indexed}_search USING fts5({SEARCHED[indexed]}, content='{indexed}',"
        " content_rowid='seq', tokenize='porter unicode61 remove_diacritics 2')"
    )


def add_to_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    """Index the rows that ``where`` chooses, none of which is indexed."""
    # In one statement, not by triggers: FTS5 writes its part of the index at the end of each, ten times slower.
    text = rows.c[SEARCHED[rows.name]]
    index = table(f"{rows.name}_search", column("rowid"), column(text.name))
    chosen = select(rows.c.seq, text).where(where)
    connection.execute(insert(index).from_select(["rowid", text.name], chosen))


def remove_from_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    """Take the rows that ``where`` chooses out of the index: all are in it, and are not yet changed or deleted."""
    text = rows.c[SEARCHED[rows.name]]
    name = f"{rows.name}_search"  # FTS5 takes commands in a column of the index's own name
    index = table(name, column(name), column("rowid"), column(text.name))
    chosen = select(literal("delete"), rows.c.seq, text).where(where)
    connection.execute(insert(index).from_select([name, "rowid", text.name], chosen))


def matches(rows: Table, query: str) -> ColumnElement[bool]:
    """Whether a row of an indexed table has every word of ``query``; words in double quotes stand together.

    Words are compared by their English stems, without case and accents. Nothing in ``query`` is an operator.
    """
    index = table(f"{rows.name}_search")
    found: Select[int] = select(literal_column("rowid", Integer)).select_from(index)
    match = literal_column(index.name).op("MATCH", is_comparison=True)
    return rows.c.seq.in_(found.where(match(bindparam(None, _quoted(query)))))


def _quoted(query: str) -> str:
    """``query`` in FTS5's language: each word or phrase a string, which takes it literally."""
    clean = query.encode("utf-8", "replace").decode().replace("\x00", " ").replace(ESCAPE, " ")
    phrases: Sequence[Any] = _WORDS.findall(clean)
    return " ".join(f'"{phrase or word}"' for phrase, word in phrases) or '""'


def beside(url: str, name: str) -> str:
    """The URL of another program's database next to the one at ``url``: of SQLite a file in the same folder, that has
    ``name`` in its own name; of a server the same database, in which that program needs a schema of its own.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return parsed.render_as_string(hide_password=False)
    path = Path(parsed.database)
    return URL.create("sqlite", database=str(path.with_name(f"{path.stem}-{name}{path.suffix}"))).render_as_string()

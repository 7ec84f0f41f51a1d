"""The database behind the store, of either kind. What differs is in ``sqlite`` and ``postgresql``; this says which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Boolean,
    ClauseElement,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Table,
    insert,
    inspect,
    make_url,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import SyntaxExtension
from sqlalchemy.sql.visitors import InternalTraversal

from trendnlp.errors import StoreError
from trendnlp.store import postgresql, sqlite
from trendnlp.store.limits import BUSY_SECONDS, SEARCHED

__all__ = ["SEARCHED"]

Id = TypeVar("Id", str, bytes, int)
CHUNK = 900  # values in one IN (…): SQLite before 3.32 takes 999 in a query

_GIVE = f"Give a URL such as {sqlite.EXAMPLE} or {postgresql.EXAMPLE}."


def make_engine(url: str) -> Engine:
    """An engine for ``url``; makes the folder of a SQLite file. Raises StoreError on a URL that cannot be used."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not shown: what cannot be parsed may hold a password.
        raise StoreError("the database URL", "it is not a database URL", _GIVE) from None
    if parsed.drivername in sqlite.NAMES:
        return sqlite.make_engine(parsed)
    if parsed.drivername in postgresql.NAMES:
        return postgresql.make_engine(parsed)
    raise StoreError(parsed.render_as_string(hide_password=True), f"{parsed.drivername} is not supported", _GIVE)


def is_served(engine: Engine) -> bool:
    """Whether a server holds the database, for many machines, and not a file, for this one."""
    return engine.dialect.name == "postgresql"


def reader_of(engine: Engine) -> Engine:
    """The engine for transactions that read: each sees one state of the database."""
    made: Engine = _of(engine).reader_of(engine)
    return made


def writer_of(engine: Engine) -> Engine:
    """The engine for transactions that may write: each waits until it is the only one, on all machines."""
    made: Engine = _of(engine).writer_of(engine)
    return made


def check(connection: Connection, subject: str) -> None:
    """Raises StoreError on a database that cannot hold a store."""
    _of(connection).check(connection, subject)


def is_busy(error: BaseException) -> bool:
    """Whether somebody else has been writing for too long."""
    return sqlite.is_busy(error) or postgresql.is_busy(error)


def why(error: BaseException) -> str:
    """The database's own words for ``error``, without the statement and its values."""
    if is_busy(error):
        return f"another process has been writing to it for {BUSY_SECONDS} s"
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def remedy(engine: Engine) -> str:
    """What to do where the database fails."""
    return str(_of(engine).REMEDY)


class _OnConflict(SyntaxExtension, ClauseElement):
    """ON CONFLICT, which both databases write alike."""

    _traverse_internals = [  # noqa: RUF012 - what SQLAlchemy keeps compiled statements by
        ("key", InternalTraversal.dp_string),
        ("columns", InternalTraversal.dp_string_list),
    ]

    def __init__(self, key: str, columns: list[str]) -> None:
        self.key = key
        self.columns = columns

    def apply_to_insert(self, insert_stmt: Insert) -> None:
        insert_stmt.apply_syntax_extension_point(lambda existing: [*existing, self], "post_values")


@compiles(_OnConflict)
def _write_on_conflict(clause: _OnConflict, compiler: Any, **options: Any) -> str:
    quote = compiler.preparer.quote
    columns = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in clause.columns)
    return f"ON CONFLICT ({quote(clause.key)}) DO {f'UPDATE SET {columns}' if columns else 'NOTHING'}"


def upsert(into: Table, key: str, *, update: bool = True) -> Insert:
    """Insert a row, or where ``key`` is taken write the row's other columns (with ``update``) or leave it as it is."""
    columns = [c.name for c in into.columns if c.name not in (key, "seq")] if update else []
    return insert(into).ext(_OnConflict(key, columns))


def tables_in(connection: Connection) -> frozenset[str]:
    """The names of the tables of the database."""
    return frozenset(inspect(connection).get_table_names())


def is_index(name: str) -> bool:
    """Whether a table is part of a full-text index: made from other tables, and the database's own way of it."""
    return any(name == f"{indexed}_search" or name.startswith(f"{indexed}_search_") for indexed in SEARCHED)


def chunks(ids: Iterable[Id]) -> Iterator[tuple[Id, ...]]:
    """``ids`` in parts that fit into one IN (…)."""
    rest = iter(ids)
    while chunk := tuple(islice(rest, CHUNK)):
        yield chunk


def last_number(connection: Connection, name: str, column: str) -> int:
    """The highest number that a table has ever given in a column that numbers its rows, nought before the first."""
    return int(_of(connection).last_number(connection, name, column))


def set_last_number(connection: Connection, name: str, column: str, number: int) -> None:
    """Have such a table go on after ``number``, which must be at least its highest."""
    _of(connection).set_last_number(connection, name, column, number)


def create_search(connection: Connection, indexed: str) -> None:
    """Make the full-text index of a table with a ``seq``."""
    _of(connection).create_search(connection, indexed)


def add_to_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    """Index the rows that ``where`` chooses, none of which is indexed."""
    _of(connection).add_to_search(connection, rows, where)


def remove_from_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    """Take the rows that ``where`` chooses out of the index: all are in it, and are not yet changed or deleted."""
    _of(connection).remove_from_search(connection, rows, where)


class _Matches(ColumnElement[bool]):
    """A condition that each database writes in its own way."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, ways: dict[str, ColumnElement[bool]]) -> None:
        self.ways = ways


@compiles(_Matches)
def _write_matches(condition: _Matches, compiler: Any, **options: Any) -> str:
    return str(compiler.process(condition.ways[compiler.dialect.name], **options))


def matches(rows: Table, query: str) -> ColumnElement[bool]:
    """Whether a row of an indexed table has every word of ``query``; words in double quotes stand together.

    Words are compared by their English stems, without case and accents. Nothing in ``query`` is an operator.
    """
    return _Matches({"sqlite": sqlite.matches(rows, query), "postgresql": postgresql.matches(rows, query)})


def _of(bound: Connection | Engine) -> ModuleType:
    return {"sqlite": sqlite, "postgresql": postgresql}[bound.dialect.name]


JOBS = "jobs"  # what the database of the jobs has in its name


def beside(url: str, name: str) -> str:
    """The URL of another program's database next to the one at ``url``: of SQLite a file in the same folder, that has
    ``name`` in its own name; of a server the same database, in which that program needs a schema of its own.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return parsed.render_as_string(hide_password=False)
    path = Path(parsed.database)
    return URL.create("sqlite", database=str(path.with_name(f"{path.stem}-{name}{path.suffix}"))).render_as_string()

"""A whole store into another database, of either kind: every table as it is, in one transaction on each side."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Row, Select, Table, delete, func, insert, select

from trendnlp.errors import StoreError
from trendnlp.store import schema
from trendnlp.store.database import Database
from trendnlp.store.engine import (
    SEARCHED,
    add_to_search,
    is_index,
    last_number,
    set_last_number,
    tables_in,
)
from trendnlp.store.migrate import VERSIONS

Progress = Callable[[str, int], None]

_FETCHED = 50  # rows at a time: a document may have 40 MB
_ROWS = 1000  # written at a time, or fewer
_BYTES = 8 * 1024 * 1024  # of text and vectors written at a time, or one row
_INDEXED = 5000  # texts indexed at a time


@dataclass(frozen=True, slots=True)
class Transferred:
    """A table, how many rows it has, and a digest of them all in the order of their keys."""

    table: str
    rows: int
    digest: str


def open_target(url: str) -> Database:
    """The database at ``url``, its tables made where it has none; raises SchemaError, StoreError."""
    return Database.migrate(url) if Database.schema_at(url) is None else Database.open(url)


def transfer(
    source: Database, target: Database, progress: Progress = lambda table, rows: None
) -> tuple[Transferred, ...]:
    """Copy ``source`` as it is now into ``target``: all of it, read back and compared, or nothing.

    ``progress`` is told the table and how many of its rows have been written. Both databases must have the schema of
    this code. Raises StoreError where the target holds data, or gave back other rows than it was given.
    """
    with source.reading() as read, target.writing() as write:
        given, taken = _tables(read), _tables(write)
        _check(target.name, given, taken, write)
        write.execute(delete(taken[schema.state.name]))  # its own cursor key
        done = tuple(_copied(read, write, given[name], taken[name], progress) for name in given)
        for copied in done:
            _compare(target.name, copied, _seen(write, taken[copied.table]))
        for name in SEARCHED:
            _index(write, schema.metadata.tables[name])
        return done


def _tables(connection: Connection) -> dict[str, Table]:
    """The tables by name as the database has them, each after those that its rows refer to."""
    found = MetaData()
    found.reflect(connection, only=[n for n in tables_in(connection) if n != VERSIONS and not is_index(n)])
    return {table.name: table for table in found.sorted_tables}


def _check(subject: str, given: dict[str, Table], taken: dict[str, Table], connection: Connection) -> None:
    if different := given.keys() ^ taken.keys():
        reason = f"only one of the two databases has {', '.join(sorted(different))}"
        raise StoreError(subject, reason, "Run trendnlp migrate on both.")
    for name, table in taken.items():
        if name != schema.state.name and connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(subject, f"it holds data already ({name})", "Give an empty database.")


def _copied(read: Connection, write: Connection, given: Table, taken: Table, progress: Progress) -> Transferred:
    digest = hashlib.sha256()
    written = 0
    for batch in _batches(read.execute(_in_order(given))):
        for row in batch:
            _digest(digest, row)
        write.execute(insert(taken), [dict(row._mapping) for row in batch])
        written += len(batch)
        progress(given.name, written)
    _go_on(read, write, given, taken)
    return Transferred(given.name, written, digest.hexdigest())


def _go_on(read: Connection, write: Connection, given: Table, taken: Table) -> None:
    """Have a table that numbers its rows go on after the last number that was ever given."""
    numbered = given.autoincrement_column
    if numbered is None:
        return
    highest = read.execute(select(func.max(numbered))).scalar_one() or 0
    if last := max(highest, last_number(read, given.name, numbered.name)):
        set_last_number(write, taken.name, numbered.name, last)


def _seen(connection: Connection, table: Table) -> Transferred:
    digest = hashlib.sha256()
    rows = 0
    for row in connection.execute(_in_order(table)):
        _digest(digest, row)
        rows += 1
    return Transferred(table.name, rows, digest.hexdigest())


def _compare(subject: str, given: Transferred, seen: Transferred) -> None:
    if given != seen:
        reason = (
            f"{seen.table} came back as {seen.rows} rows ({seen.digest[:12]}), not {given.rows} ({given.digest[:12]})"
        )
        raise StoreError(subject, reason, "Nothing was written. Check the disk, and that both servers are sound.")


def _in_order(table: Table) -> Select[Any]:
    """The rows by primary key, the columns by name: those of a migrated table stand in another order."""
    columns = [table.c[name] for name in sorted(table.c.keys())]
    return select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=_FETCHED)


def _batches(rows: Iterable[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    batch: list[Row[Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) == _ROWS or size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _digest(into: Any, row: Row[Any]) -> None:
    """Add a row: each value with its type and length, so that no two rows look alike."""
    for value in row:
        kind = type(value).__name__
        data = struct.pack(">d", value) if isinstance(value, float) else value
        data = data if isinstance(data, bytes) else str(data).encode()
        into.update(f"{kind} {len(data)} ".encode() + data)


def _index(connection: Connection, table: Table) -> None:
    number = table.c.seq
    first, last = connection.execute(select(func.min(number), func.max(number))).one()
    for start in range(first or 0, (last or -1) + 1, _INDEXED):
        add_to_search(connection, table, number.between(start, start + _INDEXED - 1))

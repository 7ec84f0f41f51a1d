"""What is particular to PostgreSQL: sessions, the writers' lock, the order of texts, and full text.

There is one writer at a time on a database, as on SQLite: a transaction that writes takes an advisory lock before it
reads, and each of its statements then sees all that was committed before. SERIALIZABLE would promise the same, but
every two writers count up the revision, so that one of them would always fail late and have to do its work again;
here it waits first. So numbers (``seq``, revisions) become visible in the order in which they were given. Readers see
one state of the database from their first statement to their last, and wait for nobody.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    URL,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    bindparam,
    column,
    create_engine,
    delete,
    event,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler

from trendnlp.errors import StoreError
from trendnlp.store.limits import BUSY_SECONDS, CONNECTIONS, SEARCHED, WRITES
from trendnlp.store.words import terms, words

NAMES = ("postgresql", "postgresql+psycopg")
DRIVER = "postgresql+psycopg"
EXAMPLE = "postgresql://user:password@host/database"
REMEDY = "Check that the server runs, that the URL is right, and that its user may use the database."

# A writer that says nothing for so long, as in a process that was stopped, loses its transaction and with it the lock.
_IDLE_SECONDS = 300
_WRITERS = 0x7472656E646E6C70  # the lock that writers take: "trendnlp" as a number
_BUSY = "55P03"  # lock_not_available
# A server that vanishes without a word is noticed after a minute and a half, also in the middle of a statement.
_SESSION = {
    "application_name": "trendnlp",
    "connect_timeout": 10,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 90_000,  # milliseconds
}
# Bytes of a text whose words are indexed: as tsvector they take less than the 1 MiB that PostgreSQL allows.
_INDEXED = 200_000
_CONFIG = "trendnlp"


class _TypeCompiler(PGTypeCompiler):
    """Columns of text compare and sort by code point, as SQLite's do, whatever the locale of the database."""

    def visit_TEXT(self, type_: Text, **kw: Any) -> str:
        written: str = super().visit_TEXT(type_, **kw)
        plain = type_.collation is None and isinstance(kw.get("type_expression"), Column)
        return f'{written} COLLATE "C"' if plain else written


def make_engine(url: URL) -> Engine:
    """An engine for a database; raises StoreError where the driver is not installed."""
    session = {name: value for name, value in _SESSION.items() if name not in url.query}
    try:
        engine = create_engine(
            url.set(drivername=DRIVER),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=2 * BUSY_SECONDS,
            pool_pre_ping=True,  # a server that was restarted is not an error of the next request
            connect_args=session,
        )
    except ImportError as error:
        shown = url.render_as_string(hide_password=True)
        raise StoreError(shown, "psycopg is not installed", "Run pip install 'trendnlp[postgres]'.") from error
    engine.dialect.type_compiler_instance = _TypeCompiler(engine.dialect)
    event.listen(engine, "begin", _on_begin)
    return engine


def reader_of(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writer_of(engine: Engine) -> Engine:
    return engine.execution_options(**{WRITES: True}, isolation_level="READ COMMITTED")


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        # For this transaction alone: a pool between here and the server may hand the session to others.
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{BUSY_SECONDS}s', true),"
            f" set_config('idle_in_transaction_session_timeout', '{_IDLE_SECONDS}s', true),"
            f" pg_advisory_xact_lock({_WRITERS})"
        )


def check(connection: Connection, subject: str) -> None:
    """Raises StoreError where the database cannot hold every text."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        remedy = "Make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
        raise StoreError(subject, f"its encoding is {encoding}, not UTF8", remedy)


def is_busy(error: BaseException) -> bool:
    """Whether others wrote for longer than this one waits."""
    return getattr(error, "sqlstate", None) == _BUSY


def last_number(connection: Connection, name: str, column: str) -> int:
    given = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :column)::regclass)")
    return int(connection.execute(given, {"name": name, "column": column}).scalar_one_or_none() or 0)


def set_last_number(connection: Connection, name: str, column: str, number: int) -> None:
    goes_on = text("SELECT setval(pg_get_serial_sequence(:name, :column), :number)")
    connection.execute(goes_on, {"name": name, "column": column, "number": number})


def create_search(connection: Connection, indexed: str) -> None:
    """Make the full-text index of a table with a ``seq``: the words of its texts."""
    known = "SELECT 1 FROM pg_ts_config WHERE cfgname = '{}' AND pg_ts_config_is_visible(oid)"
    if connection.exec_driver_sql(known.format(_CONFIG)).first() is None:
        # Porter's stemmer as SQLite has it. Without stop words: "the" is a word too, and counts in a phrase.
        connection.exec_driver_sql(f"CREATE TEXT SEARCH DICTIONARY {_CONFIG} (TEMPLATE = snowball, LANGUAGE = porter)")
        connection.exec_driver_sql(f"CREATE TEXT SEARCH CONFIGURATION {_CONFIG} (PARSER = default)")
        kinds = "asciiword, word, numword, int, uint, float, sfloat, version"
        connection.exec_driver_sql(f"ALTER TEXT SEARCH CONFIGURATION {_CONFIG} ADD MAPPING FOR {kinds} WITH {_CONFIG}")
    connection.exec_driver_sql(
        f"CREATE TABLE {indexed}_search (seq bigint PRIMARY KEY REFERENCES {indexed} (seq) ON DELETE CASCADE,"
        " words tsvector NOT NULL)"
    )
    connection.exec_driver_sql(f"CREATE INDEX {indexed}_search_words ON {indexed}_search USING gin (words)")


def add_to_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    # Words are told apart here: the server does it by its locale, and folds accents only with an extension.
    added = text(f"INSERT INTO {rows.name}_search VALUES (:seq, to_tsvector('{_CONFIG}', :words))")
    chosen = select(rows.c.seq, rows.c[SEARCHED[rows.name]]).where(where)
    if found := [{"seq": row[0], "words": _indexed(row[1])} for row in connection.execute(chosen)]:
        connection.execute(added, found)


def remove_from_search(connection: Connection, rows: Table, where: ColumnElement[bool]) -> None:
    index = table(f"{rows.name}_search", column("seq"))
    connection.execute(delete(index).where(index.c.seq.in_(select(rows.c.seq).where(where))))


def matches(rows: Table, query: str) -> ColumnElement[bool]:
    index = table(f"{rows.name}_search", column("seq"), column("words"))
    wanted = func.to_tsquery(literal_column(f"'{_CONFIG}'"), bindparam(None, _query(query), type_=Text()))
    return rows.c.seq.in_(select(index.c.seq).where(index.c.words.op("@@", is_comparison=True)(wanted)))


def _indexed(found: str) -> str:
    joined = " ".join(words(found)).encode()
    return joined[:_INDEXED].decode(errors="ignore")


def _query(query: str) -> str:
    """``query`` in the language of tsquery; words, of letters and digits alone, need no escape."""
    phrases = (" <-> ".join(f"'{word}'" for word in words(term)) for term in terms(query))
    return " & ".join(f"({phrase})" for phrase in phrases if phrase)

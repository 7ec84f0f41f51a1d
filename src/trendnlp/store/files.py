"""The files of SQLite databases: a consistent copy of one that is in use, and whether one is sound and idle."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from trendnlp.errors import SchemaError, StoreError
from trendnlp.store.schema import REVISIONS

SIDES = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file that is open
CHECK = "Take the backup of another day, or copy the database anew."


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database, None where ``url`` names another database; raises StoreError for no URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not shown: what cannot be parsed may hold a password.
        raise StoreError("the database URL", "it is not a database URL", "Correct TRENDNLP_DATABASE_URL.") from None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def require_there(url: str) -> None:
    """Raise StoreError where the file of a SQLite database is not there, which opening it would make."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise StoreError(str(file), "there is no workspace", "Name its folder with --home or TRENDNLP_HOME.")


def snapshot(source: Path, target: Path) -> None:
    """Copy the database ``source`` as it is at one moment to the new file ``target``; others go on writing meanwhile.

    Raises StoreError where it cannot be read.
    """
    with _told(source), closing(_connect(source, "ro")) as reading, closing(_connect(target, "rwc")) as writing:
        # In one step: copied in several, it would begin again whenever another process has written.
        reading.backup(writing, pages=-1)
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, without sides


def check_sound(file: Path) -> None:
    """Raise StoreError where a database file is damaged."""
    with _told(file), closing(_connect(file, "rw")) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(str(file), f"the database is damaged ({found.splitlines()[0]})", CHECK)


def schema_of(file: Path) -> str:
    """The revision of the schema of a store's file; raises SchemaError where this version does not know it."""
    with _told(file), closing(_connect(file, "rw")) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found not in REVISIONS:
        reason = f"its schema ({found}) is not known to this version of trendnlp, which ends at {REVISIONS[-1]}"
        raise SchemaError(str(file), reason, "Install a newer trendnlp.")
    return str(found)


def is_idle(file: Path) -> bool:
    """Whether no other process has the database open; what was written beside it is then in it."""
    with _told(file), closing(_connect(file, "rw")) as connection:
        try:
            # Only who has a file for himself may end its WAL.
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
    return bool(mode == "delete")


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    # As a URI, for its mode: a file that is not there is not made by being looked at.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=1, isolation_level=None)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(str(file), str(error), "Check that it is a trendnlp database that you may read.") from error

"""Bring a database to the schema of this code."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, text

from trendnlp.errors import SchemaError, StoreError
from trendnlp.store.engine import tables_in
from trendnlp.store.schema import REVISIONS

TARGET = REVISIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = "alembic_version"  # Alembic's table, one row
_turn = threading.Lock()  # Alembic keeps the migration that runs in a module's globals


def schema_of(connection: Connection, subject: str) -> str | None:
    """The schema of the database, one of REVISIONS; None where it has no tables yet.

    Raises SchemaError if it is ahead of this code, StoreError if the tables are another program's.
    """
    tables = tables_in(connection)
    if not tables:
        return None
    if VERSIONS not in tables:
        raise StoreError(subject, "it is the database of another program", "Give trendnlp a database of its own.")
    found = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalars().all()
    if len(found) != 1 or found[0] not in REVISIONS:
        shown = ", ".join(found) or "none"
        reason = f"its schema ({shown}) is not known to this version of trendnlp, which ends at {TARGET}"
        raise SchemaError(subject, reason, "Install a newer trendnlp, or choose another database.")
    return str(found[0])


def migrate(connection: Connection, to: str = TARGET) -> None:
    """Run the missing steps up to the schema ``to`` on ``connection``, in its transaction."""
    # Alembic takes longer to import than a current database to open.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _turn:
        command.upgrade(config, to)

"""Single facts of the whole store, by name."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, insert, select

from trendnlp.store import schema, schema_judgements
from trendnlp.store.engine import upsert

_REVISION = "revision"
_CONSOLIDATED = "consolidated revision"
_CURSOR_KEY = "cursor key"
_KEY_BYTES = 32  # as long as the digest that it keys


def get(connection: Connection, name: str) -> Any:
    """The value, or None."""
    return connection.execute(select(schema.state.c.value).where(schema.state.c.name == name)).scalar_one_or_none()


def put(connection: Connection, name: str, value: Any) -> None:
    connection.execute(upsert(schema.state, "name"), {"name": name, "value": value})


def revision(connection: Connection) -> int:
    """How many times documents, statements, labels or reviews have changed."""
    return int(get(connection, _REVISION) or 0)


def count_change(connection: Connection, document: str | None) -> None:
    """One more revision, in which ``document`` came, changed or went; None where it was a review that came."""
    number = revision(connection) + 1
    put(connection, _REVISION, number)
    connection.execute(insert(schema.changes), {"revision": number, "document": document})


def changed_since(connection: Connection, since: int) -> frozenset[str | None] | None:
    """Ids of the documents that came, changed or went after the revision ``since``, with None among them where a review
    came; None where it was not noted what a revision after it is about.
    """
    of = schema.changes.c
    changed = connection.execute(select(of.document).where(of.revision > since)).scalars().all()
    return frozenset(changed) if len(changed) == revision(connection) - since else None


def bound_since(connection: Connection, since: int) -> bool:
    """Whether decisions that consolidation heeds came after the revision ``since``."""
    of, shifted = schema.changes.c, select(schema_judgements.shifts.c.revision)
    chosen = select(of.revision).where(of.revision > since, of.document.is_(None), of.revision.not_in(shifted))
    return connection.execute(chosen.limit(1)).first() is not None


def shifted_since(connection: Connection, since: int) -> frozenset[str]:
    """Ids of the statements whose kind or aspect decisions changed after the revision ``since``."""
    of = schema_judgements.shifts.c
    return frozenset(connection.execute(select(of.statement).where(of.revision > since).distinct()).scalars())


def consolidated(connection: Connection) -> int:
    """The revision that the findings were made of."""
    return int(get(connection, _CONSOLIDATED) or 0)


def is_consolidated(connection: Connection) -> bool:
    return consolidated(connection) == revision(connection)


def set_consolidated(connection: Connection, made_of: int) -> None:
    if consolidated(connection) != made_of:
        put(connection, _CONSOLIDATED, made_of)


def ensure_cursor_key(connection: Connection) -> None:
    if get(connection, _CURSOR_KEY) is None:
        put(connection, _CURSOR_KEY, secrets.token_hex(_KEY_BYTES))


def cursor_key(connection: Connection) -> bytes:
    return bytes.fromhex(get(connection, _CURSOR_KEY))

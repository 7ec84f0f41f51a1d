"""API keys and sessions. Functions over an open transaction; times are UTC, ISO 8601."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from trendnlp.access import SECRET_BYTES, ApiKey, Role, digest_of, id_of, same
from trendnlp.errors import NotFound
from trendnlp.store.schema_access import api_keys, sessions

_NO_DIGEST = "0" * len(digest_of(""))


def add(connection: Connection, key: ApiKey, secret: str) -> None:
    """Store a new key: its digest, not itself."""
    row = {"id": key.id, "name": key.name, "roles": sorted(key.roles), "digest": digest_of(secret)}
    connection.execute(insert(api_keys), row | {"created": key.created, "expires": key.expires})


def every(connection: Connection) -> tuple[ApiKey, ...]:
    """All keys, the oldest first."""
    return tuple(map(_key_of, connection.execute(select(api_keys).order_by(api_keys.c.seq))))


def exist(connection: Connection) -> bool:
    """Whether there ever was a key."""
    return connection.execute(select(api_keys.c.seq).limit(1)).first() is not None


def found(connection: Connection, secret: str) -> ApiKey | None:
    """The key that ``secret`` is, whether or not it still works."""
    id = id_of(secret)
    row = None if id is None else connection.execute(select(api_keys).where(api_keys.c.id == id)).first()
    right = same(digest_of(secret), row.digest if row else _NO_DIGEST)  # as long for an id that is none
    return _key_of(row) if row and right else None


def revoke(connection: Connection, id: str, at: str) -> ApiKey:
    """Revoke a key and end its sessions; one that is revoked keeps its time. Raises NotFound."""
    changed = update(api_keys).where(api_keys.c.id == id, api_keys.c.revoked.is_(None)).values(revoked=at)
    connection.execute(changed)
    connection.execute(delete(sessions).where(sessions.c.key == id))
    row = connection.execute(select(api_keys).where(api_keys.c.id == id)).first()
    if row is None:
        raise NotFound(id, "no such key", "See `trendnlp keys list` for the ids.")
    return _key_of(row)


def note_use(connection: Connection, id: str, at: str) -> None:
    connection.execute(update(api_keys).where(api_keys.c.id == id).values(last_used=at))


def open_session(connection: Connection, key: str, now: str, expires: str) -> str:
    """Begin a session of a key; returns the token, of which only the digest is stored. Sessions that are over go."""
    connection.execute(delete(sessions).where(sessions.c.expires <= now))
    token = secrets.token_urlsafe(SECRET_BYTES)
    connection.execute(insert(sessions), {"digest": digest_of(token), "key": key, "expires": expires})
    return token


def of_session(connection: Connection, token: str, now: str) -> ApiKey | None:
    """The key of a session that is not over. It is found by its digest, whose bits nobody can choose, so that the time
    this takes tells nothing of the token.
    """
    mine = select(api_keys).join(sessions, sessions.c.key == api_keys.c.id)
    row = connection.execute(mine.where(sessions.c.digest == digest_of(token), sessions.c.expires > now)).first()
    return None if row is None else _key_of(row)


def close_session(connection: Connection, token: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.digest == digest_of(token)))


def _key_of(row: Row[Any]) -> ApiKey:
    roles = frozenset(Role(role) for role in row.roles)
    return ApiKey(row.id, row.name, roles, row.created, row.expires, row.revoked, row.last_used)

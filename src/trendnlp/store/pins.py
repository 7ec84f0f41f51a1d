"""Lists that stay as they were when they were made, by token. Functions over an open transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from trendnlp.errors import NotFound
from trendnlp.store.schema_judgements import pins

LASTS = timedelta(hours=24)
_TOKEN_BYTES = 12  # 96 bits: nobody guesses one


def pin(connection: Connection, purpose: str, items: Any, now: datetime) -> str:
    """Keep ``items``, which are JSON, for a day; what is older goes."""
    connection.execute(delete(pins).where(pins.c.at < _time(now - LASTS)))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(insert(pins), {"token": token, "at": _time(now), "purpose": purpose, "items": items})
    return token


def pinned(connection: Connection, purpose: str, token: str) -> Any:
    """The items; raises NotFound where there are none, or where they were kept for something else."""
    chosen = select(pins.c["items"]).where(pins.c.token == token, pins.c.purpose == purpose)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise NotFound(token[:80], f"no such {purpose}, or it is older than a day", "Ask for a new one.")
    return row[0]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

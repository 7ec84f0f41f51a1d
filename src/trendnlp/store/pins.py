"""Lists that stay as they were when they were made, by token. Functions over an open transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from trendnlp.errors import NotFound
from trendnlp.store.schema_judgements import pins

LASTS = timedelta(hours=24)
MOST = 1000  # of one purpose; one may have a megabyte, and asking for it takes no more than leave to read
_TOKEN_BYTES = 12  # 96 bits: nobody guesses one


def pin(connection: Connection, purpose: str, items: Any, now: datetime) -> str:
    """Keep ``items``, which are JSON, for a day; what is older goes, and the oldest of the purpose over ``MOST``."""
    connection.execute(delete(pins).where(pins.c.at < _time(now - LASTS)))
    newest = select(pins.c.token).where(pins.c.purpose == purpose).order_by(pins.c.at.desc(), pins.c.token)
    connection.execute(delete(pins).where(pins.c.token.in_(newest.offset(MOST - 1))))
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

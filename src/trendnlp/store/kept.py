"""Answers kept under idempotency keys: a request that comes again gets the answer that it got before.

A key is held while its request is worked on. The holder renews that again and again, so that the key of a process that
died is free within ``LEASE_SECONDS``, and that of a slow request is not.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, select, update

from trendnlp.store.database import Database
from trendnlp.store.engine import upsert
from trendnlp.store.schema_requests import kept_answers

LEASE_SECONDS = 60
RENEW_SECONDS = 15  # several times within a lease, for a busy machine


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the answers to one key of one caller are kept, and the digest of the request that the key came with."""

    id: str
    request: str

    @classmethod
    def of(cls, caller: str, key: str, request: str) -> Slot:
        """Keys of different callers are different keys. The key itself is not kept."""
        named = f"{len(caller)}:{caller}{key}".encode("utf-8", "surrogatepass")
        return cls(hashlib.sha256(named).hexdigest(), request)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a request that was done."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Hold:
    """The right to work on a request, and to keep its answer for ``seconds``."""

    slot: str
    token: str
    seconds: int


class Taken(StrEnum):
    """Why a key cannot be used."""

    RUNNING = "running"
    OTHER_REQUEST = "other request"


class KeptAnswers:
    """The kept answers of one database. Every method is one transaction and may be called from any thread or process;
    raises StoreError where the database fails. ``now`` gives seconds since 1970.
    """

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def begin(self, slot: Slot, seconds: int) -> Hold | KeptAnswer | Taken:
        """Take the key of ``slot``, or tell what came of it before. Answers are kept for ``seconds``."""
        of, now = kept_answers.c, int(self._now())
        hold = Hold(slot.id, secrets.token_hex(16), seconds)
        held = {"token": hold.token, "held_until": now + LEASE_SECONDS, "expires": now + max(seconds, LEASE_SECONDS)}
        with self._database.writing() as connection:
            connection.execute(delete(kept_answers).where(of.expires <= now))
            wanted = {"slot": slot.id, "request": slot.request, **held}
            connection.execute(upsert(kept_answers, "slot", update=False), wanted)
            row = connection.execute(select(kept_answers).where(of.slot == slot.id)).one()
            if row.token == hold.token:
                return hold
            if row.request != slot.request:
                return Taken.OTHER_REQUEST
            if row.status is not None:
                return KeptAnswer(row.status, tuple((name, value) for name, value in row.headers), row.body)
            if row.held_until > now:
                return Taken.RUNNING
            left = and_(of.slot == slot.id, of.token == row.token)
            taken = connection.execute(update(kept_answers).where(left).values(held))
            return hold if taken.rowcount else Taken.RUNNING

    def renew(self, hold: Hold) -> None:
        """Say that the request is still worked on."""
        now = int(self._now())
        values = {"held_until": now + LEASE_SECONDS, "expires": now + max(hold.seconds, LEASE_SECONDS)}
        with self._database.writing() as connection:
            connection.execute(update(kept_answers).where(_mine(hold)).values(values))

    def keep(self, hold: Hold, answer: KeptAnswer) -> None:
        """The request is done. Nothing is kept where another has taken the key over."""
        values = {
            "status": answer.status,
            "headers": [list(header) for header in answer.headers],
            "body": answer.body,
            "expires": int(self._now()) + hold.seconds,
        }
        with self._database.writing() as connection:
            connection.execute(update(kept_answers).where(_mine(hold)).values(values))

    def release(self, hold: Hold) -> None:
        """The request came to nothing: its key is as if it had never been used."""
        with self._database.writing() as connection:
            connection.execute(delete(kept_answers).where(_mine(hold)))


def _mine(hold: Hold) -> ColumnElement[bool]:
    of = kept_answers.c
    return and_(of.slot == hold.slot, of.token == hold.token, of.status.is_(None))

"""Who may use the service: roles, API keys and the principals that they stand for. Pure functions.

A key is 256 random bits, so there is nothing to guess and no dictionary to try: one SHA-256 of it keeps it as safe as a
slow password hash would, and costs nothing at each request. Its middle part is an id, by which it is found and
recognised; the digest is then compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from trendnlp.errors import SettingsError

MARK = "tnlp"  # what every key begins with, so that scanners for leaked secrets can know one
ID_BYTES = 6
SECRET_BYTES = 32
MAX_KEY = 200  # characters; a longer text is no key of ours
MAX_NAME = 200


class Role(StrEnum):
    """What a key may do besides reading."""

    SUBMIT = "submit"
    REVIEW = "review"
    ADJUDICATE = "adjudicate"
    ADMIN = "admin"


READING = "read everything that is stored, and analyse or compare texts that are not kept"
ROLES: Mapping[Role, str] = {
    Role.SUBMIT: "add and delete documents, run jobs, and record runs",
    Role.REVIEW: "decide on statements and findings, and take decisions back",
    Role.ADJUDICATE: "review, and settle what readers disagree on: decisions that stand above the others",
    Role.ADMIN: "everything, webhooks, metrics and the import of decisions included",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request. ``key`` is the id of the key, None for whoever sits at a machine without keys."""

    name: str
    roles: frozenset[Role]
    key: str | None = None

    def may(self, role: Role | None) -> bool:
        """Whether what needs ``role`` (None: a key of any role) is allowed; an admin may everything, an adjudicator all
        that a reviewer may.
        """
        enough = {role, Role.ADMIN, *((Role.ADJUDICATE,) if role is Role.REVIEW else ())}
        return role is None or not enough.isdisjoint(self.roles)


LOCAL = Principal("local", frozenset(Role))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is stored of a key: all but the key. Times are UTC, ISO 8601; ``last_used`` is at most a minute late."""

    id: str
    name: str
    roles: frozenset[Role]
    created: str
    expires: str | None = None
    revoked: str | None = None
    last_used: str | None = None

    @property
    def prefix(self) -> str:
        """How the key begins, to recognise it by."""
        return f"{MARK}_{self.id}_"

    @property
    def principal(self) -> Principal:
        return Principal(self.name, self.roles, self.id)

    def works(self, now: str) -> bool:
        """Whether it is neither revoked nor expired at ``now``."""
        return self.revoked is None and (self.expires is None or now < self.expires)


def new_key() -> tuple[str, str]:
    """The id of a new key, and the key."""
    id = secrets.token_hex(ID_BYTES)
    return id, f"{MARK}_{id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def id_of(key: str) -> str | None:
    """The id in a text that has the form of a key, else None."""
    parts = key.split("_", 2)
    is_key = len(key) <= MAX_KEY and key.isascii() and len(parts) == 3 and parts[0] == MARK
    return parts[1] if is_key else None


def digest_of(secret: str) -> str:
    """What is stored of a key or a session's token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(digest: str, other: str) -> bool:
    """Whether two digests are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(digest, other)


def checked_name(name: str) -> str:
    """``name`` where it can stand for a person or program; raises SettingsError."""
    if not name.strip() or not name.isprintable() or len(name) > MAX_NAME:
        reason = f"{name[:MAX_NAME]!r} is no name"
        raise SettingsError("NAME", reason, f"Give one line of at most {MAX_NAME} characters that can be printed.")
    return name


def checked_expiry(given: str, now: datetime) -> str:
    """The time that ``given`` names, a date (its beginning, UTC) or a time of ISO 8601; raises SettingsError for what
    is none, or is not after ``now``.
    """
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise SettingsError("--expires", f"{given!r} is no date", "Give YYYY-MM-DD.") from None
    time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    if time <= now:
        raise SettingsError("--expires", f"{given} is past", "Give a later date.")
    return time.isoformat(timespec="seconds")

"""Who may use a store: its keys and sessions, over its database."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from trendnlp.access import ApiKey, Principal, Role, new_key
from trendnlp.store import keys
from trendnlp.store.clock import utc_now
from trendnlp.store.database import Database

SESSION_HOURS = 12  # a working day; then a person signs in again


class Access:
    """The keys of one database. Every method is one transaction; StoreError where the database fails."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def add(self, name: str, roles: Collection[Role], expires: str | None = None) -> tuple[ApiKey, str]:
        """Make a key; what comes with it is the key itself, which is kept nowhere."""
        id, secret = new_key()
        key = ApiKey(id, name, frozenset(roles), self._time(), expires)
        with self._database.writing() as connection:
            keys.add(connection, key, secret)
        return key, secret

    def every(self) -> tuple[ApiKey, ...]:
        """All keys, the oldest first, those that do not work any more included."""
        with self._database.reading() as connection:
            return keys.every(connection)

    def revoke(self, id: str) -> ApiKey:
        """Make a key and its sessions worth nothing; raises NotFound."""
        with self._database.writing() as connection:
            return keys.revoke(connection, id, self._time())

    def guarded(self) -> bool:
        """Whether a key is asked for: there is one, or was. Revoking the last one must not open the service."""
        with self._database.reading() as connection:
            return keys.exist(connection)

    def principal(self, secret: str) -> Principal | None:
        """Whom a key stands for; None where it is none of ours, revoked or expired."""
        with self._database.reading() as connection:
            return self._working(keys.found(connection, secret))

    def of_session(self, token: str) -> Principal | None:
        """Who signed in; None where the session is over, or its key does not work any more."""
        with self._database.reading() as connection:
            return self._working(keys.of_session(connection, token, self._time()))

    def open_session(self, secret: str) -> str | None:
        """Sign in with a key: the token of a new session, None where the key is none that works."""
        principal = self.principal(secret)  # first: anyone may try, and must not keep others from writing by it
        if principal is None or principal.key is None:
            return None
        now = self._now()
        with self._database.writing() as connection:
            return keys.open_session(connection, principal.key, _text(now), _text(now + timedelta(hours=SESSION_HOURS)))

    def close_session(self, token: str) -> None:
        with self._database.writing() as connection:
            keys.close_session(connection, token)

    def note_use(self, id: str) -> None:
        """Remember that the key was used now."""
        with self._database.writing() as connection:
            keys.note_use(connection, id, self._time())

    def _working(self, key: ApiKey | None) -> Principal | None:
        return key.principal if key is not None and key.works(self._time()) else None

    def _time(self) -> str:
        return _text(self._now())


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")

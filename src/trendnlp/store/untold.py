"""Which findings came, changed or went since states were told to webhooks. Functions over an open transaction.

Noted only while a webhook asks for findings: to a new one, what there is when it comes is no news.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from trendnlp.events import FINDING_EVENTS
from trendnlp.store import state
from trendnlp.store.outbox import wanted

MOST = 1000  # ids that are noted, for each note writes them anew; after more all findings are compared
_UNTOLD = "untold findings"
_ANY = "any"


def note(connection: Connection, ids: Iterable[str]) -> None:
    """Note the findings ``ids``."""
    fresh = set(ids)
    if not fresh or not wanted(connection, FINDING_EVENTS):
        return
    before = noted(connection)
    if before is None or fresh <= before:
        return
    every = sorted(before | fresh)
    state.put(connection, _UNTOLD, every if len(every) <= MOST else _ANY)


def noted(connection: Connection) -> frozenset[str] | None:
    """The ids of the findings that were noted; None where it may be any."""
    found = state.get(connection, _UNTOLD)
    return frozenset(found) if isinstance(found, list) else None


def forget(connection: Connection) -> None:
    """All is told."""
    if noted(connection) != frozenset():
        state.put(connection, _UNTOLD, [])

"""Which findings are new or in another state since they were told last. Functions over an open transaction.

A finding's state hangs on the documents of the whole store, so that it may change though nothing of the finding does.
Hence all states are compared with those that were told, wherever a webhook asks for findings, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from trendnlp.events import FINDING_EVENTS, Event, EventType
from trendnlp.momentum import State
from trendnlp.store import state as facts
from trendnlp.store.clock import month, stamp
from trendnlp.store.engine import chunks
from trendnlp.store.outbox import enqueue, wanted
from trendnlp.store.schema import findings
from trendnlp.store.schema_webhooks import told
from trendnlp.store.standing import states

MAX_TITLE = 300  # code points; a finding may be titled by a whole statement, and an event is short


def tell_changes(connection: Connection, now: datetime) -> None:
    """Enqueue what has become of the findings that are stored now since this was done last."""
    if not wanted(connection, FINDING_EVENTS):
        return
    before, found = _told(connection), states(connection, month(now))
    changed = {id: state for id, state in found.items() if before.get(id) != state}
    if not changed and before.keys() == found.keys():
        return
    revision = str(facts.revision(connection))
    for chunk in chunks(sorted(changed)):
        enqueue(connection, *_events(connection, chunk, before, changed, (revision, stamp(now))))
    _remember(connection, before, found)


def begin(connection: Connection, this_month: str) -> None:
    """Take the findings as told as they are now: what was before anyone asked is no news."""
    _remember(connection, _told(connection), states(connection, this_month))


def _told(connection: Connection) -> dict[str, State]:
    return {row.finding: State(row.state) for row in connection.execute(select(told))}


def _remember(connection: Connection, before: dict[str, State], now: dict[str, State]) -> None:
    replaced = [id for id, state in before.items() if now.get(id) != state]
    for chunk in chunks(replaced):
        connection.execute(delete(told).where(told.c.finding.in_(chunk)))
    rows = [{"finding": id, "state": state.value} for id, state in now.items() if before.get(id) != state]
    if rows:
        connection.execute(insert(told), rows)


def _events(
    connection: Connection,
    ids: tuple[str, ...],
    before: dict[str, State],
    now: dict[str, State],
    when: tuple[str, str],
) -> Iterator[Event]:
    """One event a finding; ``when`` is the revision of the store and the time."""
    revision, at = when
    for row in connection.execute(select(findings).where(findings.c.id.in_(ids)).order_by(findings.c.id)):
        data = _data(row) | {"state": now[row.id].value}
        if row.id in before:
            type = EventType.FINDING_CHANGED_STATE
            data["before"] = before[row.id].value
        else:
            type = EventType.FINDING_APPEARED
        yield Event.of(type, (row.id, revision, now[row.id]), at, data)


def _data(row: Row[Any]) -> dict[str, object]:
    title = row.title if len(row.title) <= MAX_TITLE else row.title[: MAX_TITLE - 1] + "…"
    return {
        "finding": row.id,
        "kind": row.kind,
        "aspect": row.aspect,
        "title": title,
        "documents": row.documents,
        "sources": row.sources,
    }

"""Which findings are new or in another state since they were told last. Functions over an open transaction.

A finding's state hangs on its own sources and on how many documents of the whole store are of each window of time. What
was told is kept with these numbers, and findings that came, changed or went since are noted (``untold``). So compared
are those, and where the numbers are others now those whose sources then give another state; all are only where the
newest month of the store is another, or too many were noted. Nothing is compared unless a webhook asks for findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from trendnlp.events import FINDING_EVENTS, Event, EventType
from trendnlp.momentum import State
from trendnlp.store import state as facts
from trendnlp.store import untold
from trendnlp.store.clock import month, stamp
from trendnlp.store.engine import chunks
from trendnlp.store.outbox import enqueue, wanted
from trendnlp.store.schema import findings
from trendnlp.store.schema_webhooks import told
from trendnlp.store.standing import Basis, basis, states, turned

MAX_TITLE = 300  # code points; a finding may be titled by a whole statement, and an event is short
_BASIS = "basis of told states"


def tell_changes(connection: Connection, now: datetime) -> None:
    """Enqueue what has become of the findings that are stored now since this was done last."""
    if not wanted(connection, FINDING_EVENTS):
        return
    of = basis(connection, month(now))
    among = _in_question(connection, of)
    before, found = _told(connection, among), states(connection, of, among)
    changed = {id: state for id, state in found.items() if before.get(id) != state}
    revision = str(facts.revision(connection))
    for chunk in chunks(sorted(changed)):
        enqueue(connection, *_events(connection, chunk, before, changed, (revision, stamp(now))))
    _remember(connection, before, found, of)


def begin(connection: Connection, this_month: str) -> None:
    """Take the findings as told as they are now: what was before anyone asked is no news."""
    of = basis(connection, this_month)
    _remember(connection, _told(connection, None), states(connection, of), of)


def _in_question(connection: Connection, of: Basis | None) -> Collection[str] | None:
    """Ids of the findings, of those that were told too, that may be in another state than was told; None for all."""
    noted, kept = untold.noted(connection), facts.get(connection, _BASIS)
    if noted is None or kept is None:
        return None
    before = Basis(*kept) if kept else None
    if before == of:
        return noted
    if before is None or of is None or before.reference != of.reference:
        return None
    return noted | turned(connection, before, of)


def _told(connection: Connection, among: Collection[str] | None) -> dict[str, State]:
    if among is None:
        return {row.finding: State(row.state) for row in connection.execute(select(told))}
    found: dict[str, State] = {}
    for chunk in chunks(sorted(among)):
        rows = connection.execute(select(told).where(told.c.finding.in_(chunk)))
        found.update((row.finding, State(row.state)) for row in rows)
    return found


def _remember(connection: Connection, before: dict[str, State], now: dict[str, State], of: Basis | None) -> None:
    """Note that what was told ``before`` is ``now`` told anew, and that by this nothing is left to tell."""
    replaced = [id for id, state in before.items() if now.get(id) != state]
    for chunk in chunks(replaced):
        connection.execute(delete(told).where(told.c.finding.in_(chunk)))
    rows = [{"finding": id, "state": state.value} for id, state in now.items() if before.get(id) != state]
    if rows:
        connection.execute(insert(told), rows)
    kept = list(astuple(of)) if of else []
    if facts.get(connection, _BASIS) != kept:
        facts.put(connection, _BASIS, kept)
    untold.forget(connection)


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

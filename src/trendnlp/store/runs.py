"""The log of runs. Functions over an open transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from trendnlp.diff import RunState
from trendnlp.errors import NotFound
from trendnlp.store import snapshots
from trendnlp.store.rows import canonical, run_of, run_values
from trendnlp.store.schema import AnyText, ledger, runs
from trendnlp.types import Run, content_id

_LIST = "List the runs for the ids there are."


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run and when it was: both times as the caller gave them."""

    id: str
    run: Run
    started: str
    finished: str


def record(connection: Connection, run: Run, started: str, finished: str) -> str:
    """Append a run and what it left behind, unless it is there, and make it that of the ledger's entries since the run
    before; returns its id.
    """
    values = run_values(run)
    id = content_id("run", started, finished, canonical(values).decode())
    if connection.execute(select(runs.c.seq).where(runs.c.id == id)).first() is None:
        row = {"id": id, "started": started, "finished": finished, "run": values}
        number = connection.execute(insert(runs).values(row).returning(runs.c.seq)).scalar_one()
        snapshots.record(connection, number)
        connection.execute(update(ledger).where(ledger.c.run.is_(None)).values(run=id))
    return id


def record_now(connection: Connection, run: Run, at: str) -> RecordedRun:
    """Append what there is at the time ``at``; ``done`` become the documents that the run before did not leave behind.

    ``at`` must be finer than seconds: what is the same at the same time is recorded once, and between two runs there
    may be decisions alone.
    """
    run = replace(run, done=snapshots.names_since(connection))
    return RecordedRun(record(connection, run, at, at), run, at, at)


def run(connection: Connection, id: str) -> RecordedRun:
    """The run of that id, or whose id alone begins so; raises NotFound."""
    return recorded(_row(connection, id))


def recorded(row: Row[Any]) -> RecordedRun:
    return RecordedRun(row.id, run_of(row.run), row.started, row.finished)


def state(connection: Connection, id: str) -> RunState:
    """The run of that id, or whose id alone begins so; raises NotFound, also where it left no snapshot."""
    row = _row(connection, id)
    found = recorded(row)
    snapshot = snapshots.read(connection, row.seq)
    if snapshot is None:
        raise NotFound(found.id, "this run was recorded without what it left behind", "Compare later runs.")
    return RunState(found.id, found.run.models, found.run.settings, snapshot)


def _row(connection: Connection, id: str) -> Row[Any]:
    # not LIKE, which minds case in one database and not in the other
    begins = func.substr(runs.c.id, 1, len(id), type_=AnyText()) == id
    chosen = select(runs).where(begins).order_by(runs.c.id).limit(2)
    rows = connection.execute(chosen).all()
    if not rows or (len(rows) > 1 and rows[0].id != id):
        raise NotFound(id, "several runs begin so" if rows else "no such run", _LIST)
    return rows[0]

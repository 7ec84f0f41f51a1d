"""How the jobs of a database stand, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from trendnlp.store import job_rows as rows
from trendnlp.store.database import Database
from trendnlp.store.job_types import ENDED, JobState, WorkerRow
from trendnlp.store.schema_jobs import jobs, workers


@dataclass(frozen=True, slots=True)
class JobTally:
    """``states``: how many jobs are in each state, of all states; ``waiting``: documents that wait or are in hand;
    ``since``: when the oldest job that has not ended was submitted (ISO 8601, UTC); ``workers``: those that did not
    say that they end, some of which may have died.
    """

    states: tuple[tuple[JobState, int], ...]
    waiting: int
    since: str | None
    workers: tuple[WorkerRow, ...]


def tally(database: Database) -> JobTally:
    """How the jobs stand now; raises StoreError."""
    with database.reading() as connection:
        grouped = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all()
        found = {str(row[0]): int(row[1]) for row in grouped}
        open_states = [state.value for state in JobState if state not in ENDED]
        since = connection.execute(select(func.min(jobs.c.created)).where(jobs.c.state.in_(open_states))).scalar_one()
        living = connection.execute(select(workers).order_by(workers.c.id)).all()
        return JobTally(
            tuple((state, found.get(state.value, 0)) for state in JobState),
            rows.count_waiting(connection),
            since,
            tuple(WorkerRow(row.id, row.host, row.pid, row.seen) for row in living),
        )

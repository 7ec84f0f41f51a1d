"""Gauges of the jobs, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

from trendnlp.jobs import here, is_dead
from trendnlp.store import Store, tally
from trendnlp.web.metrics import Reading


def job_gauges(store: Store) -> Iterator[Reading]:
    """How many jobs there are in each state, what waits, for how long, and who works on it."""
    found, now = tally(store.database), time.time()
    for state, count in found.states:
        yield Reading("trendnlp_jobs", "Jobs by state.", count, "state", state.value)
    yield Reading("trendnlp_job_documents_waiting", "Documents of jobs that wait or are in hand.", found.waiting)
    age = 0.0 if found.since is None else max(0.0, now - datetime.fromisoformat(found.since).timestamp())
    words = "How long ago the oldest job that has not ended was submitted; 0 where all have."
    yield Reading("trendnlp_job_oldest_seconds", words, age)
    living = sum(not is_dead(worker, now, here()) for worker in found.workers)
    yield Reading("trendnlp_workers", "Workers that live.", living)

"""The worker of a workspace, with the real parts."""

from __future__ import annotations

from collections.abc import Callable

from trendnlp.jobs.dbos import DbosQueue
from trendnlp.jobs.terms import terms_of
from trendnlp.jobs.worker import Worker
from trendnlp.settings import THREAD, Settings
from trendnlp.store import JobStore, JobWork
from trendnlp.workspace import Workspace


def hire(workspace: Workspace) -> Worker:
    """A worker that has not begun yet; one of a process at a time can work."""
    database, settings = workspace.store.database, workspace.settings
    jobs = JobStore(database, terms_of(settings))
    return Worker(jobs, JobWork(database, settings.job_days), workspace, DbosQueue.of(settings))


def hired(settings: Settings) -> Callable[[Workspace], Worker] | None:
    """Who works on the jobs in the process of the service: ``hire``, or nobody where the settings say so."""
    return hire if settings.worker == THREAD else None

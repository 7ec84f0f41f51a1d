"""What lives as long as the service runs: the workspace, the work on jobs, the sending of events, telemetry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from trendnlp.jobs import Monitor, terms_of
from trendnlp.settings import Settings
from trendnlp.store import JobStore, JobWork
from trendnlp.web.telemetry import Telemetry
from trendnlp.workspace import Workspace

Workers = Callable[[Workspace], AbstractContextManager[object]]


OpenWorkspace = Callable[[Settings], Workspace]


def lifespan(
    settings: Settings, open_workspace: OpenWorkspace, worker: Workers | None, telemetry: Telemetry
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What an application does at its startup and, in the reverse order, at its shutdown. ``worker`` makes what works
    on the jobs of the workspace meanwhile; without one, processes of their own do.
    """

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            held.push_async_callback(run_in_threadpool, telemetry.tracer.close)
            app.state.workspace = workspace = await run_in_threadpool(open_workspace, settings)
            held.push_async_callback(run_in_threadpool, workspace.close)
            workspace.watch = telemetry.stage
            telemetry.metrics.attach(workspace)
            database = workspace.store.database
            app.state.jobs = JobStore(database, terms_of(settings))
            app.state.monitor = monitor = Monitor(app.state.jobs, JobWork(database, settings.job_days))
            await _enter(held, monitor)
            if worker is not None:
                await _enter(held, worker(workspace))
            yield

    return running


async def _enter(held: AsyncExitStack, part: AbstractContextManager[object]) -> None:
    """Begin ``part``, and end it with the others, both in a thread: it may wait."""
    await run_in_threadpool(part.__enter__)
    held.push_async_callback(run_in_threadpool, part.__exit__, None, None, None)

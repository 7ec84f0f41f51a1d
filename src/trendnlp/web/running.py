"""What lives as long as the service runs: the workspace, the work on jobs, the sending of events, telemetry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from threading import Thread

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from trendnlp.delivery import Courier
from trendnlp.jobs import Monitor, terms_of
from trendnlp.settings import Settings
from trendnlp.store import JobStore, JobWork, Outbox
from trendnlp.trainings import Trainings
from trendnlp.web.gate import UseNoter
from trendnlp.web.telemetry import Telemetry
from trendnlp.workspace import Workspace

Workers = Callable[[Workspace], AbstractContextManager[object]]


OpenWorkspace = Callable[[Settings], Workspace]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who opens the workspace, and who works on its jobs meanwhile; without a ``worker``, processes of their own do."""

    open_workspace: OpenWorkspace
    worker: Workers | None


def lifespan(
    settings: Settings, staff: Staff, telemetry: Telemetry, noter: UseNoter
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What an application does at its startup and, in the reverse order, at its shutdown."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            held.push_async_callback(run_in_threadpool, telemetry.tracer.close)
            app.state.workspace = workspace = await run_in_threadpool(staff.open_workspace, settings)
            held.push_async_callback(run_in_threadpool, workspace.close)
            workspace.watch = telemetry.stage
            preparing = Thread(target=workspace.prepare, name="trendnlp-prepare", daemon=True)
            preparing.start()
            held.push_async_callback(run_in_threadpool, preparing.join, settings.stop_seconds)
            telemetry.metrics.attach(workspace)
            database = workspace.store.database
            courier = Courier(Outbox(database), settings.webhook_hosts)
            courier.start()
            held.push_async_callback(run_in_threadpool, courier.stop)
            held.push_async_callback(noter.finish)
            taught = workspace.store.judging.reviewed_documents
            app.state.trainings = trainings = Trainings(settings, taught, workspace.refresh)
            await run_in_threadpool(trainings.close_left_over)
            held.push_async_callback(run_in_threadpool, trainings.stop)
            app.state.jobs = JobStore(database, terms_of(settings))
            app.state.monitor = monitor = Monitor(app.state.jobs, JobWork(database, settings.job_days))
            await _enter(held, monitor)
            if staff.worker is not None:
                await _enter(held, staff.worker(workspace))
            yield

    return running


async def _enter(held: AsyncExitStack, part: AbstractContextManager[object]) -> None:
    """Begin ``part``, and end it with the others, both in a thread: it may wait."""
    await run_in_threadpool(part.__enter__)
    held.push_async_callback(run_in_threadpool, part.__exit__, None, None, None)

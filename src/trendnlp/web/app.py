"""The application: routes, pages and static files around one workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from trendnlp import __version__
from trendnlp.errors import TrendnlpError
from trendnlp.settings import Settings
from trendnlp.web import (
    compare_routes,
    document_routes,
    fact_routes,
    finding_routes,
    page_routes,
    queue_routes,
    review_routes,
    run_routes,
    system_routes,
)
from trendnlp.web.answers import HERE, Pages
from trendnlp.web.apidoc import Service
from trendnlp.web.envelope import Envelope
from trendnlp.web.parts import turns
from trendnlp.web.problems import Refusal
from trendnlp.workspace import Workspace

DESCRIPTION = (
    "Reads market reports and extracts statements of trends, drivers, challenges and opportunities, each with its "
    "place in the source, and gathers those that say the same into findings. Offsets are Unicode code points, end "
    "exclusive. Every 4xx and 5xx is a problem document (RFC 9457)."
)
TAGS = (
    ("analysis", "Analyse a text without storing anything."),
    ("documents", "The stored reports."),
    ("statements", "Sentences and list items with their labels."),
    ("findings", "Statements of all documents that say the same."),
    ("reviews", "Decisions of people, which last."),
    ("facts", "Sizes, forecasts and growth rates that the reports give for their markets."),
    ("runs", "Passes over documents, and what changed between them."),
    ("service", "Models, limits and health."),
)


def create_app(settings: Settings, open_workspace: Callable[[Settings], Workspace] = Workspace.open) -> FastAPI:
    """The application for ``settings``. The workspace is opened at startup and closed at shutdown; a database that
    cannot be used stops the startup with a StoreError."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.workspace = workspace = await run_in_threadpool(open_workspace, settings)
        try:
            yield
        finally:
            await run_in_threadpool(workspace.close)

    app = Service(
        title="trendnlp",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=[{"name": name, "description": words} for name, words in TAGS],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.pages = pages = Pages()
    app.state.turns = turns()
    for error in (TrendnlpError, Refusal, RequestValidationError, HTTPException):
        app.add_exception_handler(error, pages.handler())
    app.add_middleware(Envelope, hosts=settings.hosts, max_bytes=settings.max_bytes, answer=pages.problem)
    for routes in (
        *(document_routes, compare_routes, fact_routes, finding_routes, review_routes, run_routes),
        *(queue_routes, system_routes, page_routes),
    ):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app

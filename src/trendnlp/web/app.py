"""The application: routes, pages and static files around one workspace."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from trendnlp import __version__
from trendnlp.errors import TrendnlpError
from trendnlp.settings import Settings
from trendnlp.tracing import Tracer
from trendnlp.web import (
    about_routes,
    compare_routes,
    document_routes,
    exchange_routes,
    export_routes,
    fact_routes,
    finding_routes,
    job_pages,
    job_routes,
    learning_routes,
    login_routes,
    metrics_route,
    page_routes,
    queue_routes,
    review_exchange_routes,
    review_finding_routes,
    review_many_routes,
    review_queue_routes,
    review_reader_routes,
    review_routes,
    review_threshold_routes,
    run_routes,
    statement_routes,
    system_routes,
    upload_routes,
    webhook_routes,
)
from trendnlp.web.answers import HERE, Pages
from trendnlp.web.apidoc import Service, answers
from trendnlp.web.conditional import Conditional
from trendnlp.web.envelope import Envelope, Limits
from trendnlp.web.gate import Gate, UseNoter
from trendnlp.web.job_metrics import job_gauges
from trendnlp.web.metrics import Metrics, stored
from trendnlp.web.metrics_route import scrapes
from trendnlp.web.parts import turns
from trendnlp.web.problems import Refusal
from trendnlp.web.rates import RateLimit
from trendnlp.web.running import OpenWorkspace, Staff, Workers, lifespan
from trendnlp.web.sealed import unsealed
from trendnlp.web.telemetry import Telemetry
from trendnlp.workspace import Workspace

DESCRIPTION = (
    "Reads market reports and extracts statements of trends, drivers, challenges and opportunities, each with its "
    "place in the source, and gathers those that say the same into findings. Offsets are Unicode code points, or "
    "UTF-16 units with `offset_unit=utf16`; the end is exclusive. JSON that is read carries an ETag; "
    "If-None-Match answers 304 where nothing has changed. Where the service has keys, each request needs one with the "
    "role that is named. Every 4xx and 5xx is a problem document (RFC 9457)."
)
TAGS = (
    ("analysis", "Analyse a text without storing anything."),
    ("documents", "The stored reports."),
    ("statements", "Sentences and list items with their labels."),
    ("findings", "Statements of all documents that say the same."),
    ("reviews", "Decisions of people, which last."),
    ("facts", "Sizes, forecasts and growth rates that the reports give for their markets."),
    ("runs", "Passes over documents, and what changed between them."),
    ("jobs", "Many documents at once, in the background."),
    ("webhooks", "Who is told of what happens, and what became of telling it."),
    ("export", "Statements and findings as a file."),
    ("service", "Models, limits and health."),
)


def create_app(
    settings: Settings, open_workspace: OpenWorkspace = Workspace.open, worker: Workers | None = None
) -> FastAPI:
    """The application for ``settings``. The workspace is opened at startup and closed at shutdown; a database that
    cannot be used stops the startup with a StoreError. ``worker`` makes what works on the jobs of the workspace
    meanwhile; without one, processes of their own do. Raises SettingsError where tracing is asked for and not
    installed."""
    telemetry = Telemetry(Metrics((stored, job_gauges)), Tracer.of(settings))
    noter = UseNoter()
    app = Service(
        title="trendnlp",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=[{"name": name, "description": words} for name, words in TAGS],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan(settings, Staff(open_workspace, worker), telemetry, noter),
    )
    app.state.pages = pages = Pages()
    app.state.turns = turns()
    app.state.telemetry, app.state.scrapes = telemetry, scrapes()
    for error in (TrendnlpError, Refusal, RequestValidationError, HTTPException):
        app.add_exception_handler(error, pages.handler())
    limits = Limits(settings.max_bytes, max(settings.max_bytes, settings.max_job_bytes))
    # the last one added is the outermost
    app.add_middleware(Conditional)
    app.add_middleware(RateLimit, limit=settings.requests_per_minute, answer=pages.problem)
    app.add_middleware(Gate, settings=settings, noter=noter, answer=pages.problem)
    app.add_middleware(Envelope, hosts=settings.hosts, limits=limits, answer=pages.problem, telemetry=telemetry)
    for routes in (
        *(document_routes, fact_routes, compare_routes, review_routes, queue_routes),
        *(job_routes, run_routes, webhook_routes, system_routes, metrics_route),
        *(learning_routes, login_routes, page_routes, about_routes, upload_routes, job_pages),
        *(review_queue_routes, review_finding_routes, review_many_routes),
        *(review_reader_routes, review_exchange_routes, review_threshold_routes),
    ):
        app.include_router(routes.router)
    for routes in (statement_routes, finding_routes, exchange_routes, export_routes):
        app.include_router(routes.router, dependencies=[Depends(unsealed)], responses=answers(403, limited=False))
    app.include_router(learning_routes.pages)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app

"""What is told of every request and stage: its line in the log, its counts, its span."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Scope

from trendnlp.logs import bound
from trendnlp.stages import Stage
from trendnlp.tracing import Tracer
from trendnlp.web.metrics import Metrics

log = logging.getLogger("trendnlp.access")

UNMATCHED = "unmatched"  # the route of a request that none takes: paths that anybody makes up are no label
ABORTED = "aborted"  # the status of a request whose client went away before an answer
LONGEST_PATH = 200  # characters of a path in the log
PROBES = frozenset(("/healthz", "/readyz", "/metrics"))  # asked every few seconds: in the log from debug on


@dataclass(slots=True)
class Outcome:
    """What became of a request. ``status`` is that of the answer once one has begun."""

    status: int | None = None


class Telemetry:
    """Tells of the requests and stages of one application."""

    def __init__(self, metrics: Metrics, tracer: Tracer) -> None:
        self.metrics = metrics
        self.tracer = tracer

    @contextmanager
    def request(self, scope: Scope, method: str, request_id: str) -> Iterator[Outcome]:
        """Around the work on one request. ``scope`` is read again at the end, when its route is in it."""
        outcome = Outcome()
        begun = time.perf_counter()
        with bound(request_id=request_id), self.tracer.request(method, Headers(scope=scope)) as amend:
            try:
                yield outcome
            finally:
                seconds = time.perf_counter() - begun
                route = route_of(scope)
                status = str(outcome.status or ABORTED)
                self.metrics.request(route, method, status, seconds)
                amend(
                    f"{method} {route}",
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": outcome.status or 0,
                        "trendnlp.request_id": request_id,
                    },
                    (outcome.status or HTTPStatus.INTERNAL_SERVER_ERROR) >= HTTPStatus.INTERNAL_SERVER_ERROR,
                )
                _log(scope, method, route, status, seconds)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Around one stage."""
        begun = time.perf_counter()
        with self.tracer.span(stage.value):
            try:
                yield
            finally:
                self.metrics.stage(stage, time.perf_counter() - begun)


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, such as ``/v1/documents/{document_id}``; of static files, the
    path below which all are.
    """
    if path := getattr(scope.get("route"), "path_format", None):
        return str(path)
    # a mount notes the path above it, and adds its own to the root
    above = scope.get("app_root_path")
    return UNMATCHED if above is None else str(scope["root_path"]).removeprefix(above)


def _log(scope: Scope, method: str, route: str, status: str, seconds: float) -> None:
    client = scope.get("client")
    told = {
        "method": method[:LONGEST_PATH],
        "route": route,
        "path": scope["path"][:LONGEST_PATH],  # without the query, which holds what people look for
        "status": status,
        "ms": round(seconds * 1000, 1),
        "client": client[0] if client else "",
    }
    log.log(logging.DEBUG if route in PROBES else logging.INFO, "request", extra=told)

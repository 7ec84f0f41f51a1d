"""The route that Prometheus scrapes."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    """In a thread of its own, so that it answers when analyses hold every thread of the pool, one scrape at a time."""
    state = request.app.state
    text = await to_thread.run_sync(state.telemetry.metrics.exposition, limiter=state.scrapes)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def scrapes() -> CapacityLimiter:
    """The turns at scraping of one application."""
    return CapacityLimiter(1)

"""What handlers are given: the workspace, the workspace with its models loaded, and a turn at the models.

These are coroutines that never wait: functions would need a thread of the pool, and /healthz must answer when analyses
hold all of them.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Path, Request

from trendnlp.web import examples
from trendnlp.web.answers import Pages
from trendnlp.web.problems import Refusal, busy, not_ready
from trendnlp.workspace import Workspace

# What waits for the models holds a thread of the pool, which has 40: the others stay free for reading.
MAX_TURNS = 24


def turns() -> threading.BoundedSemaphore:
    """The turns at the models of one application."""
    return threading.BoundedSemaphore(MAX_TURNS)


async def _workspace(request: Request) -> Workspace:
    return cast(Workspace, request.app.state.workspace)


AnyWorkspace = Annotated[Workspace, Depends(_workspace)]


async def _ready(workspace: AnyWorkspace) -> Workspace:
    if workspace.ready() is not None:
        raise Refusal(not_ready())
    return workspace


async def _turn(request: Request) -> AsyncIterator[None]:
    free = cast(threading.BoundedSemaphore, request.app.state.turns)
    if not free.acquire(blocking=False):
        raise Refusal(busy(MAX_TURNS))
    try:
        yield
    finally:
        free.release()


async def _pages(request: Request) -> Pages:
    return cast(Pages, request.app.state.pages)


DocumentId = Annotated[str, Path(openapi_examples={"document": {"value": examples.DOCUMENT_ID}})]
FindingId = Annotated[str, Path(openapi_examples={"finding": {"value": examples.FINDING_ID}})]
ReviewId = Annotated[str, Path(openapi_examples={"review": {"value": examples.REVIEW_ID}})]
StatementId = Annotated[str, Path(openapi_examples={"statement": {"value": examples.STATEMENT_ID}})]
RunId = Annotated[str, Path(openapi_examples={"run": {"value": examples.RUN_ID}})]
OtherRunId = Annotated[str, Path(openapi_examples={"run": {"value": examples.OTHER_RUN_ID}})]
WebhookId = Annotated[str, Path(openapi_examples={"webhook": {"value": examples.WEBHOOK_ID}})]
DeliveryId = Annotated[str, Path(openapi_examples={"delivery": {"value": examples.DELIVERY_ID}})]
ReadyWorkspace = Annotated[Workspace, Depends(_ready)]
# after the parameter that reads the body, so that a client that sends slowly holds no turn
Turn = Annotated[None, Depends(_turn, scope="function")]
ThePages = Annotated[Pages, Depends(_pages)]

"""What handlers are given: the workspace, and the workspace with its models loaded."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Path, Request

from trendnlp.web import examples
from trendnlp.web.answers import Pages
from trendnlp.web.problems import Refusal, not_ready
from trendnlp.workspace import Workspace


def _workspace(request: Request) -> Workspace:
    return cast(Workspace, request.app.state.workspace)


def _ready(request: Request) -> Workspace:
    workspace = _workspace(request)
    if workspace.ready() is not None:
        raise Refusal(not_ready())
    return workspace


def _pages(request: Request) -> Pages:
    return cast(Pages, request.app.state.pages)


AnyWorkspace = Annotated[Workspace, Depends(_workspace)]
DocumentId = Annotated[str, Path(openapi_examples={"document": {"value": examples.DOCUMENT_ID}})]
FindingId = Annotated[str, Path(openapi_examples={"finding": {"value": examples.FINDING_ID}})]
StatementId = Annotated[str, Path(openapi_examples={"statement": {"value": examples.STATEMENT_ID}})]
ReadyWorkspace = Annotated[Workspace, Depends(_ready)]
ThePages = Annotated[Pages, Depends(_pages)]

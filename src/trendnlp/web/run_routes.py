"""JSON routes of runs: what was done when, and what changed between two of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.diff import diff
from trendnlp.records import diff_record, run_line, statements_of_diff
from trendnlp.store import PageRequest
from trendnlp.web import examples, run_schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers
from trendnlp.web.fields import PageQuery, RunDiffQuery
from trendnlp.web.parts import AnyWorkspace, OtherRunId, RunId

router = APIRouter(prefix="/v1", tags=["runs"], default_response_class=Json)


@router.get(
    "/runs",
    operation_id="listRuns",
    summary="List the runs that added documents, the last one first",
    response_model=run_schemas.RunsPage,
    responses=answers(400, 422, 503, ok=examples.RUNS),
)
def list_runs(request: Request, workspace: AnyWorkspace, query: Annotated[PageQuery, Query()]) -> Response:
    page = workspace.store.runs(PageRequest(query.limit, query.cursor))
    items = [run_line(found.id, found.run, found.started, found.finished) for found in page.items]
    return listed(request, items, page.next_cursor, page.total)


@router.get(
    "/runs/{a}/diff/{b}",
    operation_id="compareRuns",
    summary="Say which labels and findings changed between two runs, and why",
    response_model=run_schemas.RunDiff,
    responses=answers(404, 422, 503, ok=examples.RUN_DIFF),
)
def compare_runs(workspace: AnyWorkspace, a: RunId, b: OtherRunId, query: Annotated[RunDiffQuery, Query()]) -> Response:
    store = workspace.store
    found = diff(store.run_state(a), store.run_state(b))
    texts = store.stored_texts(statements_of_diff(found, query.limit))
    return Json(diff_record(found, texts, query.limit))

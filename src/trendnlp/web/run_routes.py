"""JSON routes of runs: what was done when, and what changed between two of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.diff import diff
from trendnlp.records import Record, diff_record, run_line, statements_of_diff
from trendnlp.store import PageRequest, RecordedRun
from trendnlp.web import examples, run_schemas
from trendnlp.web.answers import Json, base_of, listed
from trendnlp.web.apidoc import answers
from trendnlp.web.fields import PageQuery, RunDiffQuery
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.parts import AnyWorkspace, OtherRunId, ReadyWorkspace, RunId, Turn

router = APIRouter(prefix="/v1", tags=["runs"], default_response_class=Json, route_class=KeyedRoute)


@router.post(
    "/runs",
    operation_id="recordRun",
    status_code=201,
    summary="Record what stands now as a run, to compare it with others",
    description="The findings are brought up to date first. `done` counts the documents that the run before did not "
    "leave behind, all where there is none; `skipped` and `failed` are empty. Where nothing has changed it is another "
    "run all the same.",
    response_model=run_schemas.RecordedRun,
    responses=answers(403, 409, 422, 429, 503, created=examples.NEW_RUN),
)
def record_run(request: Request, workspace: ReadyWorkspace, turn: Turn, key: IdempotencyKey) -> Response:
    workspace.refresh()
    recorded = workspace.store.record_now(workspace.run_of((), (), ()))
    return Json(_line(recorded), 201, {"Location": f"{base_of(request)}/v1/runs/{recorded.id}"})


@router.get(
    "/runs",
    operation_id="listRuns",
    summary="List the runs, the last one first",
    response_model=run_schemas.RunsPage,
    responses=answers(400, 422, 503, ok=examples.RUNS),
)
def list_runs(request: Request, workspace: AnyWorkspace, query: Annotated[PageQuery, Query()]) -> Response:
    page = workspace.store.runs(PageRequest(query.limit, query.cursor))
    return listed(request, [_line(found) for found in page.items], page.next_cursor, page.total)


@router.get(
    "/runs/{run_id}",
    operation_id="getRun",
    summary="Read a run",
    response_model=run_schemas.RecordedRun,
    responses=answers(404, 422, 503, ok=examples.RUN),
)
def get_run(workspace: AnyWorkspace, run_id: RunId) -> Response:
    return Json(_line(workspace.store.run(run_id)))


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


def _line(found: RecordedRun) -> Record:
    return run_line(found.id, found.run, found.started, found.finished)

"""JSON routes that take reviews out of a workspace and into another."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from trendnlp.actions import ReviewFormat
from trendnlp.review_export import export_reviews, read_log
from trendnlp.web import queue_examples, queue_schemas
from trendnlp.web.answers import Json
from trendnlp.web.apidoc import answers, file_answer
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.intake import media_type, refuse_query
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, Turn
from trendnlp.web.problems import Fault, Refusal, invalid, wrong_type
from trendnlp.web.queue_fields import ReviewExportQuery

router = APIRouter(prefix="/v1", default_response_class=Json, route_class=KeyedRoute)
LINES = "application/x-ndjson"
CSV = "text/csv; charset=utf-8; header=present"
FILES = {ReviewFormat.LOG: "reviews.jsonl", ReviewFormat.TRAINING: "judged.jsonl", ReviewFormat.CSV: "judged.csv"}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {LINES: {"schema": {"type": "string"}, "example": queue_examples.EXPORTED[LINES]}},
}


@router.get(
    "/reviews/export",
    operation_id="exportReviews",
    tags=["reviews"],
    summary="Export the log of decisions, or the judged statements",
    description="`log`: every record, oldest first, which `POST /v1/reviews/import` reads. `training`: the statements "
    "that are accepted, corrected or rejected, in their context. `csv`: the same as a table, in which no cell is a "
    "formula. The file is sent while it is made.",
    response_class=StreamingResponse,
    responses=answers(422, 503) | file_answer(queue_examples.EXPORTED),
)
def export_the_reviews(workspace: AnyWorkspace, query: Annotated[ReviewExportQuery, Query()]) -> Response:
    format = ReviewFormat(query.format)
    pieces = export_reviews(workspace.store, format)
    first = next(pieces, "")  # what fails at once is told as a problem
    whole = (piece.encode() for piece in chain((first,), pieces))
    media = CSV if format is ReviewFormat.CSV else LINES
    attached = f'attachment; filename="{FILES[format]}"'
    return StreamingResponse(whole, headers={"Content-Type": media, "Content-Disposition": attached})


async def log_intake(request: Request) -> str:
    """JSON lines; raises Refusal (413, 415, 422)."""
    if media_type(request).get_content_type() != LINES:
        raise Refusal(wrong_type(request.headers.get("content-type", ""), (LINES,)))
    refuse_query(request)
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise Refusal(invalid([Fault("#", f"is not UTF-8 at byte {error.start}")])) from None


@router.post(
    "/reviews/import",
    operation_id="importReviews",
    tags=["reviews"],
    summary="Import an exported log of decisions",
    description="Records keep their ids, names and times; one that is here already stays as it is, so that the same "
    "log again changes nothing. What contradicts a decision that is here is left out and told. A line that is no "
    "record refuses all. A log that is too large for one request may come in several, the oldest lines first.",
    response_model=queue_schemas.Imported,
    responses=answers(400, 403, 409, 413, 415, 422, 429, 503, ok=queue_examples.IMPORTED),
    openapi_extra={"requestBody": _BODY},
)
def import_reviews(
    workspace: ReadyWorkspace, log: Annotated[str, Depends(log_intake)], turn: Turn, key: IdempotencyKey
) -> Response:
    taken = workspace.take(read_log(log.split("\n"), "body"))
    refused = [{"id": r.id, "reason": r.reason, "remedy": r.remedy} for r in taken.refused]
    return Json({"added": taken.added, "known": taken.known, "refused": refused})

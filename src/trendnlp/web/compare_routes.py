"""The JSON route that compares statements."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from trendnlp.pipeline import Question
from trendnlp.records import comparison_record
from trendnlp.web import examples, schemas
from trendnlp.web.answers import Json
from trendnlp.web.apidoc import answers, json_body
from trendnlp.web.fields import CompareBody
from trendnlp.web.intake import compare_intake
from trendnlp.web.parts import ReadyWorkspace, Turn

router = APIRouter(prefix="/v1", default_response_class=Json)


@router.post(
    "/compare",
    operation_id="compare",
    tags=["analysis"],
    summary="Say whether pairs of statements make the same claim, and why",
    description="One answer a pair, in the same order, by the rule that findings are made by; nothing is stored.",
    response_model=schemas.Comparisons,
    responses=answers(400, 403, 413, 415, 422, 429, 503, ok=examples.COMPARISONS),
    openapi_extra={"requestBody": json_body(CompareBody, examples.COMPARE_BODY)},
)
def compare(
    workspace: ReadyWorkspace, questions: Annotated[tuple[Question, ...], Depends(compare_intake)], turn: Turn
) -> Response:
    verdicts = workspace.compare(questions)
    model = workspace.pipeline.matcher.digest
    return Json({"items": [comparison_record(verdict, model) for verdict in verdicts]})

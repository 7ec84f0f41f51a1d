"""JSON routes of reviews: the decisions of people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from trendnlp.access import Role
from trendnlp.review_records import review_record
from trendnlp.store import PageRequest, ReviewFilter
from trendnlp.web import examples, schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers, json_body
from trendnlp.web.fields import ReviewBody, ReviewQuery, UndoBody
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.intake import Decision, review_intake, undo_intake
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, ReviewId, Turn
from trendnlp.web.principal import require
from trendnlp.web.sealed import Unsealed

router = APIRouter(prefix="/v1", default_response_class=Json, route_class=KeyedRoute)


@router.post(
    "/reviews",
    operation_id="createReview",
    tags=["reviews"],
    status_code=201,
    summary="Record a decision, and bring the findings up to date",
    description="What people decide lasts through every later run and model. Of two decisions on the same, the later "
    "one counts; a merge that would join statements which an earlier decision keeps apart is refused. With `If-Match` "
    "(the version of the one statement) or `versions`, so is what somebody decided on meanwhile: 412.",
    response_model=schemas.Review,
    responses=answers(400, 403, 404, 409, 412, 413, 415, 422, 429, 503, created=examples.REVIEW),
    openapi_extra={"requestBody": json_body(ReviewBody, examples.REVIEW_BODY)},
)
def create_review(
    workspace: ReadyWorkspace, decision: Annotated[Decision, Depends(review_intake)], turn: Turn, key: IdempotencyKey
) -> Response:
    return Json(review_record(workspace.review(decision.draft, decision.seen), undone=False), 201)


@router.get(
    "/reviews",
    operation_id="listReviews",
    tags=["reviews"],
    summary="List the reviews, the latest first",
    response_model=schemas.ReviewsPage,
    responses=answers(400, 403, 422, 503, ok=examples.REVIEWS),
)
def list_reviews(
    request: Request, workspace: AnyWorkspace, query: Annotated[ReviewQuery, Query()], unsealed: Unsealed
) -> Response:
    page = workspace.store.reviews(ReviewFilter(query.statement), PageRequest(query.limit, query.cursor))
    undone = workspace.store.undone(review.id for review in page.items)
    items = [review_record(review, review.id in undone) for review in page.items]
    return listed(request, items, page.next_cursor, page.total)


@router.post(
    "/reviews/{review_id}/undo",
    operation_id="undoReview",
    tags=["reviews"],
    status_code=201,
    summary="Take a review back, and bring the findings up to date",
    description="Records an `undo`. An undo can be undone too: then what it took back stands again.",
    response_model=schemas.Review,
    responses=answers(400, 403, 404, 409, 413, 415, 422, 429, 503, created=examples.UNDO),
    openapi_extra={"requestBody": json_body(UndoBody, examples.UNDO_BODY)},
)
def undo_review(
    request: Request,
    workspace: ReadyWorkspace,
    review_id: ReviewId,
    by: Annotated[str, Depends(undo_intake)],
    turn: Turn,
    key: IdempotencyKey,
) -> Response:
    if workspace.store.judging.is_final(review_id):
        require(request, Role.ADJUDICATE)
    return Json(review_record(workspace.undo(review_id, by), undone=False), 201)

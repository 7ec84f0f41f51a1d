"""JSON routes of review work: the queue, decisions on many statements, readers and what their decisions tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from trendnlp.errors import BadCursor
from trendnlp.placing import Placer
from trendnlp.records import Record
from trendnlp.review_records import (
    agreement_record,
    rate_record,
    review_record,
    verdict_of_reader_record,
    worth_record,
)
from trendnlp.store import Applied, Preview, Progress, Queue, QueueItem, QueueRequest
from trendnlp.store.evidence import Threshold
from trendnlp.triage import Order, Share
from trendnlp.types import LabelledStatement
from trendnlp.web import queue_examples, queue_schemas
from trendnlp.web.answers import Json, next_link
from trendnlp.web.apidoc import also_ok, answers, json_body
from trendnlp.web.filters import statement_filter
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.intake import json_intake
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, Turn
from trendnlp.web.principal import author_of
from trendnlp.web.queue_fields import AcceptBody, AssignBody, BulkBody, QueueQuery, Selection
from trendnlp.web.sealed import Unsealed, refuse_open_share
from trendnlp.workspace import Workspace

router = APIRouter(prefix="/v1", default_response_class=Json, route_class=KeyedRoute)
CURSOR = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9]{1,9})")


async def bulk_intake(request: Request) -> BulkBody:
    return await json_intake(BulkBody, request)


async def accept_intake(request: Request) -> AcceptBody:
    return await json_intake(AcceptBody, request)


async def assign_intake(request: Request) -> AssignBody:
    return await json_intake(AssignBody, request)


Bulk = Annotated[BulkBody, Depends(bulk_intake)]
Accept = Annotated[AcceptBody, Depends(accept_intake)]
Assign = Annotated[AssignBody, Depends(assign_intake)]


@router.get(
    "/queue",
    operation_id="listQueue",
    tags=["reviews"],
    summary="List what waits for a decision, what is worth most first",
    description="The first page makes a snapshot, in which `next_cursor` leads on. Ordered by value, a random share of "
    "the statements (`TRENDNLP_AUDIT_SHARE`) is strewn among the rest, so that the errors of confident labels are "
    "measured too.",
    response_model=queue_schemas.Queue,
    responses=answers(400, 403, 404, 422, 503, ok=queue_examples.QUEUE),
)
def list_queue(request: Request, workspace: AnyWorkspace, query: Annotated[QueueQuery, Query()]) -> Response:
    judging, wanted = workspace.store.judging, statement_filter(query, workspace.model_card(), query)
    if query.cursor is None:
        share = workspace.settings.audit_share
        how = (wanted, Order(query.order), query.seed, share, query.reader, query.blind, query.disagreements)
        queue = judging.queue(QueueRequest(*how), query.limit)
    else:
        place = CURSOR.fullmatch(query.cursor)
        if place is None:
            raise BadCursor(query.cursor[:80], "this list did not make this page cursor", "Start from the first page.")
        queue = judging.queue_page(place[1], int(place[2]), query.limit)
    if not queue.blind:
        refuse_open_share(request, workspace)
    return _queue(request, workspace, queue, None if queue.blind else judging.progress(wanted))


@router.get(
    "/queue/auto",
    operation_id="readEvidence",
    tags=["reviews"],
    summary="Read how often the model errs above a score, and how much work is left",
    response_model=queue_schemas.Evidence,
    responses=answers(403, 422, 503, ok=queue_examples.EVIDENCE),
)
def read_evidence(workspace: AnyWorkspace, query: Annotated[Selection, Query()], unsealed: Unsealed) -> Response:
    card = workspace.model_card()
    wanted = statement_filter(query, card, query)
    found = workspace.store.judging.evidence(wanted, card.digest, workspace.settings.audit_share)
    return Json(
        {
            "model": card.digest,
            "pending": found.pending,
            "seconds_each": found.seconds,
            "thresholds": [_threshold(threshold, found.seconds) for threshold in found.thresholds],
        }
    )


@router.post(
    "/queue/auto",
    operation_id="acceptAbove",
    tags=["reviews"],
    status_code=201,
    summary="Accept what the model is sure of, in one decision",
    description="Of what is pending; the random sample for the measuring of errors stays in the queue. The record's "
    "`reading` is `auto`.",
    response_model=queue_schemas.Applied,
    responses=answers(400, 403, 409, 413, 415, 422, 429, 503, created=queue_examples.APPLIED),
    openapi_extra={"requestBody": json_body(AcceptBody, queue_examples.ACCEPT_BODY)},
)
def accept_above(
    request: Request, workspace: ReadyWorkspace, body: Accept, turn: Turn, key: IdempotencyKey
) -> Response:
    wanted = statement_filter(body.filter, workspace.model_card(), body.filter)
    return _applied(workspace.accept_above(body.threshold, wanted, author_of(request, body.by)))


@router.post(
    "/queue/assignments",
    operation_id="assign",
    tags=["reviews"],
    status_code=201,
    summary="Give statements, or a random share of them, to a reader, who reads them blind",
    description="Until the reader is done, routes that tell what others decided refuse his key (403 `share-open`).",
    response_model=queue_schemas.Assigned,
    responses=answers(400, 403, 404, 409, 413, 415, 422, 503, created=queue_examples.ASSIGNED),
    openapi_extra={"requestBody": json_body(AssignBody, queue_examples.ASSIGN_BODY)},
)
def assign(request: Request, workspace: AnyWorkspace, body: Assign, key: IdempotencyKey) -> Response:
    judging, by = workspace.store.judging, author_of(request, body.by)
    if body.share is None:
        assigned = judging.assign(tuple(dict.fromkeys(body.statements)), body.reader, by)
    else:
        wanted = statement_filter(body.filter, workspace.model_card(), body.filter)
        assigned = judging.assign_share(wanted, Share(body.share, body.seed), body.reader, by)
    return Json({"assigned": assigned}, 201)


@router.post(
    "/reviews/bulk",
    operation_id="reviewMany",
    tags=["reviews"],
    status_code=201,
    summary="Decide on all statements that match: a preview, then the decision",
    description="Without `token` nothing is decided: the answer counts what matches, shows some of it, and pins it "
    "under a token. With the token, the same body decides on what was previewed, in one record; what changed meanwhile "
    "is left out and counted.",
    response_model=queue_schemas.Applied,
    responses={
        **answers(400, 403, 404, 409, 413, 415, 422, 429, 503, created=queue_examples.APPLIED),
        **also_ok(queue_schemas.Preview, queue_examples.PREVIEW),
    },
    openapi_extra={"requestBody": json_body(BulkBody, queue_examples.BULK_BODY)},
)
def review_many(
    request: Request, workspace: ReadyWorkspace, body: Bulk, unsealed: Unsealed, turn: Turn, key: IdempotencyKey
) -> Response:
    wanted = statement_filter(body.filter, workspace.model_card(), body.filter)
    draft = body.draft(author_of(request, body.by))
    if body.token is not None:
        return _applied(workspace.apply(draft, body.token))
    return _preview(workspace, workspace.preview(draft, wanted))


@router.get(
    "/reviews/agreement",
    operation_id="readAgreement",
    tags=["reviews"],
    summary="Read how far readers agree",
    response_model=queue_schemas.Agreements,
    responses=answers(403, 503, ok=queue_examples.AGREEMENTS),
)
def read_agreement(workspace: AnyWorkspace, unsealed: Unsealed) -> Response:
    found = workspace.store.judging.agreements()
    return Json({"items": [agreement_record(pair.a, pair.b, pair.agreement) for pair in found]})


def _queue(request: Request, workspace: Workspace, queue: Queue, progress: Progress | None) -> Response:
    """Of a blind queue neither progress nor reasons are told: both would tell what others said."""
    cursor = None if queue.next is None else f"{queue.token}.{queue.next}"
    link = next_link(request, cursor)
    placed = _placed(workspace, [item.labelled for item in queue.items])
    reasons = [None] * len(queue.items) if queue.blind else _reasons(workspace, queue)
    told = zip(queue.items, reasons, strict=True)
    body = {
        "items": [
            _item(item, placed[id], reason) for item, reason in told if (id := item.labelled.statement.id) in placed
        ],
        "next_cursor": cursor,
        "total": queue.total,
        "size": queue.size,
        "progress": progress and {**{s.value: number for s, number in progress.statuses}, "today": progress.today},
    }
    return Json(body, headers={"Link": f'<{link}>; rel="next"'} if link else None)


def _placed(workspace: Workspace, labelled: Sequence[LabelledStatement]) -> dict[str, Record]:
    """Statement id to JSON object, without those whose document was deleted meanwhile."""
    return {placed.id: placed.record for placed in Placer(workspace.store).place(labelled)}


def _item(item: QueueItem, statement: Record, reason: Record | None) -> Record:
    return {
        "statement": statement,
        "version": item.version,
        "worth": worth_record(item.worth),
        "reason": reason,
        "verdicts": [verdict_of_reader_record(verdict) for verdict in item.verdicts],
    }


def _reasons(workspace: Workspace, queue: Queue) -> list[Record | None]:
    """The most like of what is judged, one an item."""
    wanted = [(item.labelled.statement.id, item.labelled.vector) for item in queue.items]
    near = workspace.nearest().of_each(wanted)
    known = workspace.store.judging.known_statements({n.statement for n in near if n})
    return [_reason(known[n.statement], n.cosine) if n and n.statement in known else None for n in near]


def _reason(labelled: LabelledStatement, cosine: float) -> Record:
    status = labelled.judgement.status.value if labelled.judgement else "pending"
    statement = labelled.statement
    return {
        "statement": statement.id,
        "text": statement.text,
        "kind": labelled.label.kind,
        "status": status,
        "cosine": cosine,
    }


def _preview(workspace: Workspace, preview: Preview) -> Response:
    samples = Placer(workspace.store).records(preview.samples)
    return Json({"token": preview.token, "count": preview.count, "samples": samples})


def _applied(applied: Applied) -> Response:
    return Json({"review": review_record(applied.review, undone=False), "left_out": applied.left_out}, 201)


def _threshold(found: Threshold, each: float | None) -> Record:
    return {
        "score": found.score,
        "audit": rate_record(found.audit),
        "reviewed": rate_record(found.reviewed),
        "remaining": found.remaining,
        "seconds": None if each is None else each * found.remaining,
    }

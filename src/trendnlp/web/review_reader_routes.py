"""The page of the readers: who reads blind, how far they agree, and what is given to whom."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from trendnlp.review_records import agreement_record
from trendnlp.standing import Status
from trendnlp.store import QueueRequest, StatementFilter
from trendnlp.store.worth import JUDGED
from trendnlp.triage import Order
from trendnlp.web.answers import base_of
from trendnlp.web.fields import MAX_FIELD, Line
from trendnlp.web.intake import from_form
from trendnlp.web.page_queries import PageQuery
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.preferences import MAX_NAME
from trendnlp.web.review_queries import Author, reader_of
from trendnlp.workspace import Workspace

router = APIRouter(include_in_schema=False)

MAX_ASSIGNED = 500  # statements of one assignment: a day's reading
SEEDS = 2**31


class AssignForm(PageQuery):
    """To whom, and how many."""

    reader: Line
    count: Annotated[int, Field(ge=1, le=MAX_ASSIGNED)]


async def _assign_form(request: Request) -> AssignForm:
    return await from_form(AssignForm, request)


@router.get("/review/readers")
def readers_page(
    request: Request,
    workspace: AnyWorkspace,
    pages: ThePages,
    assigned: Annotated[int | None, Query(ge=0)] = None,
    to: Annotated[str, Query(max_length=MAX_FIELD)] = "",
) -> Response:
    judging, reader = workspace.store.judging, reader_of(request)
    return pages.respond(
        request,
        "review_readers.html",
        pairs=[agreement_record(pair.a, pair.b, pair.agreement) for pair in judging.agreements()],
        disputed=judging.waiting(QueueRequest(disputed=True)),
        waiting=judging.waiting(QueueRequest(reader=reader, blind=True)) if reader else 0,
        judged=_judged(workspace),
        assigned=assigned,
        assigned_to=to,
        reader=reader,
        most=MAX_ASSIGNED,
        longest=MAX_NAME,
    )


@router.post("/review/readers")
def assign(
    request: Request, workspace: AnyWorkspace, by: Author, form: Annotated[AssignForm, Depends(_assign_form)]
) -> Response:
    """Some of what is judged, drawn at random."""
    judging = workspace.store.judging
    wanted = StatementFilter(statuses=JUDGED)
    drawn = judging.queue(QueueRequest(wanted, Order.RANDOM, secrets.randbelow(SEEDS)), form.count)
    statements = [item.labelled.statement.id for item in drawn.items]
    assigned = judging.assign(statements, form.reader, by)
    told = urlencode({"assigned": assigned, "to": form.reader})
    return RedirectResponse(f"{base_of(request)}/review/readers?{told}", 303)


def _judged(workspace: Workspace) -> int:
    found = dict(workspace.store.judging.progress().statuses)
    return sum(found[status] for status in Status if status in JUDGED)

"""The pages of the review about one finding, and about one statement: what says the same, and every decision on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.actions import MAX_VALUE, Value
from trendnlp.store import PageRequest, ReviewFilter
from trendnlp.store.pages import MAX_LIMIT
from trendnlp.web.fields import MAX_FIELD, MAX_WORDS
from trendnlp.web.filters import aspects, claim_kinds
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.preferences import MAX_NAME
from trendnlp.web.review_findings import MEMBERS, copies, decisions, dropped_by, hidden, near
from trendnlp.web.review_queries import reader_of
from trendnlp.web.views import REASONS

router = APIRouter(include_in_schema=False)


@router.get("/review/findings/{finding_id}")
def finding_page(
    request: Request,
    workspace: AnyWorkspace,
    pages: ThePages,
    finding_id: str,
    statement: Annotated[str, Query(max_length=MAX_FIELD)] = "",
    q: Annotated[str, Query(max_length=MAX_WORDS)] = "",
    skip: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    store, card = workspace.store, workspace.model_card()
    finding = store.finding(finding_id)
    history = decisions(store, store.judging.history(finding))
    away = hidden(store, finding)
    return pages.respond(
        request,
        "review_finding.html",
        finding=finding,
        version=store.judging.finding_versions((finding.id,)).get(finding.id, 0),
        copies=copies(store, finding, skip),
        near=near(store, finding, q),
        hidden=[(labelled, dropped_by(history, labelled.statement.id)) for labelled in away],
        history=history,
        statement=statement,
        q=q,
        skip=skip,
        length=MEMBERS,
        kinds=claim_kinds(card),
        reasons=REASONS,
        longest={"title": MAX_VALUE[Value.TITLE], "tag": MAX_VALUE[Value.TAG]},
        reader=reader_of(request),
        longest_name=MAX_NAME,
    )


@router.get("/review/statements/{statement}")
def statement_page(request: Request, workspace: AnyWorkspace, pages: ThePages, statement: str) -> Response:
    store, card = workspace.store, workspace.model_card()
    labelled = store.statement(statement)
    reviews = store.reviews(ReviewFilter(statement), PageRequest(MAX_LIMIT)).items
    return pages.respond(
        request,
        "review_statement.html",
        labelled=labelled,
        version=store.judging.versions((statement,))[statement],
        source=store.source_names((labelled.statement.document,)).get(labelled.statement.document, ""),
        finding=store.finding_of((statement,)).get(statement),
        history=decisions(store, reviews[::-1]),
        aspects=aspects(card),
        longest={"tag": MAX_VALUE[Value.TAG], "text": MAX_VALUE[Value.TEXT]},
        reader=reader_of(request),
        longest_name=MAX_NAME,
    )

"""JSON routes of findings, and of a statement in its context."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.momentum import FORMULA, momentum, state
from trendnlp.periods import Step
from trendnlp.records import (
    document_record,
    entry_record,
    finding_record,
    review_record,
    statement_record,
    timeline_record,
)
from trendnlp.review import undone
from trendnlp.store import PageRequest
from trendnlp.timeline import timeline
from trendnlp.types import Finding
from trendnlp.web import examples, schemas, timeline_schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers, moved
from trendnlp.web.contests import contests
from trendnlp.web.fields import FindingQuery, TimelineQuery
from trendnlp.web.filters import finding_filter
from trendnlp.web.parts import AnyWorkspace, FindingId, StatementId
from trendnlp.web.passages import QUOTE_AROUND, around, quote
from trendnlp.web.places import Place, places

router = APIRouter(prefix="/v1", default_response_class=Json)

DEFAULT_AROUND = 300  # code points; two or three sentences on each side
MAX_AROUND = 20_000  # a page's worth; the whole text is at /v1/documents/{id}


@router.get(
    "/findings",
    operation_id="listFindings",
    tags=["findings"],
    summary="List the findings, those in most documents first",
    response_model=schemas.FindingsPage,
    responses=answers(400, 422, 503, ok=examples.FINDINGS),
)
def list_findings(request: Request, workspace: AnyWorkspace, query: Annotated[FindingQuery, Query()]) -> Response:
    wanted = finding_filter(query, workspace.model_card())
    page = workspace.store.findings(wanted, PageRequest(query.limit, query.cursor))
    corpus = workspace.store.publication_months()
    records = [{**finding_record(f), "state": state(f.backing, corpus).value} for f in page.items]
    return listed(request, records, page.next_cursor, page.total)


@router.get(
    "/findings/{finding_id}",
    operation_id="getFinding",
    tags=["findings"],
    summary="Read a finding with the statements behind it",
    description="The id of a finding that another one has taken up leads to that one.",
    response_model=schemas.FullFinding,
    responses=answers(404, 410, 422, 503, ok=examples.FINDING) | moved(),
)
def get_finding(workspace: AnyWorkspace, finding_id: FindingId) -> Response:
    finding = workspace.store.finding(finding_id)
    history = workspace.store.history(finding)
    gone = undone(history)
    shown = places(workspace.store, finding.members, QUOTE_AROUND)
    return Json(
        {
            **finding_record(finding),
            "members": [_member(finding, place) for place in shown],
            "contested": [
                {"entry": entry_record(c.entry), "ours": c.ours.record, "theirs": c.theirs.record}
                for c in contests(workspace.store, finding)
            ],
            "split_into": list(workspace.store.split_into(finding.id)),
            "history": [review_record(review, review.id in gone) for review in history],
            "state": state(finding.backing, workspace.store.publication_months()).value,
        }
    )


@router.get(
    "/findings/{finding_id}/timeline",
    operation_id="getFindingTimeline",
    tags=["findings"],
    summary="Say when a finding was reported, and whether more than before",
    description="By publication date, up to the newest month in the store; a date after the present month counts as "
    f"none. Momentum: {FORMULA}",
    response_model=timeline_schemas.Timeline,
    responses=answers(404, 422, 503, ok=examples.TIMELINE),
)
def get_timeline(workspace: AnyWorkspace, finding_id: FindingId, query: Annotated[TimelineQuery, Query()]) -> Response:
    finding = workspace.store.finding(finding_id)
    corpus = workspace.store.publication_months()
    shown = timeline(finding.backing, corpus, Step(query.by))
    return Json(timeline_record(finding.id, shown, momentum(finding.backing, corpus)))


@router.get(
    "/statements/{statement_id}/context",
    operation_id="getStatementContext",
    tags=["statements"],
    summary="Read a statement with the text around it",
    response_model=schemas.Context,
    responses=answers(404, 422, 503, ok=examples.CONTEXT),
)
def get_context(
    workspace: AnyWorkspace,
    statement_id: StatementId,
    characters: Annotated[
        int, Query(ge=0, le=MAX_AROUND, description="Code points on each side, shortened to whole words.")
    ] = DEFAULT_AROUND,
) -> Response:
    store = workspace.store
    labelled = store.statement(statement_id)
    statement = labelled.statement
    document = store.document(statement.document)
    finding = store.finding_of([statement.id]).get(statement.id)
    near = around(document.text, statement.start, statement.end, characters)
    return Json(
        {
            "statement": statement_record(labelled, document.source, finding),
            "document": document_record(document),
            "passage": {"start": near.start, "end": near.end, "text": near.before + near.exact + near.after},
            "quote": quote(document.text, statement.start, statement.end).record,
        }
    )


def _member(finding: Finding, place: Place) -> dict[str, object]:
    member = place.member
    return {
        "statement": member.statement,
        "document": member.document,
        "source": member.source,
        "similarity": member.similarity,
        "reason": member.reason.value,
        "record": statement_record(place.labelled, member.source, finding.id),
        "quote": place.quote.record,
    }

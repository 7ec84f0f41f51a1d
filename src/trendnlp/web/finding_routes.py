"""JSON routes of findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.export import stated_finding
from trendnlp.momentum import FORMULA, momentum
from trendnlp.periods import Step
from trendnlp.placing import Placer
from trendnlp.records import recorded_entry, timeline_record
from trendnlp.review import undone
from trendnlp.review_records import review_record
from trendnlp.selectors import QUOTE_AROUND
from trendnlp.store import PageRequest
from trendnlp.timeline import timeline
from trendnlp.types import Finding
from trendnlp.web import examples, schemas, statement_schemas, timeline_schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers, moved
from trendnlp.web.contests import contests
from trendnlp.web.fields import FindingQuery, StatementsQuery, TimelineQuery, UnitQuery
from trendnlp.web.filters import finding_filter, statement_filter
from trendnlp.web.parts import AnyWorkspace, FindingId
from trendnlp.web.places import Place, places
from trendnlp.web.views import kind_counts

router = APIRouter(prefix="/v1", default_response_class=Json)


@router.get(
    "/findings",
    operation_id="listFindings",
    tags=["findings"],
    summary="List the findings, those in most documents first",
    response_model=schemas.FindingsPage,
    responses=answers(400, 422, 503, ok=examples.FINDINGS),
)
def list_findings(request: Request, workspace: AnyWorkspace, query: Annotated[FindingQuery, Query()]) -> Response:
    wanted = finding_filter(query, workspace.model_card(), query.sort)
    page = workspace.store.findings(wanted, PageRequest(query.limit, query.cursor))
    corpus = workspace.store.publication_months()
    records = [stated_finding(finding, corpus) for finding in page.items]
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
def get_finding(workspace: AnyWorkspace, finding_id: FindingId, query: Annotated[UnitQuery, Query()]) -> Response:
    finding = workspace.store.finding(finding_id)
    history = workspace.store.judging.history(finding)
    gone = undone(history)
    shown = places(workspace.store, finding.members, QUOTE_AROUND, query.unit)
    corpus = workspace.store.publication_months()
    return Json(
        {
            **stated_finding(finding, corpus),
            "kinds": {counted.kind: counted.count for counted in kind_counts(place.labelled for place in shown)},
            "members": [_member(finding, place) for place in shown],
            "ledger": [recorded_entry(entry) for entry in finding.ledger],
            "apart": [recorded_entry(entry) for entry in finding.apart],
            "contested": [
                {"entry": recorded_entry(c.entry), "ours": c.ours.record, "theirs": c.theirs.record}
                for c in contests(workspace.store, finding, query.unit)
            ],
            "split_into": list(workspace.store.split_into(finding.id)),
            "history": [review_record(review, review.id in gone) for review in history],
        }
    )


@router.get(
    "/findings/{finding_id}/timeline",
    operation_id="getFindingTimeline",
    tags=["findings"],
    summary="Say when a finding was reported, and whether more than before",
    description="By publication date, up to the newest month in the store; a date after the present month counts as "
    f"none. The id of a finding that another one has taken up leads to that one. Momentum: {FORMULA}",
    response_model=timeline_schemas.Timeline,
    responses=answers(404, 410, 422, 503, ok=examples.TIMELINE) | moved(),
)
def get_timeline(workspace: AnyWorkspace, finding_id: FindingId, query: Annotated[TimelineQuery, Query()]) -> Response:
    finding = workspace.store.finding(finding_id)
    corpus = workspace.store.publication_months()
    shown = timeline(finding.backing, corpus, Step(query.by))
    return Json(timeline_record(finding.id, shown, momentum(finding.backing, corpus)))


@router.get(
    "/findings/{finding_id}/statements",
    operation_id="listFindingStatements",
    tags=["findings"],
    summary="List the statements of a finding, the head first, then those nearest to it",
    description="The id of a finding that another one has taken up leads to that one.",
    response_model=statement_schemas.StatementsPage,
    responses=answers(400, 404, 410, 422, 503, ok=examples.STATEMENTS) | moved(),
)
def list_finding_statements(
    request: Request, workspace: AnyWorkspace, finding_id: FindingId, query: Annotated[StatementsQuery, Query()]
) -> Response:
    finding = workspace.store.finding(finding_id)
    wanted = replace(statement_filter(query, workspace.model_card(), query), finding=finding.id)
    page = workspace.store.statements(wanted, PageRequest(query.limit, query.cursor))
    return listed(request, Placer(workspace.store, query.unit).records(page.items), page.next_cursor, page.total)


def _member(finding: Finding, place: Place) -> dict[str, object]:
    member = place.member
    return {
        "statement": member.statement,
        "document": member.document,
        "source": member.source,
        "similarity": member.similarity,
        "reason": member.reason.value,
        "record": place.record(finding.id),
        "quote": place.quote.record,
    }

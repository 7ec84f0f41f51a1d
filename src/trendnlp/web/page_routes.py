"""The pages of what was found: overview, findings, one finding, statements, documents, one document."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.momentum import FORMULA, momentum, state
from trendnlp.periods import Step
from trendnlp.store import Catalogue, FindingOrder, PageRequest
from trendnlp.timeline import EARLIER, UNDATED, of_period, timeline
from trendnlp.web.answers import next_link
from trendnlp.web.chart import chart
from trendnlp.web.choices import chips, document_groups, finding_groups
from trendnlp.web.contests import apart, contests, ties
from trendnlp.web.filters import aspects, claim_kinds
from trendnlp.web.forecasts import forecasts
from trendnlp.web.history import history
from trendnlp.web.independence import copies_of, joins_of
from trendnlp.web.job_pages import upload_names
from trendnlp.web.job_routes import Jobs
from trendnlp.web.overview import first_month, grid, moving
from trendnlp.web.page_queries import DocumentPageQuery, FindingPageQuery, StatementPageQuery
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.places import places
from trendnlp.web.views import (
    MAX_OUTLINE,
    REASONS,
    RELATIONS,
    FindingCard,
    fact_lines,
    kind_counts,
    outline,
    parts,
    seen,
    sheets,
    title_of,
)

router = APIRouter(include_in_schema=False)

PAGE_LENGTH = 25  # findings or documents on a page: what one scrolls through before one would rather filter
MEMBERS_LENGTH = 50
CONTEXT = 240  # code points on each side of a member: the sentence before and the one after
LATEST = 5  # documents, and runs
PERIOD = rf"^([0-9]{{4}}-Q[1-4]|{EARLIER}|{UNDATED})$"  # of the timeline by quarters
# the properties of findings in the address, and what they are called
CHOSEN = (
    *(("kind", "Kind"), ("aspect", "Aspect"), ("state", "Over time"), ("contested", "Contested")),
    *(("market", "Market"), ("geography", "Geography"), ("source", "Publisher"), ("tag", "Tag")),
    *(("from", "From"), ("to", "To"), ("q", "Words"), ("document", "Document"), ("job", "Upload")),
)


@router.get("/")
def overview_page(request: Request, workspace: AnyWorkspace, pages: ThePages) -> Response:
    store, card = workspace.store, workspace.model_card()
    catalogue, corpus = Catalogue(store.database), store.publication_months()
    latest = store.documents(PageRequest(LATEST))
    since = first_month(corpus)
    kinds, by_aspect = catalogue.kinds_by_quarter(since), catalogue.aspects_by_quarter(since)
    return pages.respond(
        request,
        "overview.html",
        counts=store.counts(),
        sources=catalogue.independent_sources(),
        moving=moving(store, corpus),
        grids=(
            ("kind", "Findings by kind", grid("kind", claim_kinds(card), kinds, corpus)),
            ("aspect", "Findings by aspect", grid("aspect", aspects(card), by_aspect, corpus)),
        ),
        latest=latest.items,
        runs=store.runs(PageRequest(LATEST)).items,
    )


@router.get("/findings")
def findings_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, jobs: Jobs, query: Annotated[FindingPageQuery, Query()]
) -> Response:
    store, card = workspace.store, workspace.model_card()
    filter = query.filter(card)
    page = store.findings(filter, PageRequest(PAGE_LENGTH, query.cursor))
    heads = store.statements_by_id([finding.head for finding in page.items])
    corpus = store.publication_months()
    facets = Catalogue(store.database).finding_facets(filter)
    return pages.respond(
        request,
        "findings.html",
        cards=[FindingCard(f, head, state(f.backing, corpus)) for f, head in zip(page.items, heads, strict=True)],
        total=page.total,
        counts=store.counts(),
        groups=finding_groups(query, facets, claim_kinds(card), aspects(card)),
        chips=chips(request, CHOSEN),
        named={**store.source_names(query.document), **upload_names(jobs, query.job)},
        orders=ORDERS,
        query=query,
        seen=seen,
        next=next_link(request, page.next_cursor),
    )


ORDERS = {
    FindingOrder.DOCUMENTS: "most documents first",
    FindingOrder.RECENT: "seen last first",
    FindingOrder.MOMENTUM: "surest rise first",
}


@router.get("/findings/{finding_id}")
def finding_page(
    request: Request,
    workspace: AnyWorkspace,
    pages: ThePages,
    finding_id: str,
    skip: Annotated[int, Query(ge=0)] = 0,
    period: Annotated[str | None, Query(pattern=PERIOD)] = None,
) -> Response:
    finding = workspace.store.finding(finding_id)
    corpus = workspace.store.publication_months()
    by_quarter = timeline(finding.backing, corpus, Step.QUARTER)
    members = finding.members
    if period is not None:
        reported = of_period(finding.backing, corpus, by_quarter, period)
        members = tuple(member for member in members if member.document in reported)
    shown = places(workspace.store, members[skip : skip + MEMBERS_LENGTH], CONTEXT)
    return pages.respond(
        request,
        "finding.html",
        finding=finding,
        places=shown,
        listed=len(members),
        period=period,
        skip=skip,
        length=MEMBERS_LENGTH,
        reasons=REASONS,
        ties=ties(workspace.store, finding, (place.member.statement for place in shown)),
        decided={e.statement: e.review for e in finding.ledger if e.review},
        contests=contests(workspace.store, finding),
        apart=apart(workspace.store, finding),
        forecasts=forecasts(workspace.store, finding),
        kinds=kind_counts(workspace.store.statements_by_id([member.statement for member in finding.members])),
        split_into=workspace.store.split_into(finding.id),
        history=history(workspace.store, finding),
        relations=RELATIONS,
        seen=seen(finding),
        joins=joins_of(workspace.store, finding),
        timeline=by_quarter,
        chart=chart(by_quarter),
        momentum=momentum(finding.backing, corpus),
        formula=FORMULA,
    )


@router.get("/statements")
def statements_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[StatementPageQuery, Query()]
) -> Response:
    store, card = workspace.store, workspace.model_card()
    page = store.statements(query.filter(card), PageRequest(PAGE_LENGTH, query.cursor))
    return pages.respond(
        request,
        "statements.html",
        items=page.items,
        total=page.total,
        names=store.source_names(item.statement.document for item in page.items),
        findings=store.finding_of([item.statement.id for item in page.items]),
        kinds=claim_kinds(card),
        aspects=aspects(card),
        chips=chips(request, CHOSEN),
        query=query,
        next=next_link(request, page.next_cursor),
    )


@router.get("/documents")
def documents_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[DocumentPageQuery, Query()]
) -> Response:
    catalogue = Catalogue(workspace.store.database)
    page = catalogue.documents(query.filter, PageRequest(PAGE_LENGTH, query.cursor))
    return pages.respond(
        request,
        "documents.html",
        items=page.items,
        total=page.total,
        stored=workspace.store.counts().documents,
        groups=document_groups(query, catalogue.document_facets(query.filter)),
        chips=chips(request, CHOSEN),
        query=query,
        next=next_link(request, page.next_cursor),
    )


@router.get("/documents/{document_id}")
def document_page(request: Request, workspace: AnyWorkspace, pages: ThePages, document_id: str) -> Response:
    store = workspace.store
    analysis = store.analysis(document_id)
    findings = store.finding_of([labelled.statement.id for labelled in analysis.claims])
    headings = outline(analysis.document)
    return pages.respond(
        request,
        "document.html",
        document=analysis.document,
        title=title_of(analysis.document),
        statements=len(analysis.statements),
        counts=kind_counts(analysis.claims),
        outline=headings[:MAX_OUTLINE],
        outline_left_out=max(0, len(headings) - MAX_OUTLINE),
        facts=fact_lines(analysis.document),
        copies=copies_of(store, document_id),
        sheets=sheets(parts(analysis, findings)),
    )

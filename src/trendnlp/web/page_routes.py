"""The pages for people: findings, one finding, documents, one document, and the API's documentation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict
from starlette.responses import Response

from trendnlp.momentum import FORMULA, State, momentum, state
from trendnlp.periods import Step
from trendnlp.records import reason_of
from trendnlp.store import PageRequest
from trendnlp.timeline import timeline
from trendnlp.web.answers import next_link, origin_of
from trendnlp.web.chart import chart
from trendnlp.web.contests import apart, contests
from trendnlp.web.envelope import CONTENT_POLICY
from trendnlp.web.fields import CursorQuery, FindingFields
from trendnlp.web.filters import aspects, claim_kinds, finding_filter
from trendnlp.web.history import history
from trendnlp.web.independence import copies_of, joins_of
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
    title_of,
)

router = APIRouter(include_in_schema=False)

PAGE_LENGTH = 25  # findings or documents on a page: what one scrolls through before one would rather filter
MEMBERS_LENGTH = 50
CONTEXT = 240  # code points on each side of a member: the sentence before and the one after


class FindingPageQuery(FindingFields):
    """As for JSON; but links to pages gather foreign parameters on their way, so these are let pass."""

    model_config = ConfigDict(extra="ignore")


class ListPageQuery(CursorQuery):
    """As for JSON, letting foreign parameters pass."""

    model_config = ConfigDict(extra="ignore")


@router.get("/")
def findings_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[FindingPageQuery, Query()]
) -> Response:
    store, card = workspace.store, workspace.model_card()
    page = store.findings(finding_filter(query, card), PageRequest(PAGE_LENGTH, query.cursor))
    heads = store.statements_by_id([finding.head for finding in page.items])
    corpus = store.publication_months()
    return pages.respond(
        request,
        "findings.html",
        cards=[FindingCard(f, head, state(f.backing, corpus)) for f, head in zip(page.items, heads, strict=True)],
        total=page.total,
        counts=store.counts(),
        kinds=claim_kinds(card),
        aspects=aspects(card),
        states=[state.value for state in State],
        origin=origin_of(request),
        query=query,
        seen=seen,
        next=next_link(request, page.next_cursor),
    )


@router.get("/findings/{finding_id}")
def finding_page(
    request: Request,
    workspace: AnyWorkspace,
    pages: ThePages,
    finding_id: str,
    skip: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    finding = workspace.store.finding(finding_id)
    shown = places(workspace.store, finding.members[skip : skip + MEMBERS_LENGTH], CONTEXT)
    corpus = workspace.store.publication_months()
    by_quarter = timeline(finding.backing, corpus, Step.QUARTER)
    return pages.respond(
        request,
        "finding.html",
        finding=finding,
        places=shown,
        skip=skip,
        length=MEMBERS_LENGTH,
        reasons=REASONS,
        why={e.statement: reason_of(e.verdict) for e in finding.ledger},
        decided={e.statement: e.review for e in finding.ledger if e.review},
        contests=contests(workspace.store, finding),
        apart=apart(workspace.store, finding),
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


@router.get("/documents")
def documents_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[ListPageQuery, Query()]
) -> Response:
    page = workspace.store.documents(PageRequest(PAGE_LENGTH, query.cursor))
    return pages.respond(
        request,
        "documents.html",
        origin=origin_of(request),
        items=page.items,
        total=page.total,
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
        counts=kind_counts(analysis),
        outline=headings[:MAX_OUTLINE],
        outline_left_out=max(0, len(headings) - MAX_OUTLINE),
        facts=fact_lines(analysis.document),
        copies=copies_of(store, document_id),
        parts=parts(analysis, findings),
    )


@router.get("/docs")
def docs_page(request: Request, pages: ThePages) -> Response:
    response = pages.respond(request, "docs.html")
    # the vendored style sheet draws its arrows from data: addresses
    response.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; img-src 'self' data:"
    return response

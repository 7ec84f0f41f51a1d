"""The pages for people: findings, one finding, documents, one document, and the API's documentation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict
from starlette.responses import Response

from trendnlp.store import PageRequest
from trendnlp.types import ASPECTS
from trendnlp.web.answers import next_link
from trendnlp.web.envelope import CONTENT_POLICY
from trendnlp.web.fields import CLAIM_KINDS, FindingQuery, PageQuery
from trendnlp.web.finding_routes import filter_of
from trendnlp.web.parts import AnyWorkspace, ThePages
from trendnlp.web.places import places
from trendnlp.web.views import (
    MAX_OUTLINE,
    REASONS,
    FindingCard,
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
METHODS = ["GET", "HEAD"]


class FindingPageQuery(FindingQuery):
    """As for JSON; but links to pages gather foreign parameters on their way, so these are let pass."""

    model_config = ConfigDict(extra="ignore")
    limit: int = PAGE_LENGTH


class ListPageQuery(PageQuery):
    """As for JSON, letting foreign parameters pass."""

    model_config = ConfigDict(extra="ignore")
    limit: int = PAGE_LENGTH


@router.api_route("/", methods=METHODS)
def findings_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[FindingPageQuery, Query()]
) -> Response:
    store = workspace.store
    page = store.findings(filter_of(query), PageRequest(PAGE_LENGTH, query.cursor))
    heads = store.statements_by_id([finding.head for finding in page.items])
    return pages.respond(
        request,
        "findings.html",
        cards=[FindingCard(finding, head) for finding, head in zip(page.items, heads, strict=True)],
        total=page.total,
        counts=store.counts(),
        kinds=CLAIM_KINDS,
        aspects=ASPECTS,
        query=query,
        seen=seen,
        next=next_link(request, page.next_cursor),
    )


@router.api_route("/findings/{finding_id}", methods=METHODS)
def finding_page(
    request: Request,
    workspace: AnyWorkspace,
    pages: ThePages,
    finding_id: str,
    skip: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    finding = workspace.store.finding(finding_id)
    shown = places(workspace.store, finding.members[skip : skip + MEMBERS_LENGTH], CONTEXT)
    return pages.respond(
        request,
        "finding.html",
        finding=finding,
        places=shown,
        skip=skip,
        length=MEMBERS_LENGTH,
        reasons=REASONS,
        seen=seen(finding),
    )


@router.api_route("/documents", methods=METHODS)
def documents_page(
    request: Request, workspace: AnyWorkspace, pages: ThePages, query: Annotated[ListPageQuery, Query()]
) -> Response:
    page = workspace.store.documents(PageRequest(PAGE_LENGTH, query.cursor))
    return pages.respond(
        request,
        "documents.html",
        items=page.items,
        total=page.total,
        query=query,
        next=next_link(request, page.next_cursor),
    )


@router.api_route("/documents/{document_id}", methods=METHODS)
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
        parts=parts(analysis, findings),
    )


@router.api_route("/docs", methods=METHODS)
def docs_page(request: Request, pages: ThePages) -> Response:
    response = pages.respond(request, "docs.html")
    # the vendored style sheet draws its arrows from data: addresses
    response.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; img-src 'self' data:"
    return response

"""JSON routes of market facts: the figures of several reports side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.records import Record, fact_record
from trendnlp.store import FactFilter, PageRequest, PlacedFact
from trendnlp.web import examples, schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers
from trendnlp.web.fields import FactQuery
from trendnlp.web.parts import AnyWorkspace

router = APIRouter(prefix="/v1", default_response_class=Json)


@router.get(
    "/facts",
    operation_id="listFacts",
    tags=["facts"],
    summary="List market facts, those of one market side by side",
    response_model=schemas.FactsPage,
    responses=answers(400, 422, 503, ok=examples.FACTS),
)
def list_facts(request: Request, workspace: AnyWorkspace, query: Annotated[FactQuery, Query()]) -> Response:
    wanted = FactFilter(query.market.strip() or None, tuple(query.kind))
    page = workspace.store.facts(wanted, PageRequest(query.limit, query.cursor))
    return listed(request, [_placed(item) for item in page.items], page.next_cursor, page.total)


def _placed(item: PlacedFact) -> Record:
    known = item.metadata
    return {
        **fact_record(item.fact),
        "document": item.document,
        "source": item.source,
        "market": known.market,
        "geography": known.geography,
        "publisher": known.publisher,
        "published": known.published,
    }

"""JSON routes of market facts: the figures of several reports side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.records import CODE_POINTS, Record, fact_record
from trendnlp.selectors import OffsetUnit, Ruler
from trendnlp.store import FactFilter, PageRequest, PlacedFact, Store, Surroundings
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
    rulers = _rulers(workspace.store, page.items) if query.unit is OffsetUnit.UTF16 else {}
    records = [_placed(item, rulers.get(item.document, CODE_POINTS)) for item in page.items]
    return listed(request, records, page.next_cursor, page.total)


def _rulers(store: Store, items: Sequence[PlacedFact]) -> dict[str, Ruler]:
    """One for the text of each of the documents; texts that are deleted meanwhile have none."""
    around = Surroundings(store.database)
    found = {id: around.text(id) for id in sorted({item.document for item in items})}
    return {id: Ruler(known.text, OffsetUnit.UTF16) for id, known in found.items() if known}


def _placed(item: PlacedFact, ruler: Ruler) -> Record:
    known = item.metadata
    return {
        **fact_record(item.fact, ruler),
        "document": item.document,
        "source": item.source,
        "market": known.market,
        "geography": known.geography,
        "publisher": known.publisher,
        "published": known.published,
    }

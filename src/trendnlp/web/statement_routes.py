"""JSON routes of statements: of all documents, one, and one in its context."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from trendnlp.placing import Placer
from trendnlp.records import document_record, placed_record
from trendnlp.selectors import Ruler, quote
from trendnlp.store import PageRequest, Surroundings
from trendnlp.web import examples, schemas, statement_schemas
from trendnlp.web.answers import Json, listed
from trendnlp.web.apidoc import answers
from trendnlp.web.fields import NeighbourQuery, StatementsQuery, UnitQuery
from trendnlp.web.filters import statement_filter
from trendnlp.web.parts import AnyWorkspace, StatementId
from trendnlp.web.passages import around

router = APIRouter(prefix="/v1", tags=["statements"], default_response_class=Json)


@router.get(
    "/statements",
    operation_id="searchStatements",
    summary="List the statements of all documents that pass a filter",
    response_model=statement_schemas.StatementsPage,
    responses=answers(400, 422, 503, ok=examples.STATEMENTS),
)
def search_statements(
    request: Request, workspace: AnyWorkspace, query: Annotated[StatementsQuery, Query()]
) -> Response:
    wanted = statement_filter(query, workspace.model_card(), query)
    page = workspace.store.statements(wanted, PageRequest(query.limit, query.cursor))
    return listed(request, Placer(workspace.store, query.unit).records(page.items), page.next_cursor, page.total)


@router.get(
    "/statements/{statement_id}",
    operation_id="getStatement",
    summary="Read a statement",
    response_model=schemas.Statement,
    responses=answers(404, 422, 503, ok=examples.STATEMENT),
)
def get_statement(workspace: AnyWorkspace, statement_id: StatementId, query: Annotated[UnitQuery, Query()]) -> Response:
    store = workspace.store
    labelled = store.statement(statement_id)
    document = store.document(labelled.statement.document)
    finding = store.finding_of([statement_id]).get(statement_id)
    return Json(placed_record(labelled, document.source, finding, Ruler(document.text, query.unit)))


@router.get(
    "/statements/{statement_id}/context",
    operation_id="getStatementContext",
    summary="Read a statement with the text and the statements around it",
    response_model=statement_schemas.Context,
    responses=answers(404, 422, 503, ok=examples.CONTEXT),
)
def get_context(
    workspace: AnyWorkspace, statement_id: StatementId, query: Annotated[NeighbourQuery, Query()]
) -> Response:
    store = workspace.store
    labelled = store.statement(statement_id)
    statement = labelled.statement
    document = store.document(statement.document)
    near = Surroundings(store.database).neighbours(statement_id, query.neighbours)
    ruler = Ruler(document.text, query.unit)
    shown = (*near.before, labelled, *near.after)
    findings = store.finding_of([item.statement.id for item in shown])
    records = [placed_record(item, document.source, findings.get(item.statement.id), ruler) for item in shown]
    at = len(near.before)
    passage = around(document.text, statement.start, statement.end, query.characters)
    return Json(
        {
            "statement": records[at],
            "before": records[:at],
            "after": records[at + 1 :],
            "document": document_record(document, query.unit),
            "passage": {
                "start": ruler.at(passage.start),
                "end": ruler.at(passage.end),
                "text": passage.before + passage.exact + passage.after,
            },
            "quote": quote(document.text, statement.start, statement.end).record,
        }
    )

"""JSON routes of documents: analyse, store, list, read, delete."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from trendnlp.placing import Placer
from trendnlp.records import Record, document_record, finding_record, placed_record
from trendnlp.selectors import OffsetUnit, Ruler
from trendnlp.store import DocumentSummary, PageRequest, Saved, Store
from trendnlp.types import Document
from trendnlp.web import examples, schemas, statement_schemas
from trendnlp.web.answers import Json, base_of, listed
from trendnlp.web.apidoc import also_ok, answers, document_bodies, json_body
from trendnlp.web.conditional import etag_of, require_match
from trendnlp.web.fields import AnalyzeBody, PageQuery, StatementQuery, UnitName, UnitQuery
from trendnlp.web.filters import statement_filter
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.independence import NamedCopy, copies_of
from trendnlp.web.intake import MAX_ANALYZE_BYTES, Intake, analyze_intake, document_intake
from trendnlp.web.parts import AnyWorkspace, DocumentId, ReadyWorkspace, Turn
from trendnlp.web.sealed import Unsealed
from trendnlp.workspace import Ingested, Workspace

router = APIRouter(prefix="/v1", default_response_class=Json, route_class=KeyedRoute)

Unit = Annotated[UnitName, Query()]
IfMatch = Annotated[str | None, Header(description="ETag of what was read, or `*`.")]
KEPT = "The stored document keeps its source and metadata; delete it first to change them."
RENEWED = "The stored document was labelled by other models; its statements are now those of the models in use."


@router.post(
    "/analyze",
    operation_id="analyze",
    tags=["analysis"],
    summary="Analyse a text; nothing is stored",
    description=f"For a body of up to {MAX_ANALYZE_BYTES} bytes; a longer text can be stored.",
    response_model=schemas.Analysis,
    responses=answers(400, 403, 413, 415, 422, 429, 503, ok=examples.ANALYSIS),
    openapi_extra={"requestBody": json_body(AnalyzeBody, examples.ANALYZE_BODY)},
)
def analyze(
    workspace: ReadyWorkspace,
    intake: Annotated[Intake, Depends(analyze_intake)],
    turn: Turn,
    offset_unit: Unit = OffsetUnit.CODEPOINT.value,
) -> Response:
    document = _read(workspace, intake)
    analysis = workspace.analyse(document)
    findings = workspace.consolidate_one(analysis).findings
    places = {member.statement: finding.id for finding in findings for member in finding.members}
    ruler = Ruler(document.text, OffsetUnit(offset_unit))
    statements = [
        placed_record(labelled, document.source, places.get(labelled.statement.id), ruler)
        for labelled in analysis.statements
    ]
    return Json(
        {
            "document": document_record(document, OffsetUnit(offset_unit)),
            "statements": statements,
            "findings": [finding_record(finding) for finding in findings],
        }
    )


@router.post(
    "/documents",
    operation_id="addDocument",
    tags=["documents"],
    summary="Store a document and analyse it",
    description="As a JSON object, as a multipart upload in `file` (PDF, DOCX, PPTX, HTML, Markdown or text), or as a "
    "raw body, also of such a file, whose `source`, `format` and metadata are query parameters. The same content again "
    "answers 200 with `duplicate_of` and keeps what is stored.",
    status_code=201,
    response_model=schemas.Ingested,
    responses=also_ok(schemas.Ingested, examples.DUPLICATE)
    | answers(400, 403, 409, 413, 415, 422, 429, 503, created=examples.INGESTED),
    openapi_extra=document_bodies(examples.DOCUMENT_BODY, examples.RAW_TEXT),
)
def add_document(
    request: Request,
    workspace: ReadyWorkspace,
    intake: Annotated[Intake, Depends(document_intake)],
    turn: Turn,
    key: IdempotencyKey,
    offset_unit: Unit = OffsetUnit.CODEPOINT.value,
) -> Response:
    unit = OffsetUnit(offset_unit)
    document = _read(workspace, intake)
    location = {"Location": f"{base_of(request)}/v1/documents/{document.id}"}
    done = workspace.ingest(document)
    if done.saved is Saved.ADDED:
        return Json(_ingested(document_record(document, unit), done, None, []), 201, location)
    stored = workspace.store.document(document.id)
    same = (stored.source, stored.metadata) == (document.source, document.metadata)
    warnings = ([] if same else [KEPT]) + ([] if done.saved is Saved.UNCHANGED else [RENEWED])
    return Json(_ingested(document_record(stored, unit), done, stored.id, warnings), 200, location)


@router.get(
    "/documents",
    operation_id="listDocuments",
    tags=["documents"],
    summary="List the stored documents, the latest first",
    response_model=schemas.DocumentsPage,
    responses=answers(400, 422, 503, ok=examples.DOCUMENTS),
)
def list_documents(request: Request, workspace: AnyWorkspace, query: Annotated[PageQuery, Query()]) -> Response:
    page = workspace.store.documents(PageRequest(query.limit, query.cursor))
    return listed(request, [_summary(item) for item in page.items], page.next_cursor, page.total)


@router.get(
    "/documents/{document_id}",
    operation_id="getDocument",
    tags=["documents"],
    summary="Read a document with its text",
    response_model=schemas.FullDocument,
    responses=answers(404, 422, 503, ok=examples.DOCUMENT),
)
def get_document(workspace: AnyWorkspace, document_id: DocumentId, query: Annotated[UnitQuery, Query()]) -> Response:
    return Json(_full(workspace.store, document_id, query.unit))


@router.delete(
    "/documents/{document_id}",
    operation_id="deleteDocument",
    tags=["documents"],
    summary="Delete a document, its statements and its places in findings",
    description="If-Match holds the ETag of the document as it was read, in either unit of offsets.",
    status_code=204,
    response_model=None,
    responses=answers(403, 404, 412, 422, 428, 429, 503),
)
def delete_document(
    workspace: ReadyWorkspace, document_id: DocumentId, turn: Turn, if_match: IfMatch = None
) -> Response:
    # Its text never changes under its id, and what is known of it stays. What may come between this look and the
    # deletion is a copy of it; and who deletes it meanwhile is first.
    workspace.store.document(document_id)
    require_match(if_match, lambda: _tags(workspace.store, document_id))
    workspace.delete(document_id)
    return Response(status_code=204)


@router.get(
    "/documents/{document_id}/statements",
    operation_id="listStatements",
    tags=["statements"],
    summary="List the statements of a document in text order",
    response_model=statement_schemas.StatementsPage,
    responses=answers(400, 403, 404, 422, 503, ok=examples.STATEMENTS),
)
def list_statements(
    request: Request,
    workspace: AnyWorkspace,
    document_id: DocumentId,
    query: Annotated[StatementQuery, Query()],
    unsealed: Unsealed,
) -> Response:
    document = workspace.store.document(document_id)
    wanted = replace(statement_filter(query, workspace.model_card()), document=document.id)
    page = workspace.store.statements(wanted, PageRequest(query.limit, query.cursor))
    return listed(request, Placer(workspace.store, query.unit).records(page.items), page.next_cursor, page.total)


def _tags(store: Store, id: str) -> list[str]:
    """The ETags of a document, one a unit of offsets."""
    return [etag_of(bytes(Json(_full(store, id, unit)).body)) for unit in OffsetUnit]


def _full(store: Store, id: str, unit: OffsetUnit) -> Record:
    document = store.document(id)
    copies = [_copy(item) for item in copies_of(store, id)]
    return {**document_record(document, unit), "text": document.text, "copies": copies}


def _read(workspace: Workspace, intake: Intake) -> Document:
    return workspace.read(
        intake.data, source=intake.source, format=intake.format, given=intake.given, password=intake.password
    )


def _ingested(document: Record, done: Ingested, duplicate_of: str | None, warnings: list[str]) -> Record:
    return {
        "document": document,
        "statements": done.statements,
        "claims": done.claims,
        "duplicate_of": duplicate_of,
        "warnings": warnings,
    }


def _copy(item: NamedCopy) -> Record:
    return {"document": item.document, "source": item.source, "share": item.share, "jaccard": item.jaccard}


def _summary(item: DocumentSummary) -> Record:
    return {
        "id": item.id,
        "source": item.source,
        **asdict(item.metadata),
        "characters": item.characters,
        "statements": item.statements,
        "claims": item.claims,
        "added": item.added,
    }

"""The route that streams statements or findings as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from trendnlp.export import ExportFormat, export_findings, export_statements
from trendnlp.selectors import OffsetUnit
from trendnlp.store import FindingOrder
from trendnlp.web import examples
from trendnlp.web.apidoc import answers, file_answer
from trendnlp.web.fields import STATEMENTS, ExportQuery
from trendnlp.web.filters import finding_filter, statement_filter
from trendnlp.web.parts import AnyWorkspace
from trendnlp.web.problems import Fault, Refusal, invalid
from trendnlp.workspace import Workspace

router = APIRouter(prefix="/v1")

MEDIA_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8; header=present", ExportFormat.JSONL: "application/x-ndjson"}


@router.get(
    "/export",
    operation_id="export",
    tags=["export"],
    summary="Export statements or findings as a file",
    description="All that pass the filters of their lists, in the order of these. CSV is UTF-8 with a line of names "
    "first; a cell that a spreadsheet would run as a formula has an apostrophe before it. JSON lines hold the objects "
    "of the lists. The file is sent while it is made: what changes meanwhile may show in it.",
    response_class=StreamingResponse,
    responses=answers(422, 503) | file_answer(examples.EXPORTED),
)
def export(workspace: AnyWorkspace, query: Annotated[ExportQuery, Query()]) -> Response:
    format = ExportFormat(query.format)
    pieces = _pieces(workspace, query, format)
    first = next(pieces, "")  # what fails at once is told as a problem
    name = f'attachment; filename="{query.of}.{format.value}"'
    whole = (piece.encode() for piece in chain((first,), pieces))
    return StreamingResponse(whole, headers={"Content-Type": MEDIA_TYPES[format], "Content-Disposition": name})


def _pieces(workspace: Workspace, query: ExportQuery, format: ExportFormat) -> Iterator[str]:
    card, store = workspace.model_card(), workspace.store
    if query.of == STATEMENTS:
        of_findings = {"sort": query.sort != FindingOrder.DOCUMENTS, "contested": query.contested is not None}
        _refuse({"state": query.state, "tag": query.tag, **of_findings}, "findings")
        return export_statements(store, statement_filter(query, card, query), format, query.unit)
    _refuse({"status": query.status, "offset_unit": query.unit is not OffsetUnit.CODEPOINT}, "statements")
    return export_findings(store, finding_filter(query, card, query.sort), format)


def _refuse(given: dict[str, object], what: str) -> None:
    """A parameter that would silently do nothing."""
    if faults := [Fault(f"?{name}", f"goes with of={what}") for name, value in given.items() if value]:
        raise Refusal(invalid(faults))

"""The page by which decisions leave the store and come into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from trendnlp.actions import ReviewFormat
from trendnlp.errors import BadReview
from trendnlp.review_export import export_reviews
from trendnlp.review_records import recorded_of
from trendnlp.store.exchange import Recorded
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, ThePages, Turn
from trendnlp.web.problems import Fault, Refusal, invalid
from trendnlp.workspace import Workspace

router = APIRouter(include_in_schema=False)

PATH = "/review/exchange"
LOG, TRAINING, TABLE = "decisions.jsonl", "training.jsonl", "judged.csv"
MEDIA_TYPES = {
    LOG: "application/x-ndjson",
    TRAINING: "application/x-ndjson",
    TABLE: "text/csv; charset=utf-8; header=present",
}


async def _log_file(request: Request) -> bytes:
    """The file of the form; raises Refusal."""
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refusal(invalid([Fault("#/file", "choose an exported log of decisions")]))
        return await file.read()


@router.get(PATH)
def exchange_page(request: Request, workspace: AnyWorkspace, pages: ThePages) -> Response:
    return pages.respond(request, "review_exchange.html", imported=None, decisions=_decisions(workspace))


@router.post(PATH)
def take_log(
    request: Request,
    workspace: ReadyWorkspace,
    pages: ThePages,
    data: Annotated[bytes, Depends(_log_file)],
    turn: Turn,
) -> Response:
    imported = workspace.store.judging.take(_recorded(data))
    workspace.refresh()
    return pages.respond(request, "review_exchange.html", imported=imported, decisions=_decisions(workspace))


@router.get(f"{PATH}/{LOG}")
def export_log(workspace: AnyWorkspace) -> Response:
    return _file(LOG, export_reviews(workspace.store, ReviewFormat.LOG))


@router.get(f"{PATH}/{TRAINING}")
def export_training(workspace: AnyWorkspace) -> Response:
    return _file(TRAINING, export_reviews(workspace.store, ReviewFormat.TRAINING))


@router.get(f"{PATH}/{TABLE}")
def export_table(workspace: AnyWorkspace) -> Response:
    return _file(TABLE, export_reviews(workspace.store, ReviewFormat.CSV))


def _file(name: str, pieces: Iterator[str]) -> Response:
    headers = {"Content-Type": MEDIA_TYPES[name], "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse((piece.encode("utf-8", "backslashreplace") for piece in pieces), headers=headers)


def _recorded(data: bytes) -> Iterator[Recorded]:
    """The records of an exported log; raises BadReview, which names the line."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise BadReview("the file", f"is not UTF-8 at byte {error.start}", "Choose an exported log.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield recorded_of(line, f"line {number}")


def _decisions(workspace: Workspace) -> int:
    return workspace.store.judging.last_number()

"""The page that takes files."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.store import PageRequest
from trendnlp.web.answers import base_of
from trendnlp.web.form_files import FormFile
from trendnlp.web.job_routes import Jobs
from trendnlp.web.page_queries import MAX_VALUES
from trendnlp.web.parts import AnyWorkspace, ReadyWorkspace, ThePages, Turn
from trendnlp.web.uploads import store, upload_files

router = APIRouter(include_in_schema=False)

LATEST = 5  # jobs


@router.get("/upload")
def upload_page(request: Request, workspace: AnyWorkspace, pages: ThePages, jobs: Jobs) -> Response:
    limit, latest = workspace.settings.max_bytes, jobs.jobs(PageRequest(LATEST)).items
    return pages.respond(request, "upload.html", outcomes=(), nothing=False, max_bytes=limit, latest=latest)


@router.post("/upload")
def take_files(
    request: Request,
    workspace: ReadyWorkspace,
    pages: ThePages,
    files: Annotated[tuple[FormFile, ...], Depends(upload_files)],
    turn: Turn,
) -> Response:
    """To the findings of the files where all went well, else a page that says what became of each."""
    outcomes = store(workspace, files)
    added = list(dict.fromkeys(outcome.document for outcome in outcomes if outcome.document))
    if added and len(added) <= MAX_VALUES and all(outcome.document for outcome in outcomes):
        address = urlencode([("document", id) for id in added])
        return RedirectResponse(f"{base_of(request)}/findings?{address}", 303)
    values = {"outcomes": outcomes, "nothing": not outcomes, "max_bytes": workspace.settings.max_bytes, "latest": ()}
    return pages.respond(request, "upload.html", status=200 if added else 422, **values)

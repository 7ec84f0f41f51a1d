"""The pages of documents that are read in the background: submitted by a form, watched, stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from trendnlp.build import limits
from trendnlp.jobs import documents_of
from trendnlp.store import ItemState, Job, JobItem, JobState, JobStore, PageRequest
from trendnlp.web.answers import base_of
from trendnlp.web.job_intake import Upload, job_intake
from trendnlp.web.job_routes import Jobs, TheMonitor
from trendnlp.web.parts import AnyWorkspace, ThePages

router = APIRouter(include_in_schema=False)

PAGE = 500  # the store's largest page
SHOWN = 200  # documents that failed; the results of the job have all of them


@router.post("/jobs")
def submit_files(
    request: Request, workspace: AnyWorkspace, jobs: Jobs, upload: Annotated[Upload, Depends(job_intake)]
) -> Response:
    """What a browser without a script does in the place of POST /v1/jobs."""
    documents = upload.documents or documents_of(upload.parts, limits(workspace.settings))
    return _to_page(request, jobs.submit(documents))


@router.get("/jobs/{job_id}")
def job_page(request: Request, jobs: Jobs, monitor: TheMonitor, pages: ThePages, job_id: str) -> Response:
    """How the job stands; to the findings of its documents where it has ended and all of them went well."""
    job = jobs.job(job_id)
    if job.state is JobState.SUCCEEDED:
        return _away(request, f"{base_of(request)}/findings?{urlencode({'job': job.id})}")
    failed = _failed(jobs, job) if job.ended else ()
    return pages.respond(request, "job.html", job=job, failed=failed, shown=SHOWN, worked_on=monitor.worker_lives())


@router.post("/jobs/{job_id}/cancel")
def cancel(request: Request, jobs: Jobs, job_id: str) -> Response:
    return _to_page(request, jobs.cancel(job_id))


def upload_names(jobs: JobStore, ids: Sequence[str]) -> dict[str, str]:
    """What uploads are called, by their jobs. Raises NotFound, and Expired for one whose documents are forgotten."""
    found = {}
    for id in dict.fromkeys(ids):
        job = jobs.job(id)
        if job.ended:
            jobs.results(id, PageRequest(1))
        done = job.counts.done
        found[id] = f"{done:,} {'document' if done == 1 else 'documents'}"
    return found


def _failed(jobs: JobStore, job: Job) -> tuple[JobItem, ...]:
    """The first documents of a job that failed."""
    most, found, cursor = min(job.counts.failed, SHOWN), list[JobItem](), None
    while len(found) < most:
        page = jobs.results(job.id, PageRequest(PAGE, cursor))
        found += [item for item in page.items if item.state is ItemState.FAILED]
        cursor = page.next_cursor
        if cursor is None:
            break
    return tuple(found[:most])


def _to_page(request: Request, job: Job) -> Response:
    return RedirectResponse(f"{base_of(request)}/jobs/{quote(job.id)}", 303)


def _away(request: Request, address: str) -> Response:
    """To another page, also from a part of one that htmx renews."""
    if "hx-request" in request.headers:
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)

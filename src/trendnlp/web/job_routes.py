"""JSON routes of jobs: many documents at once, in the background."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from trendnlp.build import limits
from trendnlp.jobs import Monitor, documents_of, job_record
from trendnlp.store import Job, JobStore, PageRequest
from trendnlp.web import job_examples, job_schemas
from trendnlp.web.answers import Json, base_of, listed
from trendnlp.web.apidoc import Responses, answers, job_bodies
from trendnlp.web.fields import PageQuery
from trendnlp.web.idempotency import IdempotencyKey, KeyedRoute
from trendnlp.web.job_answers import events, result_lines, result_record
from trendnlp.web.job_intake import NDJSON_TYPE, JobBody, Upload, job_intake
from trendnlp.web.parts import AnyWorkspace

router = APIRouter(prefix="/v1", tags=["jobs"], default_response_class=Json, route_class=KeyedRoute)

MAX_WAIT = 60.0  # seconds; proxies give up on an answer after about as long
POLL_SECONDS = 2  # what a client is told to wait before it asks again
EVENT_TYPE = "text/event-stream"
# Before OpenAPI 3.2 the schema of a stream is that of each event.
EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The version of the job."},
        "event": {"type": "string", "enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "The job."},
    },
    "required": ["id", "event", "data"],
}
UNBUFFERED = {"X-Accel-Buffering": "no"}  # nginx holds back what it passes on, unless told not to


class JobQuery(BaseModel):
    """How long the answer may wait."""

    model_config = ConfigDict(extra="forbid")

    wait: Annotated[float, Field(ge=0, le=MAX_WAIT, description="Seconds to wait for the job to end.")] = 0


async def _jobs(request: Request) -> JobStore:
    store: JobStore = request.app.state.jobs
    return store


async def _monitor(request: Request) -> Monitor:
    monitor: Monitor = request.app.state.monitor
    return monitor


Jobs = Annotated[JobStore, Depends(_jobs)]
TheMonitor = Annotated[Monitor, Depends(_monitor)]
JobId = Annotated[str, Path(openapi_examples={"job": {"value": job_examples.JOB_ID}})]


def _accepted(example: object) -> Responses:
    return {202: {"content": {"application/json": {"example": example}}}}


@router.post(
    "/jobs",
    operation_id="createJob",
    status_code=202,
    summary="Submit documents, to be stored and analysed in the background",
    description="As a JSON object, as uploaded files (in parts of any name; ZIP archives and NDJSON files too), as "
    "rows of NDJSON (`text` or `html`, and perhaps `source`, `title`, `publisher`, `published`, `market`, `geography`, "
    "`language`, `custom_id`), or as a ZIP archive of reports. A document that is none fails alone. The job is "
    "accepted when this answers, and outlives the service. Passwords of PDFs are not taken, for they would have to be "
    "stored.",
    response_model=job_schemas.Job,
    responses=_accepted(job_examples.NEW_JOB) | answers(400, 403, 409, 413, 415, 422, 429, 503),
    openapi_extra=job_bodies(JobBody, job_examples.JOB_BODY, job_examples.JOB_ROWS),
)
def create_job(
    request: Request,
    workspace: AnyWorkspace,
    jobs: Jobs,
    upload: Annotated[Upload, Depends(job_intake)],
    key: IdempotencyKey,
) -> Response:
    documents = upload.documents or documents_of(upload.parts, limits(workspace.settings))
    return _told(request, jobs.submit(documents), 202)


@router.get(
    "/jobs",
    operation_id="listJobs",
    summary="List the jobs, the latest first",
    response_model=job_schemas.JobsPage,
    responses=answers(400, 422, 503, ok=job_examples.JOBS),
)
def list_jobs(request: Request, jobs: Jobs, query: Annotated[PageQuery, Query()]) -> Response:
    page = jobs.jobs(PageRequest(query.limit, query.cursor))
    return listed(request, [job_record(job) for job in page.items], page.next_cursor, page.total)


@router.get(
    "/jobs/{job_id}",
    operation_id="getJob",
    summary="Say how a job stands; with `wait`, when it has ended",
    response_model=job_schemas.Job,
    responses=answers(404, 422, 503, ok=job_examples.JOB),
)
async def get_job(
    request: Request, jobs: Jobs, monitor: TheMonitor, job_id: JobId, query: Annotated[JobQuery, Query()]
) -> Response:
    job = await run_in_threadpool(jobs.job, job_id)
    return _told(request, await monitor.ended(job, query.wait), 200)


@router.get(
    "/jobs/{job_id}/events",
    operation_id="watchJob",
    summary="Tell of a job's progress as it comes, until it has ended",
    description="Server-sent events: `progress`, and `end` when it has ended, each with the whole job. An event's id "
    "is the job's version; with `Last-Event-ID`, only what is newer is told, and 204 says that nothing will be.",
    response_class=Response,
    responses={
        200: {"content": {EVENT_TYPE: {"schema": EVENT_SCHEMA, "example": job_examples.EVENT}}},
        204: {"description": "The job has ended, and the client knows it"},
        **answers(404, 422, 503),
    },
)
async def watch_job(
    jobs: Jobs,
    monitor: TheMonitor,
    job_id: JobId,
    last_event_id: Annotated[str | None, Header(description="The id of the last event that was seen.")] = None,
) -> Response:
    job = await run_in_threadpool(jobs.job, job_id)
    # what is no number was not given out here, and nothing has been seen
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 19 else None
    if job.ended and seen == job.version:
        return Response(status_code=204)
    return StreamingResponse(events(job, seen, monitor), media_type=EVENT_TYPE, headers=UNBUFFERED)


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancelJob",
    status_code=202,
    summary="Cancel what waits of a job; documents in hand are finished",
    response_model=job_schemas.Job,
    responses=_accepted(job_examples.CANCELLED_JOB) | answers(403, 404, 409, 422, 503),
)
def cancel_job(request: Request, jobs: Jobs, job_id: JobId, key: IdempotencyKey) -> Response:
    return _told(request, jobs.cancel(job_id), 202)


@router.post(
    "/jobs/{job_id}/retry",
    operation_id="retryJob",
    status_code=202,
    summary="Do the documents again that failed, and only these",
    response_model=job_schemas.Job,
    responses=_accepted(job_examples.NEW_JOB) | answers(403, 404, 409, 410, 422, 429, 503),
)
def retry_job(request: Request, jobs: Jobs, job_id: JobId, key: IdempotencyKey) -> Response:
    return _told(request, jobs.retry(job_id), 202)


@router.get(
    "/jobs/{job_id}/results",
    operation_id="listJobResults",
    summary="Say what became of each document of a job that has ended",
    description="In the order of submission, until `expires_at`. With `Accept: application/x-ndjson`, all of them, one "
    "a line; `limit` and `cursor` are for JSON alone.",
    response_model=job_schemas.JobResultsPage,
    responses=answers(400, 404, 409, 410, 422, 503, ok=job_examples.RESULTS),
)
def list_job_results(request: Request, jobs: Jobs, job_id: JobId, query: Annotated[PageQuery, Query()]) -> Response:
    about = (f"{base_of(request)}/v1/jobs/{job_id}/results", request.state.request_id)
    page = jobs.results(job_id, PageRequest(query.limit, query.cursor))
    if NDJSON_TYPE in request.headers.get("accept", ""):
        return StreamingResponse(result_lines(jobs, job_id, *about), media_type=NDJSON_TYPE)
    return listed(request, [result_record(item, *about) for item in page.items], page.next_cursor, page.total)


def _told(request: Request, job: Job, status: int) -> Response:
    headers = {} if job.ended else {"Retry-After": str(POLL_SECONDS)}
    if status == 202:
        headers["Location"] = f"{base_of(request)}/v1/jobs/{job.id}"
    return Json(job_record(job), status, headers)

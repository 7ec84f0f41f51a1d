"""The bodies that submit a job: a JSON object, uploaded files, rows of NDJSON or a ZIP archive.

What may be large goes to temporary files as it comes, and is opened by the thread that accepts the job.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from trendnlp.jobs import Part
from trendnlp.settings import Settings
from trendnlp.store import Submission
from trendnlp.store.jobs import too_many
from trendnlp.web.fields import MAX_SOURCE, DocumentBody
from trendnlp.web.form_files import disk, saved_files
from trendnlp.web.intake import (
    FORM_TYPE,
    JSON_TYPE,
    MAX_ENTRIES,
    checked_json,
    json_value,
    media_type,
    refuse_query,
    shown,
)
from trendnlp.web.problems import Fault, Refusal, invalid, too_large, wrong_type

NDJSON_TYPE = "application/x-ndjson"
NDJSON_TYPES = (NDJSON_TYPE, "application/ndjson", "application/jsonl")
ZIP_TYPE = "application/zip"
ZIP_TYPES = (ZIP_TYPE, "application/x-zip-compressed")


class JobDocument(DocumentBody):
    """A text of a job, and what the caller calls it."""

    custom_id: str | None = Field(default=None, min_length=1, max_length=MAX_SOURCE)


class JobBody(BaseModel):
    """The documents of a job."""

    model_config = ConfigDict(extra="forbid")

    # of very many documents each may have many faults: those of the first that has any are told
    documents: list[JobDocument] = Field(min_length=1, fail_fast=True)


@dataclass(frozen=True, slots=True)
class Upload:
    """What came: documents, or files of them."""

    documents: Sequence[Submission]
    parts: Iterable[Part]


async def job_intake(request: Request) -> AsyncIterator[Upload]:
    """What a body submits; its files are there until the answer is sent. Raises Refusal, RequestValidationError."""
    settings: Settings = request.app.state.workspace.settings
    kind = media_type(request).get_content_type() if "content-type" in request.headers else ""
    refuse_query(request)
    with ExitStack() as held:
        if kind == JSON_TYPE:
            yield Upload(await _documents(request, settings), ())
        elif kind == FORM_TYPE:
            folder = held.enter_context(tempfile.TemporaryDirectory(prefix="trendnlp-"))
            yield Upload((), await _files(request, Path(folder), settings.max_job_documents))
        elif kind in (*NDJSON_TYPES, *ZIP_TYPES):
            folder = held.enter_context(tempfile.TemporaryDirectory(prefix="trendnlp-"))
            name = "request.ndjson" if kind in NDJSON_TYPES else "request.zip"
            yield Upload((), [Part(await _saved(request, Path(folder) / name), name)])
        else:
            known = (JSON_TYPE, FORM_TYPE, NDJSON_TYPE, ZIP_TYPE)
            raise Refusal(wrong_type(request.headers.get("content-type", ""), known))


async def _documents(request: Request, settings: Settings) -> list[Submission]:
    """Those of a JSON object, which is held in memory: so it is no larger than a single document's may be."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > settings.max_bytes:
            raise Refusal(too_large(settings.max_bytes))
    body = await run_in_threadpool(_body_of, bytes(received), settings.max_job_documents)
    return [Submission(shown(d.source), d.text, d.known_format, d.metadata, d.custom_id) for d in body.documents]


def _body_of(data: bytes, most: int) -> JobBody:
    value = json_value(data)
    documents = value.get("documents") if isinstance(value, dict) else None
    if isinstance(documents, list) and len(documents) > most:
        raise too_many(most)
    return checked_json(JobBody, value, max(most, MAX_ENTRIES))


async def _files(request: Request, folder: Path, most: int) -> list[Part]:
    """The uploaded files, in order, whatever their parts are called."""
    parts = [Part(file.path, shown(file.name)) for file in await saved_files(request, folder, most)]
    if not parts:
        raise Refusal(invalid([Fault("#", "at least one part with a file name is required")]))
    return parts


async def _saved(request: Request, path: Path) -> Path:
    """The body in a file; raises StoreError."""
    with disk(), path.open("wb") as file:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
    return path

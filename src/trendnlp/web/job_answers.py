"""Jobs and what became of their documents, as they leave the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from trendnlp import errors
from trendnlp.batch import json_line
from trendnlp.errors import TrendnlpError
from trendnlp.jobs import Monitor, item_record, job_record
from trendnlp.records import Record
from trendnlp.store import ItemFailure, Job, JobItem, JobStore, PageRequest
from trendnlp.web.problems import UNEXPECTED, Problem, problem_of

PAGE = 500  # the store's largest page
KEEP_ALIVE = 15.0  # seconds; proxies cut connections that are silent for longer, often after 30
RECONNECT = 2000  # milliseconds
LONGEST_STREAM = 600.0  # seconds; the client comes back, so that no connection holds up the end of the service for ever


def result_record(item: JobItem, instance: str, request_id: str) -> Record:
    """What became of a document, with a problem document where it failed."""
    problem = None if item.failure is None else _problem(item.source, item.failure)
    told = problem and {"split_into": [], **problem.body(instance=instance, request_id=request_id)}
    return {**item_record(item), "problem": told}


def _problem(source: str, failure: ItemFailure) -> Problem:
    kind: Any = getattr(errors, failure.error, None)
    if not (isinstance(kind, type) and issubclass(kind, TrendnlpError)):
        return Problem(500, "internal", "Internal error", UNEXPECTED)
    return problem_of(kind(source, failure.reason, failure.remedy))


def result_lines(store: JobStore, id: str, instance: str, request_id: str) -> Iterator[bytes]:
    """All results as lines of JSON, read page by page."""
    cursor = None
    while True:
        page = store.results(id, PageRequest(PAGE, cursor))
        for item in page.items:
            yield json_line(result_record(item, instance, request_id)).encode() + b"\n"
        cursor = page.next_cursor
        if cursor is None:
            return


async def events(job: Job, seen: int | None, monitor: Monitor) -> AsyncIterator[bytes]:
    """Server-sent events of a job's progress until it has ended: each holds the whole job, its id is the version.

    The first is sent at once unless it is the one that was ``seen``.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_STREAM
    yield f"retry: {RECONNECT}\n\n".encode()
    while True:
        if job.version != seen:
            seen = job.version
            name = "end" if job.ended else "progress"
            yield f"id: {job.version}\nevent: {name}\ndata: {json.dumps(job_record(job))}\n\n".encode()
        if job.ended or loop.time() > deadline:
            return
        changed = await monitor.changed(job, KEEP_ALIVE)
        if changed.version == job.version:
            yield b": waiting\n\n"
        job = changed

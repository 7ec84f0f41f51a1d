"""Examples of jobs for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from trendnlp.web import examples

JOB_ID = "job_5c0e92d17fa84b36e1d8"
_TEXT = "Nurses are scarce, so hospitals buy patient lifts."
JOB_BODY: dict[str, Any] = {
    "documents": [
        {"custom_id": "lifts-1", "source": "lifts.txt", "text": _TEXT, "market": "Patient lifts"},
        {"custom_id": "imaging-1", **examples.DOCUMENT_BODY},
    ]
}
JOB_ROWS = (
    '{"custom_id": "lifts-1", "source": "lifts.txt", "text": "Nurses are scarce, so hospitals buy patient lifts."}\n'
    '{"custom_id": "lifts-2", "html": "<p>High purchase costs keep small clinics from buying lifts.</p>"}\n'
)
_NEW = {
    "id": JOB_ID,
    "state": "queued",
    "counts": {"total": 2, "done": 0, "failed": 0, "cancelled": 0, "left": 2},
    "queue_position": 1,
    "version": 1,
    "created_at": "2024-06-03T09:30:00+00:00",
    "started_at": None,
    "finished_at": None,
    "expires_at": None,
}
JOB = {
    **_NEW,
    "state": "partial",
    "counts": {"total": 2, "done": 1, "failed": 1, "cancelled": 0, "left": 0},
    "queue_position": None,
    "version": 6,
    "started_at": "2024-06-03T09:30:01+00:00",
    "finished_at": "2024-06-03T09:30:04+00:00",
    "expires_at": "2024-06-10T09:30:04+00:00",
}
NEW_JOB = _NEW
CANCELLED_JOB = {
    **JOB,
    "state": "cancelled",
    "counts": {"total": 2, "done": 1, "failed": 0, "cancelled": 1, "left": 0},
}
JOBS = {"items": [JOB], "next_cursor": None, "total": 1}
_DONE = {
    "position": 0,
    "custom_id": "lifts-1",
    "source": "lifts.txt",
    "state": "done",
    "document": examples.DOCUMENT_ID,
    "duplicate_of": None,
    "statements": 1,
    "claims": 1,
    "warnings": [],
    "problem": None,
}
_FAILED = {
    **_DONE,
    "position": 1,
    "custom_id": "imaging-1",
    "source": "imaging-portugal.md",
    "state": "failed",
    "document": None,
    "statements": None,
    "claims": None,
    "problem": {
        "type": "urn:trendnlp:problem:empty",
        "title": "Empty text",
        "status": 422,
        "detail": "imaging-portugal.md: it holds nothing but white space. Give a text.",
        "instance": f"/v1/jobs/{JOB_ID}/results",
        "errors": [],
        "request_id": "3f2b8c0e6d6a4c1b9b5f0e7a2d9c4e11",
        "split_into": [],
        "changed": [],
    },
}
RESULTS = {"items": [_DONE, _FAILED], "next_cursor": None, "total": 2}
EVENT = {"id": "1", "event": "progress", "data": f'{{"id": "{JOB_ID}", "state": "queued"}}'}

"""The JSON objects of jobs: the same over HTTP and on the command line."""

from __future__ import annotations

from trendnlp.records import Record
from trendnlp.store import Job, JobItem


def job_record(job: Job) -> Record:
    """How a job stands."""
    counts = job.counts
    return {
        "id": job.id,
        "state": job.state.value,
        "counts": {
            "total": counts.total,
            "done": counts.done,
            "failed": counts.failed,
            "cancelled": counts.cancelled,
            "left": counts.left,
        },
        "queue_position": None if job.queued_before is None else job.queued_before + 1,
        "version": job.version,
        "created_at": job.created,
        "started_at": job.started,
        "finished_at": job.finished,
        "expires_at": job.expires,
    }


def item_record(item: JobItem) -> Record:
    """What became of a document, but for why it failed."""
    return {
        "position": item.position,
        "custom_id": item.custom_id,
        "source": item.source,
        "state": item.state.value,
        "document": item.document,
        "duplicate_of": item.document if item.known else None,
        "statements": item.statements,
        "claims": item.claims,
        "warnings": list(item.warnings),
    }

"""What the JSON routes of jobs answer with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.apidoc import ProblemSchema
from trendnlp.web.schemas import Record


class JobCounts(Record):
    """The documents of a job: `left` wait or are in hand."""

    total: int
    done: int
    failed: int
    cancelled: int
    left: int


class Job(Record):
    """Documents that are processed in the background."""

    id: str
    state: str = Field(
        description="`queued`, `running`, `cancelling`, or how it ended: `succeeded`, `partial` (some failed), "
        "`failed` (all did) or `cancelled`."
    )
    counts: JobCounts
    queue_position: int | None = Field(description="From 1; null where it does not wait.")
    version: int = Field(description="Grows with every change.")
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str | None = Field(description="Until when results can be read; set when the job has ended.")


class JobsPage(Record):
    """Jobs, the latest first."""

    items: list[Job]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    total: int


class JobResult(Record):
    """What became of one document of a job."""

    position: int = Field(description="In the order of submission, from 0.")
    custom_id: str | None = Field(description="What the caller calls it.")
    source: str
    state: str = Field(description="`done`, `failed` or `cancelled`.")
    document: str | None = Field(description="The id of the stored document; its statements are there.")
    duplicate_of: str | None = Field(description="The same id where the document was stored before this job.")
    statements: int | None
    claims: int | None
    warnings: list[str]
    problem: ProblemSchema | None = Field(description="Why it failed, as a problem document.")


class JobResultsPage(Record):
    """What became of documents, in the order of submission."""

    items: list[JobResult]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    total: int

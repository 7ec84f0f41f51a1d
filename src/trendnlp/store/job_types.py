"""Jobs as values: what is submitted, how a job stands, what became of each document. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trendnlp.types import Format, Metadata


class JobState(StrEnum):
    """How a job stands. ``partial`` has ended with documents that failed and others that did not."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})


class ItemState(StrEnum):
    """How one document of a job stands."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """Why a document failed. ``error`` is the name of a class of ``trendnlp.errors``, empty for a defect."""

    error: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One document as it was submitted: its bytes or its text, or why it can be neither."""

    source: str
    content: bytes | str | ItemFailure
    format: Format | None = None
    given: Metadata = Metadata()
    custom_id: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """On which a job is accepted. ``waiting``: documents that may wait, of all jobs; ``documents``: of one job;
    ``days``: how long results can be read; ``bytes``: of all files of one job, unpacked, or characters of its texts.
    """

    waiting: int
    documents: int
    days: int
    bytes: int


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Documents of a job by state; what is none of these waits or is in hand."""

    total: int
    done: int
    failed: int
    cancelled: int

    @property
    def left(self) -> int:
        return self.total - self.done - self.failed - self.cancelled

    @property
    def outcome(self) -> JobState:
        """The state of a job that ends with these counts."""
        if self.cancelled:
            return JobState.CANCELLED
        if not self.failed:
            return JobState.SUCCEEDED
        return JobState.PARTIAL if self.done else JobState.FAILED


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``version`` grows with every change; ``queued_before`` counts the jobs that wait and came earlier, and is
    None where it does not wait. Times are ISO 8601 in UTC; ``expires`` is set when it has ended.
    """

    id: str
    state: JobState
    version: int
    counts: JobCounts
    queued_before: int | None
    created: str
    started: str | None
    finished: str | None
    expires: str | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class JobItem:
    """What became of the document at ``position`` (from 0). ``known``: whether it was stored before."""

    position: int
    custom_id: str | None
    source: str
    state: ItemState
    document: str | None
    known: bool
    statements: int | None
    claims: int | None
    warnings: tuple[str, ...]
    failure: ItemFailure | None


@dataclass(frozen=True, slots=True)
class Held:
    """A document in hand: only ``holder`` may say what became of it."""

    seq: int
    holder: str
    submission: Submission


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of a document that could be processed. ``added``: whether it was new to the store."""

    document: str
    added: bool
    statements: int
    claims: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A process that works on jobs: ``seen`` in seconds since 1970; ``host`` tells where ``pid`` counts."""

    id: str
    host: str
    pid: int
    seen: float

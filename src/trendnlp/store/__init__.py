"""The store: documents, statements, facts, findings, reviews and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.access import Access
from trendnlp.store.bulk import Applied, Preview
from trendnlp.store.catalogue import Catalogue, DocumentFacets, FindingFacets, QuarterCount, ValueCount
from trendnlp.store.changes import Changes
from trendnlp.store.counts import Counts
from trendnlp.store.decisions import NOTHING_SEEN, Versions
from trendnlp.store.desk import Borders, Desk, ReviewCounts
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.engine import beside
from trendnlp.store.exchange import Imported, Recorded
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.job_counts import JobTally, tally
from trendnlp.store.job_types import (
    Held,
    ItemFailure,
    ItemResult,
    ItemState,
    Job,
    JobCounts,
    JobItem,
    JobState,
    Submission,
    Terms,
    WorkerRow,
)
from trendnlp.store.job_work import JobWork
from trendnlp.store.jobs import JobStore
from trendnlp.store.judging import Judging
from trendnlp.store.kept import Hold, KeptAnswer, KeptAnswers, Slot, Taken
from trendnlp.store.lessons import Lessons
from trendnlp.store.outbox import Outbox
from trendnlp.store.pages import (
    DocumentFilter,
    FactFilter,
    FindingFilter,
    FindingOrder,
    Page,
    PageRequest,
    ReviewFilter,
    StatementFilter,
)
from trendnlp.store.queues import Progress, Queue, QueueItem, QueueRequest
from trendnlp.store.reviewed import ReviewedDocument
from trendnlp.store.runs import RecordedRun
from trendnlp.store.store import Store
from trendnlp.store.surroundings import Neighbours, SourceText, Surroundings
from trendnlp.store.webhooks import Delivery, Webhook, Webhooks

__all__ = [
    "NOTHING_SEEN",
    "Access",
    "Applied",
    "Borders",
    "Catalogue",
    "Changes",
    "ConsolidationInfo",
    "Counts",
    "Delivery",
    "Desk",
    "DocumentFacets",
    "DocumentFilter",
    "DocumentSummary",
    "FactFilter",
    "FindingFacets",
    "FindingFilter",
    "FindingOrder",
    "Held",
    "Hold",
    "Imported",
    "ItemFailure",
    "ItemResult",
    "ItemState",
    "Job",
    "JobCounts",
    "JobItem",
    "JobState",
    "JobStore",
    "JobTally",
    "JobWork",
    "Judging",
    "KeptAnswer",
    "KeptAnswers",
    "Lessons",
    "Neighbours",
    "Outbox",
    "Page",
    "PageRequest",
    "PlacedFact",
    "Preview",
    "Progress",
    "QuarterCount",
    "Queue",
    "QueueItem",
    "QueueRequest",
    "Recorded",
    "RecordedRun",
    "ReviewCounts",
    "ReviewFilter",
    "ReviewedDocument",
    "Saved",
    "Slot",
    "SourceText",
    "StatementFilter",
    "Store",
    "Submission",
    "Surroundings",
    "Taken",
    "Terms",
    "ValueCount",
    "Versions",
    "Webhook",
    "Webhooks",
    "WorkerRow",
    "beside",
    "tally",
]

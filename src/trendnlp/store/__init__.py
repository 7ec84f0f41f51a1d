"""The store: documents, statements, facts, findings, reviews and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.access import Access
from trendnlp.store.catalogue import Catalogue, DocumentFacets, FindingFacets, QuarterCount, ValueCount
from trendnlp.store.changes import Changes
from trendnlp.store.counts import Counts
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.engine import beside
from trendnlp.store.findings import ConsolidationInfo
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
from trendnlp.store.runs import RecordedRun
from trendnlp.store.store import Store
from trendnlp.store.webhooks import Delivery, Webhook, Webhooks

__all__ = [
    "Access",
    "Catalogue",
    "Changes",
    "ConsolidationInfo",
    "Counts",
    "Delivery",
    "DocumentFacets",
    "DocumentFilter",
    "DocumentSummary",
    "FactFilter",
    "FindingFacets",
    "FindingFilter",
    "FindingOrder",
    "Held",
    "ItemFailure",
    "ItemResult",
    "ItemState",
    "Job",
    "JobCounts",
    "JobItem",
    "JobState",
    "JobStore",
    "JobWork",
    "Outbox",
    "Page",
    "PageRequest",
    "PlacedFact",
    "QuarterCount",
    "RecordedRun",
    "ReviewFilter",
    "Saved",
    "StatementFilter",
    "Store",
    "Submission",
    "Terms",
    "ValueCount",
    "Webhook",
    "Webhooks",
    "WorkerRow",
    "beside",
]

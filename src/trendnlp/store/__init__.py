"""The store: documents, statements, facts, findings, reviews and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.bulk import Applied, Preview
from trendnlp.store.changes import Changes
from trendnlp.store.counts import Counts
from trendnlp.store.decisions import NOTHING_SEEN, Versions
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.judging import Judging
from trendnlp.store.pages import FactFilter, FindingFilter, Page, PageRequest, ReviewFilter, StatementFilter
from trendnlp.store.queues import Progress, Queue, QueueItem, QueueRequest
from trendnlp.store.runs import RecordedRun
from trendnlp.store.store import Store

__all__ = [
    "NOTHING_SEEN",
    "Applied",
    "Changes",
    "ConsolidationInfo",
    "Counts",
    "DocumentSummary",
    "FactFilter",
    "FindingFilter",
    "Judging",
    "Page",
    "PageRequest",
    "PlacedFact",
    "Preview",
    "Progress",
    "Queue",
    "QueueItem",
    "QueueRequest",
    "RecordedRun",
    "ReviewFilter",
    "Saved",
    "StatementFilter",
    "Store",
    "Versions",
]

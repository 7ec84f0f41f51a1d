"""The store: documents, statements, findings and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.documents import DocumentSummary, Saved
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.pages import FindingFilter, Page, PageRequest, StatementFilter
from trendnlp.store.store import Counts, RecordedRun, Store

__all__ = [
    "ConsolidationInfo",
    "Counts",
    "DocumentSummary",
    "FindingFilter",
    "Page",
    "PageRequest",
    "RecordedRun",
    "Saved",
    "StatementFilter",
    "Store",
]

"""The store: documents, statements, facts, findings, reviews and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.catalogue import Catalogue, DocumentFacets, FindingFacets, QuarterCount, ValueCount
from trendnlp.store.changes import Changes
from trendnlp.store.counts import Counts
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.findings import ConsolidationInfo
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

__all__ = [
    "Catalogue",
    "Changes",
    "ConsolidationInfo",
    "Counts",
    "DocumentFacets",
    "DocumentFilter",
    "DocumentSummary",
    "FactFilter",
    "FindingFacets",
    "FindingFilter",
    "FindingOrder",
    "Page",
    "PageRequest",
    "PlacedFact",
    "QuarterCount",
    "RecordedRun",
    "ReviewFilter",
    "Saved",
    "StatementFilter",
    "Store",
    "ValueCount",
]

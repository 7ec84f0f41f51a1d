"""The store: documents, statements, facts, findings, reviews and runs in a SQL database."""

from __future__ import annotations

from trendnlp.store.changes import Changes
from trendnlp.store.counts import Counts
from trendnlp.store.documents import DocumentSummary, PlacedFact, Saved
from trendnlp.store.findings import ConsolidationInfo
from trendnlp.store.kept import Hold, KeptAnswer, KeptAnswers, Slot, Taken
from trendnlp.store.pages import (
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
from trendnlp.store.surroundings import Neighbours, SourceText, Surroundings

__all__ = [
    "Changes",
    "ConsolidationInfo",
    "Counts",
    "DocumentSummary",
    "FactFilter",
    "FindingFilter",
    "FindingOrder",
    "Hold",
    "KeptAnswer",
    "KeptAnswers",
    "Neighbours",
    "Page",
    "PageRequest",
    "PlacedFact",
    "RecordedRun",
    "ReviewFilter",
    "Saved",
    "Slot",
    "SourceText",
    "StatementFilter",
    "Store",
    "Surroundings",
    "Taken",
]

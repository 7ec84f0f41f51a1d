"""Statements and findings as a file: CSV for spreadsheets, or the JSON objects of the lists, one a line.

A list is read page by page, so that memory does not grow with it. What changes meanwhile may show; what stays is there
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TypeVar

from trendnlp.momentum import state
from trendnlp.periods import MonthCount
from trendnlp.placing import Placed, Placer
from trendnlp.records import Record, finding_record, json_line
from trendnlp.selectors import OffsetUnit
from trendnlp.spreadsheet import csv_pieces
from trendnlp.store import FindingFilter, Page, PageRequest, StatementFilter, Store
from trendnlp.types import Finding

T = TypeVar("T")

PAGE = 500  # the store's largest page
STATEMENT_COLUMNS = (
    *("id", "kind", "score", "alt", "aspect", "text", "headings", "lead_in", "page", "start", "end"),
    *("document", "source", "title", "market", "geography", "publisher", "published", "finding"),
)
FINDING_COLUMNS = (
    *("id", "kind", "aspect", "state", "title", "market", "geography", "tags", "documents", "publishers"),
    *("sources", "places", "first_seen", "last_seen", "head"),
)


class ExportFormat(StrEnum):
    """What an export is made of."""

    CSV = "csv"
    JSONL = "jsonl"


def export_statements(
    store: Store, filter: StatementFilter, format: ExportFormat, unit: OffsetUnit = OffsetUnit.CODEPOINT
) -> Iterator[str]:
    """The statements that pass ``filter`` in the order of their list, in pieces of text that end with a line."""
    placer = Placer(store, unit)
    placed = (placer.place(page) for page in _pages(lambda request: store.statements(filter, request)))
    if format is ExportFormat.JSONL:
        return (_lines(item.record for item in page) for page in placed)
    return csv_pieces(STATEMENT_COLUMNS, (map(_statement_row, page) for page in placed))


def export_findings(store: Store, filter: FindingFilter, format: ExportFormat) -> Iterator[str]:
    """The findings that pass ``filter`` in the order of their list, in pieces of text that end with a line."""
    corpus = store.publication_months()
    pages = _pages(lambda request: store.findings(filter, request))
    if format is ExportFormat.JSONL:
        return (_lines(stated_finding(finding, corpus) for finding in page) for page in pages)
    return csv_pieces(FINDING_COLUMNS, ([finding_row(finding, corpus) for finding in page] for page in pages))


def stated_finding(finding: Finding, corpus: tuple[MonthCount, ...]) -> Record:
    """A finding with its state, ``corpus`` being the publication months of the store."""
    return {**finding_record(finding), "state": state(finding.backing, corpus).value}


def finding_row(finding: Finding, corpus: tuple[MonthCount, ...]) -> Record:
    """A finding as a row of a table."""
    tags = "; ".join(tag.name for tag in finding.tags)
    return stated_finding(finding, corpus) | {"tags": tags, "places": len(finding.members)}


def _statement_row(placed: Placed) -> Record:
    known = placed.document.metadata
    return {
        **placed.record,
        "title": known.title,
        "market": known.market,
        "geography": known.geography,
        "publisher": known.publisher,
        "published": known.published,
    }


def _pages(fetch: Callable[[PageRequest], Page[T]]) -> Iterator[tuple[T, ...]]:
    cursor = None
    while True:
        page = fetch(PageRequest(PAGE, cursor, counted=False))
        if page.items:
            yield page.items
        if (cursor := page.next_cursor) is None:
            return


def _lines(records: Iterable[Record]) -> str:
    return "".join(f"{json_line(record)}\n" for record in records)

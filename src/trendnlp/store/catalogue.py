"""What the pages count: how findings and documents divide by each of their properties, and quarter by quarter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, desc, distinct, func, select

from trendnlp.momentum import State
from trendnlp.store import documents as document_queries
from trendnlp.store import listing, standing
from trendnlp.store.clock import month, utc_now
from trendnlp.store.conditions import backing_for, contested_ids, on_backing, on_documents
from trendnlp.store.database import Database
from trendnlp.store.documents import DocumentSummary
from trendnlp.store.pages import FIRST, DocumentFilter, FindingFilter, Page, PageRequest
from trendnlp.store.schema import backing, documents, findings, tags

MOST_VALUES = 12  # of a property with any number of values: the most frequent ones; a longer list is nothing to read
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a property, and how many findings or documents have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class FindingFacets:
    """How the findings of a filter divide by each property. Of the property that is counted the filter's own values bar
    nothing, so a count says how many there would be with that value alone. Publishers are named as in one of their
    documents.
    """

    kinds: tuple[ValueCount, ...]
    aspects: tuple[ValueCount, ...]
    states: tuple[ValueCount, ...]
    tags: tuple[ValueCount, ...]
    markets: tuple[ValueCount, ...]
    geographies: tuple[ValueCount, ...]
    sources: tuple[ValueCount, ...]
    contested: int
    uncontested: int


@dataclass(frozen=True, slots=True)
class DocumentFacets:
    """How the documents of a filter divide, counted as those of findings are."""

    markets: tuple[ValueCount, ...]
    geographies: tuple[ValueCount, ...]
    publishers: tuple[ValueCount, ...]


@dataclass(frozen=True, slots=True)
class QuarterCount:
    """How many findings with ``value`` have a document published in ``quarter`` (YYYY-Qn)."""

    value: str
    quarter: str
    findings: int


class Catalogue:
    """Counts over one database. Every method is one transaction and may be called from any thread; raises StoreError
    where the database fails.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def finding_facets(self, filter: FindingFilter) -> FindingFacets:
        of, this_month = findings.c, month(self._now())
        with self._database.reading() as connection:
            contested, uncontested = _contested(connection, replace(filter, contested=None), this_month)
            return FindingFacets(
                kinds=_values(connection, replace(filter, kinds=()), of.kind, this_month),
                aspects=_values(connection, replace(filter, aspects=()), of.aspect, this_month),
                states=_states(connection, replace(filter, states=()), this_month),
                tags=_tags(connection, replace(filter, tags=()), this_month),
                markets=_values(connection, replace(filter, markets=()), of.market, this_month),
                geographies=_values(connection, replace(filter, geographies=()), of.geography, this_month),
                sources=_sources(connection, replace(filter, sources=()), this_month),
                contested=contested,
                uncontested=uncontested,
            )

    def documents(self, filter: DocumentFilter, page: PageRequest = FIRST) -> Page[DocumentSummary]:
        """The documents that pass ``filter``, newest first; raises BadCursor."""
        with self._database.reading() as connection:
            found = listing.fetch(connection, listing.some_documents(filter), page, self._database.cursor_key)
            return Page(tuple(map(document_queries.summary, found.items)), found.next_cursor, found.total)

    def document_facets(self, filter: DocumentFilter) -> DocumentFacets:
        of = documents.c
        with self._database.reading() as connection:
            return DocumentFacets(
                markets=_of_documents(connection, replace(filter, markets=()), of.market),
                geographies=_of_documents(connection, replace(filter, geographies=()), of.geography),
                publishers=_of_documents(connection, replace(filter, publishers=()), of.publisher),
            )

    def kinds_by_quarter(self, since: str = "") -> tuple[QuarterCount, ...]:
        """Findings by kind and quarter from the month ``since`` on, those that there are, by quarter."""
        with self._database.reading() as connection:
            return _by_quarter(connection, findings.c.kind, since)

    def aspects_by_quarter(self, since: str = "") -> tuple[QuarterCount, ...]:
        """Findings by aspect and quarter from the month ``since`` on, those that there are, by quarter."""
        with self._database.reading() as connection:
            return _by_quarter(connection, findings.c.aspect, since)

    def independent_sources(self) -> int:
        """How many publishers the documents have, and documents without one: what can be independent at most."""
        with self._database.reading() as connection:
            known = func.count(distinct(documents.c.publisher))
            unnamed = func.count() - func.count(documents.c.publisher)
            return int(connection.execute(select(known + unnamed).select_from(documents)).scalar_one())


def _chosen(connection: Connection, filter: FindingFilter, this_month: str) -> Select[Any]:
    return listing.findings_of(connection, replace(filter, order=FindingFilter().order), this_month).query


def _ids(connection: Connection, filter: FindingFilter, this_month: str) -> Select[str] | None:
    """The ids that pass ``filter``; None for all, which needs no look at each."""
    if replace(filter, order=FindingFilter().order) == FindingFilter():
        return None
    return _chosen(connection, filter, this_month).with_only_columns(findings.c.id)


def _values(
    connection: Connection, filter: FindingFilter, column: ColumnElement[str], this_month: str
) -> tuple[ValueCount, ...]:
    query = _chosen(connection, filter, this_month).with_only_columns(column.label("value"), func.count().label("n"))
    return _counted(connection, query.where(column.is_not(None)).group_by(column))


def _states(connection: Connection, filter: FindingFilter, this_month: str) -> tuple[ValueCount, ...]:
    ids = _ids(connection, filter, this_month)
    counts: Mapping[State, int] = standing.state_counts(connection, ids, this_month)
    return tuple(ValueCount(state.value, count) for state, count in counts.items())


def _tags(connection: Connection, filter: FindingFilter, this_month: str) -> tuple[ValueCount, ...]:
    query = select(func.min(tags.c.name).label("value"), func.count().label("n")).group_by(tags.c.key)
    if (ids := _ids(connection, filter, this_month)) is not None:
        query = query.where(tags.c.finding.in_(ids))
    return _counted(connection, query)


def _sources(connection: Connection, filter: FindingFilter, this_month: str) -> tuple[ValueCount, ...]:
    of, wanted = backing.c, on_backing(filter)
    query = select(func.min(of.document).label("value"), func.count(distinct(of.finding)).label("n"))
    query = query.select_from(backing_for(filter) if wanted else backing)
    query = query.where(of.publisher.is_not(None), *wanted).group_by(of.publisher)
    if (ids := _ids(connection, filter, this_month)) is not None:
        query = query.where(of.finding.in_(ids))
    found = _counted(connection, query)
    chosen = select(documents.c.id, documents.c.publisher).where(documents.c.id.in_([f.value for f in found]))
    names = {row.id: row.publisher for row in connection.execute(chosen)}
    return tuple(ValueCount(names[f.value], f.count) for f in found if f.value in names)


def _contested(connection: Connection, filter: FindingFilter, this_month: str) -> tuple[int, int]:
    """How many are contested, and how many are not."""
    chosen = _chosen(connection, filter, this_month)
    query = chosen.with_only_columns(func.count(), maintain_column_froms=True)
    every = int(connection.execute(query).scalar_one())
    contested = int(connection.execute(query.where(findings.c.id.in_(contested_ids()))).scalar_one())
    return contested, every - contested


def _of_documents(connection: Connection, filter: DocumentFilter, column: ColumnElement[str]) -> tuple[ValueCount, ...]:
    query = select(column.label("value"), func.count().label("n")).where(*on_documents(filter))
    return _counted(connection, query.where(column.is_not(None)).group_by(column))


def _counted(connection: Connection, query: Select[*tuple[Any, ...]]) -> tuple[ValueCount, ...]:
    """The values of ``query`` (columns ``value`` and ``n``), the most frequent first, then by name."""
    ordered = query.order_by(desc("n"), "value").limit(MOST_VALUES)
    return tuple(ValueCount(row.value, row.n) for row in connection.execute(ordered))


def _by_quarter(connection: Connection, column: ColumnElement[str], since: str) -> tuple[QuarterCount, ...]:
    number = cast(func.substr(backing.c.month, 6, 2), Integer)
    quarter = (number + MONTHS_IN_QUARTER - 1) // MONTHS_IN_QUARTER
    year = func.substr(backing.c.month, 1, 4)
    query = (
        select(column.label("value"), year.label("year"), quarter.label("quarter"))
        .add_columns(func.count(distinct(findings.c.id)).label("n"))
        .join_from(findings, backing, backing.c.finding == findings.c.id)
        .where(backing.c.month >= since, column.is_not(None))
        # by their labels: the parameters of an expression that stands twice make it two expressions to PostgreSQL
        .group_by("value", "year", "quarter")
        .order_by("year", "quarter", "value")
    )
    return tuple(QuarterCount(r.value, f"{r.year}-Q{r.quarter}", r.n) for r in connection.execute(query))

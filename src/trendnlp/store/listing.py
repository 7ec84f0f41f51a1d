"""The lists that are read page by page: what they filter and how they are ordered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select

from trendnlp.standing import Status
from trendnlp.store import effective, standing
from trendnlp.store.conditions import on_documents, on_findings, on_statements
from trendnlp.store.documents import SUMMARY_COLUMNS, select_facts, select_statements
from trendnlp.store.engine import matches
from trendnlp.store.pages import (
    Cursors,
    DocumentFilter,
    FactFilter,
    FindingFilter,
    FindingOrder,
    Page,
    PageRequest,
    ReviewFilter,
    SortKey,
    StatementFilter,
    after,
)
from trendnlp.store.schema import (
    backing,
    documents,
    facts,
    findings,
    members,
    reviewed,
    reviews,
    runs,
    statements,
    tags,
)
from trendnlp.store.schema_judgements import judgements
from trendnlp.store.standing import Momenta
from trendnlp.terms import term_key


@dataclass(frozen=True, slots=True)
class Listing:
    """A query, its order (the last key is unique), and the scope that its cursors are bound to."""

    query: Select[Any]
    order: Sequence[SortKey]
    scope: str


def all_documents() -> Listing:
    """Newest first."""
    return Listing(select(*SUMMARY_COLUMNS), (SortKey(documents.c.seq, descending=True),), "documents")


def some_documents(filter: DocumentFilter) -> Listing:
    """Newest first."""
    query = select(*SUMMARY_COLUMNS).where(*on_documents(filter))
    return Listing(query, (SortKey(documents.c.seq, descending=True),), repr(filter))


def some_statements(filter: StatementFilter) -> Listing:
    """By document in the order of adding, then in text order; those of a finding in its own order."""
    query = select_statements().where(*_of_statements(filter), *on_statements(filter))
    if filter.document is not None:
        query = query.where(documents.c.id == filter.document)
    order = (SortKey(statements.c.document), SortKey(statements.c.position), SortKey(statements.c.seq))
    if filter.finding is not None:
        query = query.join(members, members.c.statement == statements.c.id).where(members.c.finding == filter.finding)
        return Listing(query, (SortKey(members.c.position),), repr(filter))
    return Listing(query, order, repr(filter))


def chosen_statements(
    filter: StatementFilter, *columns: ColumnElement[Any], decided: bool | None = None
) -> Select[Any]:
    """``columns`` of statements and of what people decided of them, for those that ``filter`` lets pass, in no order;
    ``decided``: only those that decisions speak of, or where it is False without asking whether they do. No other table
    is read but those that the filter speaks of.
    """
    if filter.statuses and Status.PENDING not in filter.statuses:
        decided = True
    speaks_of_decisions = filter.min_score > 0 or filter.kinds or filter.aspects or filter.statuses
    if decided is False and not speaks_of_decisions:
        query = select(*columns).select_from(statements)
    else:
        query = select(*columns).join_from(statements, judgements, effective.JUDGED, isouter=not decided)
    query = query.where(*_of_statements(filter))
    if decided:  # a condition that says what the others do, and that an index knows: begin with what is decided
        query = query.where(judgements.c.status.in_(filter.statuses or tuple(Status)))
    if filter.document is not None:
        number = select(documents.c.seq).where(documents.c.id == filter.document)
        query = query.where(statements.c.document == number.scalar_subquery())
    if of_documents := tuple(on_statements(filter)):
        query = query.where(statements.c.document.in_(select(documents.c.seq).where(*of_documents)))
    if filter.finding is not None:
        inside = select(members.c.statement).where(members.c.finding == filter.finding)
        query = query.where(statements.c.id.in_(inside))
    return query


def _of_statements(filter: StatementFilter) -> Iterator[ColumnElement[bool]]:
    """What a statement must be, but for its document and finding."""
    if filter.min_score > 0:
        yield effective.score() >= filter.min_score
    if filter.kinds:
        yield effective.kind().in_(filter.kinds)
    if filter.aspects:
        yield effective.aspect().in_(filter.aspects)
    if filter.statuses:
        yield effective.status().in_(filter.statuses)
    if filter.q and filter.q.strip():
        yield matches(statements, filter.q)


def some_findings(
    filter: FindingFilter,
    this_month: str,
    in_states: ColumnElement[bool] | None = None,
    momentum: Momenta | None = None,
) -> Listing:
    """In the filter's order; where that says nothing those in most documents first, then those with most members, then
    by id. ``in_states`` is the condition that the filter's states come to, ``momentum`` what that order ranks by. What
    is dated after ``this_month`` counts as undated.
    """
    query = select(findings).where(*on_findings(filter))
    if filter.kinds:
        query = query.where(findings.c.kind.in_(filter.kinds))
    if filter.aspects:
        query = query.where(findings.c.aspect.in_(filter.aspects))
    if in_states is not None:
        query = query.where(in_states)
    if filter.q and filter.q.strip():
        query = query.where(matches(findings, filter.q))
    if filter.tags:
        keys = sorted({term_key(tag) for tag in filter.tags})
        query = query.where(findings.c.id.in_(select(tags.c.finding).where(tags.c.key.in_(keys))))
    of = findings.c
    order: tuple[SortKey, ...] = (
        SortKey(of.documents, descending=True),
        SortKey(of.size, descending=True),
        SortKey(of.id),
    )
    if filter.order is FindingOrder.SOURCES:
        order = (SortKey(of.sources, descending=True), *order)
    elif filter.order is FindingOrder.RECENT:
        order = (SortKey(_last_seen(this_month), descending=True), *order)
    elif filter.order is FindingOrder.MOMENTUM and momentum is not None:
        query = query.outerjoin(momentum.counted, momentum.counted.c.finding == of.id)
        order = (SortKey(momentum.rank, descending=True), *order)
    return Listing(query, order, repr(filter))


def findings_of(connection: Connection, filter: FindingFilter, this_month: str) -> Listing:
    """``some_findings`` as of the newest month of the store up to ``this_month``."""
    in_states = standing.in_states(connection, filter.states, this_month) if filter.states else None
    momentum = standing.momenta(connection, this_month) if filter.order is FindingOrder.MOMENTUM else None
    return some_findings(filter, this_month, in_states, momentum)


def _last_seen(this_month: str) -> ColumnElement[str]:
    """When a finding was reported last; the month alone where a document is dated after ``this_month``."""
    past = and_(backing.c.finding == findings.c.id, backing.c.month <= this_month)
    newest = select(func.max(backing.c.month)).where(past).correlate(findings).scalar_subquery()
    ahead = func.substr(findings.c.last_seen, 1, len(this_month)) > this_month
    return func.coalesce(case((ahead, newest), else_=findings.c.last_seen), "")


def all_runs() -> Listing:
    """Newest first."""
    return Listing(select(runs), (SortKey(runs.c.seq, descending=True),), "runs")


def some_facts(filter: FactFilter) -> Listing:
    """By document, newest first, then in text order."""
    query = select_facts()
    if filter.market:
        query = query.where(documents.c.market.icontains(filter.market, autoescape=True))
    if filter.exactly is not None:
        market, geography = filter.exactly
        query = query.where(documents.c.market == market, documents.c.geography.is_not_distinct_from(geography))
    if filter.kinds:
        query = query.where(facts.c.kind.in_(filter.kinds))
    order = (SortKey(facts.c.document, descending=True), SortKey(facts.c.position))
    return Listing(query, order, repr(filter))


def some_reviews(filter: ReviewFilter) -> Listing:
    """Newest first."""
    query = select(reviews)
    if filter.statement is not None:
        of = select(reviewed.c.review).where(reviewed.c.statement == filter.statement)
        query = query.where(reviews.c.seq.in_(of))
    return Listing(query, (SortKey(reviews.c.seq, descending=True),), repr(filter))


def fetch(connection: Connection, listing: Listing, page: PageRequest, key: bytes) -> Page[Row[Any]]:
    """One page of rows; raises BadCursor."""
    cursors = Cursors(key, listing.scope)
    query = listing.query
    if page.cursor is not None:
        query = query.where(after(listing.order, cursors.read(page.cursor)))
    keys = [k.column.label(f"key_{i}") for i, k in enumerate(listing.order)]
    query = query.add_columns(*keys).order_by(*map(_direction, listing.order)).limit(page.limit + 1)
    rows = connection.execute(query).all()
    cursor = None
    if len(rows) > page.limit:
        rows = rows[: page.limit]
        cursor = cursors.make(rows[-1][-len(keys) :])
    count = listing.query.with_only_columns(func.count(), maintain_column_froms=True)
    return Page(tuple(rows), cursor, connection.execute(count).scalar_one() if page.counted else 0)


def _direction(key: SortKey) -> ColumnElement[Any]:
    return key.column.desc() if key.descending else key.column.asc()

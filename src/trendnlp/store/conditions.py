"""What filters say of documents, and of the documents behind statements and findings, as conditions. Dates are compared
as ISO texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, FromClause, Select, or_, select

from trendnlp.relations import Relation
from trendnlp.sources import folded_publisher
from trendnlp.store.pages import DocumentFilter, FindingFilter, StatementFilter
from trendnlp.store.schema import backing, documents, findings, ledger, members, statements
from trendnlp.store.schema_jobs import job_items, jobs

CONTESTING = tuple(map(str, (Relation.CONTRADICTS, Relation.DIFFERS_IN)))


def on_statements(filter: StatementFilter) -> Iterator[ColumnElement[bool]]:
    """What the document of a statement must be, but for its id."""
    of = documents.c
    if filter.markets:
        yield of.market.in_(filter.markets)
    if filter.geographies:
        yield of.geography.in_(filter.geographies)
    if filter.sources:
        yield or_(of.source.in_(filter.sources), of.publisher.in_(filter.sources))
    yield from _published(filter.since, filter.until)


def on_documents(filter: DocumentFilter) -> Iterator[ColumnElement[bool]]:
    """What a document must be."""
    of = documents.c
    for word in (filter.q or "").split():
        yield or_(*(column.icontains(word, autoescape=True) for column in (of.title, of.source, of.publisher)))
    for column, values in (
        (of.market, filter.markets),
        (of.geography, filter.geographies),
        (of.publisher, filter.publishers),
    ):
        if values:
            yield column.in_(values)
    yield from _published(filter.since, filter.until)


def on_findings(filter: FindingFilter) -> Iterator[ColumnElement[bool]]:
    """What a finding must be, but for kind, aspect, states, tags and words."""
    of = findings.c
    if filter.markets:
        yield of.market.in_(filter.markets)
    if filter.geographies:
        yield of.geography.in_(filter.geographies)
    if filter.min_documents > 0:
        yield of.documents >= filter.min_documents
    if (reported := _reported(filter)) is not None:
        yield of.id.in_(reported)
    if filter.contested:
        yield of.id.in_(contested_ids())
    elif filter.contested is not None:
        # NOT IN would have PostgreSQL look through all contested ids for each finding where they are many
        yield ~contested_ids().where(ledger.c.finding == of.id).exists()


def contested_ids() -> Select[str]:
    """The findings that something speaks against, each perhaps several times."""
    return select(ledger.c.finding).where(ledger.c.apart == 1, ledger.c.relation.in_(CONTESTING))


def on_backing(filter: FindingFilter) -> list[ColumnElement[bool]]:
    """What a row of ``backing_for`` must be: all that the filter says of documents and scores; one passes for a finding
    that does. Empty where it says nothing of them.
    """
    # Of a choice each side is said of the same table, so that SQLite looks both up and reads no row in vain.
    of = backing.c
    wanted = [*_published(filter.since, filter.until)]
    if filter.documents or filter.jobs:
        wanted.append(or_(of.document.in_(filter.documents), of.document.in_(_brought_by(filter.jobs))))
    if filter.sources:
        publishers = sorted({folded for name in filter.sources if (folded := folded_publisher(name))})
        given = select(documents.c.id).where(documents.c.source.in_(filter.sources))
        wanted.append(or_(of.publisher.in_(publishers), of.document.in_(given)))
    if filter.min_score > 0:
        wanted.append(statements.c.score >= filter.min_score)
    return wanted


def _brought_by(ids: Sequence[str]) -> Select[str]:
    """The documents of jobs, also those that were there before."""
    joined = job_items.join(jobs, jobs.c.seq == job_items.c.job)
    return select(job_items.c.document).select_from(joined).where(jobs.c.id.in_(ids), job_items.c.document.is_not(None))


def backing_for(filter: FindingFilter) -> FromClause:
    """The documents behind findings with what ``on_backing`` asks of them, each as often as it has members there where
    scores are asked for.
    """
    behind = backing.join(documents, documents.c.id == backing.c.document)
    if filter.min_score > 0:
        of_finding = (members.c.finding == backing.c.finding) & (members.c.document == backing.c.document)
        behind = behind.join(members, of_finding).join(statements, statements.c.id == members.c.statement)
    return behind


def _reported(filter: FindingFilter) -> Select[str] | None:
    """The findings, some perhaps several times, that pass by what stands behind them; None where none is barred."""
    wanted = on_backing(filter)
    return select(backing.c.finding).select_from(backing_for(filter)).where(*wanted) if wanted else None


def _published(since: str | None, until: str | None) -> Iterator[ColumnElement[bool]]:
    """A document that is known to the year or month passes where a part of that year or month does."""
    of = documents.c
    if since is not None:
        # the year and the month that hold the day, for documents of which no more is known
        yield or_(of.published >= since, of.published.in_((since[:4], since[:7])))
    if until is not None:
        yield or_(of.published <= until, of.published.startswith(until, autoescape=True))

"""What filters say of the documents behind statements and findings, as conditions. Dates are compared as ISO texts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, or_, select

from trendnlp.store.pages import FindingFilter, StatementFilter
from trendnlp.store.schema import documents, members, statements


def on_documents(filter: StatementFilter | FindingFilter) -> Iterator[ColumnElement[bool]]:
    """What the document of a statement must be, but for its id.

    A document that is known to the year or month passes where a part of that year or month does.
    """
    of = documents.c
    if filter.markets:
        yield of.market.in_(filter.markets)
    if filter.geographies:
        yield of.geography.in_(filter.geographies)
    if filter.sources:
        yield or_(of.source.in_(filter.sources), of.publisher.in_(filter.sources))
    if filter.since is not None:
        # the year and the month that hold the day, for documents of which no more is known
        yield or_(of.published >= filter.since, of.published.in_((filter.since[:4], filter.since[:7])))
    if filter.until is not None:
        yield or_(of.published <= filter.until, of.published.startswith(filter.until, autoescape=True))


def with_member(filter: FindingFilter) -> Select[tuple[str]] | None:
    """The findings, some perhaps several times, with a member that passes all that the filter says of documents and
    scores; None where it says nothing of them.
    """
    wanted = [*on_documents(filter)]
    if filter.document is not None:
        wanted.append(members.c.document == filter.document)
    if filter.min_score > 0:
        wanted.append(statements.c.score >= filter.min_score)
    if not wanted:
        return None
    behind = members.join(statements, statements.c.id == members.c.statement).join(documents)
    return select(members.c.finding).select_from(behind).where(*wanted)

"""What the filters of findings and documents come to as conditions. Dates are compared as ISO texts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, func, or_, select

from trendnlp.relations import Relation
from trendnlp.sources import folded_publisher
from trendnlp.store.pages import DocumentFilter, FindingFilter
from trendnlp.store.schema import backing, documents, findings, ledger, members

TO_THE_MONTH = 7  # characters of YYYY-MM
CONTESTING = tuple(map(str, (Relation.CONTRADICTS, Relation.DIFFERS_IN)))


def finding_conditions(filter: FindingFilter) -> Iterator[ColumnElement[bool]]:
    """What a finding must be, but for kind, aspect, one document, states, tags and words."""
    of = findings.c
    if filter.documents:
        yield of.id.in_(select(members.c.finding).where(members.c.document.in_(filter.documents)))
    if filter.markets:
        yield of.market.in_(filter.markets)
    if filter.geographies:
        yield of.geography.in_(filter.geographies)
    if filter.sources:
        yield of.id.in_(_reported_by(filter.sources))
    if filter.since or filter.until:
        yield of.id.in_(select(backing.c.finding).where(*_between(filter.since, filter.until)))
    if filter.contested is not None:
        inside = of.id.in_(contested_ids())
        yield inside if filter.contested else ~inside


def contested_ids() -> Select[str]:
    """The findings that something speaks against, each perhaps several times."""
    return select(ledger.c.finding).where(ledger.c.apart == 1, ledger.c.relation.in_(CONTESTING))


def document_conditions(filter: DocumentFilter) -> Iterator[ColumnElement[bool]]:
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
    if filter.since:
        yield of.published >= filter.since
    if filter.until:
        yield func.substr(of.published, 1, len(filter.until)) <= filter.until


def _reported_by(names: tuple[str, ...]) -> Select[str]:
    publishers = sorted(filter(None, {folded_publisher(name) for name in names}))
    named = select(documents.c.id).where(documents.c.source.in_(names))
    return select(backing.c.finding).where(or_(backing.c.publisher.in_(publishers), backing.c.document.in_(named)))


def _between(since: str | None, until: str | None) -> Iterator[ColumnElement[bool]]:
    month = backing.c.month
    yield month.is_not(None)
    if since:
        yield month >= since[:TO_THE_MONTH]
    if until:
        yield func.substr(month, 1, min(len(until), TO_THE_MONTH)) <= until[:TO_THE_MONTH]

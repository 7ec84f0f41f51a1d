"""When the documents of the store were published. Over an open transaction."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, func, select

from trendnlp.periods import MonthCount, month_of
from trendnlp.store.schema import documents


def months(connection: Connection) -> tuple[MonthCount, ...]:
    """How many documents are of each month, in order; last those of no known month, where there are any."""
    published = documents.c.published
    counts: Counter[str | None] = Counter()
    for row in connection.execute(select(published, func.count().label("documents")).group_by(published)):
        counts[month_of(row.published)] += row.documents
    unknown = counts.pop(None, 0)
    known = tuple(MonthCount(month, counts[month]) for month in sorted(filter(None, counts)))
    return (*known, MonthCount(None, unknown)) if unknown else known

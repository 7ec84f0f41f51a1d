"""When the documents of the store were published. Over an open transaction."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, func, select

from trendnlp.periods import MonthCount, month_of
from trendnlp.store.schema import documents


def months(connection: Connection, this_month: str) -> tuple[MonthCount, ...]:
    """How many documents are of each month, in order; last those of no known month, where there are any. A date after
    ``this_month`` is wrong, and tells nothing: measured against it, all would be long past.
    """
    published = documents.c.published
    counts: Counter[str | None] = Counter()
    for row in connection.execute(select(published, func.count().label("documents")).group_by(published)):
        month = month_of(row.published)
        counts[None if month and month > this_month else month] += row.documents
    unknown = counts.pop(None, 0)
    known = tuple(MonthCount(month, counts[month]) for month in sorted(filter(None, counts)))
    return (*known, MonthCount(None, unknown)) if unknown else known

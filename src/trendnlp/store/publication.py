"""When the documents of the store were published, and which findings are in a state. Over an open transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, false, func, not_, or_, select, true

from trendnlp.momentum import Span, State, Window, Windows, compared, corpus_in, windows
from trendnlp.periods import MonthCount, month_of, newest
from trendnlp.store.engine import CHUNK
from trendnlp.store.schema import backing, documents, findings

# Counts of sources are packed into one number, so that a query can compare them at once: more documents than this no
# store holds.
_BASE = 2**28


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


def in_states(connection: Connection, states: Collection[State], this_month: str) -> ColumnElement[bool]:
    """Whether a finding is in one of ``states``, as of the newest month of the store up to ``this_month``.

    The database counts the sources of each finding; of these counts there are few different ones, and only they are
    judged here.
    """
    corpus = months(connection, this_month)
    reference = newest(corpus)
    if reference is None:
        return true() if State.INSUFFICIENT in states else false()
    spans = windows(reference)
    counted = _counted(spans).subquery()
    keys = connection.execute(select(counted.c.key).distinct()).scalars().all()
    # A finding without a dated document is not counted, and its evidence insufficient: then ask for all the others.
    turned = State.INSUFFICIENT in states
    chosen = sorted(key for key in keys if (_state(key, spans, corpus) in states) is not turned)
    of = [counted.c.key.in_(chosen[at : at + CHUNK]) for at in range(0, len(chosen), CHUNK)]
    inside = findings.c.id.in_(select(counted.c.finding).where(or_(false(), *of)))
    return not_(inside) if turned else inside


def _counted(spans: Windows) -> Select[Any]:
    """Each finding with a dated document, and its counts of sources: recent, before, and whether there are earlier."""
    recent, before, earlier = (_sources(span) for span in (spans.recent, spans.before, spans.earlier))
    key = (recent * _BASE + before) * 2 + case((earlier > 0, 1), else_=0)
    dated = backing.c.month.is_not(None)
    return select(backing.c.finding, key.label("key")).where(dated).group_by(backing.c.finding)


def _sources(span: Span) -> ColumnElement[int]:
    month = backing.c.month
    inside = month <= span.last if span.first is None else month.between(span.first, span.last)
    return func.count(distinct(case((inside, backing.c.origin))))


def _state(key: int, spans: Windows, corpus: tuple[MonthCount, ...]) -> State:
    counts, earlier = divmod(key, 2)
    recent, before = divmod(counts, _BASE)
    sources = ((spans.recent, recent), (spans.before, before), (spans.earlier, earlier))
    return compared(*(Window(span, count, corpus_in(span, corpus)) for span, count in sources)).state

"""When a finding was reported: its documents, publishers and independent sources, period by period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trendnlp.backing import Backing
from trendnlp.periods import MonthCount, Step, newest, period_of, periods

EARLIER, UNDATED = "earlier", "undated"
MAX_PERIODS = 240  # 20 years of months; one wrong date of long ago would otherwise fill pages with zeros


@dataclass(frozen=True, slots=True)
class Period:
    """What stands behind a finding in one period, and how many documents of the corpus are of that period.

    ``sources`` counts independent sources with a document in the period; one that has documents in two periods counts
    in both. ``period`` is None for what is counted apart.
    """

    period: str | None
    documents: int
    publishers: int
    sources: int
    corpus: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The last ``MAX_PERIODS`` from the finding's first month to the newest of the store, those with nothing included.

    ``earlier`` counts what is before the first of them, ``undated`` what has no date, one to the year alone, or one
    after the newest month of the store.
    """

    by: Step
    periods: tuple[Period, ...]
    earlier: Period
    undated: Period


def timeline(backing: Iterable[Backing], corpus: tuple[MonthCount, ...], by: Step) -> Timeline:
    """The timeline of a finding with ``backing`` in a store whose documents are of the months of ``corpus``."""
    last = newest(corpus) or ""
    of: dict[str | None, list[Backing]] = {}
    months = []
    for document in backing:
        month = _month(document, last)
        months += [month] if month else []
        of.setdefault(month and period_of(month, by), []).append(document)
    published: dict[str | None, int] = {}
    for count in corpus:
        name = count.month and period_of(count.month, by)
        published[name] = published.get(name, 0) + count.documents
    names = periods(min(months), last, by)[-MAX_PERIODS:] if months else ()
    before = [name for name in {*of, *published} if names and name is not None and name < names[0]]
    return Timeline(
        by,
        tuple(_period(name, of.get(name, []), published.get(name, 0)) for name in names),
        _period(None, [d for name in before for d in of.get(name, [])], sum(published.get(n, 0) for n in before)),
        _period(None, of.get(None, []), published.get(None, 0)),
    )


def of_period(backing: Iterable[Backing], corpus: tuple[MonthCount, ...], shown: Timeline, name: str) -> frozenset[str]:
    """The documents that ``shown``, the timeline of ``backing``, counts in one of its periods, or in EARLIER or
    UNDATED; none for a name that it does not show.
    """
    last, names = newest(corpus) or "", frozenset(period.period for period in shown.periods)
    found = set()
    for document in backing:
        month = _month(document, last)
        period = period_of(month, shown.by) if month else UNDATED
        if name == (period if period in names or month is None else EARLIER):
            found.add(document.document)
    return frozenset(found)


def _month(document: Backing, last: str) -> str | None:
    return document.month if document.month and document.month <= last else None


def _period(name: str | None, documents: list[Backing], corpus: int) -> Period:
    publishers = {document.publisher for document in documents} - {None}
    return Period(name, len(documents), len(publishers), len({d.origin for d in documents}), corpus)

"""Months and quarters, and how many documents were published in each. A month is YYYY-MM, a quarter YYYY-Qn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trendnlp.dates import iso_date

MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3
TO_THE_MONTH = 7  # characters of YYYY-MM
MONTH = "%Y-%m"


class Step(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many documents of the store were published in ``month``; None stands for all whose month is not known."""

    month: str | None
    documents: int


def month_of(published: str | None) -> str | None:
    """The month of an ISO 8601 date, None where there is no date or it names no month."""
    if published is None or len(published) < TO_THE_MONTH or iso_date(published) is None:
        return None
    return published[:TO_THE_MONTH]


def number(month: str) -> int:
    """Months since the year 0, so that months can be counted and compared."""
    return int(month[:4]) * MONTHS_IN_YEAR + int(month[5:]) - 1


def month_at(number: int) -> str:
    """The month with that number."""
    return f"{number // MONTHS_IN_YEAR:04}-{number % MONTHS_IN_YEAR + 1:02}"


def period_of(month: str, step: Step) -> str:
    """The period that ``month`` is in."""
    if step is Step.MONTH:
        return month
    return f"{month[:4]}-Q{(int(month[5:]) - 1) // MONTHS_IN_QUARTER + 1}"


def periods(first: str, last: str, step: Step) -> tuple[str, ...]:
    """All periods from the month ``first`` to the month ``last``, both included."""
    months = map(month_at, range(number(first), number(last) + 1))
    return tuple(dict.fromkeys(period_of(month, step) for month in months))


def newest(corpus: tuple[MonthCount, ...]) -> str | None:
    """The latest month in which anything was published: what findings are measured against."""
    return max((count.month for count in corpus if count.month is not None), default=None)

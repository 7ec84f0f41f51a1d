"""What the timeline of a finding answers with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.schemas import STATE, Record


class Counts(Record):
    """What stands behind a finding in a period; `corpus` counts all documents of the store that are of it."""

    documents: int
    publishers: int
    sources: int = Field(description="Independent sources with a document in the period.")
    corpus: int


class Period(Counts):
    """One period: `2024-03` or `2024-Q1`."""

    period: str


class Window(Record):
    """Months from `first` to `last`, both included; `first` is null for all months up to `last`."""

    first: str | None
    last: str
    sources: int
    corpus: int


class Ratio(Record):
    """How many times the rate before the recent rate is, with the exact bounds at 95 %; null stands for infinity."""

    ratio: float | None
    low: float
    high: float | None


class Momentum(Record):
    """Whether a finding is reported more than before: the state, the numbers that went in, and the formula."""

    state: str = Field(description=STATE)
    recent: Window
    before: Window
    earlier: Window
    ratio: Ratio | None = Field(
        description="Recent against before; null where a window has no documents, or no source."
    )
    overall: Ratio | None = Field(description="Recent against before and earlier together.")
    formula: str


class Timeline(Record):
    """A finding by publication date, up to the newest month in the store; periods with nothing are included."""

    finding: str
    by: str
    periods: list[Period] = Field(description="From the finding's first month on; at most the last 240.")
    earlier: Counts = Field(description="What is before the first of the periods.")
    undated: Counts = Field(description="Documents without a publication date, or with one to the year alone.")
    momentum: Momentum | None = Field(description="Null where no document of the store is dated to the month.")

"""What requests of review work may hold."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from trendnlp.actions import Action, ReviewFormat
from trendnlp.review import Draft
from trendnlp.store.bulk import NOTHING
from trendnlp.triage import Order
from trendnlp.web.fields import (
    MAX_CURSOR,
    DecisionBody,
    Line,
    Name,
    OriginFields,
    PageQuery,
    Share,
    StatementWanted,
    Strict,
    UndoBody,
    choice,
)

MAX_ASSIGNED = 1000
Token = Annotated[str, Field(min_length=1, max_length=MAX_CURSOR)]
ReviewFormatName = Annotated[str, *choice(tuple(format.value for format in ReviewFormat))]
OrderName = Annotated[str, *choice(tuple(order.value for order in Order))]


class Selection(StatementWanted, OriginFields):
    """Which statements, as the list of statements has them."""


class QueueQuery(Selection, PageQuery):
    """Which statements wait, and in what order. With a `cursor`, the rest is that of the first page."""

    order: OrderName = Field(default=Order.VALUE.value, description="`value`, `newest` or `random` by `seed`.")
    seed: int = Field(default=0, ge=0, lt=2**31)
    reader: Name | None = Field(default=None, description="Of a blind queue, who reads.")
    blind: bool = Field(default=False, description="What others judged and the reader did not, without what they said.")
    disagreements: bool = Field(default=False, description="What blind readers disagree on.")


class BulkBody(DecisionBody):
    """A decision on all that matches `filter`: without `token` a preview, with the preview's `token` the decision."""

    filter: Selection = Field(default_factory=Selection)
    token: Token | None = None

    def draft(self, by: str) -> Draft:
        """In the name of ``by``, of statements that are yet to be found; raises BadReview."""
        return Draft(Action(self.action), (NOTHING,), by, self.value)


class AcceptBody(UndoBody):
    """From which score on what nobody judged is accepted, and by whom."""

    threshold: Share
    filter: Selection = Field(default_factory=Selection)


class AssignBody(UndoBody):
    """Which statements are for whom to read blind, and who says so: `statements`, or a random `share` of those that
    match `filter`.
    """

    reader: Line
    statements: list[Name] = Field(default=[], max_length=MAX_ASSIGNED)
    share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, description="By `seed` and the ids alone: a larger share only adds to it."
    )
    seed: int = Field(default=0, ge=0, lt=2**31)
    filter: Selection = Field(default_factory=Selection)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.share is None) is not bool(self.statements):
            raise ValueError("give either `statements` or a `share`")
        return self


class ReviewExportQuery(Strict):
    """What to export."""

    format: ReviewFormatName = ReviewFormat.LOG.value

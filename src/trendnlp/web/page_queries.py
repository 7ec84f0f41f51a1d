"""What the addresses of the pages may hold. Links gather foreign parameters on their way, so these are let pass, and a
form without a script sends its empty fields too.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from trendnlp.cards import ModelCard
from trendnlp.momentum import State
from trendnlp.store import DocumentFilter, FindingFilter, FindingOrder, StatementFilter
from trendnlp.web.fields import MAX_FIELD, MAX_WORDS, Cursor, Published, StateName
from trendnlp.web.filters import aspects, checked, claim_kinds

MAX_VALUES = 200  # of one property; some hundred documents of one upload are the most that a page leads to itself


def filled(values: object) -> object:
    """Without the empty texts of a form's empty fields."""
    if isinstance(values, list):
        return list(dict.fromkeys(value for value in values if not isinstance(value, str) or value.strip()))
    return values or None


Value = Annotated[str, Field(max_length=MAX_FIELD)]
Values = Annotated[list[Value], BeforeValidator(filled), Field(max_length=MAX_VALUES)]
States = Annotated[list[StateName], BeforeValidator(filled)]
Sides = Annotated[list[bool], BeforeValidator(filled), AfterValidator(lambda sides: sorted(set(sides)))]
Date = Annotated[Published | None, BeforeValidator(filled)]


class PageQuery(BaseModel):
    """Which page of a list, of what has these words."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    cursor: Cursor | None = None
    q: Annotated[str, Field(max_length=MAX_WORDS)] = ""


class DatedQuery(PageQuery):
    """A list of what is of a market and place, and of a time."""

    market: Values = []
    geography: Values = []
    source: Values = []
    since: Date = Field(default=None, validation_alias=AliasChoices("from"))
    until: Date = Field(default=None, validation_alias=AliasChoices("to"))


class FindingPageQuery(DatedQuery):
    """Which findings. Values of one property are alternatives; different properties must all hold."""

    kind: Values = []
    aspect: Values = []
    state: States = []
    contested: Sides = []
    tag: Values = []
    document: Values = []
    job: Values = []
    sort: Annotated[FindingOrder, BeforeValidator(lambda value: value or FindingOrder.DOCUMENTS)] = (
        FindingOrder.DOCUMENTS
    )

    def filter(self, card: ModelCard) -> FindingFilter:
        """Raises Refusal (422) for a kind or aspect that no finding of these models has."""
        checked(self.kind, claim_kinds(card), self.aspect, aspects(card))
        return FindingFilter(
            kinds=tuple(self.kind),
            aspects=tuple(self.aspect),
            q=self.q.strip() or None,
            states=tuple(map(State, self.state)),
            tags=tuple(self.tag),
            documents=tuple(self.document),
            jobs=tuple(self.job),
            markets=tuple(self.market),
            geographies=tuple(self.geography),
            sources=tuple(self.source),
            since=self.since,
            until=self.until,
            contested=self.contested[0] if len(self.contested) == 1 else None,
            order=self.sort,
        )


class DocumentPageQuery(DatedQuery):
    """Which documents; ``source`` is a publisher."""

    @property
    def filter(self) -> DocumentFilter:
        return DocumentFilter(
            q=self.q.strip() or None,
            markets=tuple(self.market),
            geographies=tuple(self.geography),
            publishers=tuple(self.source),
            since=self.since,
            until=self.until,
        )


class StatementPageQuery(PageQuery):
    """Which statements."""

    kind: Values = []
    aspect: Values = []

    def filter(self, card: ModelCard) -> StatementFilter:
        """Claims alone, where no kind is chosen. Raises Refusal (422) for a kind or aspect that there is not."""
        checked(self.kind, claim_kinds(card), self.aspect, aspects(card))
        return StatementFilter(
            kinds=tuple(self.kind or claim_kinds(card)), aspects=tuple(self.aspect), q=self.q.strip() or None
        )

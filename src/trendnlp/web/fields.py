"""What requests may hold: kinds of values, query parameters and body fields, checked once at the edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from trendnlp.actions import ACTIONS, MAX_STATEMENTS, MAX_VALUE, Action, Reading, Value
from trendnlp.events import EventType
from trendnlp.export import ExportFormat
from trendnlp.momentum import State
from trendnlp.periods import Step
from trendnlp.review import Draft
from trendnlp.selectors import OffsetUnit
from trendnlp.standing import Status
from trendnlp.store import FindingOrder
from trendnlp.store.pages import MAX_LIMIT
from trendnlp.types import TEXT_FORMATS, FactKind, Format, Metadata

DEFAULT_LIMIT = 50
MAX_WORDS = 200  # a search is a few words; longer ones are a mistake and slow
MAX_FIELD = 500  # a title or market; the longest of the training reports has 160 characters
MAX_SOURCE = 2000  # an address; browsers and proxies cut longer ones
MAX_CURSOR = 1000
MAX_CHANGES = 5000  # of labels and of findings between two runs; more are a program's work, on the command line
DEFAULT_AROUND = 300  # code points; two or three sentences on each side
MAX_AROUND = 20_000  # a page's worth; the whole text is at /v1/documents/{id}
DEFAULT_NEIGHBOURS = 2
MAX_NEIGHBOURS = 50
STATEMENTS, FINDINGS = EXPORTS = ("statements", "findings")
MAX_PAIRS = 500  # some ten seconds' work
MAX_VALUES = 50  # of one filter; more would be a list of ids, not a filter
MAX_NOTE = MAX_VALUE[Value.TEXT]
MAX_COMPARED = 5000  # a statement is a sentence; the judge reads its first 160 tokens


def _one_of(values: Sequence[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in values:
            raise PydanticCustomError("unknown_value", "must be one of {known}", {"known": ", ".join(values)})
        return value

    return check


def choice(values: Sequence[str]) -> tuple[AfterValidator, WithJsonSchema]:
    return AfterValidator(_one_of(values)), WithJsonSchema({"type": "string", "enum": list(values)})


def _full_date(value: str) -> str:
    """``value`` when it is YYYY, YYYY-MM or YYYY-MM-DD and exists."""
    try:
        date.fromisoformat(value + "-01-01"[: 10 - len(value)] if len(value) == 4 else (value + "-01")[:10])
    except ValueError:
        raise PydanticCustomError("date", "is no date of the form YYYY, YYYY-MM or YYYY-MM-DD") from None
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("one_line", "must be one line without control characters")
    return value


def _with_words(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("no_words", "has no words")
    return value


Compared = Annotated[str, StringConstraints(min_length=1, max_length=MAX_COMPARED), AfterValidator(_with_words)]
FormatName = Annotated[str, *choice(tuple(format.value for format in TEXT_FORMATS))]
StatusName = Annotated[str, *choice(tuple(status.value for status in Status))]
Version = Annotated[int, Field(ge=0, lt=2**63)]
ACTIONS_TEXT = "; ".join(f"`{action}`: {terms.words}, {terms.value.value}" for action, terms in ACTIONS.items()) + "."
READINGS_TEXT = (
    "`open`; `blind`, a second reading that changes nothing and counts for agreement; or `final`, an adjudicator's, "
    "which stands above the others."
)
ReadingName = Annotated[str, *choice((Reading.OPEN.value, Reading.BLIND.value, Reading.FINAL.value))]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_FIELD), AfterValidator(_one_line)
]
Published = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_full_date)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many items to answer with.")]
Cursor = Annotated[str, Field(max_length=MAX_CURSOR, description="`next_cursor` of the page before.")]
Words = Annotated[str, Field(max_length=MAX_WORDS, description="Words that must all occur.")]
ActionName = Annotated[str, *choice(tuple(action.value for action in ACTIONS))]
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_FIELD), AfterValidator(_one_line)]
Values = Annotated[list[Name], Field(max_length=MAX_VALUES)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# which kinds and aspects there are depends on the models, so filters.py checks them
Kinds = Annotated[list[str], Field(description="Kinds, repeatable. `/v1/model` names them.")]
ClaimKinds = Annotated[list[str], Field(description="Kinds but `other`, repeatable. `/v1/model` names them.")]
FactKindName = Annotated[str, *choice(tuple(kind.value for kind in FactKind))]
EventName = Annotated[str, *choice(tuple(event.value for event in EventType))]
StateName = Annotated[str, *choice(tuple(state.value for state in State))]
States = Annotated[list[StateName], Field(description="States, repeatable; `…/timeline` gives their formula.")]
StepName = Annotated[str, *choice(tuple(step.value for step in Step))]
TagName = Annotated[str, StringConstraints(max_length=MAX_FIELD)]
Tags = Annotated[
    list[TagName], Field(description="Tags, repeatable; compared by their words, in any case, singular or plural.")
]
Aspects = Annotated[list[str], Field(description="Aspects, repeatable. `/v1/model` names them.")]
UnitName = Annotated[
    str,
    *choice(tuple(unit.value for unit in OffsetUnit)),
    Field(description="What `start` and `end` count: code points, or the UTF-16 units of browsers."),
]
OrderName = Annotated[str, *choice(tuple(order.value for order in FindingOrder))]
ExportFormatName = Annotated[str, *choice(tuple(format.value for format in ExportFormat))]


class Strict(BaseModel):
    """A misspelt name is an error, not a filter that silently does nothing."""

    model_config = ConfigDict(extra="forbid")


class CursorQuery(Strict):
    """Which page of a list."""

    cursor: Cursor | None = None


class PageQuery(CursorQuery):
    """One page of a list."""

    limit: Limit = DEFAULT_LIMIT


class UnitQuery(Strict):
    """In what unit offsets are told."""

    offset_unit: UnitName = OffsetUnit.CODEPOINT.value

    @property
    def unit(self) -> OffsetUnit:
        return OffsetUnit(self.offset_unit)


class LabelFields(Strict):
    """Which statements by their labels and words. Filters that repeat are alternatives; different ones must all hold.
    Without `kind`, all of them, `other` too.
    """

    kind: Kinds = []
    aspect: Aspects = []
    min_score: Share = Field(default=0.0, description="Least probability of the kind.")
    q: Words = ""


class StatementWanted(LabelFields):
    """Which statements by their labels, words and review."""

    status: list[StatusName] = Field(default=[], description="Where they stand in review, repeatable.")


class OriginFields(Strict):
    """Which statements by the documents that they stand in, findings by those of one of their members."""

    document: str | None = Field(default=None, max_length=MAX_FIELD, description="Only what stands in it.")
    source: Values = Field(default=[], description="Names of documents or of publishers, as written; repeatable.")
    market: Values = Field(default=[], description="Markets of documents, as written; repeatable.")
    geography: Values = Field(default=[], description="Geographies of documents, as written; repeatable.")
    since: Published | None = Field(
        default=None,
        alias="from",
        description="Published then or later. A document known to the year passes where some of that year does.",
    )
    until: Published | None = Field(default=None, alias="to", description="Published then or before, to its end.")


class StatementQuery(StatementWanted, UnitQuery, PageQuery):
    """One page of the statements of a document."""


class StatementsQuery(OriginFields, StatementQuery):
    """One page of some statements."""


class NeighbourQuery(UnitQuery):
    """How much around a statement."""

    characters: int = Field(
        default=DEFAULT_AROUND,
        ge=0,
        le=MAX_AROUND,
        description="Code points on each side, shortened to whole words.",
    )
    neighbours: int = Field(
        default=DEFAULT_NEIGHBOURS, ge=0, le=MAX_NEIGHBOURS, description="Statements on each side of the document."
    )


class FindingWanted(LabelFields, OriginFields):
    """Which findings: about that market, with a member of that score in a document of that origin."""

    kind: ClaimKinds = []
    market: Values = Field(default=[], description="Markets that most documents of a finding are about; repeatable.")
    geography: Values = Field(default=[], description="Geographies, as the markets are told; repeatable.")
    state: States = []
    tag: Tags = []
    contested: bool | None = Field(
        default=None, description="Only those that a statement outside contradicts or differs from, or only the others."
    )


class FindingFields(FindingWanted, CursorQuery):
    """Which findings, and which page of them."""


class ExportQuery(FindingWanted, StatementWanted, UnitQuery):
    """What to export, in which format. `state`, `tag` and `contested` are of findings alone, `status` and `offset_unit`
    of statements."""

    of: Annotated[str, *choice(EXPORTS)] = STATEMENTS
    format: ExportFormatName = ExportFormat.CSV.value
    kind: Kinds = []
    market: Values = Field(default=[], description="Markets of a statement's document, or of a finding; repeatable.")
    geography: Values = Field(default=[], description="Geographies, as the markets are told; repeatable.")
    sort: OrderName = FindingOrder.DOCUMENTS.value


class TimelineQuery(Strict):
    """How long the periods of a timeline are."""

    by: StepName = Field(default=Step.MONTH.value, description="Length of the periods.")


class FindingQuery(FindingFields, PageQuery):
    """One page of some findings."""

    sort: OrderName = Field(
        default=FindingOrder.DOCUMENTS.value,
        description="Those in most documents first, those of most independent sources, or those seen last.",
    )


class ReviewQuery(PageQuery):
    """One page of some reviews."""

    statement: str | None = Field(default=None, max_length=MAX_FIELD, description="Only reviews that speak of it.")


class RunDiffQuery(Strict):
    """How much of a comparison."""

    limit: Annotated[int, Field(ge=1, le=MAX_CHANGES, description="Most labels, and most findings.")] = MAX_CHANGES


class FactQuery(UnitQuery, PageQuery):
    """One page of some market facts."""

    market: str = Field(
        default="", max_length=MAX_FIELD, description="Words that the document's market has in its name."
    )
    kind: list[FactKindName] = Field(default=[], description="Kinds of facts, repeatable.")


class Description(Strict):
    """What the caller knows of a document. Each given field wins over what the text says of itself."""

    format: FormatName | None = Field(
        default=None, description="Of a text; told from the content where it is not given."
    )
    title: Line | None = None
    market: Line | None = None
    geography: Line | None = None
    period: Line | None = Field(default=None, description="The years that the report covers.")
    publisher: Line | None = None
    published: Published | None = Field(default=None, description="ISO 8601, to the year, month or day.")
    language: Language | None = Field(
        default=None, description="ISO 639-1. A text in another language than English is refused, unless this is `en`."
    )

    @property
    def metadata(self) -> Metadata:
        known = (self.title, self.market, self.geography, self.period, self.publisher, self.published)
        return Metadata(*known, language=self.language)

    @property
    def known_format(self) -> Format | None:
        return Format(self.format) if self.format else None


class SourcedDescription(Description):
    """A description with the name under which the document is stored."""

    source: str | None = Field(
        default=None, min_length=1, max_length=MAX_SOURCE, description="A file name or an address."
    )


class FileDescription(SourcedDescription):
    """A description that comes with an uploaded file."""

    password: str | None = Field(
        default=None, min_length=1, max_length=MAX_FIELD, description="Opens an encrypted PDF; it is not stored."
    )


class AnalyzeBody(Description):
    """A text to analyse, and what is known of it."""

    text: str = Field(
        description="Offsets in the answer count the code points of what is read: of this text, line ends as one LF; "
        "of HTML, the text that it shows."
    )


class PairBody(Strict):
    """Two statements, and the kind of both where it is known."""

    a: Compared
    b: Compared
    kind: str | None = Field(default=None, min_length=1, max_length=MAX_FIELD)


class CompareBody(Strict):
    """The pairs to compare."""

    pairs: list[PairBody] = Field(min_length=1, max_length=MAX_PAIRS)


class UndoBody(Strict):
    """Who takes a review back."""

    by: Line | None = Field(default=None, description="With a key its name, which is also what is meant by nothing.")


class DecisionBody(UndoBody):
    """What a person decides, of statements that are named elsewhere."""

    action: ActionName = Field(description=ACTIONS_TEXT)
    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NOTE)] | None = Field(
        default=None, description="What the action asks for."
    )


class ReviewBody(DecisionBody):
    """A decision of a person on statements. Where `versions` says what was seen of statements or findings, a decision
    that came meanwhile refuses this one.
    """

    statements: list[Name] = Field(min_length=1, max_length=MAX_STATEMENTS)
    reading: ReadingName = Field(default=Reading.OPEN.value, description=READINGS_TEXT)
    versions: dict[Name, Version] = Field(
        default={}, max_length=MAX_STATEMENTS, description="Statement or finding id to the version that was seen."
    )

    def draft(self, by: str) -> Draft:
        """The decision in the name of ``by``; raises BadReview."""
        return Draft(Action(self.action), tuple(self.statements), by, self.value, Reading(self.reading))


class WebhookBody(Strict):
    """Where to send events, and which."""

    url: str = Field(
        min_length=1, max_length=MAX_SOURCE, description="`https`, and of a host that the whole internet reaches."
    )
    events: list[EventName] = Field(min_length=1, max_length=len(EventType))


class DocumentBody(SourcedDescription):
    """A text to store, and what is known of it."""

    text: str

"""The nouns of trendnlp: frozen values that cross stages, and their content ids.

Offsets are Unicode code points into ``Document.text``, end exclusive. Ids are a prefix and the first 20 hexadecimal
digits of a SHA-256 over the value's content, so the same input always has the same id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from trendnlp.backing import Backing, Join
from trendnlp.relations import LedgerEntry, Relation
from trendnlp.standing import Judgement
from trendnlp.terms import Tag

OTHER = "other"
KINDS = ("driver", "trend", "challenge", "opportunity", OTHER)
ASPECTS = ("technology", "consumer", "economic", "regulatory", "environmental")

ID_DIGITS = 20  # 80 bits: a collision among 10^9 ids has a chance of about 4e-7


def content_id(prefix: str, *parts: str) -> str:
    """``prefix`` and a digest of ``parts``; parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return f"{prefix}_{digest.hexdigest()[:ID_DIGITS]}"


class Format(StrEnum):
    """The formats that the readers know."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"


TEXT_FORMATS = (Format.TEXT, Format.MARKDOWN, Format.HTML)  # what a string can be; the others are files alone


class BlockKind(StrEnum):
    """What a block of a document is. Statements come from paragraphs, list items and disclaimers alone."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    NAVIGATION = "navigation"
    ADDRESS = "address"
    DISCLAIMER = "disclaimer"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points (1/72 inch) from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where on paper the text from ``start`` on stands: a page or slide, counted from 1, and the box it fills there."""

    start: int
    page: int
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A contiguous part of a document's text. Every non-space character of the text is in exactly one block.

    ``level`` is the depth of a heading (1 is a title), 0 for every other kind.
    ``content`` is where the words start: after a heading's ``##`` or number, after a list item's marker.
    ``places`` is empty in formats without pages. A block that runs over columns or pages has one place in each.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0
    content: int = -1
    places: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        if self.content < 0:
            object.__setattr__(self, "content", self.start)

    @property
    def page(self) -> int | None:
        """The page on which the block starts."""
        return self.places[0].page if self.places else None

    @property
    def box(self) -> Box | None:
        """The box on that page, of the block's first column there."""
        return self.places[0].box if self.places else None

    def place(self, offset: int) -> Place | None:
        """Where the character at ``offset`` stands."""
        return next((place for place in reversed(self.places) if place.start <= offset), None)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document. ``published`` is ISO 8601, to the year, month or day; ``language`` is ISO 639-1."""

    title: str | None = None
    market: str | None = None
    geography: str | None = None
    period: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None


class FactKind(StrEnum):
    """What a figure says of a market: its size in the past or present, a size to come, how fast it grows on the mean of
    several years, how fast in a year, and the year from which a report counts.
    """

    SIZE = "size"
    FORECAST = "forecast"
    CAGR = "cagr"
    GROWTH = "growth"
    BASE_YEAR = "base_year"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure that a document gives for a market: ``document.text[start:end] == text``.

    ``amount`` is the number as written and ``upto`` the upper end of a range. Of a size or forecast they count
    ``scale`` units of ``currency`` (ISO 4217); of a cagr or growth they are percent a year, below zero where the market
    shrinks; a base year has neither. ``year`` is that of the size or forecast, or the last of a growth, whose first is
    ``since``. ``subject`` is the market in the words of the sentence. What the text does not say is None.
    """

    kind: FactKind
    start: int
    end: int
    text: str
    amount: float | None = None
    upto: float | None = None
    scale: int = 1
    currency: str | None = None
    since: int | None = None
    year: int | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One report: its normalised text, its blocks and market facts in text order, and what is known of it.

    ``source`` is the name under which the caller gave it (a path, a URL, "stdin"). ``warnings`` says what reading
    had to assume or leave out. The id depends on the text and format alone.
    """

    id: str
    source: str
    format: Format
    text: str
    blocks: tuple[Block, ...]
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()

    @classmethod
    def id_of(cls, text: str, format: Format) -> str:
        return content_id("doc", format, text)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list item: ``document.text[start:end] == text``.

    ``headings`` is the path above it, outermost first, without numbers and markers. ``lead_in`` is the words before
    the colon in "Lead-in: sentence"; they are part of ``text``. ``block`` is the index of its block in the document.
    ``page`` is where it starts, in formats with pages, and ``box`` what its block fills of that page or column.
    """

    id: str
    document: str
    start: int
    end: int
    text: str
    block: int
    headings: tuple[str, ...] = ()
    lead_in: str | None = None
    page: int | None = None
    box: Box | None = None

    @classmethod
    def id_of(cls, document: str, start: int, end: int) -> str:
        return content_id("st", document, str(start), str(end))


@dataclass(frozen=True, slots=True)
class KindScore:
    """The calibrated probability that a statement is of a kind."""

    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class Label:
    """What a model says of a statement.

    ``scores`` holds every kind of the model, most probable first, rounded to four decimals; ``score`` and ``alt`` are
    the first's probability and the second's kind. ``aspect`` is None for ``other``. ``model`` is the model's digest.
    """

    kind: str
    score: float
    alt: str
    scores: tuple[KindScore, ...]
    aspect: str | None
    model: str


@dataclass(frozen=True, slots=True)
class LabelledStatement:
    """A statement, its label, and its vector: L2-normalised little-endian float32 bytes, or None for ``other``.

    Where people decided on it, ``judgement`` says so, and ``label`` has the kind and aspect that they gave it; a kind
    against the model's has the score 1. ``scores`` are the model's always.
    """

    statement: Statement
    label: Label
    vector: bytes | None = field(default=None, repr=False)
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One document and all its statements in text order."""

    document: Document
    statements: tuple[LabelledStatement, ...]

    @property
    def claims(self) -> tuple[LabelledStatement, ...]:
        """The statements whose kind is not ``other``."""
        return tuple(s for s in self.statements if s.label.kind != OTHER)

    def is_of(self, model: str) -> bool:
        """Whether the model of that digest labelled all of it."""
        return all(s.label.model == model for s in self.statements)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement whose kind is not ``other``, with what consolidation needs to know of its document."""

    labelled: LabelledStatement
    document: str
    source: str
    publisher: str | None
    published: str | None
    market: str | None = None
    geography: str | None = None


class Reason(StrEnum):
    """Why a statement stands in its finding."""

    HEAD = "head"
    EXACT = "exact"
    NEAR_EXACT = "near_exact"
    SEMANTIC = "semantic"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Member:
    """One statement of a finding. ``similarity`` is the cosine of its vector and the head's, to four decimals."""

    statement: str
    document: str
    source: str
    similarity: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """All the statements that say the same: the head (their medoid) first, then by falling similarity.

    ``sources`` counts those of its documents that are independent of each other, ``publishers`` the known ones.
    ``backing`` holds the documents by id, ``joins`` one entry for each document that another one makes no source of its
    own: ``documents`` is ``sources`` and the joins. ``first_seen`` and ``last_seen`` are the earliest and latest
    publication dates among its documents, None where no date is known. ``ledger`` holds one entry
    a member but the head, in the order of the members: the strongest tie to another member. ``apart`` holds those of
    the nearest statements outside: first the contested ones, which contradict a member or differ in a quantity.
    ``hidden`` are the statements that a person dropped from it, sorted: they are in neither members, counts nor tags.
    ``id`` hangs on the earliest statement alone, a hidden one included. ``tags`` are those of the taxonomy first, then
    themes. ``market`` and ``geography`` are what most of the documents are about, None where none says.
    """

    id: str
    kind: str
    aspect: str | None
    title: str
    head: str
    members: tuple[Member, ...]
    documents: int
    sources: int
    first_seen: str | None
    last_seen: str | None
    ledger: tuple[LedgerEntry, ...] = ()
    apart: tuple[LedgerEntry, ...] = ()
    hidden: tuple[str, ...] = ()
    publishers: int = 0
    backing: tuple[Backing, ...] = ()
    joins: tuple[Join, ...] = ()
    tags: tuple[Tag, ...] = ()
    market: str | None = None
    geography: str | None = None

    @property
    def contested(self) -> tuple[LedgerEntry, ...]:
        """The entries of statements that speak against this finding, or say the same of another quantity."""
        return tuple(e for e in self.apart if e.verdict.relation in (Relation.CONTRADICTS, Relation.DIFFERS_IN))


@dataclass(frozen=True, slots=True)
class Consolidation:
    """The findings of a set of documents, with the threshold and the digest of what compared the statements, and that
    of the taxonomy that tagged them, empty where there was none.
    """

    findings: tuple[Finding, ...]
    threshold: float
    model: str
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that could not be processed: its name, why, and what to do."""

    source: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """One input that was left out on purpose, and why. ``document`` is the id of the document that it is a copy of."""

    source: str
    reason: str
    document: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over documents: what was done, skipped and failed, with which models and settings."""

    done: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    failed: tuple[Failure, ...]
    models: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]

"""What the JSON routes answer with. The records are those of ``trendnlp.records``; a test holds the two together."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

SOURCES = (
    "Documents that are independent of each other. Two documents of the finding are one source where their publishers' "
    "names are the same but for case, accents, punctuation and legal forms such as Ltd or Inc.; where they are copies: "
    "at least 0.5 of the shorter text's distinct runs of five words are in the other one too (of paragraphs and list "
    "items; texts of fewer than 25 words are not compared); or where their statements in the finding share a run of at "
    "least 25 words. This reaches through: what is one source with the same document is one source."
)
STATE = (
    "`new`, `rising`, `steady`, `fading` or `insufficient evidence`, as of the newest month in the store; "
    "`/v1/findings/{id}/timeline` gives the numbers and the formula."
)


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fact(Record):
    """One figure that a text gives for a market, at `start` to `end` of the text in code points, end exclusive."""

    kind: str = Field(description="`size`, `forecast`, `cagr`, `growth` (of a year) or `base_year`.")
    start: int
    end: int
    text: str
    amount: float | None = Field(description="Of a size or forecast in `scale` units of `currency`, else percent.")
    upto: float | None = Field(description="The upper end of a range.")
    scale: int
    currency: str | None = Field(description="ISO 4217.")
    since: int | None = Field(description="The first year of a growth.")
    year: int | None = Field(description="The year of a size or forecast, the last year of a growth.")
    subject: str | None = Field(description="The market in the words of the sentence, where it names one.")


class Document(Record):
    """One document without its text."""

    id: str
    source: str
    format: str
    title: str | None
    market: str | None
    geography: str | None
    period: str | None
    publisher: str | None
    published: str | None
    language: str | None = Field(description="ISO 639-1; null where the text is too short to tell.")
    characters: int = Field(description="Length of the text in code points.")
    warnings: list[str] = Field(description="What reading had to assume or leave out.")
    facts: list[Fact] = Field(description="Market facts in text order.")


class Copy(Record):
    """A document that shares at least half of the shorter text's distinct runs of five words."""

    document: str
    source: str
    share: float = Field(description="Part of the shorter text's distinct runs of five words that both have.")
    jaccard: float = Field(description="Runs that both have, among those that either has.")


class FullDocument(Document):
    """One document with its text: `text[start:end]` is a statement's text, counted in code points."""

    text: str
    copies: list[Copy] = Field(description="The stored documents that it is a copy of, the largest share first.")


class DocumentSummary(Record):
    """One line of the list of documents."""

    id: str
    source: str
    title: str | None
    market: str | None
    geography: str | None
    period: str | None
    publisher: str | None
    published: str | None
    language: str | None
    characters: int
    statements: int
    claims: int = Field(description="Statements whose kind is not `other`.")
    added: str = Field(description="UTC, ISO 8601.")


class Box(Record):
    """A rectangle on a page, in points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Quote(Record):
    """A W3C TextQuoteSelector."""

    type: str
    exact: str
    prefix: str
    suffix: str


class Position(Record):
    """A W3C TextPositionSelector: by its standard always in code points."""

    type: str
    start: int
    end: int


class Said(Record):
    """What the model said of a statement."""

    kind: str
    score: float
    aspect: str | None
    model: str


class Judgement(Record):
    """Where a statement stands in review."""

    status: str = Field(description="`pending`, `accepted`, `corrected`, `rejected` or `skipped`.")
    version: int = Field(description="The number of the last decision that speaks of it.")
    by: str | None
    at: str | None
    tags: list[str]
    said: Said


class Statement(Record):
    """One sentence or list item with its label. `start` and `end` are code points unless `offset_unit` asks for UTF-16
    units; the end is exclusive. `kind` and `aspect` are those that count, `judgement.said` is the model's."""

    source: str
    document: str
    id: str
    start: int
    end: int
    text: str
    headings: list[str]
    lead_in: str | None
    page: int | None = Field(description="Where it starts, counted from 1; null for formats without pages.")
    box: Box | None = Field(description="What its paragraph fills of that page or column.")
    kind: str
    score: float = Field(description="Calibrated probability of the kind.")
    alt: str = Field(description="The second most probable kind.")
    scores: dict[str, float]
    aspect: str | None
    finding: str | None
    judgement: Judgement | None = Field(description="Null where no decision speaks of it.")
    selector: list[Quote | Position] = Field(description="Its place as a W3C annotation tells it, in two ways.")


class Member(Record):
    """One statement of a finding: how near it is to the head, and why it stands there."""

    statement: str
    document: str
    source: str
    similarity: float
    reason: str


class Guard(Record):
    """A guard that fired on a pair: what it saw in each statement, and the relation that it speaks for."""

    name: str
    a: str
    b: str
    relation: str


class Verdict(Record):
    """What is known of a pair of statements."""

    relation: str = Field(description="`same`, `contradicts`, `differs_in` or `distinct`.")
    ground: str = Field(
        description="What decided: `exact`, `near_exact`, `guard`, `judge`, `cosine`, `linkage` or `person`."
    )
    reason: str = Field(description="The same in words.")
    band: str = Field(description="`high` is merged at once, `middle` is judged, or by its cosine; `low` never merges.")
    cosine: float
    score: float | None = Field(
        description="How surely the judge finds the two the same: its probability of that against all others, a "
        "contradiction counting twenty times; null if not asked."
    )
    threshold: float = Field(description="What the score, or without a judge the cosine, must reach.")
    guards: list[Guard]


class Entry(Verdict):
    """One entry of the ledger: why a member stands together with another statement, or apart from it."""

    statement: str
    other: str
    model: str = Field(description="Digest of what compared them.")
    review: str | None = Field(description="The decision, where a person decided.")


class RecordedEntry(Entry):
    """An entry of the ledger, with the run that recorded it."""

    run: str | None = Field(description="The run of `trendnlp ingest` or `batch` that recorded it first, if one has.")


class Review(Record):
    """One decision of a person. Records are added, never changed."""

    id: str
    action: str
    statements: list[str] = Field(description="The first 100 of them.")
    statements_total: int
    value: str | None
    by: str
    at: str = Field(description="UTC, ISO 8601.")
    reading: str = Field(description="`open`, `blind`, `final`, or `auto`: by the model's score.")
    undoes: str | None = Field(description="The review that an `undo` takes back.")
    undone: bool = Field(description="Whether it is taken back.")


class Comparison(Verdict):
    """The answer to one pair."""

    same: bool
    score: float = Field(description="How surely the two are the same: of copies 1, of what is far apart 0.")
    model: str


class Comparisons(Record):
    """One answer a pair, in the order of the pairs."""

    items: list[Comparison]


class Join(Record):
    """Two documents of a finding that are one source."""

    a: str
    b: str
    ground: str = Field(description="`same_publisher`, `copy` or `passage`.")
    reason: str = Field(description="The same in words.")
    share: float | None = Field(description="Of a copy: the part of the shorter text that both have.")
    words: int | None = Field(description="Of a passage: how many words in a row both have.")


class Tag(Record):
    """What a finding is about."""

    name: str
    origin: str = Field(description="`person`, `taxonomy` or `theme`.")
    score: float = Field(
        description="The share of the members' texts that speak of it; of a theme, times how telling its words are."
    )


class Finding(Record):
    """All the statements that say the same, the head first, and the ledger that says why."""

    id: str
    kind: str
    aspect: str | None
    title: str
    head: str
    members: list[Member]
    documents: int
    publishers: int = Field(description="Different ones, among the documents whose publisher is known.")
    sources: int = Field(description=SOURCES)
    joined: list[Join] = Field(
        description="Which documents are one source and why: `documents` is `sources` and these."
    )
    first_seen: str | None
    last_seen: str | None
    market: str | None = Field(description="What most of its documents are about.")
    geography: str | None
    tags: list[Tag] = Field(description="Those of the taxonomy first, then the themes of its own words.")
    ledger: list[Entry] = Field(description="One entry a member but the head: its strongest tie.")
    apart: list[Entry] = Field(description="The nearest statements outside, those that contest the finding first.")
    hidden: list[str] = Field(description="Statements that a person dropped from it.")


class PlacedMember(Member):
    """A member with its statement and the words around it."""

    record: Statement
    quote: Quote


class Side(Record):
    """A statement and the words around it."""

    record: Statement
    quote: Quote


class Contest(Record):
    """A statement outside that contradicts a member, or says the same of another quantity, place or subject."""

    entry: RecordedEntry
    ours: Side
    theirs: Side


class FullFinding(Record):
    """A finding whose members carry their statements."""

    id: str
    kind: str
    kinds: dict[str, int] = Field(description="Of how many members each kind is: a trend may be told as a driver too.")
    aspect: str | None
    title: str
    head: str
    members: list[PlacedMember]
    documents: int
    publishers: int
    sources: int = Field(description=SOURCES)
    joined: list[Join]
    first_seen: str | None
    last_seen: str | None
    market: str | None = Field(description="What most of its documents are about.")
    geography: str | None
    tags: list[Tag] = Field(description="Those of the taxonomy first, then the themes of its own words.")
    ledger: list[RecordedEntry]
    apart: list[RecordedEntry]
    hidden: list[str]
    contested: list[Contest]
    split_into: list[str] = Field(description="Findings that hold statements which this one once had.")
    history: list[Review] = Field(description="What people decided of its statements, oldest first.")
    state: str = Field(description=STATE)


class ListedFinding(Finding):
    """A finding of the store, and whether it is reported more than before."""

    state: str = Field(description=STATE)


class Analysis(Record):
    """What one text says. Its findings gather statements of this text alone; nothing is stored."""

    document: Document
    statements: list[Statement]
    findings: list[Finding]


class Ingested(Record):
    """What storing a document came to. `duplicate_of` is set where the same content was there before."""

    document: Document
    statements: int
    claims: int
    duplicate_of: str | None
    warnings: list[str]


class Page(Record):
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    total: int


class PlacedFact(Fact):
    """A market fact and what is known of the document that states it."""

    document: str
    source: str
    market: str | None
    geography: str | None
    publisher: str | None
    published: str | None


class FactsPage(Page):
    """Market facts by document, the latest added first, then in text order."""

    items: list[PlacedFact]


class DocumentsPage(Page):
    """Documents, the latest added first."""

    items: list[DocumentSummary]


class ReviewsPage(Page):
    """Reviews, the latest first."""

    items: list[Review]


class FindingsPage(Page):
    """Findings, those in most documents first."""

    items: list[ListedFinding]

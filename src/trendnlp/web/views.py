"""Documents and findings as the pages show them. Text is passed on as it is; the templates escape it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from trendnlp.momentum import State
from trendnlp.relations import Relation
from trendnlp.types import (
    OTHER,
    Analysis,
    Block,
    BlockKind,
    Document,
    Fact,
    FactKind,
    Finding,
    LabelledStatement,
    Reason,
)
from trendnlp.web.filters import in_order

TOP_HEADING = 2  # the page's own title is the h1
DEEPEST_HEADING = 6
SHEET_LENGTH = 40  # parts: about two screens, which a browser lays out at once when they come into sight
MAX_OUTLINE = 400  # headings; a longer outline helps nobody to find anything, and the page says how many it leaves out
MARKS = "# \t"  # of headings in Markdown
NO_TITLE = "Untitled document"
REASONS: Mapping[Reason, str] = {
    Reason.HEAD: "the statement nearest to all the others",
    Reason.EXACT: "the same words",
    Reason.NEAR_EXACT: "nearly the same words",
    Reason.SEMANTIC: "the same said in other words",
    Reason.PERSON: "by a person",
}
RELATIONS: Mapping[Relation, str] = {
    Relation.SAME: "the same",
    Relation.CONTRADICTS: "contradicts it",
    Relation.DIFFERS_IN: "differs in a quantity, time, place or subject",
    Relation.DISTINCT: "another claim",
}


FACTS: Mapping[FactKind, str] = {  # in the order of the page, so that several forecasts stand together
    FactKind.SIZE: "Size",
    FactKind.FORECAST: "Forecast",
    FactKind.CAGR: "Compound growth",
    FactKind.GROWTH: "Growth",
    FactKind.BASE_YEAR: "Base year",
}
SCALES: Mapping[int, str] = {
    10**12: "trillion",
    10**9: "billion",
    10**7: "crore",
    10**6: "million",
    10**5: "lakh",
    10**3: "thousand",
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """One line of the table of market facts. ``block`` is the index of the block in which its words stand."""

    kind: str
    figure: str
    years: str
    fact: Fact
    block: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: a statement, or what stands between statements. ``finding`` is the one it stands in."""

    text: str
    labelled: LabelledStatement | None = None
    finding: str | None = None

    @property
    def claim(self) -> bool:
        return self.labelled is not None and self.labelled.label.kind != OTHER


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block, cut at its statements. ``level`` is that of the HTML heading, 0 for other blocks. ``marker`` is what
    makes a heading one in the source ("## "), which its size says on the page; empty for other blocks.
    """

    index: int
    kind: BlockKind
    level: int
    pieces: tuple[Piece, ...]
    page: int | None = None
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks of one kind in a row: the items of a list together, everything else alone. ``page`` is set on the first
    part of each page.
    """

    kind: BlockKind
    blocks: tuple[BlockView, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some parts in a row that a browser may leave aside while they are out of sight: a page, or a stretch of one."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading to jump to."""

    index: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many statements are of a kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class FindingCard:
    """One line of the list of findings: the finding, its head statement, and how it goes over time."""

    finding: Finding
    head: LabelledStatement
    state: State

    @property
    def places(self) -> int:
        return len(self.finding.members)


def title_of(document: Document) -> str:
    return document.metadata.title or NO_TITLE


def seen(finding: Finding) -> str | None:
    """When the finding was seen: one date, two, or None."""
    dates = dict.fromkeys(date for date in (finding.first_seen, finding.last_seen) if date)
    return " – ".join(dates) or None


def kind_counts(claims: Iterable[LabelledStatement]) -> tuple[KindCount, ...]:
    """Claims of each kind that has any, in the usual order; kinds that are not usual come last."""
    counts = Counter(labelled.label.kind for labelled in claims)
    return tuple(KindCount(kind, counts[kind]) for kind in in_order(counts))


def outline(document: Document) -> tuple[OutlineEntry, ...]:
    """Every heading in text order, its mark or number left out."""
    return tuple(
        OutlineEntry(index, block.level, document.text[block.content : block.end].strip())
        for index, block in enumerate(document.blocks)
        if block.kind is BlockKind.HEADING
    )


def fact_lines(document: Document) -> tuple[FactLine, ...]:
    """The market facts by kind and year: what a document says of one thing more than once stands side by side."""
    starts = [block.start for block in document.blocks]
    order = list(FACTS)
    lines = sorted(document.facts, key=lambda f: (order.index(f.kind), f.year or 0, f.start))
    return tuple(
        FactLine(FACTS[f.kind], figure_of(f), years_of(f), f, max(0, bisect_right(starts, f.start) - 1)) for f in lines
    )


def figure_of(fact: Fact) -> str:
    """The amount in words: "USD 4.2 billion", "5–6 %"; nothing of a base year."""
    if fact.amount is None:
        return ""
    number = f"{fact.amount:,.10g}" + ("" if fact.upto is None else f"–{fact.upto:,.10g}")
    if fact.currency is None:
        return f"{number} %"
    return " ".join(filter(None, (fact.currency, number, SCALES.get(fact.scale, ""))))


def years_of(fact: Fact) -> str:
    if fact.since is None:
        growing = fact.kind is FactKind.CAGR and fact.year is not None
        return f"until {fact.year}" if growing else str(fact.year or "")
    return f"since {fact.since}" if fact.year is None else f"{fact.since}–{fact.year}"


def parts(analysis: Analysis, findings: Mapping[str, str]) -> Iterator[Part]:
    """The whole text in order. ``findings`` maps a statement's id to its finding's."""
    text = analysis.document.text
    of_block: dict[int, list[LabelledStatement]] = {}
    for labelled in analysis.statements:
        of_block.setdefault(labelled.statement.block, []).append(labelled)
    views = (
        _block_view(text, index, block, _pieces(text, block, of_block.get(index, ()), findings))
        for index, block in enumerate(analysis.document.blocks)
    )
    page: int | None = None
    # a key that changes with every block but for the list items of a page, so that only these come together
    for _, group in groupby(views, lambda view: (view.page, -1 if view.kind is BlockKind.LIST_ITEM else view.index)):
        blocks = tuple(group)
        yield Part(blocks[0].kind, blocks, blocks[0].page if blocks[0].page != page else None)
        page = blocks[0].page


def _block_view(text: str, index: int, block: Block, pieces: tuple[Piece, ...]) -> BlockView:
    marker = text[block.start : _first(text, block)]
    return BlockView(index, block.kind, _level(block), pieces, block.page, marker)


def _first(text: str, block: Block) -> int:
    """Where what is shown of a block begins: of a heading after its marks, while its number is for reading."""
    marked = block.kind is BlockKind.HEADING and not text[block.start : block.content].strip(MARKS)
    return block.content if marked else block.start


def sheets(parts: Iterable[Part]) -> Iterator[Sheet]:
    """All parts in order; a page begins a sheet."""
    gathered: list[Part] = []
    for part in parts:
        if gathered and (part.page is not None or len(gathered) == SHEET_LENGTH):
            yield Sheet(tuple(gathered))
            gathered = []
        gathered.append(part)
    if gathered:
        yield Sheet(tuple(gathered))


def _level(block: Block) -> int:
    return min(TOP_HEADING + max(block.level, 1) - 1, DEEPEST_HEADING) if block.kind is BlockKind.HEADING else 0


def _pieces(
    text: str, block: Block, statements: Sequence[LabelledStatement], findings: Mapping[str, str]
) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = _first(text, block)
    for labelled in statements:
        statement = labelled.statement
        if statement.start > at:
            pieces.append(Piece(text[at : statement.start]))
        pieces.append(Piece(statement.text, labelled, findings.get(statement.id)))
        at = statement.end
    if at < block.end:
        pieces.append(Piece(text[at : block.end]))
    return tuple(pieces)

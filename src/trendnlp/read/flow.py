"""The lines of all pages become paragraphs: what repeats on every page is set aside, broken paragraphs are joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from trendnlp.read.columns import HEADING_SIZE
from trendnlp.read.hyphens import Hyphens
from trendnlp.read.layout import NO_HINT, Hint
from trendnlp.read.lines import HEADING_WORDS, LONG_LINE, continues, is_terminated, marker_of
from trendnlp.read.page import Line, Sheet
from trendnlp.read.paragraphs import Paragraph
from trendnlp.types import BlockKind, Box, Place

MARGIN = 0.15  # share of the page's height, above and below, where running heads and feet stand
MARGIN_LINES = 3
FEW_PAGES = 4  # up to here two equal lines are a running head, from here on three
PAGE_NUMBER = re.compile(
    r"\W{0,2}(?:page|p\.?)? ?(?:\d{1,4}|[ivxlc]{1,6})(?: ?(?:/|of|\|) ?\d{1,4})?\W{0,2}", re.IGNORECASE
)
NUMBER = re.compile(r"\d{1,4}")
NOTE_MARK = re.compile(r"(?:\d{1,2}|\[\d{1,2}\]|[*†‡§]{1,3})[.)]?\s?[^\W\d_]")
NOTE_SIZE = 0.92  # of the body's size
CAPTION = re.compile(
    r"(?:figure|fig\.|table|chart|exhibit|graph|box) ?\d{1,3}(?:\.\d{1,2})?\s?[.:|–—-]\s", re.IGNORECASE
)
CAPTION_WORDS = 40
LEADERS = re.compile(r"(?:\s?[.…_]){5,}\s*(?:\d{1,4}|[ivxlc]{1,6})$")  # of a table of contents
TITLE_WORDS = 30
DEEPEST = 6
SAME_SIZE = 0.6  # points
PITCH = 1.35  # times the usual distance of lines, above which a paragraph ends
LEADING = 1.9  # ems; the widest distance of lines in one paragraph
FITS = 0.25  # ems that must be left over where the next word would have fitted
LONG = 0.6  # share of the column's width from which on a line without an end runs on
INDENT = 0.8  # ems
SURE_BULLETS = "•●○‣◦▪▫■□►▸▶✓✔➢➤"  # signs that stand nowhere else
NAVIGATION = Hint(BlockKind.NAVIGATION)
TABLE = Hint(BlockKind.TABLE)


@dataclass(frozen=True, slots=True)
class Outline:
    """A bookmark: the heading it leads to, how deep it lies (1 is the top), and the page."""

    title: str
    level: int
    page: int


@dataclass(slots=True)
class _Block:
    """Lines that belong together."""

    lines: list[Line]
    hint: Hint = NO_HINT

    @property
    def last(self) -> Line:
        return self.lines[-1]


@dataclass(slots=True)
class _Style:
    """What is usual in the document: the size of its body, the levels of its headings, and the distance of lines."""

    body: float
    levels: dict[tuple[float, bool], int] = field(default_factory=dict)
    pitch: dict[float, float] = field(default_factory=dict)


def paragraphs_of(sheets: Sequence[Sheet], outline: Sequence[Outline]) -> list[Paragraph]:
    """The paragraphs of a document in reading order. What stands in the margins comes after the paragraph that it
    interrupts."""
    margins = _margins(sheets)
    flows = [[line for line in sheet.lines if id(line) not in margins] for sheet in sheets]
    style = _style([line for lines in flows for line in lines], outline)
    hyphens = Hyphens.of([line.text for lines in flows for line in lines])
    done: list[Paragraph] = []
    open_block: _Block | None = None
    aside: list[Paragraph] = []
    for sheet, lines in zip(sheets, flows, strict=True):
        notes = _notes(lines, style)
        for block in _blocks([line for line in lines if id(line) not in notes], style, outline):
            if open_block is not None and _runs_on(open_block, block, style):
                open_block.lines += block.lines
                continue
            if open_block is not None:
                done += [_paragraph(open_block, hyphens), *aside]
                aside = []
            open_block = block
        aside += _asides(sheet, margins, [line for line in lines if id(line) in notes], style, hyphens)
    return [*done, *([_paragraph(open_block, hyphens)] if open_block else []), *aside]


def _asides(sheet: Sheet, margins: set[int], notes: list[Line], style: _Style, hyphens: Hyphens) -> Iterator[Paragraph]:
    """The notes of a page, what repeats on it, and what stands askew."""
    for block in _blocks(notes, style, ()):
        block.hint = NAVIGATION
        yield _paragraph(block, hyphens)
    for line in sheet.lines:
        if id(line) in margins:
            yield _paragraph(_Block([line], NAVIGATION), hyphens)
    for words in sheet.aside:
        yield Paragraph(words, NAVIGATION, (Place(0, sheet.number),))


def _margins(sheets: Sequence[Sheet]) -> set[int]:
    """The lines, by identity, that repeat at the upper or lower edge of pages in one size, the page numbers there, and
    what stands beside these."""
    candidates: dict[tuple[str, float, bool], list[Line]] = {}
    found: set[int] = set()
    body = _body_size([line for sheet in sheets for line in sheet.lines])
    for sheet in sheets:
        ordered = sorted(sheet.lines, key=lambda line: line.box.top)
        upper = [line for line in ordered[:MARGIN_LINES] if line.box.bottom <= MARGIN * sheet.height]
        lower = [line for line in ordered[-MARGIN_LINES:] if line.box.top >= (1 - MARGIN) * sheet.height]
        edges = [*((line, True) for line in upper), *((line, False) for line in lower)]
        numbers = [line for line, _ in edges if any(PAGE_NUMBER.fullmatch(cell) for cell in line.cells)]
        for line, head in edges:
            if any(_is_beside(line, number) for number in numbers):
                found.add(id(line))
            larger = line.size >= HEADING_SIZE * body
            for text in {line.text} if larger else {line.text, *_paged(line)}:
                candidates.setdefault((text.casefold(), _rounded(line.size), head), []).append(line)
    needed = 2 if len(sheets) <= FEW_PAGES else 3
    for lines in candidates.values():
        if len({line.page for line in lines}) >= needed:
            found.update(map(id, lines))
    return found


def _paged(line: Line) -> Iterator[str]:
    """The words of ``line`` with one of its numbers counted from the page that it stands on, as page numbers are."""
    for number in NUMBER.finditer(line.text):
        yield f"{line.text[: number.start()]}#{int(number[0]) - line.page}{line.text[number.end() :]}"


def _is_beside(line: Line, number: Line) -> bool:
    low, high = max(line.box.top, number.box.top), min(line.box.bottom, number.box.bottom)
    return len(number.text) < HEADING_WORDS and (high - low) * 2 >= line.box.bottom - line.box.top


def _style(lines: Sequence[Line], outline: Sequence[Outline]) -> _Style:
    body = _body_size(lines)
    style = _Style(body, pitch=_pitches(lines))
    titles = {_key(item.title): item.level for item in outline}
    looks: dict[tuple[float, bool], int] = {}
    for line in lines:
        if _looks_like_heading(line, body):
            looks[_look(line)] = looks.get(_look(line), 0) or titles.get(_key(line.text), 0)
    level = 0
    for look in sorted(looks, reverse=True):
        level = looks[look] or min(level + 1, DEEPEST)
        style.levels[look] = level
    return style


def _body_size(lines: Sequence[Line]) -> float:
    """The size in which most of the text is set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        if not line.table:
            sizes[_rounded(line.size)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], -size), default=0.0)


def _pitches(lines: Sequence[Line]) -> dict[float, float]:
    """By size, the distance that a quarter of all lines have at most to the next: the one inside paragraphs."""
    found: dict[float, list[float]] = {}
    for above, below in pairwise(lines):
        distance = below.box.bottom - above.box.bottom
        same = (above.page, above.column) == (below.page, below.column) and _look(above) == _look(below)
        if same and 0 < distance <= LEADING * above.size:
            found.setdefault(_rounded(above.size), []).append(distance)
    return {size: sorted(distances)[len(distances) // 4] for size, distances in found.items()}


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _look(line: Line) -> tuple[float, bool]:
    return _rounded(line.size), line.bold


def _key(text: str) -> str:
    return "".join(text.split()).casefold()


def _looks_like_heading(line: Line, body: float) -> bool:
    words = len(line.text.split())
    if line.table or words > HEADING_WORDS or not any(c.isalpha() for c in line.text):
        return False
    larger = line.size >= HEADING_SIZE * body and line.size - body >= SAME_SIZE
    return larger or (line.bold and line.size >= body - SAME_SIZE)


def _notes(lines: Sequence[Line], style: _Style) -> set[int]:
    """The footnotes at the end of a page's columns, by identity: in smaller type, the first with a mark."""
    found: set[int] = set()
    for column in {line.column for line in lines}:
        own = [line for line in lines if line.column == column and not line.table]
        start = len(own)
        while start and own[start - 1].size <= NOTE_SIZE * style.body:
            start -= 1
        marked = next((i for i in range(start, len(own)) if NOTE_MARK.match(own[i].text)), len(own))
        if start:
            found.update(map(id, own[marked:]))
    return found


def _blocks(lines: Sequence[Line], style: _Style, outline: Sequence[Outline]) -> Iterator[_Block]:
    """The lines of a page by paragraph, heading, item and table."""
    block: _Block | None = None
    for line in lines:
        if block is not None and _belongs(block, line, style):
            block.lines.append(line)
            continue
        if block is not None:
            yield _hinted(block, style, outline)
        block = _Block([line])
    if block is not None:
        yield _hinted(block, style, outline)


def _belongs(block: _Block, line: Line, style: _Style) -> bool:
    """Whether ``line`` goes on with the block above it in the same column."""
    last = block.last
    if (last.page, last.column) != (line.page, line.column):
        return False
    if last.table or line.table:
        return last.table and line.table and line.box.top - last.box.bottom <= 2 * line.size
    if abs(last.size - line.size) > SAME_SIZE or (last.bold != line.bold and not _bold_runs_on(block, line)):
        return False
    usual = style.pitch.get(_rounded(last.size), LEADING * last.size / PITCH)
    distance = line.box.bottom - last.box.bottom
    if not 0 < distance <= max(PITCH * usual, usual + 1) or _opens_item(last, line):
        return False
    if _is_heading(block, style):
        return len(block.lines) < 4 and line.bold == last.bold
    return _reads_on(block, line)


def _opens_item(last: Line, line: Line) -> bool:
    """Whether ``line`` starts with a list marker, and not with a figure or a dash in the middle of a sentence."""
    marker = marker_of(line.text)
    if line.item or not marker.end or marker.style in SURE_BULLETS:
        return line.item or bool(marker.end)
    return _fits(last, line) or is_terminated(last.text) or last.text[-1] in ":;"


def _bold_runs_on(block: _Block, line: Line) -> bool:
    """A paragraph with a bold beginning or end changes its weight at the end of a line, in the middle of a sentence."""
    return not is_terminated(block.last.text) and not _fits(block.last, line) and line.text[0].islower()


def _reads_on(block: _Block, line: Line) -> bool:
    last = block.last
    inside = last.hyphen or continues(last.text) or line.text[0].islower()
    if is_terminated(last.text):
        indented = line.box.left - last.box.left > INDENT * line.size and not marker_of(block.lines[0].text).end
        return not _fits(last, line) and not indented
    if inside or not _fits(last, line):
        return True
    return last.box.right - last.box.left >= LONG * (last.edge - last.box.left)


def _fits(last: Line, line: Line) -> bool:
    """Whether the first word of ``line`` would have fitted into the rest of the line above: then a break was meant."""
    word = line.text.split(maxsplit=1)[0]
    width = (line.box.right - line.box.left) * (len(word) + 1) / max(len(line.text), 1)
    return last.box.right + width + FITS * line.size <= last.edge


def _runs_on(block: _Block, below: _Block, style: _Style) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    last, line = block.last, below.lines[0]
    if (last.page, last.column) == (line.page, line.column):
        return False
    if block.hint.kind or below.hint.kind:
        return False
    if abs(last.size - line.size) > SAME_SIZE or is_terminated(last.text) or _opens_item(last, line):
        return False
    return last.hyphen or line.text[0].islower() or continues(last.text) or not _fits(last, line)


def _is_heading(block: _Block, style: _Style) -> bool:
    return _look(block.lines[0]) in style.levels and _looks_like_heading(block.lines[0], style.body)


def _hinted(block: _Block, style: _Style, outline: Sequence[Outline]) -> _Block:
    first = block.lines[0]
    words = " ".join(line.text for line in block.lines)
    count = len(words.split())
    if first.table:
        block.hint = TABLE
    elif LEADERS.search(words[-200:]) or (CAPTION.match(words) and count <= CAPTION_WORDS):
        block.hint = NAVIGATION
    elif len(words) <= LONG_LINE and count <= TITLE_WORDS:
        named = next((o.level for o in outline if o.page == first.page and _key(o.title) == _key(words)), 0)
        larger = first.size - style.body >= SAME_SIZE
        ends = words[-1] in ".;," and (not larger or is_terminated(words))
        item = first.item or bool(marker_of(words).bullet)
        if named:
            block.hint = Hint(BlockKind.HEADING, named)
        elif _is_heading(block, style) and not ends and not item and all(_look(x) == _look(first) for x in block.lines):
            block.hint = Hint(BlockKind.HEADING, style.levels[_look(first)])
    if first.item and not block.hint.kind:
        block.hint = Hint(item=True)
    return block


def _paragraph(block: _Block, hyphens: Hyphens) -> Paragraph:
    """The text of a block on one line, but for tables, and its place in each column."""
    text = ""
    places: list[Place] = []
    before: Line | None = None
    for line in block.lines:
        if before is not None:
            text = f"{text}\n" if block.lines[0].table else hyphens.before(text, line.text)
        if before is None or (before.page, before.column) != (line.page, line.column):
            places.append(Place(len(text), line.page, line.box))
        else:
            places[-1] = Place(places[-1].start, line.page, _around(places[-1].box, line.box))
        text += line.text
        before = line
    return Paragraph(text, block.hint, tuple(places))


def _around(one: Box | None, other: Box) -> Box:
    if one is None:
        return other
    left, top = min(one.left, other.left), min(one.top, other.top)
    return Box(left, top, max(one.right, other.right), max(one.bottom, other.bottom))

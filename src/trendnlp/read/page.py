"""One page: stretches of text become lines in reading order, column by column, and rows where they form a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trendnlp.read.columns import Gutter, regions
from trendnlp.read.lines import marker_of
from trendnlp.types import Box

OVERLAP = 0.5  # share of the lower of two heights that overlaps where both stand on one line
MARKER_GAP = 4  # ems between a bullet and its words
CELL_GAP = 1.5  # ems
DOT_NEAR, DOT_FAR = 0.1, 2.5  # ems between a drawn bullet and its words
INITIAL = 1.8  # of the size of the words that an initial begins
ROW_GAP = 2.5  # heights of a row that may lie between two rows of one table


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text on one line, in points from the page's upper left corner. ``hyphen``: it ends with the sign of
    a word that goes on below."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    hyphen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column, or a row of a table (``cells`` more than one). ``edge`` is the right edge of its column.
    ``item``: a bullet is drawn before it."""

    text: str
    cells: tuple[str, ...]
    box: Box
    size: float
    bold: bool
    hyphen: bool
    page: int
    column: int
    edge: float = 0.0
    table: bool = False
    item: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, its lines in reading order, and the words on it that do not stand upright."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    aside: tuple[str, ...] = ()


def lines_of(spans: Sequence[Span], dots: Sequence[Box], page: int, known: list[Gutter]) -> list[Line]:
    """The lines of a page in reading order. ``dots`` are small drawings, of which those before a line are bullets;
    ``known`` are the gutters of the pages before."""
    lines: list[Line] = []
    words = _with_initials([span for span in spans if span.text])
    for number, column in enumerate(regions(words, known)):
        rows = _rows(column)
        table = _table_rows(rows)
        edge = max((row[-1].right for row, inside in zip(rows, table, strict=True) if not inside), default=0.0)
        for row, inside in zip(rows, table, strict=True):
            parts = [[row]] if inside else [[[span]] for span in row]
            lines.extend(_line(cells[0], page, number, edge, inside) for cells in parts)
    return [replace(line, item=True) if _has_dot(line, dots) else line for line in lines] if dots else lines


def _with_initials(spans: Sequence[Span]) -> list[Span]:
    """The spans, with an initial over several lines joined to the first line beside it, whose first word it begins."""
    begun: dict[int, Span] = {}
    for initial in spans:
        if len(initial.text) == 1 and initial.text.isupper():
            near = (s for s in spans if s.text[0].isalpha() and _is_beside(initial, s))
            first = min(near, key=lambda s: (s.top, s.left), default=None)
            if first is not None:
                begun[id(first)] = replace(first, text=initial.text + first.text, left=initial.left)
                begun[id(initial)] = replace(initial, text="")
    return [span for known in spans if (span := begun.get(id(known), known)).text] if begun else list(spans)


def _is_beside(initial: Span, span: Span) -> bool:
    """Whether ``span`` starts right of a letter that is about twice as large, at its upper half."""
    inside = initial.top <= (span.top + span.bottom) / 2 <= (initial.top + initial.bottom) / 2
    return inside and initial.size >= INITIAL * span.size and abs(span.left - initial.right) <= span.size


def _has_dot(line: Line, dots: Sequence[Box]) -> bool:
    """Whether a bullet is drawn before ``line``, at the height of its letters."""
    box, em = line.box, line.size
    return any(
        DOT_FAR * em >= box.left - dot.right >= DOT_NEAR * em and box.top <= (dot.top + dot.bottom) / 2 <= box.bottom
        for dot in dots
    )


def _line(row: Sequence[Span], page: int, column: int, edge: float, table: bool) -> Line:
    box = Box(min(s.left for s in row), min(s.top for s in row), max(s.right for s in row), max(s.bottom for s in row))
    cells = tuple(span.text for span in row)
    length = sum(map(len, cells))
    bold = sum(len(span.text) for span in row if span.bold) * 10 >= length * 9
    size = max(row, key=lambda span: len(span.text)).size
    return Line("\t".join(cells), cells, box, size, bold, row[-1].hyphen, page, column, edge, table)


def _rows(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans by line from top to bottom, each from left to right; a bullet and its words are one span."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: (s.bottom, s.left)):
        if rows and _on_line(rows[-1][0], span):
            rows[-1].append(span)
        else:
            rows.append([span])
    return [_joined(sorted(row, key=lambda s: s.left)) for row in rows]


def _on_line(one: Span, other: Span) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= OVERLAP * min(one.bottom - one.top, other.bottom - other.top)


def _joined(row: list[Span]) -> list[Span]:
    joined = [row[0]]
    for span in row[1:]:
        last = joined[-1]
        em = max(last.size, span.size)
        gap = span.left - last.right
        marker = marker_of(f"{last.text} x").end == len(last.text) + 1
        if gap <= (MARKER_GAP if marker else CELL_GAP) * em:
            space = " " if gap > 0.1 * em or marker else ""
            text = f"{last.text}{space}{span.text}"
            top, bottom = min(last.top, span.top), max(last.bottom, span.bottom)
            larger = max(last, span, key=lambda s: len(s.text))
            bold = last.bold and span.bold
            right = max(last.right, span.right)
            joined[-1] = Span(text, last.left, top, right, bottom, larger.size, bold, span.hyphen)
        else:
            joined.append(span)
    return joined


def _table_rows(rows: Sequence[Sequence[Span]]) -> list[bool]:
    """Which rows belong to a table: neighbours with two cells or more whose columns match, and what is between them."""
    inside = [False] * len(rows)
    several = [i for i, row in enumerate(rows) if len(row) > 1]
    for i, j in pairwise(several):
        near = rows[j][0].top - rows[i][0].bottom <= ROW_GAP * (rows[i][0].bottom - rows[i][0].top) * (j - i)
        within = all(_continues_cell(rows[k], rows[i]) for k in range(i + 1, j))
        if near and within and _match(rows[i], rows[j]):
            inside[i : j + 1] = [True] * (j + 1 - i)
    return inside


def _match(one: Sequence[Span], other: Sequence[Span]) -> bool:
    """Whether at least two cells of the rows stand in the same columns."""
    shared = sum(any(a.left < b.right and b.left < a.right for b in other) for a in one)
    return shared >= 2


def _continues_cell(row: Sequence[Span], above: Sequence[Span]) -> bool:
    """Whether a row of one cell stands below one cell of the row above, and not below several."""
    return len(row) == 1 and sum(a.left < row[0].right and row[0].left < a.right for a in above) <= 1

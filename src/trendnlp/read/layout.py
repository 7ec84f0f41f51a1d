"""From physical lines to pieces: runs of lines that belong together, decided from the whole text's line lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from trendnlp.read.lines import (
    HASHES,
    LONG_LINE,
    NO_MARKER,
    Marker,
    Shape,
    continues,
    is_address,
    is_caps,
    is_navigation,
    is_row,
    is_terminated,
    marker_of,
    shape_of,
)
from trendnlp.types import BlockKind

RULE = re.compile(r"(?:[-=_*~#.•–—+|:] ?){3,}$")
TURN = re.compile(r"\w{2,20}: ")  # who speaks, in a thread or a transcript
UNDERLINE = re.compile(r"={3,}$|-{3,}$|~{3,}$")
BOLD = re.compile(r"(\*\*|__)(?=\S)(.{1,200}?)(?<=\S)\1(:?)\s*$")
MIN_WRAPPED = 30  # columns; a shorter line runs on only where both its end and the next start say so
FULL = 0.75  # share of the widest line from which on a line counts as full
SHORT = 0.6  # share of the widest line below which a first line may be a heading
WRAPPED_TEXT = 0.4  # share of line ends inside clauses from which on a text is taken as hard-wrapped
WRAPPED_GROUP = 0.25


@dataclass(frozen=True, slots=True)
class Hint:
    """What a format says of a line: its kind and heading level, or that it starts a list item (``item``)."""

    kind: BlockKind | None = None
    level: int = 0
    item: bool = False
    joined: bool = False  # the line continues the block of the line above


NO_HINT = Hint()


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its outer white space: ``text[start:end]``."""

    start: int
    end: int
    text: str
    indent: int
    hint: Hint


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that belong together. ``group`` counts the runs of lines without a blank line between them.

    ``words`` is the text without marker, hashes or bold marks, and ``content`` its offset in the document.
    """

    start: int
    end: int
    content: int
    words: str
    group: int
    marker: Marker
    shape: Shape
    hint: Hint
    hashes: int = 0
    bold: bool = False
    rule: bool = False


def pieces_of(text: str, hints: Mapping[int, Hint]) -> list[Piece]:
    """The pieces of ``text`` in order; ``hints`` is by line number from 0."""
    groups = list(_groups(text, hints))
    wrapped = _wrapped_text(groups)
    width = _width(groups)
    pieces: list[Piece] = []
    for number, lines in enumerate(groups):
        pieces.extend(_pieces(text, lines, number, wrapped, width))
    return pieces


def _groups(text: str, hints: Mapping[int, Hint]) -> Iterator[list[Line]]:
    group: list[Line] = []
    position = 0
    for number, raw in enumerate(text.split("\n")):
        stripped = raw.strip()
        if stripped:
            indent = len(raw) - len(raw.lstrip())
            start = position + indent
            group.append(Line(start, start + len(stripped), stripped, indent, hints.get(number, NO_HINT)))
        elif group:
            yield group
            group = []
        position += len(raw) + 1
    if group:
        yield group


def _ends_inside(above: Line, below: Line) -> bool:
    """Whether the break between two lines falls inside a clause, for certain."""
    if above.hint.kind or below.hint.kind or is_terminated(above.text):
        return False
    if marker_of(below.text).end or above.text.endswith((":", "|")):
        return False
    if TURN.match(below.text) and TURN.match(above.text):
        return False
    lower, open_end = below.text[0].islower(), continues(above.text)
    return (lower and open_end) or ((lower or open_end) and len(above.text) >= MIN_WRAPPED)


def _wrapped_text(groups: list[list[Line]]) -> bool:
    breaks = inside = 0
    for lines in groups:
        for above, below in pairwise(lines):
            breaks += 1
            inside += _ends_inside(above, below)
    return breaks >= 4 and inside >= WRAPPED_TEXT * breaks


def _width(groups: list[list[Line]]) -> int:
    """The length that nine in ten lines with another below them keep to."""
    lengths = sorted(len(line.text) for lines in groups for line in lines[:-1])
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _pieces(text: str, lines: list[Line], group: int, wrapped: bool, width: int) -> Iterator[Piece]:
    pairs = list(pairwise(lines))
    inside = sum(_ends_inside(a, b) for a, b in pairs)
    flows = bool(inside) and inside >= WRAPPED_GROUP * len(pairs)
    full = max((len(line.text) for line in lines[:-1]), default=0)
    if not flows and wrapped and len(pairs) >= 1:
        flows = full >= FULL * width
    run = [lines[0]]
    for above, below in pairs:
        if _joined(run, above, below, flows, max(full, 1)):
            run.append(below)
        else:
            yield _piece(text, run, group)
            run = [below]
    yield _piece(text, run, group)


def _joined(run: list[Line], above: Line, below: Line, flows: bool, full: int) -> bool:
    """Whether ``below`` continues the piece that ends with ``above``."""
    if below.hint.joined:
        return True
    if UNDERLINE.match(below.text) and len(run) == 1 and _can_be_underlined(run[0]):
        return True
    if below.hint.kind or below.hint.item or above.hint.kind or _is_marked(above.text) or _is_marked(below.text):
        return False
    if _starts_item(below.text):
        return False
    if _ends_inside(above, below):
        return True
    if not flows or len(above.text) > LONG_LINE:
        return bool(marker_of(run[0].text).end and below.indent > run[0].indent and not is_terminated(above.text))
    if _stands_alone(above.text) or _stands_alone(below.text):
        return False
    first_word = below.text.split(maxsplit=1)[0]
    if is_terminated(above.text):
        return len(above.text) + len(first_word) + 1 >= FULL * full
    shape = shape_of(above.text)
    heading = len(run) == 1 and len(above.text) < SHORT * full and shape in HEADING_SHAPES and _is_titled(above.text)
    return not heading and shape is not Shape.STEM


HEADING_SHAPES = (Shape.FRAGMENT, Shape.COLON, Shape.QUESTION)


def _is_titled(line: str) -> bool:
    """Whether a short first line of a wrapped paragraph reads like a title rather than like the start of a sentence."""
    words = line.split()
    return len(words) <= 4 or is_caps(line) or sum(w[0].isupper() for w in words) * 3 >= len(words) * 2


def _stands_alone(line: str) -> bool:
    return is_navigation(line) or is_address(line) or is_row(line)


def _is_marked(line: str) -> bool:
    return bool(HASHES.match(line) or RULE.match(line) or BOLD.match(line) or line.startswith("|"))


def _starts_item(line: str) -> bool:
    """Whether ``line`` starts with a list marker; a number that ends a wrapped sentence ("in\\n2019. The") does not."""
    return marker_of(line).end > 0


def _can_be_underlined(line: Line) -> bool:
    plain = not line.hint.kind and not _is_marked(line.text) and not marker_of(line.text).bullet
    return plain and len(line.text) < LONG_LINE // 2 and not is_terminated(line.text)


def _piece(text: str, run: list[Line], group: int) -> Piece:
    first, last = run[0], run[-1]
    start, end = first.start, last.end
    words_end = run[-2].end if len(run) > 1 and UNDERLINE.match(last.text) else end
    underlined = words_end < end
    rule = len(run) == 1 and bool(RULE.match(first.text))
    found = HASHES.match(first.text)
    content = start + (found.end() if found else 0)
    marker = NO_MARKER if rule else marker_of(text[content : first.end])
    if first.hint.item and not marker.bullet:  # the format numbers its items: a figure there belongs to the words
        marker = NO_MARKER
    content += marker.end
    words = text[content:words_end].strip()
    bold = BOLD.match(words) if len(words) < LONG_LINE else None
    if bold:
        content += 2
        words = bold[2] + bold[3]
        inner = marker_of(words) if not marker.end else NO_MARKER
        if inner.depth:
            marker, content, words = inner, content + inner.end, words[inner.end :]
    hashes = len(found[1]) if found else (1 if last.text[0] == "=" else 2) if underlined else 0
    shape = shape_of(words) if words else Shape.FRAGMENT
    return Piece(start, end, content, words, group, marker, shape, first.hint, hashes, bool(bold), rule)

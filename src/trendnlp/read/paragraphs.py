"""Paragraphs that a format names become one text and its blocks, each with its places on paper."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trendnlp.read.layout import NO_HINT, Hint
from trendnlp.read.structure import blocks_of
from trendnlp.types import Block, BlockKind, Place

APART = "\n\n"
CELL_LIMIT = 200  # characters; a table with longer cells lays out a page rather than data
BLANK_LINES = re.compile(r"\n\s*\n")
UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
BREAKS = re.compile("[\u00ad\u200b\u2060]")  # where a word may or must not be cut: no characters of it


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of words, or the rows of a table, one a line. The starts of ``places`` count from the paragraph's own."""

    text: str
    hint: Hint = NO_HINT
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """The text of some paragraphs, and its blocks."""

    text: str
    blocks: tuple[Block, ...]


def clean(text: str) -> str:
    """``text`` without blank lines, control characters and outer white space; lone surrogates become U+FFFD."""
    text = UNPRINTED.sub("", BREAKS.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n"))
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return BLANK_LINES.sub("\n", text).strip()


def assemble(paragraphs: Sequence[Paragraph]) -> Assembled:
    """``paragraphs``, which are clean and not empty, with a blank line between each two."""
    hints: dict[int, Hint] = {}
    starts: list[int] = []
    line = position = 0
    for paragraph in paragraphs:
        count = paragraph.text.count("\n") + 1
        hint = paragraph.hint
        if hint.kind is not None or hint.item:
            hints[line] = hint
        if hint.kind is not None:
            joined = hint.kind not in (BlockKind.TABLE, BlockKind.NAVIGATION)
            hints.update(dict.fromkeys(range(line + 1, line + count), replace(hint, item=False, joined=joined)))
        line += count + 1
        starts.append(position)
        position += len(paragraph.text) + len(APART)
    text = APART.join(paragraph.text for paragraph in paragraphs)
    return Assembled(text, tuple(_placed(block, paragraphs, starts) for block in blocks_of(text, hints)))


def _placed(block: Block, paragraphs: Sequence[Paragraph], starts: Sequence[int]) -> Block:
    number = bisect_right(starts, block.start) - 1
    own = paragraphs[number].places
    if not own:
        return block
    shifted = [replace(place, start=place.start + starts[number]) for place in own]
    first = sum(place.start <= block.start for place in shifted) - 1
    places = [place for place in shifted[max(first, 0) :] if place.start < block.end]
    places[0] = replace(places[0], start=block.start)
    return replace(block, places=tuple(places))

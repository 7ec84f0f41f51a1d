"""One report as Markdown, PDF, DOCX and HTML: the same statements, with their places on paper.

``tests/data/render.py`` made the files with pandoc, LibreOffice and Chromium.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from trendnlp.read import read_path
from trendnlp.segment import Segmenter
from trendnlp.types import Block, BlockKind, Document, Place

REPORTS = Path(__file__).parent / "data" / "reports"
NAMES = sorted(path.stem for path in REPORTS.glob("*.md"))
AGREEMENT = 0.98  # F1 of the statements of all reports
EACH = 0.95  # of one report; a statement of the shortest weighs 0.05
SLACK = 1  # points around a box
MARKS = re.compile(r"\*\*|__|(?<!\w)[*_]|[*_](?!\w)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@cache
def document(name: str, suffix: str) -> Document:
    return read_path(REPORTS / f"{name}.{suffix}")


def words(text: str) -> str:
    """``text`` without Markdown's marks, case and line ends."""
    return " ".join(MARKS.sub("", LINK.sub(r"\1", text)).replace("\n> ", " ").split()).casefold()


def statements(name: str, suffix: str) -> Counter[str]:
    return Counter(words(statement.text) for statement in Segmenter().segment(document(name, suffix)))


def agreement(pairs: list[tuple[Counter[str], Counter[str]]]) -> float:
    shared = sum((gold & found).total() for gold, found in pairs)
    return 2 * shared / sum(gold.total() + found.total() for gold, found in pairs)


def test_there_are_twenty_reports() -> None:
    assert len(NAMES) == 20


@pytest.mark.parametrize("suffix", ["pdf", "docx", "html"])
def test_the_statements_are_those_of_the_markdown(suffix: str) -> None:
    pairs = [(statements(name, "md"), statements(name, suffix)) for name in NAMES]
    assert {name: found for name, pair in zip(NAMES, pairs, strict=True) if (found := agreement([pair])) < EACH} == {}
    assert agreement(pairs) >= AGREEMENT


@pytest.mark.parametrize("suffix", ["pdf", "docx", "html"])
def test_the_headings_are_those_of_the_markdown(suffix: str) -> None:
    pairs = [(headings(name, "md"), headings(name, suffix)) for name in NAMES]
    assert agreement(pairs) >= AGREEMENT


def headings(name: str, suffix: str) -> Counter[str]:
    read = document(name, suffix)
    blocks = [block for block in read.blocks if block.kind is BlockKind.HEADING]
    return Counter(words(read.text[block.content : block.end]) for block in blocks)


@pytest.mark.parametrize("suffix", ["md", "pdf", "docx", "html"])
def test_offsets_are_verbatim(suffix: str) -> None:
    for name in NAMES:
        read = document(name, suffix)
        for statement in Segmenter().segment(read):
            assert read.text[statement.start : statement.end] == statement.text


def test_pages_and_boxes_hold_the_text_of_their_block() -> None:
    checked = 0
    for name in NAMES:
        read = document(name, "pdf")
        file = pypdfium2.PdfDocument(REPORTS / f"{name}.pdf")
        for block in read.blocks:
            for place, text in parts(read, block):
                assert 1 <= place.page <= len(file) and place.box is not None
                page = file[place.page - 1]
                width, height = page.get_size()
                box = place.box
                assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
                sides = (box.left - SLACK, height - box.bottom - SLACK, box.right + SLACK, height - box.top + SLACK)
                found = squeezed(page.get_textpage().get_text_bounded(*sides))
                if block.kind is BlockKind.TABLE:  # PDFium reads some cells column by column
                    assert Counter(squeezed(text)) <= Counter(found), (name, text)
                else:
                    assert squeezed(text) in found, (name, text)
                checked += 1
        file.close()
    assert checked > 500


def parts(read: Document, block: Block) -> list[tuple[Place, str]]:
    """Each place of a block with its text."""
    ends = [place.start for place in block.places[1:]] + [block.end]
    return [(place, read.text[place.start : end]) for place, end in zip(block.places, ends, strict=True)]


def squeezed(text: str) -> str:
    """The letters of ``text``: what a line's end does to spaces and hyphens is not the box's affair."""
    return re.sub(r"[\W_]+", "", text)


def test_formats_without_pages_have_no_places() -> None:
    for suffix in ("md", "docx", "html"):
        assert all(not block.places for block in document(NAMES[0], suffix).blocks)

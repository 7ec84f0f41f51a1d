"""Pages a second by format, against pdfplumber, markitdown and trafilatura on the same files in one run.

    pip install pdfplumber 'markitdown[docx,pdf,pptx]' trafilatura lxml_html_clean
    # the peers; one that is missing is left out
    python benchmarks/reading.py [FOLDER] [--rounds N]

FOLDER holds reports as PDF, DOCX, HTML or Markdown, by default tests/data/reports. A page is a page of the PDF; where a
report has no PDF, 3,000 characters of its text. Each tool reads every file once before the clock starts.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trendnlp.read import read_path

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "reports"
PAGE = 3000  # characters
Reader = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Tool:
    """A reader of some formats. ``load`` makes it, and raises ImportError where it is not installed."""

    name: str
    suffixes: tuple[str, ...]
    load: Callable[[], Reader]


def _trendnlp() -> Reader:
    return lambda path: read_path(path).text


def _pdfplumber() -> Reader:
    pdfplumber = importlib.import_module("pdfplumber")

    def read(path: Path) -> str:
        with pdfplumber.open(path) as file:
            return "\n".join(page.extract_text() or "" for page in file.pages)

    return read


def _markitdown() -> Reader:
    converter = importlib.import_module("markitdown").MarkItDown()
    return lambda path: str(converter.convert(str(path)).text_content)


def _trafilatura() -> Reader:
    extract = importlib.import_module("trafilatura").extract
    return lambda path: extract(path.read_text("utf-8")) or ""


TOOLS = (
    Tool("trendnlp", (".pdf", ".docx", ".pptx", ".html", ".md"), _trendnlp),
    Tool("pdfplumber", (".pdf",), _pdfplumber),
    Tool("markitdown", (".pdf", ".docx", ".pptx", ".html"), _markitdown),
    Tool("trafilatura", (".html",), _trafilatura),
)


def pages_of(path: Path) -> float:
    """The pages of a report: those of its PDF, or as many as its text would fill."""
    printed = path.with_suffix(".pdf")
    blocks = read_path(printed if printed.is_file() else path).blocks
    last = max((block.places[-1].page for block in blocks if block.places), default=0)
    return last or max(1.0, blocks[-1].end / PAGE)


def seconds(read: Reader, paths: list[Path], rounds: int) -> float:
    """The median time to read all of ``paths`` once."""
    for path in paths:
        read(path)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for path in paths:
            read(path)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description="Pages a second by format and tool.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print("| format | files, pages | tool | pages a second |\n| --- | --- | --- | --- |")
    for suffix in TOOLS[0].suffixes:
        paths = sorted(given.folder.glob(f"*{suffix}"))
        if not paths:
            continue
        pages = sum(map(pages_of, paths))
        for tool in (tool for tool in TOOLS if suffix in tool.suffixes):
            try:
                read = tool.load()
            except ImportError as error:
                print(f"| {suffix[1:]} | | {tool.name} | left out: {error} |")
                continue
            speed = pages / seconds(read, paths, given.rounds)
            print(f"| {suffix[1:]} | {len(paths)}, {pages:.0f} | {tool.name} | {speed:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

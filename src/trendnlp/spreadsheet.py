"""Tables as CSV for spreadsheets, in pieces of text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from unicodedata import category

from trendnlp.records import Record

# spreadsheets run a cell that starts so (OWASP, CSV injection), the full-width signs too
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_pieces(columns: Sequence[str], pages: Iterable[Iterable[Record]]) -> Iterator[str]:
    """A table with a line of names first, in a piece for these and one a page; a cell never starts a formula."""
    yield _csv([columns])
    for page in pages:
        yield _csv([_cell(record[column]) for column in columns] for record in page)


def _csv(rows: Iterable[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = " > ".join(value)
    if not isinstance(value, str):
        return value
    if not value.isprintable():
        value = "".join(map(_shown, value))
    # a spreadsheet may leave blanks before a formula away; a tab is both a blank and a start
    return "'" + value if value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS) else value


def _shown(character: str) -> str:
    """A space for one of any width, also one that keeps a line from breaking; nothing for what has no shape."""
    if character.isprintable() or character in "\t\n":
        return character
    return " " if category(character).startswith("Z") else ""

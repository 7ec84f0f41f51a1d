"""What is submitted becomes documents: files, archives of files, and files of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trendnlp.batch.inputs import ARCHIVE, Input, Line
from trendnlp.batch.rows import line_bytes, lines_of, row_of
from trendnlp.errors import InputError, MissingInput, UnsupportedFormat, printable
from trendnlp.read import SUFFIXES, Limits, file_bytes, member_bytes, members_of
from trendnlp.store import ItemFailure, Submission

ROWS = frozenset((".ndjson", ".jsonl"))
_KNOWN = f"Reports end in {', '.join(sorted(SUFFIXES))}."


@dataclass(frozen=True, slots=True)
class Part:
    """A file as it came, under the name that the caller gave it, which says whether it is an archive or rows."""

    path: Path
    name: str


def documents_of(parts: Iterable[Part], limits: Limits) -> Iterator[Submission]:
    """The documents of the files, in order; what is none is there with the reason why."""
    for part in parts:
        suffix = PurePosixPath(part.name).suffix.lower()
        if suffix == ARCHIVE:
            yield from _members(part, limits)
        elif suffix in ROWS:
            yield from _rows(part, limits)
        else:
            yield _file(part, limits)


def _file(part: Part, limits: Limits) -> Submission:
    try:
        return Submission(part.name, file_bytes(part.path, part.name, limits))
    except InputError as error:
        return _failed(part.name, error)


def _members(part: Part, limits: Limits) -> Iterator[Submission]:
    try:
        listed = members_of(part.path, part.name, limits)
    except InputError as error:
        yield _failed(part.name, error)
        return
    if not listed:  # a document, which is a package too, under an archive's name
        yield _file(part, limits)
        return
    if not any(member.name for member in listed):
        yield _failed(part.name, MissingInput(part.name, "the archive holds no report", "Give one that does."))
    for index, (name, _) in enumerate(listed):
        if name:
            yield _member(part, index, printable(name), limits)


def _member(part: Part, index: int, name: str, limits: Limits) -> Submission:
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        return _failed(name, UnsupportedFormat(name, "not a format that is read", _KNOWN))
    try:
        return Submission(name, member_bytes(part.path, index, name, limits))
    except InputError as error:
        return _failed(name, error)


def _rows(part: Part, limits: Limits) -> Iterator[Submission]:
    empty = True
    for found in lines_of(part.path, part.name, limits):
        empty = False
        yield _row(found.item)
    if empty:
        yield _failed(part.name, MissingInput(part.name, "it has no lines", "Send one JSON object a line."))


def _row(item: Input) -> Submission:
    if isinstance(item.origin, InputError):
        return _failed(item.source, item.origin, item.custom_id)
    assert isinstance(item.origin, Line)
    row = row_of(line_bytes(item.origin, item.source), item.source)
    return Submission(item.source, row.text, row.format, row.given, row.custom_id)


def _failed(source: str, error: InputError, custom_id: str | None = None) -> Submission:
    return Submission(source, ItemFailure(type(error).__name__, error.reason, error.remedy), custom_id=custom_id)

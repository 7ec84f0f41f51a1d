"""Files of many documents: JSON objects, one a line. Parquet files are turned into such lines first.

An object has ``text`` or ``html``, and may have ``source``, ``title``, ``publisher``, ``published``, ``market``,
``geography``, ``language`` and ``custom_id``; other fields are ignored, for exports have many.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from trendnlp.batch.inputs import Found, Input, Line
from trendnlp.dates import iso_date
from trendnlp.errors import DamagedInput, InputError, InputTooLarge, MissingInput, printable
from trendnlp.read import Limits, format_of, read_text
from trendnlp.types import Document, Format, Metadata

KNOWN = ("title", "publisher", "published", "market", "geography", "language")
LANGUAGE = re.compile("[a-z]{2}")
FIELDS = ("text", "html", "source", *KNOWN, "custom_id")
LONGEST_NAME = 2000  # characters of a source or custom_id; an address may be that long
LONGEST_FIELD = 500
CORRECT = "Correct the line."
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a line: its text, as which format where that is said, and what is known of it."""

    text: str
    format: Format | None
    source: str | None
    given: Metadata
    custom_id: str | None


def lines_of(path: Path, name: str, limits: Limits, written: Path | None = None) -> Iterator[Found]:
    """The documents of a file known as ``name``, in order; a line that holds none is there with the reason why.

    A line without a ``source`` is known by ``name`` and its number. ``written``: the file that is read, where it was
    made of ``path``.
    """
    try:
        with (written or path).open("rb") as file:
            start, number = 0, 0
            while line := file.readline(limits.max_bytes + 1):
                number += 1
                digest = hashlib.sha256(line)
                length = len(line)
                if length > limits.max_bytes and not line.endswith(b"\n"):
                    length += _passed_over(file, limits, digest)
                if line.strip() and line != BOM:
                    place = Line(written or path, start, length)
                    found = _found(line, place, f"{name}:{number}", number, limits)
                    full = found.full if found.number == 0 else f"{path}:{number}"
                    yield replace(found, full=full, digest=digest.hexdigest())
                start += length
    except OSError as error:
        failed = MissingInput(name, f"it cannot be read ({error.strerror})", "Check the name.")
        yield Found(Input(name, failed), str(path))


def _passed_over(file: IO[bytes], limits: Limits, digest: hashlib._Hash) -> int:
    """How many bytes of a line are left, which ``digest`` takes in."""
    length = 0
    while part := file.readline(limits.max_bytes):
        digest.update(part)
        length += len(part)
        if part.endswith(b"\n"):
            break
    return length


def _found(line: bytes, place: Line, name: str, number: int, limits: Limits) -> Found:
    if place.length > limits.max_bytes:
        reason = f"it is larger than {limits.max_bytes:,} bytes"
        error = InputTooLarge(name, reason, "Split it, or raise TRENDNLP_MAX_BYTES.")
        return Found(Input(name, error), name, number)
    try:
        row = row_of(line, name)
    except InputError as error:
        return Found(Input(name, error, _custom_id(line)), name, number)
    source = row.source or name
    # Named lines stand in the order of their names, wherever they were in the file.
    return Found(Input(source, place, row.custom_id), source, 0 if row.source else number, size=place.length)


def read_line(place: Line, source: str, limits: Limits, given: Metadata) -> Document:
    """The document of a line; ``given`` is known of it beside what the line says. Raises the InputError family."""
    row = row_of(line_bytes(place, source), source)
    format = row.format or format_of(row.text, source)
    known = replace(row.given, language=given.language or row.given.language)
    return read_text(row.text, source=source, format=format, given=known, limits=limits)


def line_bytes(place: Line, source: str) -> bytes:
    """What stands there; raises MissingInput about ``source``."""
    if place.data is not None:
        return place.data
    try:
        with place.path.open("rb") as file:
            file.seek(place.start)
            return file.read(place.length)
    except OSError as error:
        raise MissingInput(source, f"it cannot be read ({error.strerror})", "Check the name.") from None


def row_of(line: bytes, name: str) -> Row:
    """What a line says, checked; raises DamagedInput about ``name``."""
    try:
        values = json.loads(line.removeprefix(BOM))
    except (ValueError, RecursionError):
        raise DamagedInput(name, "it is no JSON", CORRECT) from None
    if not isinstance(values, dict):
        raise DamagedInput(name, "it is no JSON object", CORRECT)
    text, html = (values.get(key) for key in ("text", "html"))
    if (text is None) == (html is None):
        raise DamagedInput(name, "it has neither text nor html, or both", CORRECT)
    words = text if html is None else html
    if not isinstance(words, str):
        raise DamagedInput(name, "its text is no string", CORRECT)
    given = {key: _short(values, key, name, LONGEST_FIELD) for key in KNOWN}
    published = given["published"]
    if published is not None and iso_date(published) is None:
        reason = "its published is no date of the form YYYY, YYYY-MM or YYYY-MM-DD"
        raise DamagedInput(name, reason, CORRECT)
    if (language := given["language"]) is not None and not LANGUAGE.fullmatch(language):
        raise DamagedInput(name, "its language is no code of ISO 639-1, as en", CORRECT)
    return Row(
        text=words,
        format=None if html is None else Format.HTML,
        source=_short(values, "source", name, LONGEST_NAME),
        given=Metadata(**given),
        custom_id=_short(values, "custom_id", name, LONGEST_NAME),
    )


def _custom_id(line: bytes) -> str | None:
    """What the caller calls a line that holds no document, None where that cannot be told either."""
    try:
        values = json.loads(line.removeprefix(BOM))
        return _short(values, "custom_id", "", LONGEST_NAME) if isinstance(values, dict) else None
    except (ValueError, RecursionError, InputError):
        return None


def _short(values: dict[str, Any], key: str, name: str, longest: int) -> str | None:
    """A field of one line, None where it is missing or blank."""
    value = values.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and key == "custom_id":
        value = str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        raise DamagedInput(name, f"its {key} is no string", CORRECT)
    if len(value) > longest:
        raise DamagedInput(name, f"its {key} is longer than {longest} characters", CORRECT)
    return printable(value.strip()) or None

"""Other people's labelled data as labelled texts, read from the files that they are published in.

Their kinds are the labels of the data set. A document is one text and its units are its sentences or sections, so that
models are trained and scored on them as on the corpus.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from trendnlp.corpus import LabelledText, LabelledUnit
from trendnlp.errors import CorpusError
from trendnlp.types import Metadata

SECTION = re.compile(r"(?P<document>\d+)\.\d+; (?P<text>.*); (?P<gold>[01])\s*")
SECTION_HEADER = "Index; Text; Gold"
REAL_REMEDY = (
    "Write a line of JSON a document: id, text, and units with start, end, section, kind, alt and aspect, "
    'where "" is none.'
)
ABSTRACT_REMEDY = "Take the JSON lines of CSAbstruct: sentences, and as many labels."
SECTION_REMEDY = f"Take the file of FinCausal 2020, task 1: lines of {SECTION_HEADER!r}."


def read_real(path: Path) -> tuple[LabelledText, ...]:
    """Market texts as JSON lines: ``id``, ``text``, ``units`` with start, end, section, kind, alt and aspect; raises
    CorpusError.
    """
    return _json_lines(path, _real_text, REAL_REMEDY)


def _real_text(fields: dict[str, Any], number: int) -> LabelledText:
    text, units = str(fields["text"]), fields["units"]
    for unit in units:
        if not 0 <= unit["start"] < unit["end"] <= len(text):
            raise ValueError(f"a unit from {unit['start']} to {unit['end']} in a text of {len(text)} characters")
    return LabelledText(
        name=str(fields["id"]),
        text=text,
        metadata=Metadata(),
        style=None,
        units=tuple(
            LabelledUnit(
                start=unit["start"],
                end=unit["end"],
                kind=_kind(unit["kind"]),
                alt=unit["alt"] or None,
                aspect=unit["aspect"] or None,
                headings=tuple(heading for heading in unit["section"].split(" > ") if heading),
            )
            for unit in units
        ),
    )


def read_abstracts(path: Path) -> tuple[LabelledText, ...]:
    """CSAbstruct (Cohan et al. 2019), JSON lines of ``sentences`` and ``labels``: which role a sentence has in its
    abstract; raises CorpusError.
    """
    return _json_lines(path, _abstract, ABSTRACT_REMEDY)


def _abstract(fields: dict[str, Any], number: int) -> LabelledText:
    return _joined(f"abstract {number}", fields["sentences"], fields["labels"])


def read_sections(path: Path, parts: Sequence[int] | None = None) -> tuple[tuple[LabelledText, ...], ...]:
    """FinCausal 2020, task 1 (Mariko et al. 2020): is a section of a news text causal, "1" or "0"?

    The file's rows in ``parts`` of so many rows each, in its order, or all in one part; a document that lies across a
    border becomes two texts. Raises CorpusError, also where the file has another number of rows.
    """
    header, *lines = _read(path, SECTION_REMEDY).split("\n")
    if header.strip() != SECTION_HEADER:
        raise CorpusError(str(path), f"does not begin with {SECTION_HEADER!r}", SECTION_REMEDY)
    rows = []
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        row = SECTION.fullmatch(line)
        if row is None:
            raise CorpusError(str(path), f"line {number} is no index, text and gold: {line[:60]!r}", SECTION_REMEDY)
        rows.append(row)
    parts = [len(rows)] if parts is None else parts
    if len(rows) != sum(parts):
        reason = f"has {len(rows)} rows, where the fixed split has {sum(parts)}"
        raise CorpusError(str(path), reason, SECTION_REMEDY)
    borders = [sum(parts[:i]) for i in range(len(parts) + 1)]
    return tuple(_documents(rows[low:high]) for low, high in pairwise(borders))


def _documents(rows: Sequence[re.Match[str]]) -> tuple[LabelledText, ...]:
    documents: dict[str, list[re.Match[str]]] = {}
    for row in rows:
        documents.setdefault(row["document"], []).append(row)
    return tuple(
        _joined(f"document {name}", [row["text"] for row in found], [row["gold"] for row in found])
        for name, found in documents.items()
    )


def _joined(name: str, pieces: Sequence[str], kinds: Sequence[str]) -> LabelledText:
    """A text of ``pieces``, each a unit of its kind."""
    text = ""
    units = []
    for piece, kind in zip(pieces, kinds, strict=True):
        start = len(text) + 1 if text else 0
        text += " " + piece if text else piece
        units.append(LabelledUnit(start, len(text), _kind(kind)))
    return LabelledText(name, text, Metadata(), None, tuple(units))


def _kind(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no label")
    return value


def _json_lines(
    path: Path, parse: Callable[[dict[str, Any], int], LabelledText], remedy: str
) -> tuple[LabelledText, ...]:
    found = []
    # Not splitlines: a JSON string may hold a line separator of Unicode.
    for number, line in enumerate(_read(path, remedy).split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(parse(json.loads(line), number))
        except KeyError as error:
            raise CorpusError(str(path), f"line {number} has no {error}", remedy) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise CorpusError(str(path), f"line {number} is no labelled text ({error})", remedy) from error
    if not found:
        raise CorpusError(str(path), "holds no labelled text", remedy)
    return tuple(found)


def _read(path: Path, remedy: str) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(str(path), f"is not UTF-8 (byte {error.start})", remedy) from error
    except OSError as error:
        raise CorpusError(str(path), f"cannot be read ({error.strerror})", remedy) from error

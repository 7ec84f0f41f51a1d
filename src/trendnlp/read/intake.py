"""The entry points: what comes in is checked against the limits, decoded, and given to the reader of its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path

from trendnlp.errors import EmptyInput, InputTooLarge, MissingInput, UnsupportedFormat
from trendnlp.read.decode import Decoded, decode, format_of, is_package, is_pdf, normalise
from trendnlp.read.language import check_language, language_of
from trendnlp.read.limits import DEFAULT_LIMITS, Limits
from trendnlp.read.markdown import read_markdown
from trendnlp.read.parsed import Parsed
from trendnlp.read.plain import read_plain
from trendnlp.read.reading import Reading
from trendnlp.read.sandbox import read_apart
from trendnlp.types import TEXT_FORMATS, Document, Format, Metadata

READERS: Mapping[Format, Callable[[str], Parsed]] = {Format.TEXT: read_plain, Format.MARKDOWN: read_markdown}
NO_METADATA = Metadata()
IN_PROCESS = 50_000  # characters; no text so short takes seconds, a longer one has a clock in its own process


def read_path(
    path: Path,
    *,
    source: str | None = None,
    given: Metadata = NO_METADATA,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> Document:
    """The document in a file, named ``source`` or by its path; raises MissingInput and what read_bytes raises."""
    name = str(path) if source is None else source
    data = file_bytes(path, name, limits)
    return read_bytes(data, source=name, given=given, limits=limits, password=password)


def file_bytes(path: Path, name: str, limits: Limits) -> bytes:
    """What is in a file known as ``name``, up to a byte more than the limit; raises MissingInput."""
    try:
        with path.open("rb") as file:
            return file.read(limits.max_bytes + 1)
    except IsADirectoryError:
        raise MissingInput(name, "this is a folder, not a file", "Give the files in it.") from None
    except PermissionError:
        raise MissingInput(name, "permission to read it is denied", "Change its permissions.") from None
    except FileNotFoundError:
        dangling = path.is_symlink()
        reason = "this link points to nothing" if dangling else "no such file"
        raise MissingInput(name, reason, "Check the name.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MissingInput(name, f"it cannot be read ({reason})", "Check the name.") from None


def read_bytes(
    data: bytes,
    *,
    source: str,
    format: Format | None = None,
    given: Metadata = NO_METADATA,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> Document:
    """The document in ``data``. The content says whether it is a PDF, a DOCX, a PPTX or text; which kind of text,
    ``format`` says, else the content, then the suffix of ``source``. ``password`` opens an encrypted PDF.

    Raises the InputError family: ForeignLanguage for a text that is not in English, unless ``given`` says that it is.
    """
    if len(data) > limits.max_bytes:
        reason = f"it is larger than {limits.max_bytes:,} bytes"
        raise InputTooLarge(source, reason, "Split it, or raise TRENDNLP_MAX_BYTES.")
    task = "pdf" if is_pdf(data) else "package" if is_package(data) else None
    if task is not None:
        return _document(read_apart(task, data, source, limits, given.geography, password), (), source, given)
    decoded = decode(data, source)
    return _text_document(decoded, source, format or format_of(decoded.text, source), given, limits)


def read_text(
    text: str,
    *,
    source: str = "text",
    format: Format = Format.TEXT,
    given: Metadata = NO_METADATA,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """The document in a string of the given format, text, Markdown or HTML; raises the InputError family."""
    return _text_document(normalise(text), source, format, given, limits)


def _text_document(decoded: Decoded, source: str, format: Format, given: Metadata, limits: Limits) -> Document:
    if format not in TEXT_FORMATS:
        raise UnsupportedFormat(source, f"this is no {format.value.upper()}", "Leave the format out, or name its own.")
    if not decoded.text.strip():
        raise EmptyInput(source, "it holds nothing but white space", "Give a text.")
    if len(decoded.text) > limits.max_characters:
        reason = f"its text is longer than {limits.max_characters:,} characters"
        raise InputTooLarge(source, reason, "Split it, or raise TRENDNLP_MAX_CHARACTERS.")
    if format is Format.HTML or len(decoded.text) > IN_PROCESS:
        reading = read_apart(format.value, decoded.text.encode(), source, limits, given.geography)
    else:
        reading = Reading.of(format, READERS[format](decoded.text), given.geography)
    return _document(reading, decoded.warnings, source, given)


def _document(reading: Reading, warnings: tuple[str, ...], source: str, given: Metadata) -> Document:
    parsed = reading.parsed
    if not parsed.blocks:
        raise EmptyInput(source, "it holds no visible text", "Give a document with text in it.")
    found = replace(reading.found, language=language_of(parsed) or reading.found.language)
    known = {f.name: value for f in fields(Metadata) if (value := getattr(given, f.name) or getattr(found, f.name))}
    forced = check_language(source, given.language, found.language)
    return Document(
        id=Document.id_of(parsed.text, reading.format),
        source=source,
        format=reading.format,
        text=parsed.text,
        blocks=parsed.blocks,
        metadata=Metadata(**known),
        warnings=warnings + parsed.warnings + forced,
        facts=reading.facts,
    )

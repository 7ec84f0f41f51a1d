"""The entry points: what comes in is checked against the limits, decoded, and given to the reader of its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from trendnlp.errors import EmptyInput, InputError, InputTooLarge, MissingInput
from trendnlp.read.decode import Decoded, decode, format_of, normalise
from trendnlp.read.facts import facts_of
from trendnlp.read.html import read_html
from trendnlp.read.language import check_language
from trendnlp.read.markdown import read_markdown
from trendnlp.read.metadata import metadata_of
from trendnlp.read.parsed import Parsed, Unreadable
from trendnlp.read.plain import read_plain
from trendnlp.types import Document, Format, Metadata

MAX_BYTES = 64 * 1024 * 1024  # the defaults of Settings, for callers without settings
MAX_CHARACTERS = 10_000_000

READERS: Mapping[Format, Callable[[str], Parsed]] = {
    Format.TEXT: read_plain,
    Format.MARKDOWN: read_markdown,
    Format.HTML: read_html,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest input in bytes, and the longest text in characters after decoding."""

    max_bytes: int = MAX_BYTES
    max_characters: int = MAX_CHARACTERS


NO_METADATA = Metadata()
DEFAULT_LIMITS = Limits()


def read_path(
    path: Path, *, source: str | None = None, given: Metadata = NO_METADATA, limits: Limits = DEFAULT_LIMITS
) -> Document:
    """The document in a file, named ``source`` or by its path; raises MissingInput and what read_bytes raises."""
    name = str(path) if source is None else source
    try:
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
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
    return read_bytes(data, source=name, given=given, limits=limits)


def read_bytes(
    data: bytes,
    *,
    source: str,
    format: Format | None = None,
    given: Metadata = NO_METADATA,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """The document in ``data``. Without a ``format`` the content decides, then the suffix of ``source``.

    Raises EmptyInput, NotText, UnsupportedFormat, InputTooLarge, InputError for tags nested too deeply, and
    ForeignLanguage for a text that is not in English, unless ``given`` says that it is.
    """
    if len(data) > limits.max_bytes:
        reason = f"it is larger than {limits.max_bytes:,} bytes"
        raise InputTooLarge(source, reason, "Split it, or raise TRENDNLP_MAX_BYTES.")
    decoded = decode(data, source)
    return _document(decoded, source, format or format_of(decoded.text, source), given, limits)


def read_text(
    text: str,
    *,
    source: str = "text",
    format: Format = Format.TEXT,
    given: Metadata = NO_METADATA,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """The document in a string of the given format; raises EmptyInput, InputTooLarge, ForeignLanguage, InputError."""
    return _document(normalise(text), source, format, given, limits)


def _document(decoded: Decoded, source: str, format: Format, given: Metadata, limits: Limits) -> Document:
    if not decoded.text.strip():
        raise EmptyInput(source, "it holds nothing but white space", "Give a text.")
    if len(decoded.text) > limits.max_characters:
        reason = f"its text is longer than {limits.max_characters:,} characters"
        raise InputTooLarge(source, reason, "Split it, or raise TRENDNLP_MAX_CHARACTERS.")
    try:
        parsed = READERS[format](decoded.text)
    except Unreadable as error:
        raise InputError(source, str(error), "Export it as plain text.") from None
    if not parsed.blocks:
        raise EmptyInput(source, "it holds no visible text", "Give a document with text in it.")
    found = metadata_of(parsed)
    known = {f.name: value for f in fields(Metadata) if (value := getattr(given, f.name) or getattr(found, f.name))}
    forced = check_language(source, given.language, found.language)
    return Document(
        id=Document.id_of(parsed.text, format),
        source=source,
        format=format,
        text=parsed.text,
        blocks=parsed.blocks,
        metadata=Metadata(**known),
        warnings=decoded.warnings + parsed.warnings + forced,
        facts=facts_of(parsed, known.get("geography")),
    )

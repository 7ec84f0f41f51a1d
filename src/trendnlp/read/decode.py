"""From bytes to normalised text: which encoding, which format, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import PurePath

from trendnlp.errors import EncryptedInput, NotText, UnsupportedFormat
from trendnlp.types import TEXT_FORMATS, Format

SAMPLE = 65_536  # bytes looked at to tell text from binary and one UTF-16 from the other
CONTROL_SHARE = 0.1  # above it the sample is binary; text with stray control characters stays far below
NUL_SHARE = 0.3  # Latin text in UTF-16 has NULs in nearly all its high bytes; other scripts have spaces and figures
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BOMS = (  # the one of UTF-32 little-endian starts with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
EXPORT = "Export it as PDF, DOCX, HTML, Markdown or plain text."
PDF_START = b"%PDF-"
PDF_LEAD = b" \t\r\n\0\xef\xbb\xbf"  # what careless programs put before it
PACKAGE_START = b"PK\x03\x04"
OFFICE_START = b"\xd0\xcf\x11\xe0"
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")  # the stream of a DOCX or PPTX that has a password

MAGIC = (
    (b"PK\x05\x06", "an empty ZIP archive"),
    (OFFICE_START, "an old Microsoft Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x7fELF", "a program"),
)

REMOVED = re.compile(r"\A\ufeff|\r(?=\n)")
SURROGATE = re.compile("[\ud800-\udfff]")
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
HTML_START = re.compile(
    r"[\s\ufeff]*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.{0,2000}?-->)\s*){0,5}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
FRAGMENT_TAG = r"(?:div|p|h[1-6]|ul|ol|dl|table|blockquote|article|section|main|header|nav)"
FRAGMENT_START = re.compile(rf"[\s\ufeff]*<{FRAGMENT_TAG}(?:\s[^<>]*)?>", re.IGNORECASE)
FRAGMENT_END = re.compile(rf"</{FRAGMENT_TAG}\s*>", re.IGNORECASE)
FORMATS = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".pdf": Format.PDF,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".pptx": Format.PPTX,
    ".pptm": Format.PPTX,
}
SUFFIXES = frozenset(FORMATS)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Normalised text and what had to be assumed to get it."""

    text: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Normalised:
    """``removed`` holds the offsets in ``text``, in order, before each of which a character of the original is gone."""

    text: str
    removed: tuple[int, ...] = ()

    def original(self, start: int, end: int) -> slice:
        """The place in the original of ``text[start:end]``, which is not empty."""
        return slice(start + bisect_right(self.removed, start), end + bisect_left(self.removed, end))


def is_pdf(data: bytes) -> bool:
    return data[:1024].lstrip(PDF_LEAD).startswith(PDF_START)


def is_package(data: bytes) -> bool:
    """Whether ``data`` is a ZIP archive, as DOCX and PPTX files are."""
    return data.startswith(PACKAGE_START)


def decode(data: bytes, source: str) -> Decoded:
    """``data`` as normalised text; raises UnsupportedFormat for known binary formats, EncryptedInput for an Office file
    with a password, NotText for other binary data."""
    if data.startswith(OFFICE_START) and ENCRYPTED_OFFICE in data:
        raise EncryptedInput(source, "it is an Office file with a password", "Save it without one.")
    for magic, name in MAGIC:
        if data.startswith(magic):
            raise UnsupportedFormat(source, f"this is {name}", EXPORT)
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _strict_or_replaced(data[len(bom) :], encoding)
    guess = _utf16_without_bom(data)
    if guess:
        decoded = _strict_or_replaced(data, guess)
        return Decoded(decoded.text, (f"read as {guess}, which its NUL bytes suggest", *decoded.warnings))
    sample = data[:SAMPLE]
    if sample and len(sample) - len(sample.translate(None, CONTROLS)) > CONTROL_SHARE * len(sample):
        raise NotText(source, "this is binary data, not text", EXPORT)
    return _eight_bit(data)


def normalise(text: str) -> Decoded:
    """``text`` with LF line ends and without BOM, NULs and lone surrogates; every other character stays."""
    warnings = []
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        warnings.append(f"{text.count(chr(0))} NUL characters were replaced by U+FFFD")
        text = text.replace("\0", REPLACEMENT)
    text, count = SURROGATE.subn(REPLACEMENT, text)
    if count:
        warnings.append(f"{count} lone surrogates were replaced by U+FFFD")
    return Decoded(text, tuple(warnings))


def normalised(text: str) -> Normalised:
    """``text`` as ``normalise`` makes it, with the way back to its offsets."""
    removed = tuple(found.start() - number for number, found in enumerate(REMOVED.finditer(text)))
    return Normalised(normalise(text).text, removed)


def format_of(text: str, source: str) -> Format:
    """The format by content first, then by the suffix of the name. Markdown may open with a tag, and stays Markdown."""
    if HTML_START.match(text[:20_000]):
        return Format.HTML
    name = source.split("?", 1)[0].split("#", 1)[0] if "://" in source else source
    named = FORMATS.get(PurePath(name).suffix.lower(), Format.TEXT)
    named = named if named in TEXT_FORMATS else Format.TEXT
    fragment = named is Format.TEXT and FRAGMENT_START.match(text) and FRAGMENT_END.search(text)
    return Format.HTML if fragment else named


def _utf16_without_bom(data: bytes) -> str | None:
    sample = data[: min(SAMPLE, len(data) & ~1)]
    if len(sample) < 4:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > NUL_SHARE * half and even * 10 < odd:
        return "utf-16-le"
    if even > NUL_SHARE * half and odd * 10 < even:
        return "utf-16-be"
    return None


def _eight_bit(data: bytes) -> Decoded:
    declared = META_CHARSET.search(data[:4096])
    if declared:
        decoded = _declared(data, declared[1].decode("ascii", "replace"))
        if decoded:
            return decoded
    try:
        return normalise(data.decode("utf-8"))
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    bad = text.count(REPLACEMENT)
    good = sum(1 for _ in re.finditer("[^\x00-\x7f\ufffd]", text))
    if good > bad:  # text in another encoding forms next to no valid sequences by chance
        decoded = normalise(text)
        return Decoded(decoded.text, (f"{bad} invalid UTF-8 sequences were replaced by U+FFFD", *decoded.warnings))
    decoded = normalise(data.decode("cp1252", "replace"))
    return Decoded(decoded.text, ("not valid UTF-8: read as windows-1252", *decoded.warnings))


def _declared(data: bytes, name: str) -> Decoded | None:
    """Text in the encoding that an HTML page declares; None where it is unknown, or a UTF (told from the bytes)."""
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if encoding.startswith("utf"):
        return None
    if encoding in ("ascii", "iso8859-1"):  # what browsers do, and what such pages mean
        encoding = "cp1252"
    try:
        return normalise(data.decode(encoding, "replace"))
    except (LookupError, ValueError):  # a codec of Python's that is no text encoding
        return None


def _strict_or_replaced(data: bytes, encoding: str) -> Decoded:
    try:
        return normalise(data.decode(encoding))
    except UnicodeDecodeError:
        decoded = normalise(data.decode(encoding, "replace"))
        return Decoded(decoded.text, (f"invalid {encoding} sequences were replaced by U+FFFD", *decoded.warnings))

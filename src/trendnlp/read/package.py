"""ZIP packages, of which DOCX and PPTX are kinds: opened only where what is in them keeps within the limits."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO

from trendnlp.errors import DamagedInput, EncryptedInput, InputTooLarge, UnsupportedFormat
from trendnlp.read.limits import Limits
from trendnlp.types import Format

MAX_MEMBERS = 10_000  # a presentation of 2,000 slides has about 8,000 parts
MAX_TYPES = 4 * 1024 * 1024  # bytes of [Content_Types].xml, some 200 a part
CHUNK = 1 << 20
TYPES = "[Content_Types].xml"
CONTENT_TYPE = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.|ms-)([\w.-]+?)\.main\+xml", re.IGNORECASE
)
KINDS = (
    (re.compile(rb"wordprocessing|word", re.IGNORECASE), Format.DOCX),
    (re.compile(rb"presentation|powerpoint|slideshow", re.IGNORECASE), Format.PPTX),
)
OTHERS = (("OpenDocument", "content.xml"), ("EPUB", "META-INF/container.xml"))
CUT_OFF = "Fetch or save it again."
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, OverflowError)


def open_package(data: IO[bytes], limits: Limits, members: int = MAX_MEMBERS) -> zipfile.ZipFile:
    """The archive in ``data``; raises DamagedInput, and InputTooLarge where it has too many members or would unpack to
    too much. A member never unpacks to more than the size that it declares: zipfile stops there."""
    try:
        archive = zipfile.ZipFile(data)
    except BROKEN:
        raise DamagedInput("", "its table of contents is missing or damaged", CUT_OFF) from None
    entries = archive.infolist()
    if len(entries) > members:
        raise InputTooLarge("", f"it has more than {members:,} parts", "Split it.")
    if sum(entry.file_size for entry in entries) > limits.max_expanded:
        reason = f"it would unpack to more than {limits.max_expanded:,} bytes"
        raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_EXPANDED.")
    return archive


def kind_of(archive: zipfile.ZipFile) -> Format:
    """Whether the archive is a DOCX or a PPTX; raises UnsupportedFormat where it is neither."""
    names = set(archive.namelist())
    if TYPES not in names:
        name = next((f"an {kind}" for kind, part in OTHERS if part in names), "")
        if name:
            raise UnsupportedFormat("", f"this is {name} file", "Save it as DOCX, PDF or plain text.")
        remedy = "Unpack it, or give it as a .zip file to `trendnlp ingest` or `trendnlp batch`."
        raise UnsupportedFormat("", "this is a ZIP archive", remedy)
    found = CONTENT_TYPE.findall(member(archive, TYPES, MAX_TYPES))
    for pattern, format in KINDS:
        if any(pattern.match(kind) for kind in found):
            return format
    raise UnsupportedFormat("", "this is an Office file that holds no text", "Save it as DOCX, PDF or plain text.")


def member(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, longest: int) -> bytes:
    """The bytes of one member; raises EncryptedInput, DamagedInput, and InputTooLarge for more than ``longest``."""
    info = archive.getinfo(name) if isinstance(name, str) else name
    if info.flag_bits & 1:
        raise EncryptedInput("", "it is encrypted", "Save it without a password.")
    if info.file_size > longest:
        raise InputTooLarge("", f"it is larger than {longest:,} bytes", "Split it, or raise TRENDNLP_MAX_BYTES.")
    try:
        with archive.open(info) as file:
            return file.read(longest + 1)
    except BROKEN:
        raise DamagedInput("", "it is damaged in its archive", CUT_OFF) from None
    except RuntimeError:
        raise EncryptedInput("", "it is encrypted", "Save it without a password.") from None

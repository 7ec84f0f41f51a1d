"""Archives of reports: which members there are, and the bytes of each. Nothing is unpacked to the disk."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple

from trendnlp.errors import DamagedInput, InputTooLarge
from trendnlp.read.limits import Limits
from trendnlp.read.package import BROKEN, CHUNK, CUT_OFF, TYPES, member, open_package

MAX_REPORTS = 1000  # members of an archive of reports
MAX_NAME = 500  # characters
SEPARATOR = re.compile(r"[/\\]+")
HIDDEN = ("__MACOSX", ".DS_Store", "Thumbs.db")
LOCAL = struct.Struct("<26xHH")  # what stands before a member: how long its name is, and what else is told of it


class Listed(NamedTuple):
    """A member: its name as a relative path, "" for folders and what systems leave in archives, and a digest of what
    the archive holds of it, "" where that cannot be told.
    """

    name: str
    digest: str


def list_members(file: BinaryIO, limits: Limits) -> list[Listed]:
    """All members, in order.

    None, for an archive that is itself a document, as DOCX files are. Raises DamagedInput, InputTooLarge.
    """
    with open_package(_seekable(file), limits, MAX_REPORTS) as archive:
        if TYPES in archive.namelist():
            return []
        entries = archive.infolist()
        return [Listed(_name(e), digest) for e, digest in zip(entries, _digests(file, entries), strict=True)]


def read_member(file: BinaryIO, index: int, limits: Limits) -> bytes:
    """The bytes of the member with that number; raises DamagedInput, EncryptedInput, InputTooLarge."""
    with open_package(_seekable(file), limits, MAX_REPORTS) as archive:
        entries = archive.infolist()
        if index >= len(entries):
            raise DamagedInput("", "it is no longer in its archive", CUT_OFF)
        return member(archive, entries[index], limits.max_bytes)


def _seekable(file: BinaryIO) -> BinaryIO:
    if not file.seekable():
        raise InputTooLarge("", "an archive must be a file", "Save it to a file first.")
    return file


def _digests(file: BinaryIO, entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Of the members as they are packed, whatever the limits on reading them are. It reads no more than the archive
    has: of members that overlap, nothing.
    """
    if sum(entry.compress_size for entry in entries) > file.seek(0, 2):
        return [""] * len(entries)
    return [_digest(file, entry) for entry in entries]


def _digest(file: BinaryIO, entry: zipfile.ZipInfo) -> str:
    told = (entry.compress_type, entry.flag_bits, entry.CRC, entry.compress_size, entry.file_size)
    found = hashlib.sha256(str(told).encode())
    try:
        file.seek(entry.header_offset)
        name, extra = LOCAL.unpack(file.read(LOCAL.size))
        found.update(file.read(name))
        file.seek(extra, 1)
        left = entry.compress_size
        while left and (data := file.read(min(left, CHUNK))):
            found.update(data)
            left -= len(data)
    except (*BROKEN, struct.error):
        return ""
    return found.hexdigest()


def _name(entry: zipfile.ZipInfo) -> str:
    """A member's name without what would lead out of a folder: it is shown, never opened."""
    parts = [part for part in SEPARATOR.split(entry.filename) if part not in ("", ".", "..")]
    if entry.is_dir() or not parts or any(part in HIDDEN for part in parts):
        return ""
    return str(PurePosixPath(*parts))[-MAX_NAME:]

"""Archives of reports: which members there are, and the bytes of each. Nothing is unpacked to the disk."""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from trendnlp.errors import DamagedInput, InputTooLarge
from trendnlp.read.limits import Limits
from trendnlp.read.package import CUT_OFF, TYPES, member, open_package

MAX_REPORTS = 1000  # members of an archive of reports
MAX_NAME = 500  # characters
SEPARATOR = re.compile(r"[/\\]+")
HIDDEN = ("__MACOSX", ".DS_Store", "Thumbs.db")


def list_members(file: BinaryIO, limits: Limits) -> list[str]:
    """The names of all members, in order, as relative paths; "" for folders and what systems leave in archives.

    No names, for an archive that is itself a document, as DOCX files are. Raises DamagedInput, InputTooLarge.
    """
    with open_package(_seekable(file), limits, MAX_REPORTS) as archive:
        if TYPES in archive.namelist():
            return []
        return [_name(entry) for entry in archive.infolist()]


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


def _name(entry: zipfile.ZipInfo) -> str:
    """A member's name without what would lead out of a folder: it is shown, never opened."""
    parts = [part for part in SEPARATOR.split(entry.filename) if part not in ("", ".", "..")]
    if entry.is_dir() or not parts or any(part in HIDDEN for part in parts):
        return ""
    return str(PurePosixPath(*parts))[-MAX_NAME:]

"""Which files a path stands for, and under which name each is known in the output.

A path may be a report, a folder of reports, or a ZIP archive of them.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from trendnlp.errors import InputError, MissingInput, printable
from trendnlp.read import SUFFIXES, Limits, members_of
from trendnlp.types import Skipped

STDIN = "-"
STDIN_NAME = "stdin"
ARCHIVE = ".zip"
UNREAD = "not a format that is read"
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a ZIP archive, by its number there."""

    archive: Path
    index: int


@dataclass(frozen=True, slots=True)
class Input:
    """One report to read: a file, one in an archive, bytes that have been read, or why there is none of these.

    ``source`` is the name it has in the output.
    """

    source: str
    origin: Path | Member | bytes | InputError | Skipped


def expand(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> tuple[Input, ...]:
    """The files of ``paths``: a folder stands for all files anywhere below it, in the order of their names, and an
    archive for all files in it. Archives in archives are not opened.

    A file of a folder is known by its path below the folder, any other by its name, and where two would share a name by
    the path that was given; ``-`` is standard input. A file that is named is taken whatever its suffix, one in a folder
    is Skipped when its suffix is no report's. Whether a file exists shows when it is read, so that the others go on.
    """
    found: list[Input] = []
    full: list[str] = []
    for path in dict.fromkeys(paths):
        if str(path) == STDIN:
            items = [Input(STDIN_NAME, sys.stdin.buffer.read())]
        elif _is_folder(path):
            items = _inside(path, limits)
        elif path.suffix.lower() == ARCHIVE:
            items = _members(path, path.name, limits)
        else:
            items = [Input(path.name, path)]
        found += items
        full += [_full_name(item) for item in items]
    names = Counter(item.source for item in found)
    return tuple(
        replace(item, source=name) if names[item.source] > 1 else item for item, name in zip(found, full, strict=True)
    )


def _full_name(item: Input) -> str:
    match item.origin:
        case Path() as path:
            return str(path)
        case Member(archive, _):
            return str(archive.parent / item.source)
        case _:
            return item.source


def _inside(folder: Path, limits: Limits) -> list[Input]:
    known = f"Reports end in {', '.join(sorted(SUFFIXES))}."
    items = []
    for path in folder.rglob("*"):
        if not path.is_dir():
            source = path.relative_to(folder).as_posix()
            taken = path.suffix.lower() in SUFFIXES
            if path.suffix.lower() == ARCHIVE:
                items += _members(path, source, limits)
            else:
                items.append(Input(source, path if taken else Skipped(source, f"{UNREAD}. {known}")))
    if not any(isinstance(item.origin, Path | Member) for item in items):
        items.append(Input(str(folder), MissingInput(str(folder), "the folder holds no report", known)))
    return sorted(items, key=lambda item: item.source)


def _members(path: Path, source: str, limits: Limits) -> list[Input]:
    """The files of an archive, known by its name and theirs; names in an archive are hostile, and open nothing."""
    try:
        names = members_of(path, source, limits)
    except InputError as error:
        return [Input(source, error)]
    if not names:  # a document, which is a package too, under an archive's name
        return [Input(source, path)]
    items = []
    for index, name in enumerate(names):
        if name:
            own = f"{source}/{printable(name)}"
            taken = PurePosixPath(name).suffix.lower() in SUFFIXES
            items.append(Input(own, Member(path, index) if taken else Skipped(own, UNREAD)))
    return items or [Input(source, MissingInput(source, "the archive holds no report", "Give one that does."))]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False

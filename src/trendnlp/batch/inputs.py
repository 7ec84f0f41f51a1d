"""Which files a path stands for, and under which name each is known in the output.

A path may be a report, a folder of reports, a ZIP archive of them, or a pattern that file names match.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from trendnlp.errors import InputError, MissingInput, printable
from trendnlp.read import SUFFIXES, Limits, members_of
from trendnlp.types import Skipped

STDIN = "-"
STDIN_NAME = "stdin"
ARCHIVE = ".zip"
ROWS = frozenset((".ndjson", ".jsonl", ".parquet"))  # files of many documents, one a line or row
MAGIC = re.compile(r"[*?[]")  # what makes a name a pattern
UNREAD = "not a format that is read"
KNOWN = f"Reports end in {', '.join(sorted(SUFFIXES))}."
OWN = "only the output of a batch is there, whose tables are read where they are named"
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a ZIP archive, by its number there."""

    archive: Path
    index: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file of JSON objects: where it starts and how long it is, in bytes; and its bytes, where they have
    been read.
    """

    path: Path
    start: int
    length: int
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One report to read: a file, one in an archive, a line, bytes that have been read, or why there is none of these.

    ``source`` is the name it has in the output, ``custom_id`` what the caller calls it there.
    """

    source: str
    origin: Path | Member | Line | bytes | InputError | Skipped
    custom_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An input as it was found. ``full``: its name where others share its own. ``number``: of its line in a file of
    many documents, 0 in any other. ``digest``: of its line, or of the member of an archive, where that can be told.
    ``size``: of its line, in bytes.
    """

    item: Input
    full: str
    number: int = 0
    digest: str = ""
    size: int = 0


Opener = Callable[[Path, str], Iterator[Found]]  # of a file of many documents, known by a name
Own = Callable[[Path], bool]  # whether a file is one that this program makes


def nothing(path: Path) -> bool:
    """No file is our own."""
    return False


def expand(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> tuple[Input, ...]:
    """The files of ``paths``: a folder stands for all files anywhere below it, in the order of their names, and an
    archive for all files in it. Archives in archives are not opened, and links to folders not followed.

    A file of a folder is known by its path below the folder, any other by its name, and where two would share a name by
    the path that was given; ``-`` is standard input. A file that is named is taken whatever its suffix, one in a folder
    is Skipped when its suffix is no report's. Whether a file exists shows when it is read, so that the others go on.
    """
    every: list[Found] = []
    for path in dict.fromkeys(paths):
        if str(path) == STDIN:
            every.append(Found(Input(STDIN_NAME, sys.stdin.buffer.read()), STDIN_NAME))
            continue
        items = list(find(path, limits))
        every += sorted(items, key=lambda found: found.item.source) if _is_folder(path) else items
    names = Counter(found.item.source for found in every)
    return tuple(replace(f.item, source=f.full) if names[f.item.source] > 1 else f.item for f in every)


def find(path: Path, limits: Limits, opener: Opener | None = None, own: Own = nothing) -> Iterator[Found]:
    """The inputs that ``path`` stands for, as ``expand`` says, in no order. With ``opener``, files of many documents
    are opened by it. Files in a folder or of a pattern that are our ``own`` are as if they were not there.
    """
    suffix = path.suffix.lower()
    if _is_folder(path):
        yield from _inside(path, limits, opener, own)
    elif MAGIC.search(str(path)) and not _exists(path):
        yield from _matching(path, limits, opener, own)
    elif suffix == ARCHIVE:
        yield from _members(path, path.name, limits)
    elif opener is not None and suffix in ROWS:
        yield from opener(path, path.name)
    else:
        yield Found(Input(path.name, path), str(path))


def _matching(pattern: Path, limits: Limits, opener: Opener | None, own: Own) -> Iterator[Found]:
    anchor = Path(pattern.anchor)
    try:
        every = sorted(anchor.glob(str(pattern.relative_to(anchor))))
    except ValueError:  # such as "**" within a name
        every = []
    matches = [match for match in every if not own(match)]
    if every and not matches:
        yield Found(Input(str(pattern), Skipped(str(pattern), OWN)), str(pattern))
    elif not every:
        error = MissingInput(str(pattern), "no file matches", "Check the pattern.")
        yield Found(Input(str(pattern), error), str(pattern))
    for match in matches:
        yield from find(match, limits, opener, own)


def _inside(folder: Path, limits: Limits, opener: Opener | None, own: Own) -> Iterator[Found]:
    empty, ours = True, False
    for path in _walk(folder):
        if isinstance(path, Found):
            empty = empty and isinstance(path.item.origin, Skipped)
            yield path
            continue
        if own(path):
            ours = True
            continue
        source = path.relative_to(folder).as_posix()
        suffix = path.suffix.lower()
        found: Iterable[Found]
        if _is_special(path):
            found = [Found(Input(source, Skipped(source, "not a file")), source)]
        elif suffix == ARCHIVE:
            found = _members(path, source, limits)
        elif opener is not None and suffix in ROWS:
            found = opener(path, source)
        elif suffix in SUFFIXES:
            found = [Found(Input(source, path), str(path))]
        else:
            found = [Found(Input(source, Skipped(source, f"{UNREAD}. {KNOWN}")), source)]
        for one in found:
            empty = empty and not one.number and isinstance(one.item.origin, InputError | Skipped)
            yield one
    if empty and ours:
        yield Found(Input(str(folder), Skipped(str(folder), OWN)), str(folder))
    elif empty:
        error = MissingInput(str(folder), "the folder holds no report", KNOWN)
        yield Found(Input(str(folder), error), str(folder))


def _walk(folder: Path) -> Iterator[Path | Found]:
    """The files anywhere below ``folder``; and of folders whose files are not told, why: they cannot be read, or are
    links, which may lead round in a circle.
    """
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(inside) as entries:
                for entry in entries:
                    path = Path(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    elif entry.is_symlink() and _is_folder(path):
                        source = path.relative_to(folder).as_posix()
                        yield Found(Input(source, Skipped(source, "a link to a folder, which is not followed")), source)
                    else:
                        yield path
        except OSError as error:
            source = str(inside) if inside == folder else inside.relative_to(folder).as_posix()
            reason = f"the folder cannot be read ({error.strerror})"
            yield Found(Input(source, MissingInput(source, reason, "Check its permissions.")), str(inside))


def _members(path: Path, source: str, limits: Limits) -> Iterator[Found]:
    """The files of an archive, known by its name and theirs; names in an archive are hostile, and open nothing."""
    try:
        listed = members_of(path, source, limits)
    except InputError as error:
        yield Found(Input(source, error), source)
        return
    if not listed:  # a document, which is a package too, under an archive's name
        yield Found(Input(source, path), str(path))
        return
    if not any(member.name for member in listed):
        yield Found(Input(source, MissingInput(source, "the archive holds no report", "Give one that does.")), source)
    for index, (name, digest) in enumerate(listed):
        if name:
            known = f"{source}/{printable(name)}"
            if PurePosixPath(name).suffix.lower() in SUFFIXES:
                yield Found(Input(known, Member(path, index)), f"{path}/{printable(name)}", digest=digest)
            else:
                yield Found(Input(known, Skipped(known, UNREAD)), known)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than the file system allows
        return False


def _is_special(path: Path) -> bool:
    """Whether a path names something that is neither a file nor missing, such as a pipe."""
    try:
        return path.exists() and not path.is_file()
    except OSError:  # in a folder whose files cannot be looked at: reading it will tell
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False

"""Which files a path stands for, and under which name each is known in the output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from trendnlp.errors import InputError, MissingInput
from trendnlp.read import SUFFIXES
from trendnlp.types import Skipped

STDIN = "-"
STDIN_NAME = "stdin"


@dataclass(frozen=True, slots=True)
class Input:
    """One report to read: a file, bytes that have been read, or why there is neither.

    ``source`` is the name it has in the output.
    """

    source: str
    origin: Path | bytes | InputError | Skipped


def expand(paths: Iterable[Path]) -> tuple[Input, ...]:
    """The files of ``paths``: a folder stands for all files anywhere below it, in the order of their names.

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
            items = _inside(path)
        else:
            items = [Input(path.name, path)]
        found += items
        full += [str(i.origin) if isinstance(i.origin, Path) else i.source for i in items]
    names = Counter(item.source for item in found)
    return tuple(
        replace(item, source=name) if names[item.source] > 1 else item for item, name in zip(found, full, strict=True)
    )


def _inside(folder: Path) -> list[Input]:
    known = f"Reports end in {', '.join(sorted(SUFFIXES))}."
    items = []
    for path in folder.rglob("*"):
        if not path.is_dir():
            source = path.relative_to(folder).as_posix()
            taken = path.suffix.lower() in SUFFIXES
            items.append(Input(source, path if taken else Skipped(source, f"not a format that is read. {known}")))
    if not any(isinstance(item.origin, Path) for item in items):
        items.append(Input(str(folder), MissingInput(str(folder), "the folder holds no report", known)))
    return sorted(items, key=lambda item: item.source)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False

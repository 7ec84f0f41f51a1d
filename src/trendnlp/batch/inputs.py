"""Which files a path stands for, and under which name each is known in the output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trendnlp.errors import InputError, MissingInput

SUFFIXES = frozenset((".txt", ".text", ".md", ".markdown", ".html", ".htm"))


@dataclass(frozen=True, slots=True)
class Input:
    """One report to read: a file, bytes that have been read, or why there is neither.

    ``source`` is the name it has in the output.
    """

    source: str
    origin: Path | bytes | InputError


def expand(paths: Iterable[Path]) -> tuple[Input, ...]:
    """The files of ``paths``: a folder stands for the report files anywhere below it, in the order of their names.

    A file of a folder is known by its path below the folder, any other by its name.
    A file that is named is taken whatever its suffix; whether it exists, or a folder holds no report, shows when it is
    read, so that the others go on.
    """
    found: list[Input] = []
    for path in paths:
        if _is_folder(path):
            inside = [p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.is_dir()]
            found += sorted((Input(p.relative_to(path).as_posix(), p) for p in inside), key=lambda i: i.source)
            if not inside:
                remedy = f"Reports end in {', '.join(sorted(SUFFIXES))}."
                found.append(Input(str(path), MissingInput(str(path), "the folder holds no report", remedy)))
        else:
            found.append(Input(path.name, path))
    return tuple(found)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False

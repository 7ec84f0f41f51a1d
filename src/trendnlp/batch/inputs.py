"""Which files a path stands for, and under which name each is known in the output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trendnlp.errors import MissingInput

SUFFIXES = frozenset((".txt", ".text", ".md", ".markdown", ".html", ".htm"))


@dataclass(frozen=True, slots=True)
class Input:
    """One report to read: a file, or bytes that have been read. ``source`` is the name it has in the output."""

    source: str
    origin: Path | bytes


def expand(paths: Iterable[Path]) -> tuple[Input, ...]:
    """The files of ``paths``: a folder stands for the report files anywhere below it, in the order of their names.

    A file of a folder is known by its path below the folder, any other by its name.
    A file that is named is taken whatever its suffix, and whether it exists shows when it is read. Raises MissingInput
    for a folder without reports.
    """
    found: list[Input] = []
    for path in paths:
        if path.is_dir():
            inside = [p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and not p.is_dir()]
            if not inside:
                known = ", ".join(sorted(SUFFIXES))
                raise MissingInput(str(path), "the folder holds no report", f"Reports end in {known}.")
            found += sorted((Input(p.relative_to(path).as_posix(), p) for p in inside), key=lambda i: i.source)
        else:
            found.append(Input(path.name, path))
    return tuple(found)

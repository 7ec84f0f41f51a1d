"""The work folder of a run: what has been done, so that a run that was cut off goes on where it was.

A shard in it is either whole or not there, whatever becomes of the process or the machine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from trendnlp.errors import OutputError

PART = ".part"  # how the name of a file ends that is being written
LOCK = "lock"


class Work:
    """A work folder that this process alone uses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shards = folder / "shards"
        self._by_content: dict[str, str] | None = None  # keys, once they are asked for

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """The folder, made where there is none; raises OutputError while another process uses it."""
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            work = cls(folder)
            shutil.rmtree(work.scratch, ignore_errors=True)
            work.scratch.mkdir()
            work._shards.mkdir(exist_ok=True)
            yield work
            shutil.rmtree(work.scratch, ignore_errors=True)

    @property
    def scratch(self) -> Path:
        """A folder for files of this run alone."""
        return self.folder / "scratch"

    @property
    def verdicts(self) -> Path:
        """A database for what is found out about pairs of statements."""
        return self.folder / "verdicts"

    def has(self, key: str) -> bool:
        return self._path(key).exists()

    def read(self, key: str) -> bytes:
        """The entries of a shard that is done."""
        return self._path(key).read_bytes()

    def write(self, key: str, data: bytes) -> None:
        """Keep the entries of a shard."""
        path = self._path(key)
        part = path.with_name(path.name + PART)
        with part.open("wb") as file:
            file.write(data)
            sync(file.fileno())
        part.replace(path)
        sync_folder(self._shards)

    def like(self, content: str) -> str | None:
        """The key of a shard with that content that was done under whatever limits."""
        if self._by_content is None:
            names = sorted((path.name for path in self._shards.iterdir() if path.suffix != PART), reverse=True)
            self._by_content = {name.rpartition("-")[0]: name for name in names}
        return self._by_content.get(content)

    def prune(self, wanted: Callable[[str], bool]) -> None:
        """Drop the shards whose key is not ``wanted``, and what was never finished."""
        for path in self._shards.iterdir():
            if not wanted(path.name):
                path.unlink()

    def _path(self, key: str) -> Path:
        return self._shards / key


def is_work(folder: Path) -> bool:
    """Whether a folder is one that a run works in, or has."""
    try:
        return (folder / LOCK).is_file()
    except OSError:  # it may not be looked into
        return False


def sync(file: int) -> None:
    """What was written to an open file is on the disk afterwards."""
    os.fsync(file)


def sync_folder(folder: Path) -> None:
    """The names in ``folder`` are on the disk afterwards, where the system can say so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A lock that ends with the process that holds it, however it ends."""
    connection = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise OutputError(str(folder), str(error), "Choose a folder that you may write to.") from error
        raise OutputError(str(folder), "another run works in it", "Wait for it to end, or choose another.") from None
    try:
        yield
    finally:
        connection.close()

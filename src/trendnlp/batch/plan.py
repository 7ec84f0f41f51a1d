"""The plan of a run: its inputs in order, in a database of its own, so that memory does not grow with their number.

Inputs stand in the order of their names, and are cut into shards where a digest of name and content says so, or where
one has grown large: another input in between leaves all shards as they were but its own, and those behind it up to the
next that a digest begins.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from trendnlp.artefacts import sha256
from trendnlp.batch.inputs import Found, Input, Line, Member
from trendnlp.errors import InputError
from trendnlp.types import Skipped, content_id

SHARD = 4  # inputs of a shard on average, seconds of work: what an interruption may cost, and a worker is given at once
LARGEST_SHARD = 2 * SHARD
SHARD_BYTES = 1024 * 1024  # of inputs, from which a shard is full
TABLES = """
CREATE TABLE inputs (
    number INTEGER PRIMARY KEY, source BLOB, "full" BLOB, file BLOB, full_file BLOB, line INT, digest TEXT, size INT,
    item TEXT);
CREATE TABLE seen (document TEXT PRIMARY KEY, source BLOB) WITHOUT ROWID;
CREATE TABLE shards (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Names as bytes of UTF-8 sort as code points do, and may hold what is no text in a file name.
RENAME = """
UPDATE inputs SET source = "full", file = full_file WHERE source IN (
    SELECT source FROM inputs GROUP BY source HAVING count(*) > 1)
"""
ORDERED = "SELECT source, digest, size, item FROM inputs ORDER BY file, line, source, digest, number"


@dataclass(frozen=True, slots=True)
class Shard:
    """Inputs that are done together. ``content`` is another for other inputs or models, and ``key`` for other limits
    as well.
    """

    content: str
    key: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Salt:
    """What outcomes depend on beside the inputs: digests of the models with the version, and of the limits."""

    models: str
    limits: str


@dataclass(slots=True)
class _Last:
    """The shard before, and how often it has been repeated."""

    parts: list[str] = field(default_factory=list)
    repeats: int = 0


class Plan:
    """The inputs of one run. Not for several threads."""

    def __init__(self, connection: sqlite3.Connection, salt: Salt) -> None:
        self._connection = connection
        self.salt = salt

    @classmethod
    def make(cls, path: Path, found: Iterable[Found], salt: Salt) -> Self:
        """The plan of what was ``found``, in a new database at ``path``. Files are read for their digests."""
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        # It is made anew by each run, so it need not outlast one.
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {TABLES}")
        connection.execute("BEGIN")
        insert = "INSERT INTO inputs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)"
        archive = lru_cache(maxsize=4)(_archive)  # its members come one after the other
        connection.executemany(insert, (_row(one, archive) for one in found))
        connection.execute(RENAME)
        connection.execute("CREATE INDEX places ON inputs (file, line, source, digest, number)")
        plan = cls(connection, salt)
        connection.executemany("INSERT OR IGNORE INTO shards VALUES (?)", ((shard.key,) for shard in plan.shards()))
        connection.execute("COMMIT")
        return plan

    def __len__(self) -> int:
        """How many inputs there are."""
        return int(self._connection.execute("SELECT count(*) FROM inputs").fetchone()[0])

    def shards(self) -> Iterator[Shard]:
        """All shards, in order."""
        held: list[tuple[Input, str]] = []
        size = 0
        last = _Last()
        for source, digest, bytes, item in self._connection.execute(ORDERED):
            mark = hashlib.sha256(source + digest.encode()).digest()
            opens = mark[0] % SHARD == 0 or len(held) == LARGEST_SHARD or size >= SHARD_BYTES
            if held and opens:
                yield self._shard(held, last)
                held, size = [], 0
            held.append((_input_of(_name(source), item), digest))
            size += bytes
        if held:
            yield self._shard(held, last)

    def has(self, key: str) -> bool:
        """Whether a shard of this plan has that key."""
        return self._connection.execute("SELECT 1 FROM shards WHERE key = ?", (key,)).fetchone() is not None

    def first(self, document: str, source: str) -> str | None:
        """The source under which this was asked of a document before; None the first time."""
        row = (document, _bytes(source))
        if self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", row).rowcount:
            return None
        return _name(self._connection.execute("SELECT source FROM seen WHERE document = ?", (document,)).fetchone()[0])

    def forget(self) -> None:
        """Let ``first`` begin again."""
        self._connection.execute("DELETE FROM seen")

    def close(self) -> None:
        self._connection.close()

    def _shard(self, held: Iterable[tuple[Input, str]], last: _Last) -> Shard:
        parts = [part for item, digest in held for part in (item.source, digest, json.dumps(item.custom_id))]
        # Lines that are repeated very often fill shards that are the same, one after the other.
        last.repeats = last.repeats + 1 if parts == last.parts else 0
        last.parts = parts
        content = content_id("shard", self.salt.models, str(last.repeats), *parts)
        return Shard(content, f"{content}-{self.salt.limits}", tuple(item for item, _ in held))


def _row(found: Found, archive_digest: Callable[[Path], str]) -> tuple[Any, ...]:
    item = found.item
    origin: list[str | int]
    size, digest = found.size, found.digest
    match item.origin:
        case Path() as path:
            size, digest = _file(path)
            origin = ["path", str(path)]
        case Member(archive, index):
            digest = digest or f"{archive_digest(archive)} {index}"  # its archive told none
            origin = ["member", str(archive), index]
        case Line(path, start, length):
            origin = ["line", str(path), start, length]
        case InputError() as error:
            digest = f"{digest} {error.reason} {error.remedy}"
            origin = ["failed", error.reason, error.remedy]
        case Skipped() as skipped:
            digest = skipped.reason
            origin = ["skipped", skipped.reason]
        case _:
            raise TypeError("bytes are written to a file before they are planned")
    text = json.dumps([item.custom_id, *origin])
    digest = digest.encode("ascii", "backslashreplace").decode()
    names = (item.source, found.full, *(name.removesuffix(f":{found.number}") for name in (item.source, found.full)))
    return *map(_bytes, names), found.number, digest, size, text


def _input_of(source: str, text: str) -> Input:
    custom_id, kind, *values = json.loads(text)
    match kind:
        case "path":
            return Input(source, Path(values[0]), custom_id)
        case "member":
            return Input(source, Member(Path(values[0]), values[1]), custom_id)
        case "line":
            return Input(source, Line(Path(values[0]), values[1], values[2]), custom_id)
        case "failed":
            return Input(source, InputError(source, *values), custom_id)
        case _:
            return Input(source, Skipped(source, *values), custom_id)


def _file(path: Path) -> tuple[int, str]:
    """Size and digest of a file; what cannot be read is known by that."""
    try:
        return path.stat().st_size, sha256(path)
    except (OSError, ValueError) as error:
        return 0, f"not read: {getattr(error, 'errno', error)}"


def _archive(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        return f"not read: {error.errno}"


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _name(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")

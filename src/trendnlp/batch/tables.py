"""Tables of the output: files of JSON lines or Parquet, written record by record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from trendnlp.batch.rows import FIELDS
from trendnlp.batch.work import sync
from trendnlp.errors import DamagedInput, InputError, SettingsError, UnsupportedFormat

if TYPE_CHECKING:
    import pyarrow

INSTALL = "Install it with `pip install 'trendnlp[parquet]'`."
GROUP = 10_000  # records of a Parquet row group: memory for one, whatever the length of the file
READ_AT_ONCE = 64  # rows of a Parquet file, each of which may hold a long report
DOCUMENTS, STATEMENTS, FINDINGS = "documents", "statements", "findings"


class Table(Protocol):
    """A file that is being written."""

    def add(self, line: bytes) -> None:
        """One record, as a line of JSON."""
        ...

    def close(self) -> None:
        """Write what is left, to the disk."""
        ...


TableOpener = Callable[[Path, str], Table]  # the table of a name, in a folder


class JsonLines:
    """A file of JSON lines."""

    suffix = ".jsonl"

    def __init__(self, folder: Path, name: str) -> None:
        self._file: IO[bytes] = (folder / f"{name}{self.suffix}").open("wb")

    def add(self, line: bytes) -> None:
        self._file.write(line + b"\n")

    def close(self) -> None:
        self._file.flush()
        sync(self._file.fileno())
        self._file.close()


class Parquet:
    """A Parquet file with the columns of ``schema_of``."""

    suffix = ".parquet"

    def __init__(self, folder: Path, name: str) -> None:
        from pyarrow import parquet

        self._path = folder / f"{name}{self.suffix}"
        self._schema = schema_of(name)
        self._writer = parquet.ParquetWriter(self._path, self._schema, compression="zstd")
        self._held: list[dict[str, Any]] = []
        self._scored = name == STATEMENTS

    def add(self, line: bytes) -> None:
        record = json.loads(line)
        if self._scored:
            record["scores"] = [{"kind": kind, "score": score} for kind, score in record["scores"].items()]
        # A lone surrogate, which is the one thing that is escaped so, stands for a byte of a file's name.
        self._held.append(_encodable(record) if b"\\ud" in line else record)
        if len(self._held) == GROUP:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()
        with self._path.open("rb+") as file:
            sync(file.fileno())

    def _write(self) -> None:
        import pyarrow

        if self._held:
            self._writer.write_table(pyarrow.Table.from_pylist(self._held, schema=self._schema))
            self._held = []


def table_opener(format: str) -> type[JsonLines] | type[Parquet]:
    """What opens tables of ``format``, "jsonl" or "parquet"; raises SettingsError where that needs what is not here."""
    if format == "jsonl":
        return JsonLines
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise SettingsError("--format parquet", "pyarrow is not installed", INSTALL) from None
    return Parquet


def schema_of(name: str) -> pyarrow.Schema:
    """The columns of a table: those of the JSON records, typed. Scores are a list, the most probable kind first."""
    import pyarrow as pa

    text, real, whole = pa.string(), pa.float64(), pa.int64()
    score = pa.struct([("kind", text), ("score", real)])
    box = pa.struct([(side, real) for side in ("left", "top", "right", "bottom")])
    if name == DOCUMENTS:
        fact = [*_columns(text, "kind"), *_columns(whole, "start", "end"), *_columns(text, "text")]
        fact += [*_columns(real, "amount", "upto"), *_columns(whole, "scale"), *_columns(text, "currency")]
        fact += [*_columns(whole, "since", "year"), *_columns(text, "subject")]
        known = ("title", "market", "geography", "period", "publisher", "published", "language")
        columns = _columns(text, "id", "source", "format", *known)
        columns += [("characters", whole), ("warnings", pa.list_(text)), ("facts", pa.list_(pa.struct(fact)))]
        return pa.schema([*columns, ("custom_id", text)])
    if name == STATEMENTS:
        columns = _columns(text, "source", "document", "id")
        columns += [*_columns(whole, "start", "end"), ("text", text), ("headings", pa.list_(text)), ("lead_in", text)]
        columns += [("page", whole), ("box", box), ("kind", text), ("score", real), ("alt", text)]
        return pa.schema([*columns, ("scores", pa.list_(score)), *_columns(text, "aspect", "finding")])
    member = [*_columns(text, "statement", "document", "source"), ("similarity", real), ("reason", text)]
    guard = pa.struct(_columns(text, "name", "a", "b", "relation"))
    entry = [*_columns(text, "statement", "other", "relation", "ground", "reason", "band")]
    entry += [
        *_columns(real, "cosine", "score", "threshold"),
        ("guards", pa.list_(guard)),
        *_columns(text, "model", "review"),
    ]
    join = [*_columns(text, "a", "b", "ground", "reason"), ("share", real), ("words", whole)]
    tag = [*_columns(text, "name", "origin"), ("score", real)]
    columns = [*_columns(text, "id", "kind", "aspect", "title", "head"), ("members", pa.list_(pa.struct(member)))]
    columns += [*_columns(whole, "documents", "publishers", "sources"), ("joined", pa.list_(pa.struct(join)))]
    columns += [*_columns(text, "first_seen", "last_seen", "market", "geography"), ("tags", pa.list_(pa.struct(tag)))]
    columns += ((name, pa.list_(pa.struct(entry))) for name in ("ledger", "apart"))
    return pa.schema([*columns, ("hidden", pa.list_(text))])


def _columns(kind: pyarrow.DataType, *names: str) -> list[tuple[str, pyarrow.DataType]]:
    return [(name, kind) for name in names]


def _encodable(value: Any) -> Any:
    """``value`` with lone surrogates escaped, which no column of UTF-8 holds."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_encodable(item) for item in value]
        case dict():
            return {name: _encodable(item) for name, item in value.items()}
        case _:
            return value


def rows_to_lines(path: Path, name: str, into: Path) -> None:
    """Write the rows of a Parquet file as JSON lines; raises InputError about ``name``."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise UnsupportedFormat(name, "reading Parquet needs pyarrow, which is not installed", INSTALL) from None
    try:
        with parquet.ParquetFile(path) as file, into.open("wb") as lines:
            columns = [column for column in FIELDS if column in file.schema_arrow.names]
            if not {"text", "html"} & set(columns):
                raise DamagedInput(name, "it has neither a column text nor html", "Name the column of the texts so.")
            for record in _records(file, columns):
                lines.write(json.dumps(record).encode() + b"\n")
    except InputError:
        raise
    except (ArrowException, OSError, ValueError) as error:
        reason = f"it cannot be read as Parquet ({str(error).splitlines()[0]})"
        raise DamagedInput(name, reason, "Fetch or save it again.") from None


def _records(file: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(batch_size=READ_AT_ONCE, columns=columns):
        for record in batch.to_pylist():
            yield {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    """A cell as JSON has it; what is no text is told so when its line is read."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):  # some programs write texts without saying that they are
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str | int | float | None) else []

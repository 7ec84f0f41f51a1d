"""What commands with many options are asked for; light, so that --help need not wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class OutputFormat(StrEnum):
    """How ``extract`` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    MD = "md"


class FindingsFormat(StrEnum):
    """How ``findings`` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


class DiffFormat(StrEnum):
    """How ``diff`` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    JSON = "json"


class ListFormat(StrEnum):
    """How other lists are printed."""

    TABLE = "table"
    JSONL = "jsonl"


class DataSet(StrEnum):
    """What can be scored: our own texts, other people's data, and how our scores grow with the corpus."""

    HELD_OUT = "held-out"
    REAL = "real"
    ABSTRACTS = "csabstruct"
    CAUSES = "fincausal"
    CURVE = "curve"


class Only(StrEnum):
    """What is trained alone, into a folder that holds the rest."""

    FAST = "fast"
    JUDGE = "judge"
    FAST_JUDGE = "fast-judge"
    ACCURATE_JUDGE = "accurate-judge"
    JUDGE_RULES = "judge-rules"


class BatchFormat(StrEnum):
    """What ``batch`` writes."""

    JSONL = "jsonl"
    PARQUET = "parquet"


class StdinFormat(StrEnum):
    """What standard input holds: one document, or a JSON object a line."""

    DOCUMENT = "document"
    NDJSON = "ndjson"


class Engine(StrEnum):
    """Who does the work of ``batch``: this process, several on this machine, or a Ray cluster."""

    SERIAL = "serial"
    PROCESSES = "processes"
    RAY = "ray"


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """``out``: folder for the output, None for the workspace. ``workers``: None for what the engine does by default.
    ``address``: of a Ray cluster, None for one on this machine.
    """

    inputs: tuple[Path, ...]
    out: Path | None
    format: BatchFormat = BatchFormat.JSONL
    stdin_format: StdinFormat = StdinFormat.DOCUMENT
    engine: Engine = Engine.SERIAL
    workers: int | None = None
    address: str | None = None
    retry_failed: bool = False
    force_language: bool = False


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """``data``: folder of the data that is not ours. ``only``: empty for all that are here, without the curve.
    ``work``: where models that are trained to be scored are kept. ``errors``: how many of the best model's to show.
    """

    corpus: Path
    data: Path | None
    only: tuple[DataSet, ...]
    work: Path | None
    format: str
    errors: int


@dataclass(frozen=True, slots=True)
class FindingOptions:
    """Which findings are asked for; what is empty lets everything pass."""

    kinds: tuple[str, ...]
    aspects: tuple[str, ...]
    tags: tuple[str, ...]
    query: str | None
    contested: bool | None


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported: ``of`` statements or findings, as csv or jsonl; what is empty lets everything pass."""

    of: str
    format: str
    kinds: tuple[str, ...]
    aspects: tuple[str, ...]
    sources: tuple[str, ...]
    markets: tuple[str, ...]
    geographies: tuple[str, ...]
    document: str | None
    since: str | None
    until: str | None
    min_score: float
    query: str | None
    contested: bool | None

"""What ``trendnlp evaluate``, ``train`` and ``findings`` are asked for; light, so that --help need not wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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

"""From labelled pairs and marked claims to an encoder whose vectors propose which statements may be the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trendnlp.artefacts import sha256
from trendnlp.corpus import Marked
from trendnlp.encode import Encoder
from trendnlp.judge_material import Material, words_of
from trendnlp.pairs import families
from trendnlp.relations import Relation
from trendnlp.tune import Progress, TuneOptions
from trendnlp.tune_similarity import tune_similarity

FILE = "similarity.encoder.safetensors"


@dataclass(frozen=True, slots=True)
class TrainedSimilarity:
    """The file of the tensors that were learnt, where it was made, and the encoder that has them."""

    file: Path
    encoder: Encoder


def train_similarity(
    given: Material, base: Encoder, options: TuneOptions, work: Path, report: Callable[[Progress], None]
) -> TrainedSimilarity:
    """Train on the training markets; files lie below ``work``. Interrupted, it goes on after the last whole epoch."""
    state = repr((given.digest, base.digest, options))
    work = work / f"similarity-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
    found = tune_similarity(base, markets(given), options, work, report)
    file = found.weights.replace(work / FILE)
    return TrainedSimilarity(file, base.with_weights(file, sha256(file)))


def markets(given: Material) -> dict[str, Sequence[tuple[str, str]]]:
    """The texts of each training market, and of each one's marked claims, with a key each: those with one key say the
    same.
    """
    pairs = families(given.pairs["train"], (Relation.SAME,))
    claims = {f"claims: {market}": _told(marked) for market, marked in sorted(given.claims["train"].items())}
    return {**pairs, **claims}


def _told(marked: Sequence[Marked]) -> list[tuple[str, str]]:
    return sorted({words_of(m): m.key for m in marked}.items())

"""How answers before and after compare: scores of both, and between what their difference lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trendnlp.evaluate import Bin, Gold, expected_calibration_error, reliability, score
from trendnlp.types import OTHER

DECIMALS = 4
SAMPLES = 1000  # of the bootstrap
SEED = 7
INTERVAL = (2.5, 97.5)  # percentiles

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Said:
    """What is right, and what a model says: probabilities of ``kinds``, a row an answer."""

    gold: tuple[Gold, ...]
    kinds: tuple[str, ...]
    scores: Matrix

    @property
    def best(self) -> list[str]:
        return [self.kinds[i] for i in self.scores.argmax(axis=1)]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is right, and what two models say of it; ``documents`` are the documents' numbers."""

    gold: tuple[Gold, ...]
    kinds: tuple[str, ...]
    before: Matrix
    after: Matrix
    documents: NDArray[np.intp]

    @property
    def first(self) -> Said:
        return Said(self.gold, self.kinds, self.before)

    @property
    def second(self) -> Said:
        return Said(self.gold, self.kinds, self.after)


@dataclass(frozen=True, slots=True)
class Marks:
    """Named scores, each from 0 to 1, and what the model's own scores promise and keep."""

    scores: Mapping[str, float]
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Named scores of two models on the same ``statements`` of so many ``documents``. The difference of their macro-F1
    lies between ``low`` and ``high``, a 95 % interval by a bootstrap over documents.
    """

    statements: int
    documents: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    low: float
    high: float


def marks(said: Said) -> Marks:
    found = score(said.gold, said.best)
    right = [kind == gold.kind for kind, gold in zip(said.best, said.gold, strict=True)]
    promised = [float(value) for value in said.scores.max(axis=1)]
    values = {
        "macro_f1": found.macro_f1,
        "accepted_f1": found.accepted_f1,
        "claim_precision": found.claim_precision,
        "claim_recall": found.claim_recall,
        "calibration_error": expected_calibration_error(promised, right),
    }
    bins = reliability(promised, right)
    rounded = (replace(b, score=round(b.score, DECIMALS), right=round(b.right, DECIMALS)) for b in bins)
    return Marks({name: round(value, DECIMALS) for name, value in values.items()}, tuple(rounded))


def compared(answers: Answers) -> Comparison:
    low, high = np.percentile(_differences(answers), INTERVAL)
    return Comparison(
        statements=len(answers.gold),
        documents=len(np.unique(answers.documents)),
        before=marks(answers.first).scores,
        after=marks(answers.second).scores,
        low=round(float(low), DECIMALS),
        high=round(float(high), DECIMALS),
    )


def _differences(answers: Answers) -> Matrix:
    """Of the macro-F1 after and before, of documents drawn with replacement."""
    chance = np.random.default_rng(SEED)
    numbers = np.unique(answers.documents)
    drawn = chance.integers(len(numbers), size=(SAMPLES, len(numbers)))
    times = np.stack([np.bincount(row, minlength=len(numbers)) for row in drawn])
    before, after = (_macro_f1(times, *_counts(said, answers.documents)) for said in (answers.first, answers.second))
    return after - before


def _counts(said: Said, documents: NDArray[np.intp]) -> Sequence[Matrix]:
    """By document (rows) and kind but ``other``: how many are right, said, and gold."""
    _, places = np.unique(documents, return_inverse=True)
    columns = {kind: column for column, kind in enumerate(k for k in said.kinds if k != OTHER)}
    right, found, gold = (np.zeros((places.max() + 1, len(columns))) for _ in range(3))
    for place, g, kind in zip(places, said.gold, said.best, strict=True):
        if kind in columns:
            found[place, columns[kind]] += 1
            right[place, columns[kind]] += kind == g.kind
        if g.kind in columns:
            gold[place, columns[g.kind]] += 1
    return right, found, gold


def _macro_f1(times: NDArray[np.intp], right: Matrix, found: Matrix, gold: Matrix) -> Matrix:
    """One a row of ``times``: how often each document was drawn. A kind that was not drawn is left out."""
    both, said, wanted = times @ right, times @ found, times @ gold
    f1 = 2 * both / np.maximum(said + wanted, 1)
    there = wanted > 0
    return np.asarray((f1 * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1), np.float64)

"""Fine-tuning an encoder on labelled pairs, in resumable epochs: each pair is read in a random order of its two."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trendnlp.collapse import constant_loss, patiently
from trendnlp.context import Window
from trendnlp.encode import UP, Encoder, pair_vectors
from trendnlp.judge import HEAD, RELATIONS
from trendnlp.tune import UPDATE_SCALE, Progress, Tuned, TuneOptions, Tuner, bucketed


@dataclass(frozen=True, slots=True)
class PairLesson:
    """Two texts and the share of each relation (sums to one)."""

    a: str
    b: str
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """The files of a judge that learns further: its encoder's updates and its head."""

    weights: Path
    heads: Path


def tune_pairs(
    encoder: Encoder,
    lessons: Sequence[PairLesson],
    options: TuneOptions,
    work: Path,
    report: Callable[[Progress], None],
    start: Start | None = None,
) -> Tuned:
    """Train a copy of ``encoder``'s layers and a head for the relations; saved and resumed as ``tune`` does it. It goes
    on from the updates and the head of ``start`` where there is one, which were tuned with the same rank.

    Of the options, ``window`` and ``aspect_weight`` have no meaning here, and ``batch`` counts pairs.
    """

    def at(rate: float) -> _PairTuner:
        return _PairTuner(encoder, lessons, replace(options, rate=rate), start)

    return patiently(at, options.rate, work, report)


@dataclass(frozen=True, slots=True)
class _Example:
    window: Window
    shares: tuple[float, ...]


class _PairTuner(Tuner[_Example]):
    def __init__(
        self, encoder: Encoder, lessons: Sequence[PairLesson], options: TuneOptions, start: Start | None
    ) -> None:
        shares = [lesson.shares for lesson in lessons]
        forth = encoder.pair_windows([(lesson.a, lesson.b) for lesson in lessons])
        back = encoder.pair_windows([(lesson.b, lesson.a) for lesson in lessons])
        self.orders = [[_Example(w, s) for w, s in zip(order, shares, strict=True)] for order in (forth, back)]
        super().__init__(encoder, {HEAD: (3 * encoder.dimension, len(RELATIONS))}, options)
        if start is not None:
            self._begin_at(start)

    def _begin_at(self, start: Start) -> None:
        from safetensors.torch import load_file

        tuned, head = load_file(start.weights), load_file(start.heads)
        for name, parameter in self.learning.items():
            parameter.data.copy_(tuned[name] / UPDATE_SCALE if name.endswith(UP) else tuned[name])
        for name, parameter in self.heads.named_parameters():
            parameter.data.copy_(head[name])

    def batches(self, epoch: int) -> list[list[_Example]]:
        chance = random.Random(self.options.seed * 1000 + epoch)
        first = [chance.random() < 0.5 for _ in self.orders[0]]
        examples = [self.orders[(epoch + turned) % 2][i] for i, turned in enumerate(first)]
        return bucketed(examples, self.options.batch, chance, lambda e: len(e.window.tokens))

    def constant(self) -> float:
        return constant_loss([example.shares for example in self.orders[0]])

    def loss(self, batch: Sequence[_Example]) -> Any:
        from torch.nn import functional

        with self.precision():
            vectors = pair_vectors(self.model, [example.window for example in batch])
        vectors = functional.dropout(vectors, self.options.dropout)
        return self.cross_entropy(HEAD, vectors, [example.shares for example in batch])

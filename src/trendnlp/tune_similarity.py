"""Fine-tuning an encoder so that statements that say the same lie near each other, in resumable epochs.

Each statement is drawn to those of its batch that say the same, and pushed from all others (Khosla et al. 2020,
"Supervised contrastive learning"). A batch holds few markets, but much of each: the others of one's own market are the
hard ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trendnlp.encode import Encoder, text_vectors
from trendnlp.tune import Progress, Tuned, TuneOptions, Tuner

SHARPNESS = 20.0  # by which cosines are multiplied before they compete, as is usual for sentence encoders
PIECE = 0.5  # of a batch, which a market may take


def tune_similarity(
    encoder: Encoder,
    markets: Mapping[str, Sequence[tuple[str, str]]],
    options: TuneOptions,
    work: Path,
    report: Callable[[Progress], None],
) -> Tuned:
    """Train a copy of ``encoder``'s layers on the texts of each market, which come with a key each: those with one key
    say the same. Saved and resumed as ``tune`` does it; there are no heads.

    Of the options, ``window``, ``head_rate``, ``dropout`` and the weights have no meaning here, and ``batch`` counts
    texts.
    """
    return _SimilarityTuner(encoder, markets, options).run(work, report)


_Example = tuple[str, tuple[str, str]]  # a text, and its market with its key


class _SimilarityTuner(Tuner[_Example]):
    def __init__(
        self, encoder: Encoder, markets: Mapping[str, Sequence[tuple[str, str]]], options: TuneOptions
    ) -> None:
        self.markets = markets
        super().__init__(encoder, {}, options)

    def batches(self, epoch: int) -> list[list[_Example]]:
        chance = random.Random(self.options.seed * 1000 + epoch)
        pieces = [piece for market in self.markets for piece in self._pieces(market, chance)]
        chance.shuffle(pieces)
        found: list[list[_Example]] = [[]]
        for piece in pieces:
            if len(found[-1]) >= self.options.batch:
                found.append([])
            found[-1] += piece
        return [batch for batch in found if batch]

    def _pieces(self, market: str, chance: random.Random) -> Iterator[list[_Example]]:
        """The texts of a market in parts that leave together what says the same, in another order every time."""
        groups: dict[str, list[_Example]] = {}
        for text, key in self.markets[market]:
            groups.setdefault(key, []).append((text, (market, key)))
        mixed = list(groups.values())
        chance.shuffle(mixed)
        piece: list[_Example] = []
        for group in mixed:
            piece += group
            if len(piece) >= PIECE * self.options.batch:
                yield piece
                piece = []
        if piece:
            yield piece

    def loss(self, batch: Sequence[_Example]) -> Any:
        import torch

        with self.precision():
            vectors = text_vectors(self.model, [text for text, _ in batch])
        number = {key: i for i, key in enumerate(dict.fromkeys(key for _, key in batch))}
        keys = torch.tensor([number[key] for _, key in batch], device=self.device)
        itself = torch.eye(len(batch), dtype=torch.bool, device=self.device)
        same = (keys[:, None] == keys) & ~itself
        logs = (SHARPNESS * (vectors @ vectors.T)).masked_fill(itself, -1e9).log_softmax(1)
        paired = same.any(1)
        if not paired.any():
            return 0.0 * logs.sum()
        return -((logs * same).sum(1)[paired] / same.sum(1)[paired]).mean()

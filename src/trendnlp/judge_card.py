"""What is told of the model that judges pairs of statements."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.artefacts import JudgePart
from trendnlp.types import KindScore


@dataclass(frozen=True, slots=True)
class JudgeCard:
    """What judges pairs of statements: its rule, how many pairs it was trained on, and how it scored."""

    low: float
    threshold: float
    diameter: float
    pairs: int
    pairs_sha256: str
    scores: tuple[KindScore, ...]


def judge_card(part: JudgePart | None) -> JudgeCard | None:
    """That of the part of a models folder; None where it has none."""
    if part is None:
        return None
    scores = tuple(KindScore(name, value) for name, value in sorted(part.scores.items()))
    return JudgeCard(part.low, part.threshold, part.diameter, part.pairs, part.pairs_sha256, scores)

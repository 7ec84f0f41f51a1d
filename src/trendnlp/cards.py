"""What is told of the models that label: what they learnt from, how they scored, their rules and limits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from trendnlp import __version__
from trendnlp.artefacts import Artefact, JudgePart, LearntPart
from trendnlp.build import CASCADE, FAST, judge_part, model_digest
from trendnlp.quantize import ARITHMETIC
from trendnlp.settings import Settings
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


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The model that labels, what it was trained on, how it scored, and the limits on input.

    ``digest`` is what its labels carry, ``files`` are the digests of the models folder's files, and ``cascade`` is the
    score below which the accurate model is asked, None where one model labels alone. ``threshold`` is the mean cosine
    from which statements merge where there is no ``judge``. ``learnt``: the reviews that its heads
    learnt from too.
    """

    name: str
    digest: str
    files: tuple[tuple[str, str], ...]
    cascade: float | None
    version: str
    kinds: tuple[str, ...]
    aspects: tuple[str, ...]
    encoder_sha256: str
    threshold: float
    judge: JudgeCard | None
    learnt: LearntPart | None
    corpus_sha256: str
    texts: int
    units: int
    scores: tuple[KindScore, ...]
    max_characters: int
    max_bytes: int
    max_pages: int
    max_expanded: int
    parse_seconds: int
    parse_memory: int

    @property
    def weights(self) -> str:
        """A digest of the files of the models folder: another where other weights label or compare, or the same ones
        compute otherwise.
        """
        return hashlib.sha256(repr((ARITHMETIC, self.files)).encode()).hexdigest()

    @property
    def rule(self) -> tuple[tuple[str, str], ...]:
        """What decides at which scores labels stand and statements merge, by name."""
        found = {"threshold": self.judge.threshold if self.judge else self.threshold, "cascade": self.cascade}
        if self.judge:
            found |= {"low": self.judge.low, "diameter": self.judge.diameter}
        return tuple((name, str(value)) for name, value in found.items())


def card_of(models: Artefact, name: str, settings: Settings) -> ModelCard:
    """Of the model ``name`` of a folder."""
    manifest = models.manifest
    scores = manifest.cascade_scores if name == CASCADE else manifest.parts[name].scores
    return ModelCard(
        name=name,
        digest=model_digest(models, name),
        files=tuple(sorted(manifest.files.items())),
        cascade=manifest.cascade if name == CASCADE else None,
        version=__version__,
        kinds=manifest.kinds,
        aspects=manifest.aspects,
        encoder_sha256=manifest.parts[FAST].base_sha256,
        threshold=manifest.threshold,
        judge=_judge_card(judge_part(models, name)),
        learnt=manifest.learnt,
        corpus_sha256=manifest.corpus_sha256,
        texts=manifest.texts,
        units=manifest.units,
        scores=tuple(KindScore(name, value) for name, value in scores.items()),
        max_characters=settings.max_characters,
        max_bytes=settings.max_bytes,
        max_pages=settings.max_pages,
        max_expanded=settings.max_expanded,
        parse_seconds=settings.parse_seconds,
        parse_memory=settings.parse_memory,
    )


def _judge_card(part: JudgePart | None) -> JudgeCard | None:
    if part is None:
        return None
    scores = tuple(KindScore(name, value) for name, value in sorted(part.scores.items()))
    return JudgeCard(part.low, part.threshold, part.diameter, part.pairs, part.pairs_sha256, scores)

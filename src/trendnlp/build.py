"""The composition root: settings become a pipeline, with its models opened and checked once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from trendnlp.artefacts import (
    ENCODER_NAME,
    ENCODER_SHA256,
    Artefact,
    JudgePart,
    default_folder,
    encoder_folder,
    open_artefact,
)
from trendnlp.classify import Cascade, Classifier, Matrix, Model
from trendnlp.consolidate import Comparer, Rule
from trendnlp.context import WindowOptions
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, SettingsError
from trendnlp.judge import CONTRARY, Judge, JudgeCascade
from trendnlp.pipeline import Matcher, Pipeline
from trendnlp.quantize import ARITHMETIC
from trendnlp.read import Limits
from trendnlp.segment import Segmenter
from trendnlp.settings import AUTO, Settings
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.uses import used_folder
from trendnlp.weights import MPNET, PULL, cache_folder, find

FAST, ACCURATE, CASCADE = "fast", "accurate", "cascade"
JUDGE = "judge"
# all-MiniLM-L6-v2 was made on texts of 128 tokens: what it reads in longer ones is worth less.
FAST_READS = WindowOptions(size=80, before=32, after=16)


@dataclass(frozen=True, slots=True)
class Bases:
    """The base encoders of the fast and the accurate model; ``accurate`` is None where its weights are not here."""

    fast: Encoder
    accurate: Encoder | None


def load(settings: Settings | None = None) -> Pipeline:
    """The pipeline that ``settings`` ask for, by default the environment's; raises ArtefactError, SettingsError."""
    settings = settings or Settings.from_env()
    return build_pipeline(artefact(settings), settings)


def artefact(settings: Settings) -> Artefact:
    """The models folder that ``settings`` name, else the one that the workspace uses, its digests checked; nothing
    heavy is imported.
    """
    folder = models_folder(settings)
    try:
        return open_artefact(folder)
    except ArtefactError as error:
        if folder == base_folder(settings):
            raise
        # it may be of an earlier version of trendnlp
        raise ArtefactError(
            error.subject, error.reason, "Run `trendnlp models use shipped`, then train again."
        ) from error


def models_folder(settings: Settings) -> Path:
    own = None if settings.models else used_folder(settings.workspace)
    return own or base_folder(settings)


def base_folder(settings: Settings) -> Path:
    """Where the models lie from which those of a workspace learn on: what ``settings`` name, else the shipped ones."""
    return (settings.models or default_folder()).expanduser()


def model_name(models: Artefact, settings: Settings) -> str:
    """Which model labels: the one that ``settings`` name, or the best of those whose weights are here; raises
    SettingsError for one that the folder does not hold.
    """
    known = model_names(models)
    if settings.model == AUTO:
        return CASCADE if CASCADE in known and has_accurate_base(settings) else FAST
    if settings.model not in known:
        reason = f"{settings.model!r} is no model of {models.folder}"
        raise SettingsError("TRENDNLP_MODEL", reason, f"Use one of {', '.join([AUTO, *known])}.")
    return settings.model


def model_names(models: Artefact) -> tuple[str, ...]:
    """What can label, where its weights are here."""
    return (*models.manifest.parts, *((CASCADE,) if models.manifest.cascade is not None else ()))


def model_digest(models: Artefact, name: str) -> str:
    """What the labels of the model ``name`` carry: another for each model of the folder, and for each folder."""
    return hashlib.sha256(f"{name} {models.digest} {ARITHMETIC}".encode()).hexdigest()


def has_accurate_base(settings: Settings) -> bool:
    """Whether the weights that the accurate model stands on are on this machine."""
    return find(MPNET, settings.accurate_encoder, cache_folder(settings.cache)) is not None


def build_pipeline(models: Artefact, settings: Settings) -> Pipeline:
    fast = fast_base(settings, models.part(FAST).base_sha256)
    model = build_model(models, model_name(models, settings), settings, fast)
    return Pipeline(Segmenter(), model, build_matcher(models, fast, settings))


def load_matcher(settings: Settings) -> Matcher:
    """What compares statements under ``settings``, without the models that label; raises ArtefactError."""
    models = artefact(settings)
    return build_matcher(models, fast_base(settings, models.part(FAST).base_sha256), settings)


def taxonomy(settings: Settings) -> Taxonomy:
    """The taxonomy that ``settings`` name; raises SettingsError for a file that is none."""
    return NO_TAXONOMY if settings.taxonomy is None else Taxonomy.load(settings.taxonomy)


def build_matcher(models: Artefact, fast: Encoder, settings: Settings) -> Matcher:
    """What compares statements: by guards and the model's judge, or the cosine where there is none; raises
    ArtefactError, SettingsError.
    """
    return Matcher(fast, models.manifest.threshold, build_comparer(models, fast, settings), taxonomy(settings))


def build_comparer(models: Artefact, fast: Encoder, settings: Settings) -> Comparer | None:
    """What judges pairs of statements, None where there is no judge for the model that labels; raises ArtefactError,
    SettingsError.
    """
    part = judge_part(models, model_name(models, settings))
    if part is None:
        return None
    rule = Rule(part.low, part.threshold, part.diameter)
    quick = models.manifest.judges.get(FAST) if part.settled is not None else None
    if quick is None or part.settled is None:
        return Comparer(_judge_on_demand(models, part, fast, settings, str(rule)), rule)
    first, second = (_judge_on_demand(models, p, fast, settings, str(rule)) for p in (quick, part))
    state = f"{first.digest} {second.digest} {part.settled}"
    return Comparer(JudgeCascade(first, second, part.settled, hashlib.sha256(state.encode()).hexdigest()), rule)


def judge_part(models: Artefact, name: str) -> JudgePart | None:
    """The judge whose rule goes with the model ``name``, None where the folder holds none. Where the accurate model
    has none of its own, that of the fast one serves. Raises ArtefactError where it stands on another encoder.
    """
    judges = models.manifest.judges
    owner = FAST if name == FAST or ACCURATE not in judges else ACCURATE
    part = judges.get(owner)
    if part is not None and part.base_sha256 != models.part(owner).base_sha256:
        reason = f"its {owner} judge stands on {part.base_sha256[:12]}…, its {owner} model on another encoder"
        raise ArtefactError(str(models.folder), reason, "Train the judges again with `trendnlp train --only judge`.")
    return part


def _judge_on_demand(models: Artefact, part: JudgePart, fast: Encoder, settings: Settings, rule: str) -> _JudgeOnDemand:
    files = models.manifest.files
    state = f"judge {files[part.encoder]} {files[part.heads]} {rule} {CONTRARY} {ARITHMETIC}"
    digest = hashlib.sha256(state.encode()).hexdigest()
    return _JudgeOnDemand(digest, _Once(partial(_judge, models, part, fast, settings, digest)))


def _judge(models: Artefact, part: JudgePart, fast: Encoder, settings: Settings, digest: str) -> Judge:
    own = part.base_sha256 == fast.digest
    base = fast if own else accurate_base(settings, part.base_sha256)
    tuned = base.with_weights(models.path(part.encoder), models.manifest.files[part.encoder])
    return Judge.load(tuned.quantized(), models.path(part.heads), digest)


class _Once:
    """Makes a judge when it is first asked for it, whoever asks."""

    def __init__(self, make: Callable[[], Judge]) -> None:
        self._make = make
        self._made: Judge | None = None
        self._making = Lock()

    def __call__(self) -> Judge:
        with self._making:
            self._made = self._made or self._make()
            return self._made


class _JudgeOnDemand:
    """A judge that is loaded when it is first asked: much of what the models do asks it nothing.

    Its copies, for other threads, have the same weights and a tokenizer each, which is not safe for use from several.
    """

    def __init__(self, digest: str, loaded: _Once) -> None:
        self.digest = digest
        self._loaded = loaded
        self._judge: Judge | None = None
        self._asked = Lock()

    def __deepcopy__(self, memo: dict[int, object]) -> _JudgeOnDemand:
        return _JudgeOnDemand(self.digest, self._loaded)

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        with self._asked:
            return self._own().predict_proba(pairs)

    def at_a_glance(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        with self._asked:
            return self._own().at_a_glance(pairs)

    def _own(self) -> Judge:
        self._judge = self._judge or deepcopy(self._loaded())
        return self._judge


def build_model(models: Artefact, name: str, settings: Settings, fast: Encoder) -> Model:
    """The model ``name`` of the folder; ``fast`` is the base encoder of its fast part. Raises ArtefactError."""
    digest = model_digest(models, name)
    if name == FAST:
        return load_classifier(models, FAST, fast, digest)
    base = accurate_base(settings, models.part(ACCURATE).base_sha256)
    accurate = load_classifier(models, ACCURATE, base, digest)
    if name == ACCURATE:
        return accurate
    assert models.manifest.cascade is not None
    return Cascade(load_classifier(models, FAST, fast, digest), accurate, models.manifest.cascade, digest)


def load_classifier(models: Artefact, name: str, base: Encoder, digest: str) -> Classifier:
    """One model of the folder on its base encoder; raises ArtefactError."""
    part = models.part(name)
    tuned = base.with_weights(models.path(part.encoder), models.manifest.files[part.encoder])
    return Classifier.load(tuned.quantized(), models.path(part.heads), digest)


def fast_base(settings: Settings, expected: str | None = ENCODER_SHA256) -> Encoder:
    """The encoder that the fast model stands on and whose vectors are compared; raises ArtefactError where its weights
    have another digest than ``expected``.
    """
    return Encoder.load(encoder_folder(settings.encoder), ENCODER_NAME, expected, FAST_READS)


def accurate_base(settings: Settings, expected: str | None = MPNET.sha256) -> Encoder:
    """The encoder that the accurate model stands on; raises ArtefactError where it is not here, or its weights have
    another digest than ``expected``.
    """
    folder = find(MPNET, settings.accurate_encoder, cache_folder(settings.cache))
    if folder is None:
        raise ArtefactError(MPNET.name, "its weights are not on this machine", PULL)
    return Encoder.load(folder, MPNET.name, expected)


def bases(settings: Settings) -> Bases:
    """What the models are trained from: the published encoders, or whatever encoders the settings name."""
    fast = fast_base(settings, None if settings.encoder else ENCODER_SHA256)
    if not has_accurate_base(settings):
        return Bases(fast, None)
    return Bases(fast, accurate_base(settings, None if settings.accurate_encoder else MPNET.sha256))


def limits(settings: Settings) -> Limits:
    return Limits(
        max_bytes=settings.max_bytes,
        max_characters=settings.max_characters,
        max_pages=settings.max_pages,
        max_expanded=settings.max_expanded,
        seconds=settings.parse_seconds,
        memory=settings.parse_memory,
    )

"""The composition root: settings become a pipeline, with its models opened and checked once."""

from __future__ import annotations

from pathlib import Path

from trendnlp.artefacts import ENCODER_SHA256, Artefact, default_folder, encoder_folder, open_artefact
from trendnlp.classify import Classifier
from trendnlp.encode import Encoder
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits
from trendnlp.segment import Segmenter
from trendnlp.settings import Settings

ENCODER_FILE = "encoder.safetensors"
HEADS_FILE = "heads.safetensors"


def load(settings: Settings | None = None) -> Pipeline:
    """The pipeline that ``settings`` ask for, by default the environment's; raises ArtefactError, SettingsError."""
    settings = settings or Settings.from_env()
    return build_pipeline(artefact(settings), settings.encoder)


def artefact(settings: Settings) -> Artefact:
    """The models folder that ``settings`` name, its digests checked; nothing heavy is imported."""
    return open_artefact((settings.models or default_folder()).expanduser())


def build_pipeline(models: Artefact, encoder: Path | None = None) -> Pipeline:
    manifest = models.manifest
    base = base_encoder(encoder, manifest.encoder_sha256)
    tuned = base.with_weights(models.path(ENCODER_FILE), manifest.files[ENCODER_FILE])
    classifier = Classifier.load(tuned, models.path(HEADS_FILE), models.digest)
    return Pipeline(Segmenter(), base, classifier, manifest.threshold)


def base_encoder(configured: Path | None, expected: str = ENCODER_SHA256) -> Encoder:
    """The encoder that the models stand on, its weights' digest checked."""
    return Encoder.load(encoder_folder(configured), expected)


def limits(settings: Settings) -> Limits:
    return Limits(max_bytes=settings.max_bytes, max_characters=settings.max_characters)

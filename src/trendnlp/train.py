"""From a labelled corpus and the base encoder to a models folder, reproducibly."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from trendnlp.artefacts import Artefact, Manifest, sha256, write_manifest
from trendnlp.build import ENCODER_FILE, HEADS_FILE, base_encoder
from trendnlp.classify import (
    Classifier,
    HeadOptions,
    LabelledExcerpts,
    calibrated,
    features,
    fit_aspect,
    fit_kind,
    save_heads,
)
from trendnlp.consolidate.partition import partition
from trendnlp.context import excerpts
from trendnlp.corpus import LabelledText, digest, read_corpus, split_of, statements_of
from trendnlp.encode import Encoder
from trendnlp.errors import CorpusError
from trendnlp.evaluate import Gold, expected_calibration_error, macro_f1, score
from trendnlp.tune import Progress, TuneOptions, tune
from trendnlp.types import OTHER, Claim, KindScore, Label, LabelledStatement

MODEL_NAME = "fast"
# Below it, different claims of one real report that share its subject's words are merged. The corpus cannot show that:
# its texts paraphrase freely. So the corpus only raises the threshold.
LEAST_THRESHOLD = 0.75
THRESHOLDS = [round(LEAST_THRESHOLD + 0.01 * i, 2) for i in range(16)]
MERGE_PRECISION = 0.95  # of merged pairs; two readers agree on about as many
DECIMALS = 4
LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """``dev`` and ``test``: shares of the markets that calibrate and that only score."""

    tune: TuneOptions = field(default_factory=TuneOptions)
    head: HeadOptions = field(default_factory=HeadOptions)
    dev: float = 0.08
    test: float = 0.08


@dataclass(frozen=True, slots=True)
class Split:
    """The corpus in three, by market."""

    train: tuple[LabelledText, ...]
    dev: tuple[LabelledText, ...]
    test: tuple[LabelledText, ...]


def train(
    corpus: Path, out: Path, encoder: Path | None, options: TrainOptions, report: Callable[[Progress], None]
) -> Artefact:
    """Train on ``corpus``, write the models to ``out``; raises CorpusError, ArtefactError.

    Interrupted, it goes on from the last whole epoch, kept in ``out``/.work until it is done. ``out`` is replaced only
    by a finished model: until then the former one stays as it was.
    """
    texts = read_corpus(corpus)
    split = split_corpus(texts, options)
    base = base_encoder(encoder)
    # A state is only good for the data, encoder and options that made it.
    work = out / ".work" / _fingerprint(digest(texts), base.digest, repr(options))
    weights = tune(base, labelled_excerpts(split.train), options.tune, work, report)
    tuned = base.with_weights(weights, sha256(weights))
    heads = work / HEADS_FILE
    classifier = fit_heads(tuned, split, options.head, heads)
    manifest = Manifest(
        name=MODEL_NAME,
        encoder_sha256=base.digest,
        kinds=classifier.classes_,
        aspects=tuple(str(c) for c in classifier.aspect.classes_),
        threshold=fit_threshold(base, (*split.train, *split.dev)),
        corpus_sha256=digest(texts),
        texts=len(texts),
        units=sum(len(t.units) for t in texts),
        settings=_settings(options),
        scores=scores_of(classifier, split.test),
        versions={name: version(name) for name in LIBRARIES},
        files={name: sha256(work / name) for name in (ENCODER_FILE, HEADS_FILE)},
    )
    for name in manifest.files:
        (work / name).replace(out / name)
    artefact = write_manifest(out, manifest)
    shutil.rmtree(out / ".work")
    return artefact


def split_corpus(texts: Sequence[LabelledText], options: TrainOptions) -> Split:
    """Split by market; raises CorpusError where a part has fewer than two kinds, or training no two aspects."""
    parts: dict[str, list[LabelledText]] = {"train": [], "dev": [], "test": []}
    for text in texts:
        parts[split_of(text.market, options.dev, options.test)].append(text)
    for name, part in parts.items():
        if len({unit.kind for text in part for unit in text.units}) < 2:
            reason = f"its {name} part ({len(part)} of {len(texts)} texts, split by market) has fewer than two kinds"
            raise CorpusError("corpus", reason, "Add labelled texts of other markets.")
    if len({unit.aspect for text in parts["train"] for unit in text.units} - {None}) < 2:
        raise CorpusError("corpus", "its train part has fewer than two aspects", "Mark claims as in ⟦d eco⟧.")
    return Split(*(tuple(parts[name]) for name in ("train", "dev", "test")))


def labelled_excerpts(texts: Iterable[LabelledText]) -> LabelledExcerpts:
    """All units of ``texts`` as excerpts with their gold labels."""
    texts = tuple(texts)
    units = [unit for text in texts for unit in text.units]
    return LabelledExcerpts(
        excerpts=tuple(e for text in texts for e in excerpts(statements_of(text))),
        kinds=tuple(u.kind for u in units),
        alternatives=tuple(u.alt for u in units),
        aspects=tuple(u.aspect for u in units),
    )


def fit_heads(encoder: Encoder, split: Split, options: HeadOptions, path: Path) -> Classifier:
    """Fit both heads on the training part, calibrate the kinds on the dev part, and write them to ``path``."""
    data, held_out = labelled_excerpts(split.train), labelled_excerpts(split.dev)
    rows = features(encoder, data.excerpts)
    kind = calibrated(fit_kind(rows, data, options), features(encoder, held_out.excerpts), held_out.kinds)
    save_heads(path, {"kind": kind, "aspect": fit_aspect(rows, data, options)})
    return Classifier.load(encoder, path, sha256(path))


def scores_of(classifier: Classifier, texts: Sequence[LabelledText]) -> dict[str, float]:
    """Named scores of ``classifier`` on labelled texts, each from 0 to 1."""
    data = labelled_excerpts(texts)
    labels = classifier.label(data.excerpts)
    found = score([Gold(k, a) for k, a in zip(data.kinds, data.alternatives, strict=True)], [x.kind for x in labels])
    right = [label.kind == kind for label, kind in zip(labels, data.kinds, strict=True)]
    aspects = [(g, p.aspect) for g, p in zip(data.aspects, labels, strict=True) if g and p.aspect]
    values = {
        "macro_f1": found.macro_f1,
        "accepted_f1": found.accepted_f1,
        "claim_precision": found.claim_precision,
        "claim_recall": found.claim_recall,
        "calibration_error": expected_calibration_error([x.score for x in labels], right),
        "aspect_macro_f1": macro_f1([g for g, _ in aspects], [p or "" for _, p in aspects]),
    }
    return {name: round(value, DECIMALS) for name, value in values.items()}


def fit_threshold(encoder: Encoder, texts: Sequence[LabelledText]) -> float:
    """The lowest merge threshold at which nearly all merged pairs are of one claim, over the markets that mark claims.

    Precision decides: a wrong merge hides a claim, a missed one only shows it twice.
    """
    markets = _marked_claims(texts)
    if not markets:
        return LEAST_THRESHOLD
    right = np.zeros(len(THRESHOLDS))
    merged = np.zeros(len(THRESHOLDS))
    for marked in markets.values():
        claims = [m.claim for m in marked]
        vectors = encoder.encode([" ".join(c.labelled.statement.text.split()) for c in claims])
        keys = np.array([m.key for m in marked])
        same = np.triu(keys[:, None] == keys[None, :], 1)
        for i, threshold in enumerate(THRESHOLDS):
            found = partition(claims, vectors, threshold)
            together = np.triu(found[:, None] == found[None, :], 1)
            merged[i] += together.sum()
            right[i] += (together & same).sum()
    precise = [t for t, r, m in zip(THRESHOLDS, right, merged, strict=True) if r >= MERGE_PRECISION * m]
    return precise[0] if precise else THRESHOLDS[-1]


@dataclass(frozen=True, slots=True)
class _Marked:
    claim: Claim
    key: str


def _marked_claims(texts: Sequence[LabelledText]) -> dict[str, list[_Marked]]:
    """The claims whose texts mark which are the same, by market, each market's by statement id."""
    markets: dict[str, list[_Marked]] = {}
    for text in texts:
        for unit, statement in zip(text.units, statements_of(text), strict=True):
            if unit.claim is not None and unit.kind != OTHER:
                label = Label(unit.kind, 1.0, OTHER, (KindScore(unit.kind, 1.0),), unit.aspect, "gold")
                claim = Claim(LabelledStatement(statement, label), statement.document, text.name, None, None)
                markets.setdefault(text.market, []).append(_Marked(claim, unit.claim))
    for marked in markets.values():
        marked.sort(key=lambda m: m.claim.labelled.statement.id)
    return markets


def _settings(options: TrainOptions) -> dict[str, float]:
    tuned = {f"tune.{name}": value for name, value in asdict(options.tune).items()}
    heads = {f"head.{name}": value for name, value in asdict(options.head).items()}
    return tuned | heads | {"dev": options.dev, "test": options.test}


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

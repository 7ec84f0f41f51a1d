"""From a labelled corpus and the base encoders to a models folder, reproducibly.

The accurate model learns from the readers alone; the fast one also from what the accurate one says of the same texts,
and of texts without labels (Hinton et al. 2015, "Distilling the knowledge in a neural network"), and from its vectors.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import Artefact, Manifest, Part, open_artefact, sha256, write_manifest
from trendnlp.build import ACCURATE, FAST, JUDGE, Bases
from trendnlp.card import CARD, model_card
from trendnlp.classify import Classifier, Matrix, Model, calibrated, label, linear_head, save_heads
from trendnlp.corpus import LabelledText, LabelledUnit, digest, read_corpus, split_of, statements_of
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, CorpusError
from trendnlp.evaluate import Bin, Gold, expected_calibration_error, macro_f1, reliability, score
from trendnlp.thresholds import fit_cascade, fit_threshold
from trendnlp.train_judge import JudgeOptions, TrainedJudge, kept_judges, material, train_judges
from trendnlp.tune import Lesson, Progress, TuneOptions, measured, tune
from trendnlp.types import OTHER, Label, Statement
from trendnlp.unlabelled import NO_UNLABELLED, Unlabelled, read_unlabelled

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

DECIMALS = 4
TEACHER = "teacher"
LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """``alternative_weight``: a second kind's share of a reading. ``teacher_weight``: the accurate model's share of
    what the fast one learns of a labelled text. ``dev`` and ``test``: shares of the markets that calibrate and that
    only score. ``judge`` is for the pair judges, which are trained where the corpus has labelled pairs.
    """

    fast: TuneOptions = field(
        default_factory=lambda: TuneOptions(
            epochs=4, least_steps=600, batch=16, window=128, rate=2e-4, vector_weight=1.0
        )
    )
    accurate: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=3, least_steps=600, rate=3e-4, rank=32))
    alternative_weight: float = 0.25
    teacher_weight: float = 0.7
    dev: float = 0.08
    test: float = 0.08
    judge: JudgeOptions = field(default_factory=JudgeOptions)


@dataclass(frozen=True, slots=True)
class Split:
    """The corpus in three, by market."""

    train: tuple[LabelledText, ...]
    dev: tuple[LabelledText, ...]
    test: tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done (a model's name while it is tuned), and how far it is."""

    model: str
    progress: Progress


def train(
    corpus: Path,
    out: Path,
    bases: Bases,
    options: TrainOptions,
    report: Callable[[Step], None],
    keep_accurate: bool = False,
) -> Artefact:
    """Train on ``corpus``, write the models to ``out``; raises CorpusError, InputError, ArtefactError.

    Without the accurate model's base weights only the fast one is made. With ``keep_accurate`` the accurate model and
    the judges in ``out`` stay as they are, and the former teaches a new fast one. Texts without labels
    (``corpus``/unlabelled) only serve where there is a teacher. Interrupted, it goes on from the last whole epoch, kept
    in ``out``/.work until it is done.
    ``out`` is replaced only by finished models: until then the former ones stay as they were.
    """
    texts = read_corpus(corpus)
    former = open_artefact(out) if keep_accurate else None
    judges = kept_judges(former, bases) if former else {}
    given = None if former else material(corpus, texts, options.judge)
    trainer = _Trainer(texts, split_corpus(texts, options), out / ".work", options, report)
    parts: dict[str, _Trained] = {}
    if bases.accurate is not None and former is not None:
        parts[ACCURATE] = trainer.kept(bases.accurate, former)
    elif bases.accurate is not None:
        parts[ACCURATE] = trainer.tuned(ACCURATE, bases.accurate, options.accurate, None)
    accurate = parts[ACCURATE].classifier if parts else None
    unlabelled = read_unlabelled(corpus) if accurate else NO_UNLABELLED
    teaching = trainer.taught(parts[ACCURATE], unlabelled) if accurate else None
    parts[FAST] = trainer.tuned(FAST, bases.fast, options.fast, teaching)
    if given is not None:
        judges = train_judges(
            given, bases, options.judge, out / ".work", lambda name, p: report(Step(f"{name} {JUDGE}", p))
        )
    trained: list[_Trained | TrainedJudge] = [*parts.values(), *judges.values()]
    files = {path.name: path for part in trained for path in (part.encoder, part.heads)}
    fast = parts[FAST].classifier
    held_out = trainer.split.test
    cascade = fit_cascade(fast, accurate, trainer.split.dev) if accurate else None
    labels = labels_of(cascade, held_out) if cascade else ()
    manifest = Manifest(
        kinds=fast.classes_,
        aspects=fast.aspects_,
        parts={name: part.entry for name, part in parts.items()},
        cascade=cascade.threshold if cascade else None,
        cascade_scores=scores_of(labels, held_out) if cascade else {},
        cascade_reliability=reliability_of(labels, held_out) if cascade else (),
        threshold=fit_threshold(bases.fast, (*trainer.split.train, *trainer.split.dev)),
        corpus_sha256=digest(texts),
        texts=len(texts),
        units=sum(len(t.units) for t in texts),
        unlabelled_sha256=unlabelled.digest,
        unlabelled_texts=len(unlabelled.texts),
        unlabelled_statements=unlabelled.statements,
        versions={name: version(name) for name in LIBRARIES},
        files={name: sha256(path) for name, path in files.items()},
        judges={name: judge.entry for name, judge in judges.items()},
    )
    for path in files.values():
        path.replace(out / path.name)
    artefact = write_manifest(out, manifest)
    (out / CARD).write_text(model_card(manifest), "utf-8")
    shutil.rmtree(out / ".work")
    return artefact


def fit(
    name: str, split: Split, base: Encoder, options: TrainOptions, work: Path, report: Callable[[Step], None]
) -> Classifier:
    """The model ``name`` (fast or accurate) tuned on a split alone, without a teacher; its test part is not read.

    What is done is kept in ``work``, under a name that is another one for other texts, weights or options: called
    again, tuning goes on after the last whole epoch, or there is nothing left to tune.
    """
    trainer = _Trainer((*split.train, *split.dev), replace(split, test=()), work, options, report)
    return trainer.tuned(name, base, options.fast if name == FAST else options.accurate, None).classifier


@dataclass(frozen=True, slots=True)
class _Taught:
    """What a teacher says of one document: a row a statement, its vectors standardised over all documents."""

    vectors: NDArray[np.float32]
    kinds: Matrix
    aspects: Matrix


@dataclass(frozen=True, slots=True)
class _Teaching:
    """What a teacher says of the texts to train on, and of the texts without labels; ``name`` is another one for
    another teacher or other texts.
    """

    name: str
    labelled: tuple[_Taught, ...]
    unlabelled: tuple[_Taught, ...]
    texts: Unlabelled


@dataclass(frozen=True, slots=True)
class _Trained:
    """A finished model as it serves, the encoder that it teaches with, which is not rounded, its files where they were
    made, and its entry in the manifest.
    """

    classifier: Classifier
    teacher: Encoder
    encoder: Path
    heads: Path
    entry: Part


class _Trainer:
    def __init__(
        self,
        texts: Sequence[LabelledText],
        split: Split,
        work: Path,
        options: TrainOptions,
        report: Callable[[Step], None],
    ) -> None:
        self.split = split
        self.work = work
        self.options = options
        self.report = report
        self.corpus = digest(tuple(texts))
        units = [unit for text in split.train for unit in text.units]
        self.kinds = tuple(sorted({k for unit in units for k in shares(unit, options.alternative_weight)}))
        self.aspects = tuple(sorted({unit.aspect for unit in units if unit.aspect}))

    def kept(self, base: Encoder, models: Artefact) -> _Trained:
        """The accurate model of ``models``, which must have learnt from this corpus."""
        if models.manifest.corpus_sha256 != self.corpus:
            remedy = "Train both models: leave out --only."
            raise ArtefactError(str(models.folder), "its models learnt from another corpus than this one", remedy)
        if models.part(ACCURATE).base_sha256 != base.digest:
            remedy = "Set TRENDNLP_ACCURATE_ENCODER to the encoder that it was trained with."
            raise ArtefactError(str(models.folder), "its accurate model stands on another encoder than is here", remedy)
        part = models.part(ACCURATE)
        encoder, heads = models.path(part.encoder), models.path(part.heads)
        tuned = base.with_weights(encoder, models.manifest.files[part.encoder])
        classifier = Classifier.load(tuned.quantized(), heads, models.manifest.files[part.heads])
        return _Trained(classifier, tuned, encoder, heads, part)

    def taught(self, trained: _Trained, unlabelled: Unlabelled) -> _Teaching:
        """Asks the teacher about every statement, once: its vectors are kept in the work folder."""
        labelled = [statements_of(text) for text in self.split.train]
        teacher = trained.classifier
        found = self._read_by(trained, [*labelled, *unlabelled.texts])
        rows = np.vstack(found)
        mean, deviation = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        taught = []
        for own in found:
            said = teacher.probabilities(own.astype(np.float64))
            vectors = ((own - mean) / np.maximum(deviation, 1e-6)).astype(np.float32)
            taught.append(_Taught(vectors, said.kinds, said.aspects))
        name = hashlib.sha256(f"{self.corpus} {teacher.digest} {unlabelled.digest} {self.options}".encode()).hexdigest()
        return _Teaching(name, tuple(taught[: len(labelled)]), tuple(taught[len(labelled) :]), unlabelled)

    def _read_by(self, trained: _Trained, texts: Sequence[Sequence[Statement]]) -> list[NDArray[np.float16]]:
        """The teacher's vectors of each text. Interrupted, it goes on after the last text."""
        # What only teaches need not be exact.
        half = measured(self.options.fast, self.work).half
        encoder = trained.teacher.in_half_precision() if half else trained.teacher
        folder = self.work / TEACHER
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for done, statements in enumerate(texts, 1):
            state = f"{trained.classifier.digest} {half} {[(s.id, s.text, s.headings, s.lead_in) for s in statements]}"
            path = folder / f"{hashlib.sha256(state.encode()).hexdigest()[:32]}.npy"
            if not path.is_file():
                part = path.with_suffix(".part")
                with part.open("wb") as file:
                    np.save(file, encoder.encode_in_context(statements).astype(np.float16))
                part.replace(path)
                self.report(Step(TEACHER, Progress(done, len(texts), 0.0)))
            found.append(np.load(path))
        return found

    def tuned(self, name: str, base: Encoder, options: TuneOptions, teaching: _Teaching | None) -> _Trained:
        # A state is only good for the data, encoder, teaching and options that made it.
        own, options = self.options, measured(options, self.work)
        state: tuple[object, ...] = (self.corpus, base.digest, options, own.alternative_weight, own.dev, own.test)
        if teaching:
            state = (*state, teaching.name)
        work = self.work / f"{name}-{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}"
        lessons = self._lessons(teaching)
        found = tune(base, lessons, options, work, lambda p: self.report(Step(name, p)))
        teacher = base.with_weights(found.weights, sha256(found.weights))
        encoder = teacher.quantized()
        heads = work / f"{name}.heads.safetensors"
        kind, aspect = _heads(found.heads, self.kinds, self.aspects)
        texts = self.split.dev
        rows = np.vstack([encoder.encode_in_context(statements_of(text)) for text in texts]).astype(np.float64)
        said = np.array([self._shares(unit) for text in texts for unit in text.units])
        save_heads(heads, {"kind": calibrated(kind, rows, said)} | ({"aspect": aspect} if aspect else {}))
        classifier = Classifier.load(encoder, heads, sha256(heads))
        weights = found.weights.replace(work / f"{name}.encoder.safetensors")
        labels = labels_of(classifier, self.split.test)
        entry = Part(
            base=base.name,
            base_sha256=base.digest,
            encoder=weights.name,
            heads=heads.name,
            settings=_settings(self.options, replace(options, rate=found.rate)),
            scores=scores_of(labels, self.split.test),
            reliability=reliability_of(labels, self.split.test),
        )
        return _Trained(classifier, teacher, weights, heads, entry)

    def _lessons(self, teaching: _Teaching | None) -> list[Lesson]:
        if teaching is None:
            return [self._lesson(text, None) for text in self.split.train]
        pairs = zip(self.split.train, teaching.labelled, strict=True)
        return [self._lesson(text, taught) for text, taught in pairs] + [
            self._unlabelled_lesson(statements, taught)
            for statements, taught in zip(teaching.texts.texts, teaching.unlabelled, strict=True)
        ]

    def _lesson(self, text: LabelledText, taught: _Taught | None) -> Lesson:
        said = np.array([self._shares(unit) for unit in text.units])
        if taught is not None:
            weight = self.options.teacher_weight
            said = (1 - weight) * said + weight * taught.kinds
        aspects = tuple(self._aspect_shares(unit) for unit in text.units)
        vectors = taught.vectors if taught else None
        return Lesson(statements_of(text), tuple(map(tuple, said.tolist())), aspects, vectors)

    def _unlabelled_lesson(self, statements: tuple[Statement, ...], taught: _Taught) -> Lesson:
        """Of what the teacher takes for no claim, it does not learn an aspect."""
        best = taught.kinds.argmax(axis=1)
        claims = np.array([[self.kinds[i] != OTHER] for i in best], np.float64)
        aspects = taught.aspects * claims
        return Lesson(
            statements, tuple(map(tuple, taught.kinds.tolist())), tuple(map(tuple, aspects.tolist())), taught.vectors
        )

    def _aspect_shares(self, unit: LabelledUnit) -> tuple[float, ...]:
        said = [a for a in (unit.aspect, unit.second and unit.second.aspect) if a in self.aspects]
        return tuple(said.count(aspect) / max(1, len(said)) for aspect in self.aspects)

    def _shares(self, unit: LabelledUnit) -> list[float]:
        """By kind. The share of a kind that no training text has goes to the others."""
        found = {k: s for k, s in shares(unit, self.options.alternative_weight).items() if k in self.kinds}
        total = sum(found.values())
        return [found.get(kind, 0.0) / total if total else 1 / len(self.kinds) for kind in self.kinds]


def split_corpus(texts: Sequence[LabelledText], options: TrainOptions) -> Split:
    """Split by market; raises CorpusError where a part has fewer than two kinds, or training one aspect."""
    parts: dict[str, list[LabelledText]] = {"train": [], "dev": [], "test": []}
    for text in texts:
        parts[split_of(text.market, options.dev, options.test)].append(text)
    for name, part in parts.items():
        if len({unit.kind for text in part for unit in text.units}) < 2:
            reason = f"its {name} part ({len(part)} of {len(texts)} texts, split by market) has fewer than two kinds"
            raise CorpusError("corpus", reason, "Add labelled texts of other markets.")
    if len({unit.aspect for text in parts["train"] for unit in text.units} - {None}) == 1:
        raise CorpusError("corpus", "its train part has one aspect alone", "Mark claims as in ⟦d eco⟧, or give none.")
    return Split(*(tuple(text for text in parts[name] if text.units) for name in ("train", "dev", "test")))


def shares(unit: LabelledUnit, alternative_weight: float) -> dict[str, float]:
    """How much of a unit is of which kind: the mean of its readings, in which a second kind has its weight."""
    readings = [(unit.kind, unit.alt)] + ([(unit.second.kind, unit.second.alt)] if unit.second else [])
    found: dict[str, float] = {}
    for kind, alt in readings:
        weight = alternative_weight if alt else 0.0
        found[kind] = found.get(kind, 0.0) + (1 - weight) / len(readings)
        if alt:
            found[alt] = found.get(alt, 0.0) + weight / len(readings)
    return found


def labels_of(model: Model, texts: Iterable[LabelledText]) -> tuple[Label, ...]:
    """What ``model`` says of every unit, in order."""
    return tuple(found for text in texts for found in label(model, statements_of(text)))


def scores_of(labels: Sequence[Label], texts: Iterable[LabelledText]) -> dict[str, float]:
    """Named scores, each from 0 to 1, of the ``labels`` that a model gave to the units of ``texts``."""
    units = [unit for text in texts for unit in text.units]
    found = score([Gold(unit.kind, unit.alt) for unit in units], [x.kind for x in labels])
    right = [x.kind == unit.kind for x, unit in zip(labels, units, strict=True)]
    aspects = [(unit.aspect, x.aspect) for x, unit in zip(labels, units, strict=True) if unit.aspect and x.aspect]
    values = {
        "macro_f1": found.macro_f1,
        "accepted_f1": found.accepted_f1,
        "claim_precision": found.claim_precision,
        "claim_recall": found.claim_recall,
        "calibration_error": expected_calibration_error([x.score for x in labels], right),
        "aspect_macro_f1": macro_f1([g for g, _ in aspects], [p for _, p in aspects]),
    }
    return {name: round(value, DECIMALS) for name, value in values.items()}


def _heads(
    path: Path, kinds: Sequence[str], aspects: Sequence[str]
) -> tuple[LogisticRegression, LogisticRegression | None]:
    """The heads that tuning wrote: for the kind, and for the aspect where there are aspects."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    kind = linear_head(tensors["kind.weight"], tensors["kind.bias"], kinds)
    return kind, linear_head(tensors["aspect.weight"], tensors["aspect.bias"], aspects) if aspects else None


def reliability_of(labels: Sequence[Label], texts: Iterable[LabelledText]) -> tuple[Bin, ...]:
    """How often the ``labels`` that a model gave to the units of ``texts`` are right, by their score."""
    units = [unit for text in texts for unit in text.units]
    right = [found.kind == unit.kind for found, unit in zip(labels, units, strict=True)]
    bins = reliability([found.score for found in labels], right)
    return tuple(replace(b, score=round(b.score, DECIMALS), right=round(b.right, DECIMALS)) for b in bins)


def _settings(options: TrainOptions, tuned: TuneOptions) -> Mapping[str, float]:
    own = {name: value for name, value in asdict(options).items() if isinstance(value, float)}
    return asdict(tuned) | own

"""From people's decisions to a models folder whose heads have learnt from them, and whether it is worse than before.

The encoders stay as they are. Learning always begins at the heads of trendnlp's own models, never at those that learnt
before: the same decisions give the same models, whatever was tried in between.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from trendnlp.adapt import TIES, Adapted, Reviews, Ties, adapt, spread_of
from trendnlp.artefacts import Artefact, LearntPart, Manifest, Part, sha256, write_manifest
from trendnlp.build import (
    ACCURATE,
    CASCADE,
    FAST,
    accurate_base,
    fast_base,
    load_classifier,
    model_name,
)
from trendnlp.classify import Classifier, Matrix, save_heads
from trendnlp.corpus import LabelledText, digest, read_corpus, statements_of
from trendnlp.errors import TooFewReviews
from trendnlp.evaluate import Gold
from trendnlp.floors import LEAST, MOST, TOLERANCE, gate_texts
from trendnlp.marks import Answers, Comparison, compared, marks
from trendnlp.settings import Settings
from trendnlp.store import ReviewedDocument
from trendnlp.train import TrainOptions, split_corpus
from trendnlp.uses import models_in
from trendnlp.vectors import KeptVectors, Texts
from trendnlp.weights import cache_folder

LEAST_REVIEWS = 20  # below, what they tell is noise
VECTORS = "vectors"
REVIEWS, CORPUS = "reviews", "corpus"  # what is read; also the names of what is compared

Report = Callable[[str, int, int], None]  # what is being read, by which model; texts done; of how many


@dataclass(frozen=True, slots=True)
class Learnt:
    """Models that learnt from reviews, and how they compare with the shipped ones: on the reviews, each answered by
    heads that did not learn from its document, and on the corpus' held-out markets, None where the corpus is not here.
    ``worse`` says in words what is worse; where it is empty, they may be used.
    """

    digest: str
    model: str
    reviews: int
    documents: int
    held_out: Comparison
    corpus: Comparison | None
    worse: tuple[str, ...]


def learn(
    models: Artefact, documents: Sequence[ReviewedDocument], settings: Settings, corpus: Path | None, report: Report
) -> Learnt:
    """Make a models folder in the workspace of ``settings``; whether it is used is left to the caller.

    ``models`` are those to begin with: decisions for a kind that they do not know teach nothing. ``corpus`` is the
    folder that they learnt from, if it is here. Raises TooFewReviews, ArtefactError, CorpusError.
    """
    name = model_name(models, settings)
    documents = _of_kinds(documents, models.manifest.kinds)
    check(documents)
    kept = KeptVectors(models_in(settings.workspace) / VECTORS)
    exam = _held_out_texts(models, corpus)
    learner = _Learner(models, documents, exam)
    read = [learner.read(n, settings, kept, report) for n in ((FAST,) if name == FAST else (FAST, ACCURATE))]
    kept.forget_others()
    # looser ties are tried first, where the reviews ask for them; where that makes anything worse, firmer ones
    choice: Sequence[Ties] = TIES
    while True:
        parts = {r.name: r.adapted(choice) for r in read}
        held_out = compared(learner.reviewed(parts, name))
        on_corpus = compared(learner.examined(parts, name)) if exam else None
        worse = _worse(held_out, on_corpus)
        choice = TIES[: max(TIES.index(part.learnt.ties) for part in parts.values())]
        if not worse or not choice:
            break
    manifest = learner.manifest(parts)
    made = _write(models, manifest, parts, models_in(settings.workspace))
    about = manifest.learnt
    assert about is not None
    return Learnt(made, name, about.reviews, about.documents, held_out, on_corpus, worse)


def _of_kinds(documents: Sequence[ReviewedDocument], kinds: Sequence[str]) -> list[ReviewedDocument]:
    """The documents with decisions for these kinds, and these decisions alone."""
    known = [replace(d, kinds=tuple(kind if kind in kinds else None for kind in d.kinds)) for d in documents]
    return [document for document in known if document.judged]


def check(documents: Sequence[ReviewedDocument]) -> None:
    """Raises TooFewReviews."""
    kinds = [kind for document in documents for kind in document.kinds if kind is not None]
    if len(kinds) < LEAST_REVIEWS or len(documents) < 2 or len(set(kinds)) < 2:
        found = f"{len(kinds)} decisions on statements of {len(documents)} documents, of {len(set(kinds))} kinds"
        remedy = f"Decide on {LEAST_REVIEWS} statements or more, in two documents or more, that are not all of a kind."
        raise TooFewReviews("the reviews", f"are too few to learn from: {found}", remedy)


def corpus_beside(models: Artefact) -> Path | None:
    """The corpus of a source checkout, beside its models."""
    folder = models.folder.parent / "corpus"
    return folder if folder.is_dir() else None


@dataclass(frozen=True, slots=True)
class _Read:
    """One model before it learns, and its vectors of the reviewed statements and of the exam's units."""

    name: str
    before: Classifier
    reviews: Reviews
    exam: Matrix | None

    def adapted(self, choice: Sequence[Ties]) -> _LearntPart:
        spread = spread_of(self.reviews.rows if self.exam is None else self.exam)
        return _LearntPart(self.before, adapt(self.before.kind, self.reviews, spread, choice), self.reviews, self.exam)


@dataclass(frozen=True, slots=True)
class _LearntPart:
    """One model with its head before and after, and the vectors that both speak of."""

    before: Classifier
    learnt: Adapted
    reviews: Reviews
    exam: Matrix | None

    @property
    def after(self) -> Classifier:
        return Classifier(self.before.encoder, self.learnt.head, self.before.aspect, self.before.digest)


class _Learner:
    def __init__(self, models: Artefact, documents: Sequence[ReviewedDocument], exam: tuple[LabelledText, ...]) -> None:
        self.models = models
        self.documents = documents
        self.exam = exam
        self.units = [unit for text in exam for unit in text.units]
        self.kinds = models.manifest.kinds
        said = [(number, kind) for number, d in enumerate(documents) for kind in d.kinds if kind is not None]
        self.said = np.array([self.kinds.index(kind) for _, kind in said])
        self.of = np.array([number for number, _ in said])

    def read(self, name: str, settings: Settings, kept: KeptVectors, report: Report) -> _Read:
        before = _classifier(self.models, name, settings)
        of = f"{before.encoder.name}: "
        texts = [Texts(d.statements, d.judged) for d in self.documents]
        rows = kept.of(before.encoder, texts, lambda done, all: report(of + REVIEWS, done, all))
        exam = None
        if self.exam:
            shared = KeptVectors(cache_folder(settings.cache) / VECTORS)
            whole = [Texts(statements_of(text)) for text in self.exam]
            exam = shared.of(before.encoder, whole, lambda done, all: report(of + CORPUS, done, all))
        return _Read(name, before, Reviews(rows, self.said, self.of), exam)

    def reviewed(self, parts: Mapping[str, _LearntPart], name: str) -> Answers:
        """The reviews, and what both say of them."""
        before = self._labelled({n: p.before.kind.predict_proba(p.reviews.rows) for n, p in parts.items()}, name)
        after = self._labelled({n: p.learnt.held_out for n, p in parts.items()}, name)
        gold = tuple(Gold(self.kinds[i]) for i in self.said)
        return Answers(gold, self.kinds, before, after, self.of)

    def examined(self, parts: Mapping[str, _LearntPart], name: str) -> Answers:
        """The units of the exam, and what both say of them."""
        before = self._labelled({n: p.before.probabilities(_rows(p)).kinds for n, p in parts.items()}, name)
        after = self._labelled({n: p.after.probabilities(_rows(p)).kinds for n, p in parts.items()}, name)
        gold = tuple(Gold(unit.kind, unit.alt) for unit in self.units)
        of = np.array([number for number, text in enumerate(self.exam) for _ in text.units])
        return Answers(gold, self.kinds, before, after, of)

    def _labelled(self, said: Mapping[str, Matrix], name: str) -> Matrix:
        """What the model ``name`` says, of what its parts say."""
        if name != CASCADE:
            return said[name]
        sure = said[FAST].max(axis=1, keepdims=True) >= (self.models.manifest.cascade or 0.0)
        return np.where(sure, said[FAST], said[ACCURATE])

    def manifest(self, parts: Mapping[str, _LearntPart]) -> Manifest:
        """Without the digests of the new files. What was not measured on these heads is left out."""
        old = self.models.manifest
        entries = {name: self._entry(old.parts[name], parts, name) for name in parts}
        measured = ACCURATE in parts and bool(self.exam)
        cascade = marks(self.examined(parts, CASCADE).second) if measured else None
        scores = {**old.cascade_scores, **cascade.scores} if cascade else {}
        state = [(d.id, d.statements[i].id, d.kinds[i]) for d in self.documents for i in d.judged]
        reviews = hashlib.sha256(repr(sorted(state)).encode()).hexdigest()
        return replace(
            old,
            parts=entries,
            cascade=old.cascade if ACCURATE in parts else None,
            cascade_scores={k: v for k, v in scores.items() if k in old.cascade_scores},
            cascade_reliability=cascade.reliability if cascade else (),
            judges={name: judge for name, judge in old.judges.items() if name in parts},
            learnt=LearntPart(self.models.digest, reviews, len(self.said), len(self.documents)),
        )

    def _entry(self, old: Part, parts: Mapping[str, _LearntPart], name: str) -> Part:
        if not self.exam:
            return replace(old, scores={}, reliability=())
        found = marks(self.examined(parts, name).second)
        aspects = {k: v for k, v in old.scores.items() if k not in found.scores}
        return replace(old, scores={**found.scores, **aspects}, reliability=found.reliability)


def _rows(part: _LearntPart) -> Matrix:
    assert part.exam is not None
    return part.exam


def _classifier(models: Artefact, name: str, settings: Settings) -> Classifier:
    base = models.part(name).base_sha256
    encoder = fast_base(settings, base) if name == FAST else accurate_base(settings, base)
    return load_classifier(models, name, encoder, models.manifest.files[models.part(name).encoder])


def _held_out_texts(models: Artefact, corpus: Path | None) -> tuple[LabelledText, ...]:
    """The quality gate's texts, which the models did not see; none where it is not the corpus that they learnt from."""
    if corpus is None or not corpus.is_dir():
        return ()
    texts = read_corpus(corpus)
    if digest(texts) != models.manifest.corpus_sha256:
        return ()
    settings = models.part(FAST).settings
    held_out = split_corpus(texts, replace(TrainOptions(), dev=settings["dev"], test=settings["test"])).test
    return gate_texts(ACCURATE, held_out)  # the smaller part for all: nobody waits long for it


def _worse(held_out: Comparison, on_corpus: Comparison | None) -> tuple[str, ...]:
    """The rule: on the reviews no worse at all by macro-F1; on the corpus no measure of the quality gate worse by more
    than its tolerance.
    """
    found = []
    before, after = held_out.before["macro_f1"], held_out.after["macro_f1"]
    if after < before:
        found.append(f"macro-F1 on held-out reviews: {after:.4f}, before {before:.4f}")
    # What heads of kinds do not change is not among them.
    for measure in (m for m in (*LEAST, *MOST) if on_corpus and m in on_corpus.before):
        assert on_corpus is not None
        before, after = on_corpus.before[measure], on_corpus.after[measure]
        lost = after - before if measure in MOST else before - after
        if lost > TOLERANCE:
            found.append(f"{measure} on the corpus: {after:.4f}, before {before:.4f}")
    return tuple(found)


def _write(models: Artefact, manifest: Manifest, parts: Mapping[str, _LearntPart], folder: Path) -> str:
    """The folder, whole or not at all; returns its digest. The encoders' files are shared where the disk can."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix=".part-", dir=folder))
    try:
        judges = [file for judge in manifest.judges.values() for file in (judge.encoder, judge.heads)]
        for name in {*(part.encoder for part in manifest.parts.values()), *judges}:
            _share(models.path(name), work / name)
        for name, part in parts.items():
            heads = {"kind": part.after.kind} | ({"aspect": part.after.aspect} if part.after.aspect else {})
            save_heads(work / manifest.parts[name].heads, heads)
        files = {path.name: sha256(path) for path in sorted(work.iterdir())}
        made = write_manifest(work, replace(manifest, files=files)).digest
        if (folder / made).exists():
            shutil.rmtree(work)
        else:
            work.chmod(0o755)
            work.replace(folder / made)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return made


def _share(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)

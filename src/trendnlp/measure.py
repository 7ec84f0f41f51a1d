"""What models say of labelled texts, and how right it is: one row a model and data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from trendnlp.artefacts import Artefact
from trendnlp.build import ACCURATE, CASCADE, FAST, build_model, fast_base, has_accurate_base
from trendnlp.classify import Cascade, Classifier, Model, label
from trendnlp.context import WindowOptions
from trendnlp.corpus import LabelledText, statements_of
from trendnlp.encode import Encoder, Vectors
from trendnlp.evaluate import (
    Bin,
    Confusion,
    Gold,
    confusion,
    expected_calibration_error,
    macro_f1,
    reliability,
    score,
)
from trendnlp.keywords import keyword_kinds
from trendnlp.settings import Settings
from trendnlp.types import OTHER, KindScore, Label, Statement

RULES = "keyword rules"
SINGLY = WindowOptions(size=1, before=0, after=0)  # a window takes one statement at least, here also at most

# Named scores of predicted kinds, the one that models are compared by first.
Measures = Callable[[Sequence[Gold], Sequence[str]], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model said of every unit of some texts, in order, and the seconds that it took. ``scored`` is False where
    its scores are no probabilities.
    """

    labels: tuple[Label, ...]
    seconds: float
    scored: bool = True


@dataclass(frozen=True, slots=True)
class Mistake:
    """A unit of which a model said another kind than its gold one, be it the second acceptable kind."""

    text: str
    words: str
    gold: Gold
    said: str
    score: float


@dataclass(frozen=True, slots=True)
class Row:
    """How one model did on one data set. ``measures`` are named scores, the one that models are compared by first;
    ``reliability`` is empty where the model gives no probabilities; ``mistakes`` are the most confident first.
    """

    data: str
    model: str
    units: int
    measures: Mapping[str, float]
    reliability: tuple[Bin, ...]
    confusion: Confusion
    mistakes: tuple[Mistake, ...]

    @property
    def headline(self) -> float:
        """The score that models are compared by."""
        return next(iter(self.measures.values()))


def answers(model: Model, texts: Sequence[LabelledText]) -> Answers:
    """Label each text as one document; the seconds are those of labelling alone."""
    documents = [statements_of(text) for text in texts]
    start = perf_counter()
    labels = tuple(found for statements in documents for found in label(model, statements))
    return Answers(labels, perf_counter() - start)


def rules(texts: Sequence[LabelledText]) -> Answers:
    """What the keyword rules say."""
    documents = [statements_of(text) for text in texts]
    start = perf_counter()
    kinds = [kind for statements in documents for kind in keyword_kinds(statements)]
    seconds = perf_counter() - start
    labels = tuple(Label(kind, 1.0, OTHER, (KindScore(kind, 1.0),), None, RULES) for kind in kinds)
    return Answers(labels, seconds, scored=False)


def row(data: str, model: str, texts: Sequence[LabelledText], given: Answers, measures: Measures) -> Row:
    """Compare what ``model`` said of ``texts`` with their labels."""
    units = [(text, unit) for text in texts for unit in text.units]
    gold = [Gold(unit.kind, unit.alt) for _, unit in units]
    said = [found.kind for found in given.labels]
    found = measures(gold, said)
    bins: tuple[Bin, ...] = ()
    if given.scored:
        confidence = [label.score for label in given.labels]
        right = [g.kind == s for g, s in zip(gold, said, strict=True)]
        found["calibration_error"] = expected_calibration_error(confidence, right)
        bins = reliability(confidence, right)
    aspects = [(u.aspect, x.aspect) for (_, u), x in zip(units, given.labels, strict=True) if u.aspect and x.aspect]
    if aspects:
        found["aspect_macro_f1"] = macro_f1([g for g, _ in aspects], [s for _, s in aspects])
    found["units_per_second"] = len(units) / max(given.seconds, 1e-9)
    mistakes = [
        Mistake(text.name, text.text[unit.start : unit.end], Gold(unit.kind, unit.alt), label.kind, label.score)
        for (text, unit), label in zip(units, given.labels, strict=True)
        if unit.kind != label.kind
    ]
    mistakes.sort(key=lambda mistake: -mistake.score)
    return Row(data, model, len(units), found, bins, confusion([g.kind for g in gold], said), tuple(mistakes))


def claim_measures(gold: Sequence[Gold], said: Sequence[str]) -> dict[str, float]:
    """Of the kinds of claims; macro-F1 decides."""
    found = score(gold, said)
    return {
        "macro_f1": found.macro_f1,
        "accepted_f1": found.accepted_f1,
        "claim_precision": found.claim_precision,
        "claim_recall": found.claim_recall,
        **{f"f1_{kind.kind}": kind.f1 for kind in found.kinds},
    }


def alone(model: Classifier) -> Classifier:
    """The same model, which reads each statement without headings and neighbours."""
    encoder = _Alone(model.encoder.model, model.encoder.name, model.encoder.digest, SINGLY)
    return Classifier(encoder, model.kind, model.aspect, f"{model.digest} alone")


class _Alone(Encoder):
    def encode_in_context(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Vectors:
        return super().encode_in_context([replace(s, headings=()) for s in statements], wanted)


def runnable(models: Artefact, settings: Settings) -> dict[str, Model]:
    """The models of the folder whose base weights are on this machine, by name."""
    fast = fast_base(settings, models.part(FAST).base_sha256)
    if models.manifest.cascade is None or not has_accurate_base(settings):
        return {FAST: build_model(models, FAST, settings, fast)}
    cascade = build_model(models, CASCADE, settings, fast)
    assert isinstance(cascade, Cascade)
    return {FAST: cascade.fast, ACCURATE: cascade.accurate, CASCADE: cascade}


def share_asked(cascade: Cascade, texts: Sequence[LabelledText]) -> float:
    """The share of the units that the cascade sends to its accurate model."""
    best = [value for t in texts if t.units for value in cascade.fast.predict_proba(statements_of(t)).kinds.max(axis=1)]
    return sum(value < cascade.threshold for value in best) / len(best) if best else 0.0

"""How the models compare with simpler ones, on our texts and on other people's data, trained through one door.

Rows come one by one, as each model is trained and scored. Models that are trained here are kept in a work folder and
used again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from trendnlp.baselines import FROZEN, WORDS, fit_frozen, fit_words
from trendnlp.build import ACCURATE, FAST, Bases
from trendnlp.classify import Cascade, Classifier, Model
from trendnlp.corpus import LabelledText, read_corpus
from trendnlp.datasets import read_abstracts, read_real, read_sections
from trendnlp.evaluate import Gold, best_threshold, kind_f1, macro_f1
from trendnlp.measure import RULES, Measures, Row, alone, answers, claim_measures, row, rules, share_asked
from trendnlp.segment import sentence_spans
from trendnlp.train import Split, Step, TrainOptions, fit, split_corpus
from trendnlp.types import Label

HELD_OUT = "held-out markets"
REAL_FILE = Path("real_dev") / "documents.jsonl"
ABSTRACTS_FOLDER = Path("csabstruct")
CAUSES_FILE = Path("fincausal2020") / "trial" / "fnp2020-fincausal-task1.csv"
MORE_CAUSES_FILE = Path("fincausal2020") / "practice" / "fnp2020-fincausal2-task1.csv"
CAUSES_PARTS = (4204, 1802, 2574)  # rows of the trial file that the organisers train, tune and test on
CAUSE = "1"
OWN_CHARACTERS = 40  # from which a sentence that stands in two texts is no chance
CURVE_SHARES = (Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(1))


@dataclass(frozen=True, slots=True)
class Exam:
    """Texts that only score, under the name of their data set."""

    name: str
    texts: tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What models are trained on (the split's own test part is not read), and what they are scored on and by. With a
    ``positive`` kind, a unit is of it from the score that is best on the calibrating part.
    """

    split: Split
    exams: tuple[Exam, ...]
    measures: Measures
    positive: str | None = None


def own_task(corpus: Path, data: Path | None, held_out: bool, options: TrainOptions) -> Task:
    """The corpus, scored on its held-out markets and on the real texts of ``data``; raises CorpusError."""
    split = split_corpus(read_corpus(corpus), options)
    exams = [Exam(HELD_OUT, split.test)] if held_out else []
    if data is not None:
        exams.append(Exam(REAL_FILE.parent.name, read_real(data / REAL_FILE)))
    return Task(split, tuple(exams), claim_measures)


def abstracts_task(data: Path) -> Task:
    """CSAbstruct as published; raises CorpusError."""
    parts = [read_abstracts(data / ABSTRACTS_FOLDER / f"{part}.jsonl") for part in ("train", "dev", "test")]
    return Task(Split(*parts), (Exam("CSAbstruct", parts[2]),), _role_measures)


def causes_task(data: Path, parts: Sequence[int] = CAUSES_PARTS) -> Task:
    """The trial file of FinCausal 2020 in its fixed split; raises CorpusError.

    Where the practice file is there its documents teach too, but for those that share a sentence with a text that
    calibrates or scores, here or as real market text.
    """
    train, dev, test = read_sections(data / CAUSES_FILE, parts)
    name = "FinCausal 2020"
    if (data / MORE_CAUSES_FILE).is_file():
        name += ", practice file too"
        kept = [*dev, *test, *(read_real(data / REAL_FILE) if (data / REAL_FILE).is_file() else ())]
        (more,) = read_sections(data / MORE_CAUSES_FILE)
        train = (*train, *_strange_to(more, kept))
    return Task(Split(train, dev, test), (Exam(name, test),), _cause_measures, CAUSE)


def _strange_to(texts: Sequence[LabelledText], kept: Sequence[LabelledText]) -> Iterator[LabelledText]:
    """Those of ``texts`` that share no sentence with ``kept``: the same text may be cut into other units there."""
    told = {sentence for text in kept for sentence in _sentences(text)}
    for text in texts:
        if told.isdisjoint(_sentences(text)):
            # The files number their documents alike.
            yield replace(text, name=f"practice {text.name}")


def _sentences(text: LabelledText) -> Iterator[str]:
    for unit in text.units:
        words = text.text[unit.start : unit.end]
        for extent in sentence_spans(words):
            sentence = " ".join(words[extent.start : extent.end].split())
            if len(sentence) >= OWN_CHARACTERS:
                yield sentence


def _role_measures(gold: Sequence[Gold], said: Sequence[str]) -> dict[str, float]:
    """Micro-F1, which is accuracy where each unit has one kind."""
    kinds = [g.kind for g in gold]
    right = sum(g == s for g, s in zip(kinds, said, strict=True))
    per_kind = {f"f1_{kind}": kind_f1(kind, kinds, said).f1 for kind in sorted(set(kinds))}
    return {"micro_f1": right / len(kinds) if kinds else 0.0, "macro_f1": macro_f1(kinds, said), **per_kind}


def _cause_measures(gold: Sequence[Gold], said: Sequence[str]) -> dict[str, float]:
    found = kind_f1(CAUSE, [g.kind for g in gold], said)
    return {"cause_f1": found.f1, "cause_precision": found.precision, "cause_recall": found.recall}


class Bench:
    """Trains and scores: ``bases`` are what tuned models stand on, ``work`` keeps what is trained, ``report`` is called
    after each batch of tuning.
    """

    def __init__(self, bases: Bases, options: TrainOptions, work: Path, report: Callable[[Step], None]) -> None:
        self.bases = bases
        self.options = options
        self.work = work
        self.report = report

    def baselines(self, task: Task) -> Iterator[Row]:
        """Words in context, and the frozen encoder of the fast model, trained on the task."""
        weight = self.options.alternative_weight
        yield from _rows(task, WORDS, fit_words(task.split, weight, task.measures))
        frozen = fit_frozen(task.split, weight, task.measures, self.bases.fast, self.work)
        yield from _rows(task, FROZEN, frozen)

    def tuned(self, task: Task) -> Iterator[Row]:
        """The fast model, and the accurate one where its base is here, tuned on the task without a teacher."""
        for name, base in ((FAST, self.bases.fast), (ACCURATE, self.bases.accurate)):
            if base is not None:
                yield from _rows(task, name, fit(name, task.split, base, self.options, self.work, self.report))

    def curve(self, task: Task) -> Iterator[Row]:
        """The fast model, without a teacher, tuned on more and more of the task's training texts."""
        for share in CURVE_SHARES:
            split = replace(task.split, train=_first_markets(task.split.train, share))
            units = sum(len(text.units) for text in split.train)
            model = fit(FAST, split, self.bases.fast, self.options, self.work, self.report)
            yield from _rows(task, f"fast on {share} ({units} units)", model)


def rule_rows(task: Task) -> Iterator[Row]:
    """The keyword rules, which know our kinds alone."""
    for exam in task.exams:
        yield row(exam.name, RULES, exam.texts, rules(exam.texts), task.measures)


def model_rows(task: Task, models: Mapping[str, Model]) -> Iterator[Row]:
    """Trained models by name; those that are no cascade also reading each statement alone."""
    for name, model in models.items():
        yield from _rows(task, name, model)
    for name, model in models.items():
        if isinstance(model, Classifier):
            yield from _rows(task, f"{name}, alone", alone(model))


def _rows(task: Task, name: str, model: Model) -> Iterator[Row]:
    threshold = None
    if task.positive is not None:
        scores = [_score(found, task.positive) for found in answers(model, task.split.dev).labels]
        units = [unit for text in task.split.dev for unit in text.units]
        threshold = best_threshold(scores, [unit.kind == task.positive for unit in units])
    for exam in task.exams:
        given = answers(model, exam.texts)
        extra: dict[str, float] = {}
        if task.positive is not None and threshold is not None:
            gold = [unit.kind for text in exam.texts for unit in text.units]
            by_argmax = kind_f1(task.positive, gold, [found.kind for found in given.labels])
            extra = {"argmax_f1": by_argmax.f1, "threshold": threshold}
            labels = tuple(_decided(found, task.positive, threshold) for found in given.labels)
            given = replace(given, labels=labels)
        if isinstance(model, Cascade):
            extra["share_asked"] = share_asked(model, exam.texts)
        found = row(exam.name, name, exam.texts, given, task.measures)
        yield replace(found, measures={**found.measures, **extra})


def _score(label: Label, kind: str) -> float:
    return next((s.score for s in label.scores if s.kind == kind), 0.0)


def _decided(label: Label, positive: str, threshold: float) -> Label:
    """``label`` of kind ``positive`` from ``threshold`` on, else of the best other kind."""
    ranked = [s for s in label.scores if (s.kind == positive) == (_score(label, positive) >= threshold)]
    return replace(label, kind=ranked[0].kind, score=ranked[0].score)


def _first_markets(texts: Sequence[LabelledText], share: Fraction) -> tuple[LabelledText, ...]:
    """The texts of the first markets by their digests: a larger share holds every smaller one."""
    markets = sorted({text.market for text in texts}, key=lambda market: hashlib.sha256(market.encode()).digest())
    chosen = set(markets[: math.ceil(share * len(markets))])
    return tuple(text for text in texts if text.market in chosen)

"""From labelled pairs, and from the claims that the corpus marks as the same, to the pair judges and their rules."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import Artefact, JudgePart, open_artefact, sha256, write_manifest
from trendnlp.build import ACCURATE, FAST, JUDGE, Bases
from trendnlp.card import CARD, model_card
from trendnlp.consolidate import Comparer
from trendnlp.corpus import LabelledText, Marked, marked_claims, read_corpus, split_of
from trendnlp.corpus import digest as corpus_digest
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, CorpusError
from trendnlp.judge import HEAD, RELATIONS, Judge, JudgeCascade, Matrix, save_head, softmax
from trendnlp.judge_rule import fit_rule, fit_settled, judge_scores
from trendnlp.pair_lessons import (
    Told,
    across_markets,
    claim_lessons,
    elsewhere_lessons,
    further_lessons,
    pair_lessons,
    stranger_lessons,
    told_claims,
)
from trendnlp.pairs import LabelledPair, digest, families, pairs_in, read_pairs
from trendnlp.relations import Relation
from trendnlp.tune import Progress, TuneOptions, measured
from trendnlp.tune_pairs import PairLesson, Start, tune_pairs
from trendnlp.weights import PULL

ENCODER_FILE, HEADS_FILE = "{}.judge.encoder.safetensors", "{}.judge.heads.safetensors"
TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 61))
BOTH = (FAST, ACCURATE)
SHARED = ("claims", "strangers", "elsewhere", "reports", "dev", "test")  # settings of all judges
TOGETHER = "Train the judges together with `trendnlp train --only judge`."
FURTHER = 1 / 3  # of the usual rate: what was learnt before is not to be lost
REMEDY = "Add labelled pairs of other markets to its pairs folder."


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """``accurate``: how the judge that goes with the accurate model is tuned, or with the fast one where no other is
    here. ``fast``: how one for the fast model beside it is tuned, None for none. ``dev`` and ``test``: shares of the
    markets that calibrate and that only score. ``claims``: at most so many pairs of marked claims a market that say the
    same, as many of the nearest that do not, and half as many of any that do not, are learnt from. ``strangers``: so
    many of the nearest, and half as many of any, statements of a market's pairs that no pair brings together. Both show
    what pairs that were written as pairs cannot: how little most claims of a report have in common. ``elsewhere``: so
    many statements of a market are also set beside one of another market. ``reports``: so many claims of a market's
    reports are set beside the nearest of another market's; those of the markets that calibrate also bound what may
    merge, and those of the markets that only score are scored.
    """

    accurate: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=2, batch=16, rate=3e-4, rank=16, frozen=4))
    fast: TuneOptions | None = field(default_factory=lambda: TuneOptions(epochs=3, batch=16, rate=5e-4, rank=32))
    claims: int = 40
    strangers: int = 4
    elsewhere: int = 4
    reports: int = 10
    dev: float = 0.12
    test: float = 0.22


@dataclass(frozen=True, slots=True)
class TrainedJudge:
    """A finished judge: its files where they were made, and its entry in the manifest."""

    encoder: Path
    heads: Path
    entry: JudgePart


Report = Callable[[str, Progress], None]  # which judge is tuned, and how far it is


@dataclass(frozen=True, slots=True)
class Material:
    """What a judge is made from: pairs, marked claims and all claims of reports, each by the part of its market."""

    pairs: Mapping[str, tuple[LabelledPair, ...]]
    claims: Mapping[str, Mapping[str, Sequence[Marked]]]
    reports: Mapping[str, Mapping[str, Sequence[Told]]]
    digest: str


def material(corpus: Path, texts: Sequence[LabelledText], options: JudgeOptions) -> Material | None:
    """The corpus' pairs and marked claims, split by market; None where it has no pairs. Raises CorpusError for a bad
    line, and where a part lacks pairs that are the same or pairs that are not.
    """
    found = read_pairs(corpus)
    if not found:
        return None
    pairs: dict[str, list[LabelledPair]] = {"train": [], "dev": [], "test": []}
    for pair in found:
        pairs[split_of(pair.market, options.dev, options.test)].append(pair)
    for name, part in pairs.items():
        if len({pair.relation is Relation.SAME for pair in part}) < 2:
            reason = f"the {name} part of its pairs ({len(part)} of {len(found)}, split by market) is too small"
            raise CorpusError(str(corpus), reason, REMEDY)
    claims: dict[str, dict[str, Sequence[Marked]]] = {"train": {}, "dev": {}, "test": {}}
    for market, marked in marked_claims(texts).items():
        claims[split_of(market, options.dev, options.test)][market] = marked
    reports: dict[str, dict[str, Sequence[Told]]] = {"train": {}, "dev": {}, "test": {}}
    for market, told in told_claims(texts).items():
        reports[split_of(market, options.dev, options.test)][market] = told
    state = f"{digest(found)} {corpus_digest(tuple(texts))}"
    return Material({name: tuple(part) for name, part in pairs.items()}, claims, reports, state)


def train_judges(
    given: Material,
    bases: Bases,
    options: JudgeOptions,
    work: Path,
    report: Report,
    former: Artefact | None = None,
    only: Collection[str] = BOTH,
    further: Sequence[LabelledPair] = (),
) -> dict[str, TrainedJudge]:
    """Train judges, by the name of the model that each goes with, on the training markets, and fit their rules on those
    that calibrate; files lie below ``work``.

    The fast encoder's vectors propose what either is asked. Where there are two, the fast one settles what it is sure
    of. Where there is a ``former``, judges that are not among ``only`` stay as they are tuned there, and their rules
    are fitted anew; where there are pairs to learn ``further``, those that are among ``only`` go on from there, in one
    epoch of these and others. Interrupted, it goes on after the last whole epoch.
    """
    base = bases.fast
    told = lessons(given, base, options) if only else []
    taught = set(given.pairs["train"])
    fresh = [pair for pair in further if pair in taught]
    if fresh:
        told = further_lessons(fresh, told)
    across = {part: across_markets(given.reports[part], base, options.reports) for part in ("dev", "test")}
    tuned_so = {FAST: options.fast, ACCURATE: options.accurate}
    if bases.accurate is None:
        tuned_so = {FAST: options.fast or options.accurate}
    found: dict[str, TrainedJudge] = {}
    quick: Judge | None = None
    for name, tune in tuned_so.items():
        reads = bases.accurate if name == ACCURATE else base
        if tune is None or reads is None:
            continue
        if former is None or name in only:
            tune = measured(tune, work)
            start = None
            if former is not None and fresh:
                tune, start = _further(name, tune, former)
            state = repr(
                (given.digest, base.digest, reads.digest, replace(options, fast=tune, accurate=tune), start, fresh)
            )
            place = work / f"{name}-{JUDGE}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
            judge, made = _tuned(name, reads, told, given, options, tune, place, partial(report, name), start)
            if fresh:
                settings = {**made.entry.settings, "further": float(len(fresh))}
                made = replace(made, entry=replace(made.entry, settings=settings))
        elif name in former.manifest.judges:
            judge, made = _kept(name, reads, options, former)
        else:
            continue
        settled = None if quick is None else fit_settled(quick, given.pairs["dev"])
        serving = judge if quick is None or settled is None else JudgeCascade(quick, judge, settled, judge.digest)
        rule = fit_rule(serving, base, given.pairs["dev"], given.claims["dev"], across["dev"])
        entry = replace(
            made.entry,
            low=rule.low,
            threshold=rule.threshold,
            diameter=rule.diameter,
            scores=judge_scores(
                Comparer(serving, rule), base, given.pairs["test"], given.claims["test"], across["test"]
            ),
            settled=settled,
        )
        found[name] = replace(made, entry=entry)
        quick = judge
    return found


def _further(name: str, tune: TuneOptions, former: Artefact) -> tuple[TuneOptions, Start]:
    """How a judge of ``former`` learns further, and where it stands. Raises ArtefactError where it has none."""
    part = former.manifest.judges.get(name)
    if part is None or part.settings["rank"] != tune.rank or part.settings["frozen"] != tune.frozen:
        raise ArtefactError(str(former.folder), f"has no {name} judge that could learn further", TOGETHER)
    slower = replace(tune, epochs=1, rate=tune.rate * FURTHER, head_rate=tune.head_rate * FURTHER, least_steps=0)
    return slower, Start(former.path(part.encoder), former.path(part.heads))


def _tuned(
    name: str,
    reads: Encoder,
    told: Sequence[PairLesson],
    given: Material,
    options: JudgeOptions,
    tune: TuneOptions,
    place: Path,
    report: Callable[[Progress], None],
    start: Start | None,
) -> tuple[Judge, TrainedJudge]:
    """A judge, tuned in ``place`` and calibrated, without its rule."""
    tuned = tune_pairs(reads, told, tune, place, report, start)
    serving = reads.with_weights(tuned.weights, sha256(tuned.weights)).quantized()
    judge = _calibrated(serving, tuned.heads, given.pairs["dev"])
    weights, heads = (place / file.format(name) for file in (ENCODER_FILE, HEADS_FILE))
    save_head(heads, judge.weight, judge.bias)
    entry = JudgePart(
        base=reads.name,
        base_sha256=reads.digest,
        encoder=weights.name,
        heads=heads.name,
        low=0.0,
        threshold=1.0,
        diameter=0.0,
        pairs=sum(map(len, given.pairs.values())),
        pairs_sha256=digest([pair for part in given.pairs.values() for pair in part]),
        settings=asdict(replace(tune, rate=tuned.rate)) | {shared: getattr(options, shared) for shared in SHARED},
        scores={},
        settled=None,
    )
    return judge, TrainedJudge(tuned.weights.replace(weights), heads, entry)


def _kept(name: str, reads: Encoder, options: JudgeOptions, models: Artefact) -> tuple[Judge, TrainedJudge]:
    """A judge of ``models`` as it is tuned there; raises ArtefactError where its rule could not be fitted again."""
    part = models.manifest.judges[name]
    if part.base_sha256 != reads.digest:
        raise ArtefactError(str(models.folder), f"its {name} judge stands on another encoder than is here", TOGETHER)
    if (part.settings["dev"], part.settings["test"]) != (options.dev, options.test):
        reason = f"its {name} judge learnt from markets that would calibrate or score it"
        raise ArtefactError(str(models.folder), reason, TOGETHER)
    encoder, heads = (models.path(file) for file in (part.encoder, part.heads))
    tuned = reads.with_weights(encoder, models.manifest.files[part.encoder])
    return Judge.load(tuned.quantized(), heads, models.manifest.files[part.heads]), TrainedJudge(encoder, heads, part)


def kept_judges(models: Artefact, bases: Bases) -> dict[str, TrainedJudge]:
    """The judges of ``models``; raises ArtefactError where one stands on none of ``bases``."""
    known = {base.digest for base in (bases.fast, bases.accurate) if base is not None}
    for name, part in models.manifest.judges.items():
        if part.base_sha256 not in known:
            remedy = "Train all models: leave out --only."
            reason = f"its {name} judge stands on another encoder than its models"
            raise ArtefactError(str(models.folder), reason, remedy)
    return {
        name: TrainedJudge(models.path(part.encoder), models.path(part.heads), part)
        for name, part in models.manifest.judges.items()
    }


def add_judges(
    corpus: Path,
    models: Path,
    bases: Bases,
    options: JudgeOptions,
    report: Report,
    only: Collection[str] = BOTH,
    further: str | None = None,
) -> Artefact:
    """Train the judges of the models ``only``, put them into a models folder that is there, and fit the rules of all
    its judges; the rest stays as it is. Where a file of pairs is named to learn ``further``, they go on from where they
    stand. Raises CorpusError, ArtefactError.
    """
    former = open_artefact(models)
    manifest = former.manifest
    if bases.fast.digest != manifest.parts[FAST].base_sha256:
        remedy = "Set TRENDNLP_ENCODER to the encoder that they were trained with."
        raise ArtefactError(str(models), "its fast model stands on another encoder than is here", remedy)
    if ACCURATE not in manifest.parts:
        if ACCURATE in only and FAST not in only:
            raise ArtefactError(str(models), "has no accurate model that a judge could go with", TOGETHER)
        bases = replace(bases, accurate=None)
    elif bases.accurate is None or bases.accurate.digest != manifest.parts[ACCURATE].base_sha256:
        reason = "the weights that its accurate model, and so its accurate judge, stands on are not here"
        raise ArtefactError(str(models), reason, PULL)
    given = material(corpus, read_corpus(corpus), options)
    if given is None:
        raise CorpusError(str(corpus), "holds no labelled pairs", REMEDY)
    work = models / ".work"
    fresh = pairs_in(corpus, further) if further else ()
    if further and set(given.pairs["train"]).isdisjoint(fresh):
        raise CorpusError(f"{corpus}/pairs/{further}.jsonl", "holds no pair of a market that teaches", REMEDY)
    found = train_judges(given, bases, options, work, report, former, only, fresh)
    if not found:
        raise ArtefactError(str(models), "has no judge whose rule could be fitted", TOGETHER)
    replaced = [judge for name, judge in manifest.judges.items() if name in found]
    old = {file for judge in replaced for file in (judge.encoder, judge.heads)}
    made = [path for judge in found.values() for path in (judge.encoder, judge.heads)]
    files = {name: its for name, its in manifest.files.items() if name not in old}
    files |= {path.name: sha256(path) for path in made}
    for path in made:
        path.replace(models / path.name)
    judges = {**manifest.judges, **{name: judge.entry for name, judge in found.items()}}
    artefact = write_manifest(models, replace(manifest, files=files, judges=judges))
    (models / CARD).write_text(model_card(artefact.manifest), "utf-8")
    for name in old - files.keys():
        (models / name).unlink()
    shutil.rmtree(work, ignore_errors=True)  # where nothing was trained, there is none
    return artefact


def lessons(given: Material, base: Encoder, options: JudgeOptions) -> list[PairLesson]:
    """The training markets' pairs, claims and reports, of each as much as the options say."""
    markets = families(given.pairs["train"])
    return [
        *pair_lessons(given.pairs["train"]),
        *claim_lessons(given.claims["train"], base, options.claims),
        *stranger_lessons(markets, base, options.strangers),
        *elsewhere_lessons(markets, base, options.elsewhere),
        *pair_lessons(across_markets(given.reports["train"], base, options.reports)),
    ]


def _calibrated(encoder: Encoder, heads: Path, pairs: Sequence[LabelledPair]) -> Judge:
    """The judge with the temperature at which the pairs that calibrate are least surprising (Guo et al. 2017)."""
    from safetensors.numpy import load_file

    tensors = load_file(heads)
    weight, bias = (np.asarray(tensors[f"{HEAD}.{name}"], np.float64) for name in ("weight", "bias"))
    logits = Judge(encoder, weight, bias, "").logits([(p.a, p.b) for p in pairs])
    gold = np.array([RELATIONS.index(p.relation) for p in pairs])

    def surprise(temperature: float) -> float:
        chosen: NDArray[np.float64] = softmax(logits / temperature)[np.arange(len(gold)), gold]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    temperature: float = min((float(t) for t in TEMPERATURES), key=surprise)
    return Judge(encoder, _scaled(weight, temperature), _scaled(bias, temperature), sha256(heads))


def _scaled(values: Matrix, temperature: float) -> Matrix:
    return np.asarray(values / temperature)

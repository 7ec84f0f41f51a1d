"""From labelled pairs, and from the claims that the corpus marks as the same, to the pair judges and their rules."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import Artefact, JudgePart, open_artefact, sha256, write_manifest
from trendnlp.build import ACCURATE, FAST, JUDGE, Bases
from trendnlp.card import CARD, model_card
from trendnlp.consolidate import Comparer, Pair, Rule
from trendnlp.consolidate.judged import judged_partition
from trendnlp.corpus import LabelledText, Marked, marked_claims, read_corpus, split_of
from trendnlp.corpus import digest as corpus_digest
from trendnlp.encode import Encoder, Vectors
from trendnlp.errors import ArtefactError, CorpusError
from trendnlp.evaluate import b_cubed_f1
from trendnlp.guards import Reading
from trendnlp.judge import DISTINCT, HEAD, RELATIONS, Judge, JudgeCascade, Matrix, Scorer, save_head, softmax
from trendnlp.pairs import LabelledPair, digest, families, read_pairs
from trendnlp.relations import Relation, Verdict
from trendnlp.tune import Progress, TuneOptions
from trendnlp.tune_pairs import PairLesson, tune_pairs
from trendnlp.weights import PULL

DECIMALS = 4
NEAR_ELSEWHERE = 20  # nearer statements of other markets may make the same claim, as many markets are neighbours
ENCODER_FILE, HEADS_FILE = "{}.judge.encoder.safetensors", "{}.judge.heads.safetensors"
LOW_SHARE = 0.01  # of the pairs that say the same, which may be lost because nobody judges them
LOWEST, HIGHEST_LOW = 0.2, 0.6  # the cosines between which that bound is sought
SETTLED_SHARE = 0.01  # of the pairs that are not distinct, which the fast judge may settle as distinct
MOST_CONTRARY = 0.025  # of the pairs that contradict, which may merge
THRESHOLDS = [round(0.30 + 0.02 * i, 2) for i in range(35)]
DIAMETERS = (0.02, 0.05, 0.1, 0.2, 0.3)
DIAMETER = 0.1  # where no market that calibrates marks its claims
TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 61))
REMEDY = "Add labelled pairs of other markets to its pairs folder."


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """``fast`` and ``accurate``: how the two judges are tuned. ``dev`` and ``test``: shares of the markets that
    calibrate and that only score. ``claims``: at most so many pairs of marked claims a market that say the same, as
    many of the nearest that do not, and half as many of any that do not, are learnt from. ``strangers``: so many of the
    nearest, and half as many of any, statements of a market's pairs that no pair brings together. Both show what pairs
    that were written as pairs cannot: how little most claims of a report have in common. ``elsewhere``: so many
    statements of a market are also set beside one of another market.
    """

    fast: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=2, batch=16, rate=5e-4, rank=32))
    accurate: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=2, batch=16, rate=3e-4, rank=16, frozen=4))
    claims: int = 40
    strangers: int = 4
    elsewhere: int = 4
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
    """What a judge is made from: pairs and marked claims, each by the part of its market."""

    pairs: Mapping[str, tuple[LabelledPair, ...]]
    claims: Mapping[str, Mapping[str, Sequence[Marked]]]
    digest: str


@dataclass(frozen=True, slots=True)
class PairScores:
    """Of verdicts on labelled pairs: precision, recall and F1 of "the same", the share of right relations, and how
    many pairs that contradict would merge.
    """

    precision: float
    recall: float
    f1: float
    relations: float
    contradictions: int


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
    state = f"{digest(found)} {corpus_digest(tuple(texts))}"
    return Material({name: tuple(part) for name, part in pairs.items()}, claims, state)


def train_judges(
    given: Material, bases: Bases, options: JudgeOptions, work: Path, report: Report
) -> dict[str, TrainedJudge]:
    """Train a judge for each model that has a base here, by the model's name, on the training markets, and fit their
    rules on those that calibrate; files lie below ``work``.

    The fast encoder's vectors propose what either is asked. Where there is an accurate judge, the fast one settles what
    it is sure of. Interrupted, it goes on after the last whole epoch.
    """
    base, told = bases.fast, lessons(given, bases.fast, options)
    found: dict[str, TrainedJudge] = {}
    quick: Judge | None = None
    for name, reads, tune in ((FAST, base, options.fast), (ACCURATE, bases.accurate, options.accurate)):
        if reads is None:
            continue
        state = repr((given.digest, base.digest, reads.digest, replace(options, fast=tune, accurate=tune)))
        place = work / f"{name}-{JUDGE}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
        tuned = tune_pairs(reads, told, tune, place, partial(report, name))
        encoder = reads.with_weights(tuned.weights, sha256(tuned.weights))
        judge = _calibrated(encoder, tuned.heads, given.pairs["dev"])
        settled = None if quick is None else fit_settled(quick, given.pairs["dev"])
        serving = judge if quick is None or settled is None else JudgeCascade(quick, judge, settled, judge.digest)
        rule = fit_rule(serving, base, given)
        weights, heads = (place / file.format(name) for file in (ENCODER_FILE, HEADS_FILE))
        save_head(heads, judge.weight, judge.bias)
        entry = JudgePart(
            base=reads.name,
            base_sha256=reads.digest,
            encoder=weights.name,
            heads=heads.name,
            low=rule.low,
            threshold=rule.threshold,
            diameter=rule.diameter,
            pairs=sum(map(len, given.pairs.values())),
            pairs_sha256=digest([pair for part in given.pairs.values() for pair in part]),
            settings=asdict(tune)
            | {n: getattr(options, n) for n in ("claims", "strangers", "elsewhere", "dev", "test")},
            scores=judge_scores(Comparer(serving, rule), base, given, "test"),
            settled=settled,
        )
        found[name] = TrainedJudge(tuned.weights.replace(weights), heads, entry)
        quick = judge
    return found


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


def add_judges(corpus: Path, models: Path, bases: Bases, options: JudgeOptions, report: Report) -> Artefact:
    """Train judges and put them into a models folder that is there, whose other models stay as they are. Raises
    CorpusError, ArtefactError.
    """
    manifest = open_artefact(models).manifest
    if bases.fast.digest != manifest.parts[FAST].base_sha256:
        remedy = "Set TRENDNLP_ENCODER to the encoder that they were trained with."
        raise ArtefactError(str(models), "its fast model stands on another encoder than is here", remedy)
    if ACCURATE not in manifest.parts:
        bases = replace(bases, accurate=None)
    elif bases.accurate is None or bases.accurate.digest != manifest.parts[ACCURATE].base_sha256:
        reason = "the weights that its accurate model, and so its accurate judge, stands on are not here"
        raise ArtefactError(str(models), reason, PULL)
    given = material(corpus, read_corpus(corpus), options)
    if given is None:
        raise CorpusError(str(corpus), "holds no labelled pairs", REMEDY)
    found = train_judges(given, bases, options, models / ".work", report)
    former = {file for judge in manifest.judges.values() for file in (judge.encoder, judge.heads)}
    made = [path for judge in found.values() for path in (judge.encoder, judge.heads)]
    files = {name: its for name, its in manifest.files.items() if name not in former}
    files |= {path.name: sha256(path) for path in made}
    for path in made:
        path.replace(models / path.name)
    judges = {name: judge.entry for name, judge in found.items()}
    artefact = write_manifest(models, replace(manifest, files=files, judges=judges))
    (models / CARD).write_text(model_card(artefact.manifest), "utf-8")
    for name in former - files.keys():
        (models / name).unlink()
    shutil.rmtree(models / ".work")
    return artefact


def lessons(given: Material, base: Encoder, options: JudgeOptions) -> list[PairLesson]:
    """The training markets' pairs; of each one's marked claims some that are the same and some that are not; and some
    of its statements that no pair brings together, or that stand beside another market's.
    """
    found = [PairLesson(p.a, p.b, _sure(p.relation)) for p in given.pairs["train"]]
    for market, marked in sorted(given.claims["train"].items()):
        told = [(_words(m), m.key) for m in marked]
        same = [(a, b) for (a, key), (b, other) in combinations(told, 2) if key == other and a != b]
        random.Random(market).shuffle(same)
        found += [PairLesson(a, b, _sure(Relation.SAME)) for a, b in same[: options.claims]]
        found += _strangers(market, told, base, options.claims)
    markets = families(given.pairs["train"])
    for market, told in markets.items():
        found += _strangers(market, told, base, options.strangers)
    return found + _elsewhere(markets, base, options.elsewhere)


def _strangers(market: str, told: Sequence[tuple[str, str]], base: Encoder, count: int) -> list[PairLesson]:
    """Of texts with their keys: the ``count`` nearest of different keys, and half as many at random. What has another
    key is taken for another claim, which of statements that merely nobody paired is an assumption.
    """
    vectors = base.encode([text for text, _ in told])
    cosine = vectors @ vectors.T
    apart = [(i, j) for i, j in combinations(range(len(told)), 2) if told[i][1] != told[j][1]]
    apart.sort(key=lambda p: (-round(float(cosine[p]), DECIMALS), p))
    rest = apart[count:]
    random.Random(market).shuffle(rest)
    chosen = apart[:count] + rest[: count // 2]
    return [PairLesson(told[i][0], told[j][0], _sure(Relation.DISTINCT)) for i, j in chosen]


def _elsewhere(markets: Mapping[str, Sequence[tuple[str, str]]], base: Encoder, count: int) -> list[PairLesson]:
    """``count`` random texts of each market, each with its ``NEAR_ELSEWHERE``-th nearest of other markets, or with the
    farthest where there are fewer: near, but another claim.
    """
    texts = [(text, market) for market, told in markets.items() for text, _ in told]
    vectors = base.encode([text for text, _ in texts])
    found, start = [], 0
    for market, told in markets.items():
        rest = [i for i in range(len(texts)) if texts[i][1] != market]
        for i in random.Random(market).sample(range(start, start + len(told)), min(count, len(told)) if rest else 0):
            cosine = vectors[rest] @ vectors[i]
            order = np.argsort(-cosine.round(DECIMALS), kind="stable")
            other = rest[order[min(NEAR_ELSEWHERE, len(order)) - 1]]
            found.append(PairLesson(texts[i][0], texts[other][0], _sure(Relation.DISTINCT)))
        start += len(told)
    return found


def fit_settled(quick: Scorer, pairs: Sequence[LabelledPair]) -> float:
    """The score of "distinct" that ``quick`` gives to few of the pairs that are anything else."""
    found = quick.predict_proba([(p.a, p.b) for p in pairs if p.relation is not Relation.DISTINCT])
    bound = float(np.quantile(found[:, DISTINCT], 1.0 - SETTLED_SHARE))
    return round(min(1.0, bound + 10.0**-DECIMALS), DECIMALS)


def fit_rule(judge: Scorer, base: Encoder, given: Material) -> Rule:
    """The rule that serves the markets that calibrate best: of the thresholds at which few contradicting pairs merge,
    the one with the best F1 of "the same"; then the diameter with the best B-cubed F1 of the marked claims.
    """
    judge = _Remembering(judge)
    dev = given.pairs["dev"]
    cosines = [pair.cosine for pair, p in zip(as_pairs(dev, base), dev, strict=True) if p.relation is Relation.SAME]
    low = float(np.clip(np.floor(np.quantile(cosines, LOW_SHARE) * 100) / 100, LOWEST, HIGHEST_LOW))
    verdicts = compare_pairs(Comparer(judge, Rule(low, THRESHOLDS[0], 0.0)), base, dev)
    ranked = [(pair_scores(dev, [_at(v, threshold) for v in verdicts]), threshold) for threshold in THRESHOLDS]
    most = MOST_CONTRARY * sum(p.relation is Relation.CONTRADICTS for p in dev)
    # Of equally good ones the highest: a wrong merge hides a claim, a missed one only shows it twice.
    _, threshold = max(ranked, key=lambda r: (-max(r[0].contradictions, most), round(r[0].f1, DECIMALS), r[1]))
    claims = given.claims["dev"]
    if not claims:
        return Rule(low, threshold, DIAMETER)
    fits = [(claims_score(Comparer(judge, Rule(low, threshold, d)), base, claims), d) for d in DIAMETERS]
    return Rule(low, threshold, max(fits)[1])


class _Remembering:
    """A judge that is asked once for each pair, however many rules are tried on it."""

    def __init__(self, judge: Scorer) -> None:
        self.judge = judge
        self.digest = judge.digest
        self.known: dict[tuple[str, str], Matrix] = {}

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self.known]
        self.known.update(zip(fresh, self.judge.predict_proba(fresh), strict=True))
        return np.array([self.known[pair] for pair in pairs]).reshape(len(pairs), len(RELATIONS))


def _at(verdict: Verdict, threshold: float) -> Verdict:
    """A verdict under a higher threshold, as far as "the same" goes."""
    if verdict.relation is Relation.SAME and verdict.score is not None and verdict.score < threshold:
        return replace(verdict, relation=Relation.DISTINCT)
    return verdict


def judge_scores(comparer: Comparer, base: Encoder, given: Material, part: str) -> dict[str, float]:
    """Named scores of the judge and its rule on one part of the material."""
    pairs = given.pairs[part]
    found = pair_scores(pairs, compare_pairs(comparer, base, pairs))
    scores = {
        "same_precision": found.precision,
        "same_recall": found.recall,
        "same_f1": found.f1,
        "relation_accuracy": found.relations,
        "contradictions_merged": float(found.contradictions),
        "pairs": float(len(pairs)),
    }
    if given.claims[part]:
        scores["b_cubed_f1"] = claims_score(comparer, base, given.claims[part])
    return {name: round(value, DECIMALS) for name, value in scores.items()}


def compare_pairs(comparer: Comparer, base: Encoder, pairs: Sequence[LabelledPair]) -> tuple[Verdict, ...]:
    """A verdict a labelled pair, in order."""
    return comparer.compare(as_pairs(pairs, base))


def as_pairs(pairs: Sequence[LabelledPair], base: Encoder) -> list[Pair]:
    """Labelled pairs as they are compared: with the cosine of ``base`` and their kind."""
    a, b = (
        base.encode([" ".join(text.split()) for text in side]) for side in ([p.a for p in pairs], [p.b for p in pairs])
    )
    cosines = (a.astype(np.float64) * b).sum(1)
    return [
        Pair(Reading(p.a, p.kind), Reading(p.b, p.kind), float(cosine))
        for p, cosine in zip(pairs, cosines, strict=True)
    ]


def pair_scores(pairs: Sequence[LabelledPair], verdicts: Sequence[Verdict]) -> PairScores:
    """How verdicts stand against what people say of the pairs."""
    said = [v.relation is Relation.SAME for v in verdicts]
    gold = [p.relation is Relation.SAME for p in pairs]
    both = sum(s and g for s, g in zip(said, gold, strict=True))
    precision, recall = (both / total if total else 0.0 for total in (sum(said), sum(gold)))
    right = sum(v.relation is p.relation for p, v in zip(pairs, verdicts, strict=True))
    contradictions = sum(s and p.relation is Relation.CONTRADICTS for s, p in zip(said, pairs, strict=True))
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    return PairScores(precision, recall, f1, right / max(1, len(pairs)), contradictions)


def claims_score(comparer: Comparer, base: Encoder, markets: Mapping[str, Sequence[Marked]]) -> float:
    """B-cubed F1 over the marked claims of all markets, each consolidated by itself."""
    gold, found = [], []
    for market, marked in sorted(markets.items()):
        claims = [m.claim for m in marked]
        judged = judged_partition(claims, vectors_of(marked, base), comparer)
        gold += [f"{market} {m.key}" for m in marked]
        found += [f"{market} {cluster}" for cluster in judged.clusters[judged.rows]]
    return b_cubed_f1(gold, found)


def vectors_of(marked: Sequence[Marked], base: Encoder) -> Vectors:
    return base.encode([_words(m) for m in marked])


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


def _words(marked: Marked) -> str:
    return " ".join(marked.claim.labelled.statement.text.split())


def _sure(relation: Relation) -> tuple[float, ...]:
    return tuple(float(relation is other) for other in RELATIONS)

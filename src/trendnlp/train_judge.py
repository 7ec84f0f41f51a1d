"""From labelled pairs, and from the claims that the corpus marks as the same, to a pair judge and its rule."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import Artefact, JudgePart, open_artefact, sha256, write_manifest
from trendnlp.build import ACCURATE, FAST, JUDGE, Bases
from trendnlp.card import CARD, model_card
from trendnlp.consolidate import Comparer, Pair, Rule
from trendnlp.consolidate.compare import Scorer
from trendnlp.consolidate.judged import judged_partition
from trendnlp.corpus import Marked, read_corpus
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, CorpusError
from trendnlp.evaluate import b_cubed_f1
from trendnlp.guards import Reading
from trendnlp.judge import HEAD, RELATIONS, Judge, Matrix, save_head, softmax
from trendnlp.judge_material import REMEDY, JudgeOptions, Material, material, vectors_of, words_of
from trendnlp.pairs import LabelledPair, digest, families
from trendnlp.relations import Relation, Verdict
from trendnlp.train_similarity import TrainedSimilarity, train_similarity
from trendnlp.tune import Progress
from trendnlp.tune_pairs import PairLesson, tune_pairs

DECIMALS = 4
SIMILARITY = "similarity"
ENCODER_FILE, HEADS_FILE = "judge.encoder.safetensors", "judge.heads.safetensors"
LOW_SHARE = 0.01  # of the pairs that say the same, which may be lost because nobody judges them
LOWEST, HIGHEST_LOW = 0.2, 0.6  # the cosines between which that bound is sought
MOST_CONTRARY = 0.025  # of the pairs that contradict, which may merge
THRESHOLDS = [round(0.30 + 0.02 * i, 2) for i in range(35)]
DIAMETERS = (0.02, 0.05, 0.1, 0.2, 0.3)
DIAMETER = 0.1  # where no market that calibrates marks its claims
TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 61))


@dataclass(frozen=True, slots=True)
class TrainedJudge:
    """A finished judge: its entry in the manifest, and the files that this names, where they were made."""

    entry: JudgePart
    files: tuple[Path, ...]


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


def train_judge(
    given: Material,
    bases: Bases,
    proposing: TrainedSimilarity,
    options: JudgeOptions,
    work: Path,
    report: Callable[[Progress], None],
) -> TrainedJudge:
    """Train on the training markets and fit temperature and rule on those that calibrate; files lie below ``work``.

    The judge reads with the larger of the encoders that are here; the vectors of ``proposing`` propose what it is
    asked. Interrupted, it goes on after the last whole epoch.
    """
    base, reads = bases.fast, bases.accurate or bases.fast
    learning = (options.tune, options.claims, options.strangers, options.dev, options.test)
    state = repr((given.digest, base.digest, reads.digest, learning))
    work = work / f"judge-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
    tuned = tune_pairs(reads, lessons(given, base, options), options.tune, work, report)
    encoder = reads.with_weights(tuned.weights, sha256(tuned.weights))
    judge = _calibrated(encoder, tuned.heads, given.pairs["dev"])
    heads = work / HEADS_FILE
    save_head(heads, judge.weight, judge.bias)
    rule = fit_rule(judge, proposing.encoder, given)
    weights = tuned.weights.replace(work / ENCODER_FILE)
    pairs = given.pairs
    entry = JudgePart(
        base=reads.name,
        base_sha256=reads.digest,
        encoder=weights.name,
        heads=heads.name,
        similarity=proposing.file.name,
        low=rule.low,
        threshold=rule.threshold,
        diameter=rule.diameter,
        pairs=sum(map(len, pairs.values())),
        pairs_sha256=digest([pair for part in pairs.values() for pair in part]),
        settings=_settings(options),
        scores=judge_scores(Comparer(judge, rule), proposing.encoder, given, "test"),
    )
    return TrainedJudge(entry, (weights, heads, proposing.file))


def _settings(options: JudgeOptions) -> dict[str, float]:
    own = {name: getattr(options, name) for name in ("claims", "strangers", "dev", "test")}
    similarity = {
        f"similarity_{name}": getattr(options.similarity, name) for name in ("epochs", "batch", "rate", "rank")
    }
    return asdict(options.tune) | own | similarity


def judge_of(
    given: Material, bases: Bases, options: JudgeOptions, work: Path, report: Callable[[str, Progress], None]
) -> TrainedJudge:
    """The encoder that proposes, then the judge; ``report`` is told which of the two is trained, and how far it is."""
    proposing = train_similarity(given, bases.fast, options.similarity, work, partial(report, SIMILARITY))
    return train_judge(given, bases, proposing, options, work, partial(report, JUDGE))


def kept_judge(models: Artefact, bases: Bases) -> TrainedJudge | None:
    """The judge of ``models``, None where they hold none; raises ArtefactError where it stands on none of ``bases``."""
    part = models.manifest.judge
    if part is None:
        return None
    if part.base_sha256 not in {base.digest for base in (bases.fast, bases.accurate) if base is not None}:
        remedy = "Train all models: leave out --only."
        raise ArtefactError(str(models.folder), "its judge stands on another encoder than its models", remedy)
    return TrainedJudge(part, tuple(map(models.path, part.files)))


def add_judge(
    corpus: Path, models: Path, bases: Bases, options: JudgeOptions, report: Callable[[str, Progress], None]
) -> Artefact:
    """Train a judge and put it into a models folder that is there, whose other models stay as they are. Raises
    CorpusError, ArtefactError.
    """
    manifest = open_artefact(models).manifest
    if bases.fast.digest != manifest.parts[FAST].base_sha256:
        remedy = "Set TRENDNLP_ENCODER to the encoder that they were trained with."
        raise ArtefactError(str(models), "its fast model stands on another encoder than is here", remedy)
    if ACCURATE not in manifest.parts:
        bases = replace(bases, accurate=None)
    given = material(corpus, read_corpus(corpus), options)
    if given is None:
        raise CorpusError(str(corpus), "holds no labelled pairs", REMEDY)
    found = judge_of(given, bases, options, models / ".work", report)
    former = manifest.judge.files if manifest.judge else ()
    files = {name: digest for name, digest in manifest.files.items() if name not in former}
    files |= {path.name: sha256(path) for path in found.files}
    for path in found.files:
        path.replace(models / path.name)
    artefact = write_manifest(models, replace(manifest, files=files, judge=found.entry))
    (models / CARD).write_text(model_card(artefact.manifest), "utf-8")
    shutil.rmtree(models / ".work")
    return artefact


def lessons(given: Material, base: Encoder, options: JudgeOptions) -> list[PairLesson]:
    """The training markets' pairs; of each one's marked claims some that are the same and some that are not; and some
    of its statements that no pair brings together.
    """
    found = [PairLesson(p.a, p.b, _sure(p.relation)) for p in given.pairs["train"]]
    for market, marked in sorted(given.claims["train"].items()):
        told = [(words_of(m), m.key) for m in marked]
        same = [(a, b) for (a, key), (b, other) in combinations(told, 2) if key == other and a != b]
        random.Random(market).shuffle(same)
        found += [PairLesson(a, b, _sure(Relation.SAME)) for a, b in same[: options.claims]]
        found += _strangers(market, told, base, options.claims)
    for market, told in families(given.pairs["train"], tuple(Relation)).items():
        found += _strangers(market, told, base, options.strangers)
    return found


def _strangers(market: str, told: Sequence[tuple[str, str]], base: Encoder, count: int) -> list[PairLesson]:
    """Of texts with their keys: the ``count`` nearest of different keys, and half as many at random."""
    vectors = base.encode([text for text, _ in told])
    cosine = vectors @ vectors.T
    apart = [(i, j) for i, j in combinations(range(len(told)), 2) if told[i][1] != told[j][1]]
    apart.sort(key=lambda p: (-round(float(cosine[p]), DECIMALS), p))
    rest = apart[count:]
    random.Random(market).shuffle(rest)
    chosen = apart[:count] + rest[: count // 2]
    return [PairLesson(told[i][0], told[j][0], _sure(Relation.DISTINCT)) for i, j in chosen]


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


def _sure(relation: Relation) -> tuple[float, ...]:
    return tuple(float(relation is other) for other in RELATIONS)

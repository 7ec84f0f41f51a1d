"""How well statements that make the same claim are told: labelled pairs, and groups of marked claims.

    python benchmarks/consolidation.py [--corpus corpus] [--models FOLDER] [--only pairs everyday across claims]

On the markets that neither taught nor calibrated a judge, whether or not the models hold one: of pairs, the merges that
contradict and the precision, recall and F1 of "the same"; the same of everyday pairs, which nothing is trained or
fitted on, of markets whose names no other pair or labelled text bears; of near claims of two markets, how many merge;
of marked claims, B-cubed F1 market by market, with the labels of the corpus and with those of the fast model, which has
learnt from most of these texts: claims that it calls "other" stand alone, in the peers' clusters too. Ours stands
beside cosine, average linkage, sentence-transformers' community_detection and, where it is installed, semhash, each at
its best single cut, chosen on these very markets to its advantage. ``--by-change`` also prints how many pairs of each
change merge.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from trendnlp.artefacts import Artefact, open_artefact
from trendnlp.build import FAST, build_comparer, build_model, fast_base
from trendnlp.classify import label
from trendnlp.consolidate import Comparer, CosineComparer
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.judged import judged_partition
from trendnlp.corpus import LabelledText, Marked, marked_claims, read_corpus, split_of, statements_of
from trendnlp.encode import Encoder, Vectors
from trendnlp.evaluate import b_cubed_f1
from trendnlp.guards.words import content
from trendnlp.judge_rule import as_pairs, pair_scores, vectors_of
from trendnlp.pair_lessons import across_markets, told_claims
from trendnlp.pairs import EVERYDAY, LabelledPair, read_pairs
from trendnlp.relations import Relation
from trendnlp.settings import Settings
from trendnlp.train_judge import JudgeOptions
from trendnlp.types import OTHER

PARTS = ("pairs", "everyday", "across", "claims")
CUTS = [round(0.30 + 0.01 * i, 2) for i in range(70)]
COMMUNITY = 1  # least members of a community: a claim may stand alone

Cluster = Callable[[Sequence[Marked], Vectors, float], Sequence[int]]
Markets = Mapping[str, Sequence[Marked]]
Rule = Comparer | CosineComparer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--by-change", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="print only these tables")
    given = parser.parse_args()
    models = open_artefact(given.models)
    settings = Settings.from_env()
    base = fast_base(settings, models.part(FAST).base_sha256)
    rule = build_comparer(models, base, settings) or CosineComparer(models.manifest.threshold, base.digest)
    texts = read_corpus(given.corpus)
    pairs = read_pairs(given.corpus)
    print(f"{_name(rule)} {rule.digest[:12]}")
    if "pairs" in given.only:
        held_out = [pair for pair in pairs if _held_out(pair.market, models)]
        _print_pairs(held_out, "held-out", rule, base, given.by_change)
    if "everyday" in given.only:
        others = {part.market.casefold() for part in (*pairs, *texts)}
        everyday = [pair for pair in read_pairs(given.corpus / EVERYDAY) if pair.market.casefold() not in others]
        _print_pairs(everyday, "everyday", rule, base, given.by_change)
        known = {_named(market) for market in others}
        far = [pair for pair in everyday if not any(_within(_named(pair.market), other) for other in known)]
        _print_pairs(far, "everyday (no like name)", rule, base, False)
    if "across" in given.only:
        _print_across([text for text in texts if _held_out(text.market, models)], rule, base)
    if "claims" not in given.only:
        return
    gold = {market: marked for market, marked in marked_claims(texts).items() if _held_out(market, models)}
    _print_claims("the labels of the corpus", gold, gold, rule, base)
    found = _relabelled(gold, texts, models, base)
    _print_claims("the labels of the fast model", gold, found, rule, base)


def _named(market: str) -> frozenset[str]:
    """The stems of a market's name."""
    return content(market.casefold().split()) or frozenset([market])


def _within(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether one of two names is a part of the other: "drones", "drones in India"."""
    return a <= b or b <= a


def _held_out(market: str, models: Artefact) -> bool:
    part, usual = next(iter(models.manifest.judges.values()), None), JudgeOptions()
    shares = (part.settings["dev"], part.settings["test"]) if part else (usual.dev, usual.test)
    return split_of(market, *shares) == "test"


def _name(rule: Rule) -> str:
    return "guards and judge" if isinstance(rule, Comparer) else f"guards and cosine at {rule.threshold}"


def _print_pairs(pairs: Sequence[LabelledPair], name: str, rule: Rule, base: Encoder, by_change: bool) -> None:
    contrary = sum(p.relation is Relation.CONTRADICTS for p in pairs)
    print(f"\n{len(pairs)} {name} pairs of {len({p.market.casefold() for p in pairs})} markets, {contrary} contradict")
    print(
        "| rule | contradicting pairs merged | precision | recall | F1 of the same |\n| --- | --- | --- | --- | --- |"
    )
    verdicts = rule.compare(as_pairs(pairs, base))
    scores = pair_scores(pairs, verdicts)
    print(_row(_name(rule), scores.contradictions, scores.precision, scores.recall, scores.f1))
    print(_row(*_best_cosine(pairs, base)))
    print(f"right relation of the four: {scores.relations:.3f}")
    if by_change:
        merged = Counter((p.relation, p.change) for p, v in zip(pairs, verdicts, strict=True) if v.relation == "same")
        for key, count in sorted(Counter((p.relation, p.change) for p in pairs).items()):
            print(f"{key[0]}\t{key[1]}\t{merged[key]} of {count} merge")


def _print_across(texts: Sequence[LabelledText], rule: Rule, base: Encoder) -> None:
    """How many claims of reports on two markets merge, of those that are near enough to be asked about."""
    markets = told_claims(texts)
    pairs = across_markets(markets, base, JudgeOptions().reports)
    merged = sum(v.relation is Relation.SAME for v in rule.compare(as_pairs(pairs, base)))
    print(f"\n{merged} of {len(pairs)} near claims of two of {len(markets)} held-out markets merge")


def _print_claims(labels: str, gold: Markets, found: Markets, rule: Rule, base: Encoder) -> None:
    """B-cubed F1 over all claims of ``gold``; those that are not in ``found`` stand alone."""
    units = sum(map(len, gold.values()))
    print(f"\n{units} marked claims of {len(gold)} held-out markets, {labels}: {sum(map(len, found.values()))} claims")
    print("| rule | B-cubed F1 | seconds |\n| --- | --- | --- |")
    vectors = {market: vectors_of(marked, base) for market, marked in found.items() if marked}
    if isinstance(rule, CosineComparer):
        print(_best_cut("guards and cosine", _ours, gold, found, vectors))
    started = time.perf_counter()
    score = _score(lambda marked, rows, cut: _clusters(marked, rows, rule), gold, found, vectors, 0.0)
    print(f"| **{_name(rule)}** | {score:.3f} | {time.perf_counter() - started:.1f} |")
    for name, cluster in _peers().items():
        print(_best_cut(name, cluster, gold, found, vectors))
    if find_spec("semhash") is None:
        print("| semhash | not installed | |")


def _relabelled(gold: Markets, texts: Sequence[LabelledText], models: Artefact, base: Encoder) -> Markets:
    """The marked claims with the kinds that the fast model gives them, without those that it calls "other"."""
    model = build_model(models, FAST, Settings.from_env(), base)
    given = {}
    for text in (text for text in texts if text.market in gold):
        statements = statements_of(text)
        given.update(zip((s.id for s in statements), label(model, statements), strict=True))
    found: dict[str, list[Marked]] = {}
    for market, marked in gold.items():
        told = [(m, given[m.claim.labelled.statement.id]) for m in marked]
        found[market] = [
            replace(m, claim=replace(m.claim, labelled=replace(m.claim.labelled, label=its)))
            for m, its in told
            if its.kind != OTHER
        ]
    return found


def _clusters(marked: Sequence[Marked], vectors: Vectors, rule: Rule) -> Sequence[int]:
    claims = [m.claim for m in marked]
    if isinstance(rule, Comparer):
        found = judged_partition(claims, vectors, rule)
    else:
        found = cosine_partition(claims, vectors, rule)
    return [int(i) for i in found.clusters[found.rows]]


def _ours(marked: Sequence[Marked], vectors: Vectors, cut: float) -> Sequence[int]:
    return _clusters(marked, vectors, CosineComparer(cut, "cosine"))


def _best_cosine(pairs: Sequence[LabelledPair], base: Encoder) -> tuple[str, int, float, float, float]:
    cosines = np.array([pair.cosine for pair in as_pairs(pairs, base)])
    same = np.array([p.relation is Relation.SAME for p in pairs])
    contrary = np.array([p.relation is Relation.CONTRADICTS for p in pairs])
    best: tuple[float, str, int, float, float] = (-1.0, "", 0, 0.0, 0.0)
    for cut in CUTS:
        merged = cosines >= cut
        both = int((merged & same).sum())
        precision, recall = both / max(1, int(merged.sum())), both / int(same.sum())
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        best = max(best, (f1, f"cosine at {cut:.2f}", int((merged & contrary).sum()), precision, recall))
    f1, name, merges, precision, recall = best
    return name, merges, precision, recall, f1


def _row(name: str, merges: int, precision: float, recall: float, f1: float) -> str:
    return f"| {name} | {merges} | {precision:.3f} | {recall:.3f} | {f1:.3f} |"


def _peers() -> Mapping[str, Cluster]:
    peers: dict[str, Cluster] = {"average linkage": _average, "community_detection": _communities}
    return peers | ({"semhash": _semhash} if find_spec("semhash") else {})


def _average(marked: Sequence[Marked], vectors: Vectors, cut: float) -> Sequence[int]:
    if len(marked) == 1:  # nothing to link
        return [0]
    return [int(i) for i in fcluster(linkage(vectors, "average", "cosine"), 1.0 - cut, "distance")]


def _communities(marked: Sequence[Marked], vectors: Vectors, cut: float) -> Sequence[int]:
    import torch
    from sentence_transformers.util import community_detection

    found = community_detection(torch.from_numpy(vectors), threshold=cut, min_community_size=COMMUNITY)
    cluster = {int(i): number for number, members in enumerate(found) for i in members}
    return [cluster.get(i, -1 - i) for i in range(len(marked))]


def _semhash(marked: Sequence[Marked], vectors: Vectors, cut: float) -> Sequence[int]:
    """Each record that semhash drops stands with the one that it calls its nearest."""
    from semhash import SemHash  # type: ignore[import-not-found, unused-ignore]

    texts = [" ".join(m.claim.labelled.statement.text.split()) for m in marked]
    number = {text: i for i, text in reversed(list(enumerate(texts)))}
    parent = {i: i for i in range(len(texts))}
    for dropped in SemHash.from_records(records=texts).self_deduplicate(threshold=cut).filtered:
        if dropped.duplicates:
            parent[number[dropped.record]] = number[dropped.duplicates[0][0]]

    def root(i: int) -> int:
        seen: set[int] = set()
        while parent[i] != i and i not in seen:
            seen.add(i)
            i = parent[i]
        return i

    return [root(number[text]) for text in texts]


def _score(cluster: Cluster, gold: Markets, found: Markets, vectors: Mapping[str, Vectors], cut: float) -> float:
    wanted, made = [], []
    for market, marked in gold.items():
        inside = found[market]
        clusters = cluster(inside, vectors[market], cut) if inside else ()
        of = {m.claim.labelled.statement.id: c for m, c in zip(inside, clusters, strict=True)}
        wanted += [f"{market} {m.key}" for m in marked]
        ids = [m.claim.labelled.statement.id for m in marked]
        made += [f"{market} {of.get(id, id)}" for id in ids]
    return b_cubed_f1(wanted, made)


def _best_cut(name: str, cluster: Cluster, gold: Markets, found: Markets, vectors: Mapping[str, Vectors]) -> str:
    """The best cut on these very markets, which is more than it would get in use, and the seconds of one cut."""
    started = time.perf_counter()
    best = max((_score(cluster, gold, found, vectors, cut), cut) for cut in CUTS)
    spent = (time.perf_counter() - started) / len(CUTS)
    return f"| {name} at its best cut, {best[1]:.2f} | {best[0]:.3f} | {spent:.2f} |"


if __name__ == "__main__":
    main()

"""How well statements that make the same claim are told: labelled pairs, and groups of marked claims.

    python benchmarks/consolidation.py [--corpus corpus] [--models FOLDER]

On the markets that neither taught nor calibrated the judge: of pairs, the merges that contradict and the precision,
recall and F1 of "the same"; of marked claims, B-cubed F1 market by market, and their mean time. Ours stands beside
cosine at its best single cut (chosen on these very pairs, to its advantage), and beside average linkage at its best
cut, semhash and sentence-transformers' community_detection where these are installed. ``--by-change`` also prints how
many pairs of each change merge.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from trendnlp.artefacts import open_artefact
from trendnlp.build import FAST, build_comparer, fast_base
from trendnlp.corpus import Marked, read_corpus
from trendnlp.encode import Encoder, Vectors
from trendnlp.evaluate import b_cubed_f1
from trendnlp.pairs import LabelledPair
from trendnlp.relations import Relation
from trendnlp.settings import Settings
from trendnlp.train_judge import (
    JudgeOptions,
    as_pairs,
    claims_score,
    compare_pairs,
    material,
    pair_scores,
    vectors_of,
)

CUTS = [round(0.30 + 0.01 * i, 2) for i in range(70)]
COMMUNITY = 1  # least members of a community: a claim may stand alone

Cluster = Callable[[Sequence[Marked], Vectors, float], Sequence[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--by-change", action="store_true")
    given = parser.parse_args()
    models = open_artefact(given.models)
    base = fast_base(Settings.from_env(), models.part(FAST).base_sha256)
    comparer = build_comparer(models, base)
    part = models.manifest.judge
    if comparer is None or part is None:
        raise SystemExit(f"{given.models} holds no judge")
    options = JudgeOptions(dev=part.settings["dev"], test=part.settings["test"])
    found = material(given.corpus, read_corpus(given.corpus), options)
    if found is None:
        raise SystemExit(f"{given.corpus} holds no labelled pairs")
    pairs, claims = found.pairs["test"], found.claims["test"]
    print(f"judge {comparer.digest[:12]}: {comparer.rule}")

    contrary = sum(p.relation is Relation.CONTRADICTS for p in pairs)
    print(f"\n{len(pairs)} held-out pairs of {len({p.market for p in pairs})} markets, {contrary} contradict")
    print(
        "| rule | contradicting pairs merged | precision | recall | F1 of the same |\n| --- | --- | --- | --- | --- |"
    )
    verdicts = compare_pairs(comparer, base, pairs)
    scores = pair_scores(pairs, verdicts)
    print(_row("guards and judge", scores.contradictions, scores.precision, scores.recall, scores.f1))
    print(_row(*_best_cosine(pairs, base)))
    print(f"right relation of the four: {scores.relations:.3f}")
    if given.by_change:
        merged = Counter((p.relation, p.change) for p, v in zip(pairs, verdicts, strict=True) if v.relation == "same")
        for key, count in sorted(Counter((p.relation, p.change) for p in pairs).items()):
            print(f"{key[0]}\t{key[1]}\t{merged[key]} of {count} merge")

    units = sum(map(len, claims.values()))
    print(f"\n{units} marked claims of {len(claims)} held-out markets")
    print("| rule | B-cubed F1 | seconds |\n| --- | --- | --- |")
    started = time.perf_counter()
    ours = claims_score(comparer, base, claims)
    print(f"| guards and judge | {ours:.3f} | {time.perf_counter() - started:.1f} |")
    for name, cluster in _peers().items():
        print(_best_cut(name, cluster, claims, base))
    if find_spec("semhash") is None:
        print("semhash is not installed")


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


def _best_cut(name: str, cluster: Cluster, claims: Mapping[str, Sequence[Marked]], base: Encoder) -> str:
    """The peer's best cut on these very markets: more than it would get in use."""
    vectors = {market: vectors_of(marked, base) for market, marked in claims.items()}
    best, spent = (-1.0, 0.0), 0.0
    for cut in CUTS:
        gold, found = [], []
        started = time.perf_counter()
        for market, marked in claims.items():
            gold += [f"{market} {m.key}" for m in marked]
            found += [f"{market} {c}" for c in cluster(marked, vectors[market], cut)]
        spent = time.perf_counter() - started
        best = max(best, (b_cubed_f1(gold, found), cut))
    return f"| {name} at {best[1]:.2f} | {best[0]:.3f} | {spent:.1f} |"


if __name__ == "__main__":
    main()

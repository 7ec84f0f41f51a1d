"""What the corpus holds and how hard it is: counts, cue-word leakage, near-copies, a second reader's agreement.

    python benchmarks/corpus.py [--corpus corpus] [--data FOLDER with real_dev/documents.jsonl]

Leakage is how far the keyword rules, and a bag-of-words model trained on the training markets, get on held-out markets:
a corpus whose kinds can be told by single words teaches those words. Near-copies share most of their five-word runs.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from trendnlp.benchmark import REAL_FILE
from trendnlp.consolidate.compare import normalised
from trendnlp.corpus import SECOND_READING, LabelledText, digest, read_corpus, statements_of
from trendnlp.datasets import read_real
from trendnlp.evaluate import Gold, macro_f1, score
from trendnlp.keywords import keyword_kinds
from trendnlp.pairs import EVERYDAY, read_pairs
from trendnlp.pairs import FOLDER as PAIRS
from trendnlp.train import TrainOptions, split_corpus
from trendnlp.types import ASPECTS, KINDS
from trendnlp.unlabelled import read_unlabelled

SHINGLE = 5  # words
NEAR = 0.5  # Jaccard similarity of two units' shingles from which they count as near-copies
LITTLE = 0.1  # share of claims up to which a text holds little to extract


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    texts = read_corpus(options.corpus)
    counts(texts)
    unlabelled = read_unlabelled(options.corpus)
    print(f"without labels: {len(unlabelled.texts)} texts, {unlabelled.statements} statements")
    leakage(texts, options.data)
    copies(texts)
    agreement(texts)
    pairs(options.corpus)
    pairs(options.corpus / EVERYDAY)


def counts(texts: Sequence[LabelledText]) -> None:
    units = [u for t in texts for u in t.units]
    kinds = Counter(u.kind for u in units)
    aspects = Counter(u.aspect for u in units if u.aspect)
    publishers: defaultdict[str, set[str | None]] = defaultdict(set)
    for text in texts:
        publishers[text.market].add(text.metadata.publisher)
    little = sum(sum(u.kind != "other" for u in t.units) <= LITTLE * len(t.units) for t in texts)
    split = split_corpus(texts, TrainOptions())
    print(f"{len(texts)} texts, {len(units)} units, digest {digest(tuple(texts))[:12]}")
    print("kinds:", ", ".join(f"{k} {kinds[k]}" for k in KINDS))
    print("units with a second kind:", sum(bool(u.alt) for u in units))
    print("aspects:", ", ".join(f"{a} {aspects[a]}" for a in ASPECTS))
    print(f"markets: {len(publishers)}, with 4 or more publishers {sum(len(p) >= 4 for p in publishers.values())}")
    print(f"styles: {len({t.style for t in texts})}; texts with at most {LITTLE:.0%} claims: {little}")
    print("claim keys:", len({(t.market, u.claim) for t in texts for u in t.units if u.claim}))
    for name, part in (("train", split.train), ("dev", split.dev), ("test", split.test)):
        print(f"{name}: {len(part)} texts, {sum(len(t.units) for t in part)} units")


def pairs(corpus: Path) -> None:
    """How many there are, and how far a reader who did not see the labels gives the same."""
    found = read_pairs(corpus)
    relations = Counter(pair.relation.value for pair in found)
    told = ", ".join(f"{name} {count}" for name, count in relations.most_common())
    print(f"pairs: {len(found)} of {len({pair.market for pair in found})} markets: {told}")
    reading = corpus / PAIRS / SECOND_READING
    if reading.is_file():
        lines = [line.split("\t") for line in reading.read_text("utf-8").splitlines()]
        same = sum(first == second for *_, first, second in lines)
        print(f"second reading of {len(lines)} pairs: agreement {same / len(lines):.3f}")


def leakage(texts: Sequence[LabelledText], data: Path | None) -> None:
    split = split_corpus(texts, TrainOptions())
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    words = make_pipeline(vectorizer, LogisticRegression(C=10, max_iter=1000))
    own = [s.text for text in split.train for s in statements_of(text)]
    words.fit(own, [unit.kind for text in split.train for unit in text.units])
    sets = [("held-out markets", split.test)]
    if data is not None:
        sets.append(("real_dev", read_real(data / REAL_FILE)))
    for name, part in sets:
        gold = [Gold(unit.kind, unit.alt) for text in part for unit in text.units]
        documents = [statements_of(text) for text in part]
        rules = [kind for statements in documents for kind in keyword_kinds(statements)]
        bag = list(words.predict([s.text for statements in documents for s in statements]))
        print(f"leakage, {name}: {_line('keyword rules', gold, rules)}; {_line('bag of words', gold, bag)}")


def _line(name: str, gold: Sequence[Gold], predicted: Sequence[str]) -> str:
    found = score(gold, predicted)
    return f"{name} macro-F1 {found.macro_f1:.3f} (second kind accepted {found.accepted_f1:.3f})"


def copies(texts: Sequence[LabelledText]) -> None:
    """Pairs of units that share most shingles; candidates come from an index of the shingles."""
    shingles: list[frozenset[str]] = []
    index: defaultdict[str, list[int]] = defaultdict(list)
    near = exact = 0
    for text in texts:
        for unit in text.units:
            words = normalised(text.text[unit.start : unit.end]).split()
            own = frozenset(" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
            shared = Counter(other for shingle in own for other in index[shingle])
            for other, common in shared.items():
                jaccard = common / (len(own) + len(shingles[other]) - common)
                near += jaccard >= NEAR
                exact += jaccard == 1
            for shingle in own:
                index[shingle].append(len(shingles))
            shingles.append(own)
    print(f"near-copies: {near} pairs of units share half of their {SHINGLE}-word runs, {exact} of them all")


def agreement(texts: Sequence[LabelledText]) -> None:
    """Raw agreement, Cohen's kappa (1960), Gwet's AC1 (2008), and macro-F1 of one reader against the other."""
    readings = [(unit, unit.second) for text in texts for unit in text.units if unit.second]
    if not readings:
        return
    size = len(readings)
    first, second = Counter(u.kind for u, _ in readings), Counter(r.kind for _, r in readings)
    observed = sum(u.kind == r.kind for u, r in readings) / size
    chance = sum(first[k] * second[k] for k in first) / size**2
    share = {k: (first[k] + second[k]) / (2 * size) for k in KINDS}
    gwet = sum(s * (1 - s) for s in share.values()) / (len(KINDS) - 1)
    accepted = sum(r.kind in (u.kind, u.alt) or r.alt == u.kind for u, r in readings) / size
    f1 = score([Gold(u.kind) for u, _ in readings], [r.kind for _, r in readings]).macro_f1
    print(
        f"second reading of {size} units: agreement {observed:.3f} ({accepted:.3f} where either's second kind counts), "
        f"Cohen's kappa {(observed - chance) / (1 - chance):.3f}, Gwet's AC1 {(observed - gwet) / (1 - gwet):.3f}, "
        f"macro-F1 of the four kinds {f1:.3f}"
    )
    aspects = [(u.aspect, r.aspect) for u, r in readings if u.aspect and r.aspect]
    same = sum(a == b for a, b in aspects) / max(1, len(aspects))
    one, other = [a for a, _ in aspects], [b for _, b in aspects]
    print(
        f"aspects of {len(aspects)} units that both take for claims: agreement {same:.3f}, "
        f"macro-F1 of one reader against the other {macro_f1(one, other):.3f}"
    )


if __name__ == "__main__":
    main()

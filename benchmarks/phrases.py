"""How often the phrases of themes occur in the labelled texts, one class a market: what themes are weighed by.

python benchmarks/phrases.py [--corpus corpus] > src/trendnlp/tags/reference.tsv
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from trendnlp.corpus import read_corpus
from trendnlp.tags.phrases import phrases
from trendnlp.terms import WORD

RARE = 3  # uses up to which a phrase is left out: to the weight, unseen and rare are nearly the same


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    texts = read_corpus(parser.parse_args().corpus)
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        for unit in text.units:
            said = text.text[unit.start : unit.end]
            words[text.market] += len(WORD.findall(said))
            counts.update(phrase.key for phrase in phrases(said))
    print(f"mean words of a market\t{words.total() / len(words):.1f}")
    for key, count in sorted(counts.items()):
        if count > RARE:
            print(f"{key}\t{count}")


if __name__ == "__main__":
    main()

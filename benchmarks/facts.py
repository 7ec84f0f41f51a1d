"""How well market facts are found, against the hand-made gold of tests/data/facts.jsonl.

    python benchmarks/facts.py [--gold tests/data/facts.jsonl] [--errors] [--read FOLDER]

A fact counts as found where kind, figures, currency, scale and years agree and its words hold the figure's. The gold
was written with the rules, so it says what they do on such sentences, not how often real reports are read right: with
``--read`` the facts of every text and Markdown file of a folder are printed with their sentences, to be judged by eye.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trendnlp.read import read_bytes
from trendnlp.read.facts import facts_of
from trendnlp.read.plain import read_plain
from trendnlp.types import Fact, FactKind, Metadata

GOLD = Path(__file__).parents[1] / "tests" / "data" / "facts.jsonl"
FIELDS = ("amount", "upto", "currency", "since", "year")
AROUND = 90  # characters on each side of a fact that is shown


@dataclass(slots=True)
class Score:
    """Counts by kind; ``loose`` counts where kind and figure agree, whatever the years."""

    gold: Counter[FactKind] = field(default_factory=Counter)
    predicted: Counter[FactKind] = field(default_factory=Counter)
    found: Counter[FactKind] = field(default_factory=Counter)
    loose: int = 0
    texts: int = 0
    empty: int = 0
    false_in_empty: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, text: str, gold: list[dict[str, Any]], facts: tuple[Fact, ...]) -> None:
        self.texts += 1
        self.empty += not gold
        self.false_in_empty += bool(facts) and not gold
        left = list(facts)
        for wanted in gold:
            self.gold[FactKind(wanted["kind"])] += 1
            self.loose += any(f.kind == wanted["kind"] and f.amount == wanted.get("amount") for f in facts)
            found = next((fact for fact in left if agrees(wanted, fact)), None)
            if found is None:
                self.errors.append(f"missed {wanted} in: {text}")
            else:
                self.found[found.kind] += 1
                left.remove(found)
        self.predicted.update(fact.kind for fact in facts)
        self.errors += [f"wrong  {fact.kind.value} {fact.text!r} {fact.since}-{fact.year} in: {text}" for fact in left]

    @property
    def precision(self) -> float:
        return self.found.total() / max(1, self.predicted.total())

    @property
    def recall(self) -> float:
        return self.found.total() / max(1, self.gold.total())


def agrees(wanted: dict[str, Any], fact: Fact) -> bool:
    same = all(getattr(fact, name) == wanted.get(name) for name in FIELDS)
    return (
        fact.kind == wanted["kind"] and same and fact.scale == wanted.get("scale", 1) and wanted["words"] in fact.text
    )


def measure(gold: Path = GOLD) -> Score:
    """The score of the shipped rules on ``gold``."""
    score = Score()
    for line in gold.read_text("utf-8").splitlines():
        case = json.loads(line)
        score.add(case["text"], case["facts"], facts_of(read_plain(case["text"]), None))
    return score


def show(folder: Path) -> None:
    """Print the facts of every text and Markdown file below ``folder``."""
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".txt", ".md")):
        document = read_bytes(path.read_bytes(), source=path.name, given=Metadata(language="en"))
        for fact in document.facts:
            before = document.text[max(0, fact.start - AROUND) : fact.start]
            after = document.text[fact.end : fact.end + AROUND // 2]
            around = " ".join(f"{before}[[{fact.text}]]{after}".split())
            print(f"{path.name[:30]:<30} {fact.kind.value:<9} {fact.since or ''}-{fact.year or ''} {around}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gold", type=Path, default=GOLD)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--read", type=Path)
    given = parser.parse_args()
    if given.read:
        show(given.read)
        return
    score = measure(given.gold)
    print(f"{score.texts} texts, {score.empty} without a fact, of which {score.false_in_empty} were given one")
    for kind in FactKind:
        counts = f"gold {score.gold[kind]:>3}  predicted {score.predicted[kind]:>3}  right {score.found[kind]:>3}"
        print(f"{kind.value:<10} {counts}")
    print(f"precision {score.precision:.3f}  recall {score.recall:.3f}  (kind and figure alone: {score.loose} found)")
    if given.errors:
        print("\n".join(score.errors))


if __name__ == "__main__":
    main()

"""How well texts are cut into units and headings, against the labelled corpus and sentence-splitting test sets.

    python benchmarks/segmentation.py --data ../shared/bench --corpus corpus [--errors 20]

A unit counts as found where both its ends agree, surrounding white space left aside.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from trendnlp.corpus import read_corpus
from trendnlp.read import read_text
from trendnlp.segment import Segmenter, sentence_spans
from trendnlp.types import Format


@dataclass(slots=True)
class Score:
    """Counts over documents; ``errors`` are lines for a person to read."""

    found: int = 0
    predicted: int = 0
    gold: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, name: str, gold: set[str], predicted: set[str]) -> None:
        self.found += len(gold & predicted)
        self.predicted += len(predicted)
        self.gold += len(gold)
        self.errors += [f"{name} missed {item}" for item in sorted(gold - predicted)]
        self.errors += [f"{name} wrong  {item}" for item in sorted(predicted - gold)]

    def line(self, name: str) -> str:
        precision = self.found / self.predicted if self.predicted else 0.0
        recall = self.found / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return f"{name:<22} precision {precision:.4f}  recall {recall:.4f}  F1 {f1:.4f}  (gold {self.gold})"


@dataclass(frozen=True, slots=True)
class Gold:
    name: str
    text: str
    units: tuple[str, ...]
    headings: frozenset[str]
    format: Format


def unit(text: str, start: int, end: int) -> str:
    """A unit as a line that names its place, without the white space around it."""
    part = text[start:end]
    first = start + len(part) - len(part.lstrip())
    return f"{first:>7}-{first + len(part.strip())} {part.strip()!r}"


def bare(name: str) -> str:
    """A heading as compared: without its number and marks."""
    return name.lstrip("0123456789.() \t").strip("#*_: ,").casefold()


def of_corpus(folder: Path) -> list[Gold]:
    found = []
    for labelled in read_corpus(folder):
        units = tuple(unit(labelled.text, u.start, u.end) for u in labelled.units)
        headings = frozenset(bare(h) for u in labelled.units for h in u.headings)
        found.append(Gold(labelled.name, labelled.text, units, headings, Format.TEXT))
    return found


def of_real_dev(path: Path) -> list[Gold]:
    found = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        units = tuple(unit(record["text"], u["start"], u["end"]) for u in record["units"])
        format = Format.MARKDOWN if ".md" in record["source"] else Format.TEXT
        found.append(Gold(record["id"], record["text"], units, frozenset(), format))
    return found


def measure(texts: Iterable[Gold], errors: int) -> None:
    units, headings = Score(), Score()
    for gold in texts:
        document = read_text(gold.text, source=gold.name, format=gold.format)
        statements = Segmenter().segment(document)
        units.add(gold.name, set(gold.units), {unit(gold.text, s.start, s.end) for s in statements})
        headings.add(gold.name, set(gold.headings), {bare(h) for s in statements for h in s.headings})
    print(units.line("units"))
    if headings.gold:
        print(headings.line("headings above units"))
    for error in units.errors[:errors] + headings.errors[:errors]:
        print("   ", error)


def golden(path: Path, errors: int) -> None:
    cases = json.loads(path.read_text("utf-8"))
    exact = 0
    for case in cases:
        spans = sentence_spans(case["text"])
        found = [" ".join(case["text"][s.start : s.end].split()) for s in spans]
        expected = [" ".join(part.split()) for part in case["expected"]]
        exact += found == expected
        if found != expected and errors:
            print("   ", expected, "\n     ", found)
    print(f"{path.name:<30} exact {100 * exact / len(cases):.2f} % of {len(cases)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--errors", type=int, default=0, help="print so many errors of each kind")
    options = parser.parse_args()
    if options.corpus.is_dir():
        for folder in sorted(p for p in options.corpus.iterdir() if p.is_dir()):
            print(f"# {folder.name}")
            measure(of_corpus(folder), options.errors)
        print("# whole corpus")
        measure(of_corpus(options.corpus), 0)
    else:
        print(f"no corpus in {options.corpus}: left out")
    real_dev = options.data / "real_dev" / "documents.jsonl"
    if not options.data.is_dir():
        print(f"no data in {options.data}: left out")
        return
    print("# real_dev")
    measure(of_real_dev(real_dev), options.errors)
    for name in ("golden_rules.json", "pysbd_clean_cases.json"):
        golden(options.data / "golden_rules" / name, options.errors)


if __name__ == "__main__":
    main()

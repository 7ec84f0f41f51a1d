"""Labelled pairs of statements, from which the pair judge learns: JSON lines, one object a pair.

    {"market": "patient lifts", "a": "…", "b": "…", "kind": "driver", "relation": "contradicts", "change": "opposite"}

``change`` says in which way the second statement departs from the first: a relation's own list, below. Pairs of one
market stay on one side of every split.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trendnlp.errors import CorpusError
from trendnlp.relations import Relation

FOLDER = "pairs"
EVERYDAY = "everyday"  # in a corpus, the folder of another that holds pairs which only score
CHANGES: Mapping[Relation, tuple[str, ...]] = {
    Relation.SAME: ("paraphrase", "detail", "register", "translation", "near"),
    Relation.CONTRADICTS: ("opposite", "negated", "comparative"),
    Relation.DIFFERS_IN: ("number", "unit", "year", "place", "subject"),
    Relation.DISTINCT: ("part", "cause_effect", "topic", "kind", "market"),
}
FIELDS = ("market", "a", "b", "kind", "relation", "change")
REMEDY = "Write one JSON object a line, with market, a, b, kind, relation and change."


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two statements of a market and how they stand to each other."""

    market: str
    a: str
    b: str
    kind: str
    relation: Relation
    change: str


def read_pairs(corpus: Path) -> tuple[LabelledPair, ...]:
    """The pairs of every ``*.jsonl`` in the corpus' pairs folder, by file name and line; none where there is no such
    folder. A pair that occurs twice is kept once. Raises CorpusError for the first bad line.
    """
    return _pairs(sorted((corpus / FOLDER).glob("*.jsonl")))


def pairs_in(corpus: Path, name: str) -> tuple[LabelledPair, ...]:
    """Those of one file of that folder, given without its ending. Raises CorpusError, also where there is none."""
    return _pairs([corpus / FOLDER / f"{name}.jsonl"])


def _pairs(paths: Iterable[Path]) -> tuple[LabelledPair, ...]:
    found: dict[tuple[str, str], LabelledPair] = {}
    for path in paths:
        for number, line in enumerate(_read(path).split("\n"), 1):
            if line.strip():
                pair = _pair(line, path, number)
                first = found.setdefault((min(pair.a, pair.b), max(pair.a, pair.b)), pair)
                if first.relation is not pair.relation:
                    reason = f"line {number} calls a pair {pair.relation} that is {first.relation} elsewhere"
                    raise CorpusError(str(path), reason, "Keep one of the two.")
    return tuple(found.values())


def families(pairs: Iterable[LabelledPair]) -> dict[str, list[tuple[str, str]]]:
    """The texts of each market with a key each, both in order: texts that a chain of pairs brings together have one
    key. White space is folded.
    """
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def root(text: tuple[str, str]) -> tuple[str, str]:
        while above.setdefault(text, text) != text:
            text = above[text]
        return text

    for pair in pairs:
        a, b = (root((pair.market, " ".join(text.split()))) for text in (pair.a, pair.b))
        above[max(a, b)] = min(a, b)
    found: dict[str, list[tuple[str, str]]] = {}
    for market, text in sorted(above):
        found.setdefault(market, []).append((text, root((market, text))[1]))
    return found


def digest(pairs: Sequence[LabelledPair]) -> str:
    """SHA-256 over all that is said of the pairs, in order."""
    return hashlib.sha256(repr(tuple(pairs)).encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(str(path), f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.") from error
    except OSError as error:
        raise CorpusError(str(path), f"cannot be read ({error.strerror})", "Name files that can be read.") from error


def _pair(line: str, path: Path, number: int) -> LabelledPair:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise CorpusError(str(path), f"line {number} is no JSON ({error})", REMEDY) from error
    if not isinstance(fields, dict) or sorted(fields) != sorted(FIELDS):
        raise CorpusError(str(path), f"line {number} has not the fields {', '.join(FIELDS)}", REMEDY)
    empty = next((name for name in FIELDS if not isinstance(fields[name], str) or not fields[name].strip()), None)
    if empty:
        raise CorpusError(str(path), f"line {number} has no words in {empty}", REMEDY)
    known = {relation.value: relation for relation in Relation}
    relation = known.get(fields["relation"])
    if relation is None:
        reason = f"line {number} has the relation {fields['relation']!r}"
        raise CorpusError(str(path), reason, f"Use one of {', '.join(known)}.")
    if fields["change"] not in CHANGES[relation]:
        reason = f"line {number} has the change {fields['change']!r}, which is none of {relation}"
        raise CorpusError(str(path), reason, f"Use one of {', '.join(CHANGES[relation])}.")
    return LabelledPair(fields["market"], fields["a"], fields["b"], fields["kind"], relation, fields["change"])

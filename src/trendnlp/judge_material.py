"""What a pair judge is made from: labelled pairs, and the claims that the corpus marks as the same, split by market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trendnlp.corpus import LabelledText, Marked, marked_claims, split_of
from trendnlp.corpus import digest as corpus_digest
from trendnlp.encode import Encoder, Vectors
from trendnlp.errors import CorpusError
from trendnlp.pairs import LabelledPair, digest, read_pairs
from trendnlp.relations import Relation
from trendnlp.tune import TuneOptions

REMEDY = "Add labelled pairs of other markets to its pairs folder."


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """``dev`` and ``test``: shares of the markets that calibrate and that only score. ``claims``: at most so many pairs
    of marked claims a market that say the same, as many of the nearest that do not, and half as many of any that do
    not, are learnt from. ``strangers``: so many of the nearest, and half as many of any, statements of a market's pairs
    that no pair brings together. Both show what pairs that were written as pairs cannot: how little most claims of a
    report have in common. ``tune`` is for the judge, ``similarity`` for the encoder whose vectors propose what it is
    asked.
    """

    tune: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=2, batch=16, rate=3e-4, rank=16, frozen=4))
    similarity: TuneOptions = field(default_factory=lambda: TuneOptions(epochs=4, batch=96, rate=1e-3, rank=16))
    claims: int = 40
    strangers: int = 4
    dev: float = 0.12
    test: float = 0.22


@dataclass(frozen=True, slots=True)
class Material:
    """What a judge is made from: pairs and marked claims, each by the part of its market."""

    pairs: Mapping[str, tuple[LabelledPair, ...]]
    claims: Mapping[str, Mapping[str, Sequence[Marked]]]
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
    state = f"{digest(found)} {corpus_digest(tuple(texts))}"
    return Material({name: tuple(part) for name, part in pairs.items()}, claims, state)


def vectors_of(marked: Sequence[Marked], base: Encoder) -> Vectors:
    return base.encode([words_of(m) for m in marked])


def words_of(marked: Marked) -> str:
    return " ".join(marked.claim.labelled.statement.text.split())

"""The sentences of the corpus, for the benchmarks that make up reports of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from trendnlp.corpus import read_corpus, statements_of
from trendnlp.types import OTHER

CORPUS = Path(__file__).parents[1] / "corpus"


@cache
def sentences(*, claims: bool) -> Sequence[str]:
    """The different claims, or the different statements that are none, in the order of the corpus."""
    found = {
        " ".join(statement.text.split()): None
        for text in read_corpus(CORPUS)
        for unit, statement in zip(text.units, statements_of(text), strict=True)
        if (unit.kind != OTHER) is claims
    }
    return tuple(found)

"""What a classifier reads of a statement: the statement, and the words around it that settle what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.types import Statement

HEADINGS = 3  # the innermost headings that are read
NEIGHBOUR_WORDS = 40  # of the previous statement, its last words: they are nearest


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One statement as a classifier reads it: its context, its own words, its place in the document (0 to 1)."""

    context: str
    text: str
    position: float

    @property
    def pair(self) -> tuple[str, str]:
        return self.context, self.text


def excerpts(statements: Sequence[Statement]) -> tuple[Excerpt, ...]:
    """One excerpt a statement of one document, in order. White space is folded, so hard wraps do not matter."""
    texts = [" ".join(s.text.split()) for s in statements]
    last = max(1, len(texts) - 1)
    return tuple(
        Excerpt(
            context=" | ".join((" > ".join(s.headings[-HEADINGS:]), _tail(texts[i - 1]) if i else "")),
            text=texts[i],
            position=i / last,
        )
        for i, s in enumerate(statements)
    )


def _tail(text: str) -> str:
    return " ".join(text.split()[-NEIGHBOUR_WORDS:])

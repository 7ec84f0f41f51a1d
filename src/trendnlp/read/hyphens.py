"""Words that a line break cuts: the document's own words say whether a hyphen there belongs to the word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

CUT = re.compile(r"([^\W\d_]+)-$")
HEAD = re.compile(r"[^\W\d_]+")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
SUSPENDED = frozenset(("and", "or", "to", "nor", "und", "oder"))  # "two- and three-wheelers"
SHORTEST = 2  # letters on either side of a cut
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Hyphens:
    """The words that stand inside lines, and whether the document cuts words at all."""

    words: frozenset[str]
    cuts: bool

    @classmethod
    def of(cls, lines: Sequence[str]) -> Hyphens:
        words: set[str] = set()
        for line in lines:
            found = WORD.findall(line.casefold())
            words.update(found[1:-1])
        known = cls(frozenset(words), False)
        evidence = sum(known._verdict(above, below) is True for above, below in pairwise(lines))
        against = sum(known._verdict(above, below) is False for above, below in pairwise(lines))
        return cls(known.words, evidence > against)

    def before(self, above: str, below: str) -> str:
        """What goes right before ``below``: ``above`` with a space, or without its hyphen where that cuts a word."""
        head = HEAD.match(below)
        if not above.endswith("-") or head is None or not CUT.search(above[-60:]):
            bare = above.endswith(("-", "/")) and not above.endswith((" -", " /"))
            return above if bare or (CJK.match(above[-1:]) and CJK.match(below[:1])) else f"{above} "
        if head[0].casefold() in SUSPENDED and below[head.end() : head.end() + 1] == " ":
            return f"{above} "
        verdict = self._verdict(above, below)
        mended = (self.cuts and below[0].islower()) if verdict is None else verdict
        return above[:-1] if mended else above

    def _verdict(self, above: str, below: str) -> bool | None:
        """Whether the hyphen between two lines is one of the break alone; None where the document does not tell."""
        cut, head = CUT.search(above[-60:]), HEAD.match(below[:60])
        if cut is None or head is None:
            return None
        first, second = cut[1].casefold(), head[0].casefold()
        if f"{first}-{second}" in self.words or not below[0].islower():
            return False
        if f"{first}{second}" in self.words and min(len(first), len(second)) >= SHORTEST:
            return True
        return False if first in self.words and second in self.words else None

"""Places in a text: counted in code points or for browsers, and as the selectors of W3C annotations."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

QUOTE_AROUND = 32  # code points; what browsers and annotation tools commonly take to tell equal quotes apart
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")  # two units each in UTF-16, all others one


class OffsetUnit(StrEnum):
    """What offsets count: Unicode code points, or the UTF-16 code units of browsers, Java and .NET."""

    CODEPOINT = "codepoint"
    UTF16 = "utf16"


@dataclass(frozen=True, slots=True)
class Quote:
    """A W3C TextQuoteSelector: the words, and what stands right before and after them."""

    exact: str
    prefix: str
    suffix: str

    @property
    def record(self) -> dict[str, str]:
        return {"type": "TextQuoteSelector", "exact": self.exact, "prefix": self.prefix, "suffix": self.suffix}


def quote(text: str, start: int, end: int) -> Quote:
    """The selector of ``text[start:end]``; prefix and suffix are verbatim, so they are not shortened to words."""
    return Quote(text[start:end], text[max(0, start - QUOTE_AROUND) : start], text[end : end + QUOTE_AROUND])


class Ruler:
    """Tells places of one text, given in code points, in ``unit``."""

    def __init__(self, text: str, unit: OffsetUnit = OffsetUnit.CODEPOINT) -> None:
        self.text = text
        self._astral = [found.start() for found in _ASTRAL.finditer(text)] if unit is OffsetUnit.UTF16 else []

    def at(self, offset: int) -> int:
        """The place before the ``offset``-th code point."""
        return offset + bisect_left(self._astral, offset)

    def selectors(self, start: int, end: int) -> list[dict[str, object]]:
        """``text[start:end]`` as a TextQuoteSelector and a TextPositionSelector, which by its standard counts code
        points in every unit.
        """
        position = {"type": "TextPositionSelector", "start": start, "end": end}
        return [{**quote(self.text, start, end).record}, position]

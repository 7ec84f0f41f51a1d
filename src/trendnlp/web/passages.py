"""Words around a place in a text, without cutting one: W3C quote selectors and passages. Offsets are code points."""

from __future__ import annotations

from dataclasses import dataclass

QUOTE_AROUND = 32  # code points; what browsers and annotation tools commonly take to tell equal quotes apart


@dataclass(frozen=True, slots=True)
class Around:
    """A place in a text with what is before and after it, and whether the text goes on there."""

    start: int
    end: int
    before: str
    exact: str
    after: str
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A W3C TextQuoteSelector: the words, and what stands right before and after them."""

    exact: str
    prefix: str
    suffix: str

    @property
    def record(self) -> dict[str, str]:
        return {"type": "TextQuoteSelector", "exact": self.exact, "prefix": self.prefix, "suffix": self.suffix}


def around(text: str, start: int, end: int, length: int) -> Around:
    """Up to ``length`` code points on each side of ``text[start:end]``, shortened to whole words where it can be."""
    first, last = max(0, start - length), min(len(text), end + length)
    if first > 0 and not text[first - 1].isspace():
        first = next((at for at in range(first, start) if text[at].isspace()), first)
    if last < len(text) and not text[last].isspace():
        last = next((at + 1 for at in range(last - 1, end - 1, -1) if text[at].isspace()), last)
    cut_before, cut_after = first > 0, last < len(text)
    return Around(first, last, text[first:start], text[start:end], text[end:last], cut_before, cut_after)


def quote(text: str, start: int, end: int) -> Quote:
    """The selector of ``text[start:end]``; prefix and suffix are verbatim, so they are not shortened to words."""
    return Quote(text[start:end], text[max(0, start - QUOTE_AROUND) : start], text[end : end + QUOTE_AROUND])

"""Words around a place in a text, without cutting one. Offsets are code points."""

from __future__ import annotations

from dataclasses import dataclass


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


def around(text: str, start: int, end: int, length: int) -> Around:
    """Up to ``length`` code points on each side of ``text[start:end]``, shortened to whole words where it can be."""
    first, last = max(0, start - length), min(len(text), end + length)
    if first > 0 and not text[first - 1].isspace():
        first = next((at for at in range(first, start) if text[at].isspace()), first)
    if last < len(text) and not text[last].isspace():
        last = next((at + 1 for at in range(last - 1, end - 1, -1) if text[at].isspace()), last)
    cut_before, cut_after = first > 0, last < len(text)
    return Around(first, last, text[first:start], text[start:end], text[end:last], cut_before, cut_after)

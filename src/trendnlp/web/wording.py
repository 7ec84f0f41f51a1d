"""Wordings as people read them: without marks of emphasis, and what differs between two, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

WORD = re.compile(r"\w+|[^\w\s]")
# Of Markdown, as in "**High cost:** lifts are dear", not within a word, as in 10**6. Of a phrase's length at most: that
# far is looked from each sign that nothing closes.
STRONG = re.compile(r"(?<!\w)(\*\*|__)(?=[^\s*_])(.{1,300}?)(?<=[^\s*_])\1(?!\w)")
LONGEST = 600  # words of both; a longer statement is a table row or a list, whose words tell nothing in a row


class Change(StrEnum):
    """What is to be done to the first wording to get the second one."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Span:
    """Words that stay, go or come, as they are written. ``gap``: whether they stand apart from what is before."""

    change: Change
    text: str
    gap: bool = False


def unmarked(text: str) -> str:
    """``text`` without the pairs of signs that make words bold in Markdown: what is read, not what is kept."""
    return STRONG.sub(r"\2", text)


def difference(a: str, b: str) -> tuple[Span, ...]:
    """The words of ``a`` and ``b`` in order; case counts as no difference. Of longer ones all go and all come."""
    first, second = list(WORD.finditer(a)), list(WORD.finditer(b))
    if len(first) + len(second) > LONGEST:
        return (Span(Change.OUT, a), Span(Change.IN, b, gap=True))
    folded = [[word.group().casefold() for word in found] for found in (first, second)]
    compared = SequenceMatcher(None, folded[0], folded[1], autojunk=False)
    spans = []
    for tag, i, j, k, n in compared.get_opcodes():
        if tag == "equal":
            spans.append(_span(Change.SAME, b, second[k:n]))
            continue
        if j > i:
            spans.append(_span(Change.OUT, a, first[i:j]))
        if n > k:
            spans.append(_span(Change.IN, b, second[k:n]))
    return tuple(spans)


def _span(change: Change, text: str, words: list[re.Match[str]]) -> Span:
    start, end = words[0].start(), words[-1].end()
    return Span(change, " ".join(text[start:end].split()), start == 0 or text[start - 1].isspace())

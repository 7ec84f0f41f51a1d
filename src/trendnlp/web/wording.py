"""What differs between two wordings, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

WORD = re.compile(r"\w+|[^\w\s]")
LONGEST = 600  # words of both; a longer statement is a table row or a list, whose words tell nothing in a row


class Change(StrEnum):
    """What is to be done to the first wording to get the second one."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Span:
    """Words that stay, go or come, as they are written."""

    change: Change
    text: str


def difference(a: str, b: str) -> tuple[Span, ...]:
    """The words of ``a`` and ``b`` in order; case counts as no difference. Of longer ones all go and all come."""
    first, second = _words(a), _words(b)
    if len(first) + len(second) > LONGEST:
        return (Span(Change.OUT, a), Span(Change.IN, b))
    compared = SequenceMatcher(None, [w.casefold() for w in first], [w.casefold() for w in second], autojunk=False)
    found = []
    for tag, i, j, k, n in compared.get_opcodes():
        if tag == "equal":
            found.append(Span(Change.SAME, _joined(second[k:n])))
            continue
        if j > i:
            found.append(Span(Change.OUT, _joined(first[i:j])))
        if n > k:
            found.append(Span(Change.IN, _joined(second[k:n])))
    return tuple(found)


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _joined(words: list[str]) -> str:
    """With a space before each word, but none before a sign."""
    return "".join(word if i == 0 or not word[0].isalnum() else f" {word}" for i, word in enumerate(words))

"""A cause against its effect, and a whole against a part."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.guards.direction import Seen, directions_of
from trendnlp.guards.lexicon import (
    ADVERBS,
    AFTER_AS,
    AUXILIARIES,
    BACKWARD_PHRASES,
    BEFORE_AS,
    BEFORE_NOUNS,
    CONTRASTS,
    FORWARD,
    FORWARD_PHRASES,
    NO_OBJECTS,
    PASSIVE,
    PLAIN_VERBS,
    PLURALS,
    WHOLES,
)
from trendnlp.guards.words import Words, changes, content, longest_by_opening, once, overlap

ALIKE = 0.6  # overlap from which the order of cause and effect can be compared
CLEARLY = 0.3  # by how much the crossed reading must fit better than the straight one
REACH = 4  # tokens before a verb that tell whether it has several subjects
AS = "as"
LONGEST_LINK = longest_by_opening((*BACKWARD_PHRASES, *FORWARD_PHRASES, *FORWARD))
PARTS = frozenset[str]().union(*CONTRASTS)


@dataclass(frozen=True, slots=True)
class Link:
    """A cause and its effect, as stems, and the words that link them."""

    cause: frozenset[str]
    effect: frozenset[str]
    words: str


@once
def link_of(words: Words) -> Link | None:
    """The first link of a statement, if its words show one; one that names the cause after the effect goes before a
    verb, which may be no link ("demand increases due to …").
    """
    forward: Link | None = None
    for at, opening in enumerate(words.lower[1:], 1):
        for size in range(LONGEST_LINK.get(opening, 0), 0, -1):
            phrase = words.phrase(at, size)
            before, after = content(words.lower[:at]), content(words.lower[at + size :])
            if phrase in BACKWARD_PHRASES:
                return Link(after, before, phrase)
            if phrase in FORWARD_PHRASES or (size == 1 and phrase in FORWARD and _links(words, at)):
                forward = forward or Link(before, after, phrase)
    return forward or _movement_with_cause(words)


def _movement_with_cause(words: Words) -> Link | None:
    """A movement and the one with which it comes: "demand rises as prices fall", "as prices fall, demand rises"."""
    moving = [d.at.start for d in directions_of(words) if {"amount", "speed"} & dict(d.signs).keys()]
    for at, word in enumerate(words.lower[:-1]):
        if word != AS or (at and words.lower[at - 1] in BEFORE_AS) or words.lower[at + 1] in AFTER_AS:
            continue
        opens = at == 0 and "," in words.lower
        joint = words.lower.index(",") if opens else at
        if any(i < joint for i in moving) and any(i > joint for i in moving):
            before, after = content(words.lower[:joint]), content(words.lower[joint + 1 :])
            return Link(before, after, word) if opens else Link(after, before, word)
    return None


def _links(words: Words, at: int) -> bool:
    """Whether a word that can link a cause with its effect does so here: it stands after no preposition or article, as
    a noun does, and before an object; in its base form, which can be a noun, after a plural, an auxiliary or an "and".
    """
    word, before = words.lower[at], words.lower[at - 1]
    following = words.lower[at + 1] if at + 1 < len(words.lower) else "."
    if word in ADVERBS:
        return True
    if before in BEFORE_NOUNS or following in NO_OBJECTS or not following[0].isalnum():
        return False
    if word in PLAIN_VERBS or word.endswith(("s", "ing")):
        return True
    if word.endswith("ed"):  # and no participle: "is boosted", ", boosted"
        return before[0].isalnum() and before not in PASSIVE
    return before.endswith("s") or before in AUXILIARIES | PLURALS or "and" in words.lower[max(0, at - REACH) : at]


def swapped_cause(a: Words, b: Words) -> Seen | None:
    """Where what one statement calls the cause is the effect in the other."""
    if overlap(a, b) < ALIKE:
        return None
    one, two = link_of(a), link_of(b)
    if one is None or two is None:
        return None
    straight = _jaccard(one.cause, two.cause) + _jaccard(one.effect, two.effect)
    crossed = _jaccard(one.cause, two.effect) + _jaccard(one.effect, two.cause)
    return Seen(one.words, two.words) if crossed > straight + CLEARLY else None


def other_segment(a: Words, b: Words) -> Seen | None:
    """Where words that exclude each other stand in each other's place: "rural" against "urban"."""
    mine, theirs = parts_of(a), parts_of(b)
    if not (mine and theirs and any(len(group & (mine | theirs)) > 1 for group in CONTRASTS)):
        return None
    if overlap(a, b) < ALIKE:
        return None
    for change in changes(a, b):
        here = mine.intersection(a.lower[i] for i in change.a)
        there = theirs.intersection(b.lower[i] for i in change.b)
        for group in CONTRASTS if here and there else ():
            one, two = here & group, there & group
            if one and two and not one & two:
                return Seen(" ".join(sorted(one)), " ".join(sorted(two)))
    return None


def whole_and_part(a: Words, b: Words) -> Seen | None:
    """Where a word for the whole stands against a word for one of its parts."""
    against = (wholes_of(a) and parts_of(b)) or (wholes_of(b) and parts_of(a))
    if not against or overlap(a, b) < ALIKE:
        return None
    for change in changes(a, b):
        here = {a.lower[i] for i in change.a}
        there = {b.lower[i] for i in change.b}
        for one, two, turned in ((here, there, False), (there, here, True)):
            if one & WHOLES and two & PARTS:
                seen = " ".join(sorted(one & WHOLES)), " ".join(sorted(two & PARTS))
                return Seen(*(reversed(seen) if turned else seen))
    return None


@once
def parts_of(words: Words) -> frozenset[str]:
    return PARTS.intersection(words.lower)


@once
def wholes_of(words: Words) -> frozenset[str]:
    return WHOLES.intersection(words.lower)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0

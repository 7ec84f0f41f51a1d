"""How two statements stand to each other, and what decided on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Relation(StrEnum):
    """How two statements stand to each other."""

    SAME = "same"
    CONTRADICTS = "contradicts"
    DIFFERS_IN = "differs_in"
    DISTINCT = "distinct"


class Ground(StrEnum):
    """What decided on a pair of statements."""

    EXACT = "exact"  # the same words
    NEAR_EXACT = "near_exact"  # the same words but for articles, endings, hyphens and the place of a clause
    GUARD = "guard"  # a guard fired
    JUDGE = "judge"  # the pair judge's scores
    COSINE = "cosine"  # the cosine: too low to be judged, or high enough where the models hold no judge
    LINKAGE = "linkage"  # the pair would do, but the rest of the two findings does not
    PERSON = "person"  # a person's decision, whatever the scores say


class Band(StrEnum):
    """Where a pair stands before it is judged: near-certain, worth a judgement, or too far apart for one."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class GuardResult:
    """A guard that fired on a pair: its name, what it saw in each statement, and the relation that it speaks for."""

    name: str
    a: str
    b: str
    relation: Relation

    def turned(self) -> GuardResult:
        """The same of the pair with the other one first."""
        return GuardResult(self.name, self.b, self.a, self.relation)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a pair of statements.

    ``score`` is how surely the pair judge finds the two the same, None where it was not asked: its calibrated
    probability of "same" against all others, of which that of "contradicts" weighs twenty times. ``threshold`` is what
    the score (without a judge: the cosine) must reach. Scores and cosines are rounded to four decimals.
    """

    relation: Relation
    ground: Ground
    band: Band
    cosine: float
    score: float | None
    threshold: float
    guards: tuple[GuardResult, ...] = ()

    def turned(self) -> Verdict:
        """The verdict on the same pair, the other one first."""
        turned = tuple([g.turned() for g in self.guards])
        return Verdict(self.relation, self.ground, self.band, self.cosine, self.score, self.threshold, turned)


def verdict_values(verdict: Verdict) -> list[Any]:
    """A verdict as JSON."""
    of = verdict
    guards = [[g.name, g.a, g.b, str(g.relation)] for g in of.guards]
    return [str(of.relation), str(of.ground), str(of.band), of.cosine, of.score, of.threshold, guards]


def verdict_of(values: Sequence[Any]) -> Verdict:
    """The verdict with these ``verdict_values``."""
    relation, ground, band, cosine, score, threshold, guards = values
    fired = tuple(GuardResult(name, a, b, Relation(relation)) for name, a, b, relation in guards)
    return Verdict(Relation(relation), Ground(ground), Band(band), cosine, score, threshold, fired)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Why ``statement``, a member of a finding, stands together with ``other``, or apart from it.

    Of exact and near-exact copies one stands for all: the verdict is that of the two whose ids come first. ``model``
    is the digest of what compared them. ``review`` is the id of the decision where a person decided. ``run`` is the id
    of the run that recorded the entry first, None where none has: the same entry, whichever run that was. Where a
    document of the finding goes, its entries are recorded anew.
    """

    statement: str
    other: str
    verdict: Verdict
    model: str
    review: str | None = None
    run: str | None = field(default=None, compare=False)

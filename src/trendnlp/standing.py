"""What people's decisions come to for one statement, as it travels with the statement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a statement stands in review. Any of them can go back to pending."""

    PENDING = "pending"
    ACCEPTED = "accepted"  # the label is right
    CORRECTED = "corrected"  # a person gave another kind or aspect
    REJECTED = "rejected"  # it counts as ``other``
    SKIPPED = "skipped"  # left for later; nothing of it is changed


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said of a statement: kind, its probability, aspect, and the model's digest."""

    kind: str
    score: float
    aspect: str | None
    model: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a statement stands: ``said`` is the model's own label, which the decisions may overrule.

    ``version`` is the number of the last decision that speaks of it: another one after each. ``by`` and ``at`` are of
    the decision that gave it its status, None where it is pending. ``tags`` are those that people gave it.
    """

    status: Status
    version: int
    said: Said
    by: str | None = None
    at: str | None = None
    tags: tuple[str, ...] = ()

"""What people can decide: every action in one table, and what each asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_STATEMENTS = 100  # of a merge: each two of them are tied


class Action(StrEnum):
    """What a person decided."""

    ACCEPT = "accept"
    REJECT = "reject"
    RELABEL = "relabel"
    ASPECT = "aspect"
    SKIP = "skip"
    REOPEN = "reopen"
    NOTE = "note"
    TAG = "tag"
    UNTAG = "untag"
    MERGE = "merge"
    SPLIT = "split"
    HEAD = "head"
    DROP = "drop"
    KIND = "kind"
    TITLE = "title"
    UNDO = "undo"


class Value(StrEnum):
    """What an action's value says."""

    NONE = "no value"
    KIND = "a kind"
    CLAIM_KIND = "a kind that is not `other`"
    ASPECT = "an aspect"
    SCOPE = "`statement` (if left out), `finding` or `everywhere`"
    TAG = "a tag"
    TITLE = "a title"
    TEXT = "a text"


class Scope(StrEnum):
    """What a rejection reaches."""

    STATEMENT = "statement"
    FINDING = "finding"  # all statements that stand in its finding now, hidden ones included
    EVERYWHERE = "everywhere"  # the same words in all documents, present and future


class Reading(StrEnum):
    """In what part a decision was made."""

    OPEN = "open"
    BLIND = "blind"  # without sight of others' decisions: counts for agreement, and changes nothing
    FINAL = "final"  # by an adjudicator: stands above all that are not
    AUTO = "auto"  # by the model's score, under the name of the person who let it


class ReviewFormat(StrEnum):
    """What an export of decisions holds."""

    LOG = "log"  # every record
    TRAINING = "training"  # the judged statements, in context
    CSV = "csv"  # the same for people


@dataclass(frozen=True, slots=True)
class Terms:
    """What an action asks for: how many statements, at least and at most, and which value. ``claims``: it speaks of
    claims alone. ``binds``: consolidation heeds it; the others say what a single statement is. ``words``: what it did.
    """

    least: int
    most: int
    value: Value
    words: str
    claims: bool = False
    binds: bool = False


MANY = 1_000_000  # statements of one decision that does not tie them

# Every action but UNDO, which speaks of the statements of what it takes back; of an undo, it makes it again.
ACTIONS: Mapping[Action, Terms] = {
    Action.ACCEPT: Terms(1, MANY, Value.NONE, "accepted"),
    Action.REJECT: Terms(1, MANY, Value.SCOPE, "rejected"),
    Action.RELABEL: Terms(1, MANY, Value.KIND, "kind of the statement set"),
    Action.ASPECT: Terms(1, MANY, Value.ASPECT, "aspect set", claims=True),
    Action.SKIP: Terms(1, MANY, Value.NONE, "skipped"),
    Action.REOPEN: Terms(1, MANY, Value.NONE, "back to pending"),
    Action.NOTE: Terms(1, MANY, Value.TEXT, "noted"),
    Action.TAG: Terms(1, MANY, Value.TAG, "tagged", binds=True),
    Action.UNTAG: Terms(1, MANY, Value.TAG, "tag removed", binds=True),
    Action.MERGE: Terms(2, MAX_STATEMENTS, Value.NONE, "put together", claims=True, binds=True),
    Action.SPLIT: Terms(2, 2, Value.NONE, "kept apart", claims=True, binds=True),
    Action.HEAD: Terms(1, 1, Value.NONE, "made the head", claims=True, binds=True),
    Action.DROP: Terms(1, 1, Value.NONE, "hidden from its finding", claims=True, binds=True),
    Action.KIND: Terms(1, 1, Value.CLAIM_KIND, "kind set", claims=True, binds=True),
    Action.TITLE: Terms(1, 1, Value.TITLE, "title set", claims=True, binds=True),
}
BINDING = tuple(action for action, terms in ACTIONS.items() if terms.binds)
TYING = (Action.MERGE, Action.SPLIT)  # the binding ones that can contradict each other
# The binding ones that change which statements a finding holds, or its title, kind or head.
MOVING = tuple(action for action in BINDING if action not in (Action.TAG, Action.UNTAG))
# What a reader may say blind, and what an adjudicator may settle.
VERDICTS = (Action.ACCEPT, Action.REJECT, Action.RELABEL, Action.ASPECT)
MAX_VALUE: Mapping[Value, int] = {Value.TAG: 100, Value.TITLE: 500, Value.TEXT: 10_000}  # characters
DEFAULT_VALUE = 500

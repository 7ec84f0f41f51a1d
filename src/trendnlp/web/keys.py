"""The keys of the pages: one table, from which the bindings, the labels on buttons and the sheet of keys are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    """The pages on which a key does something."""

    EVERYWHERE = "On every page"
    LISTS = "In lists"
    REVIEW = "In the review queue"


@dataclass(frozen=True, slots=True)
class Key:
    """``key`` is a KeyboardEvent.key. ``action`` is what elements name in ``data-action`` to be clicked by it."""

    key: str
    action: str
    words: str
    where: Where

    @property
    def label(self) -> str:
        """What is printed on a button."""
        return "space" if self.key == " " else self.key


RELABEL = "relabel-"  # how the actions begin that end with a kind
KEYS = (
    Key("/", "search", "go to the search field", Where.EVERYWHERE),
    Key("?", "help", "show this sheet", Where.EVERYWHERE),
    Key("j", "next", "go to the next item", Where.LISTS),
    Key("k", "previous", "go to the item before", Where.LISTS),
    Key("o", "open-source", "open the source document", Where.LISTS),
    Key("a", "accept", "accept", Where.REVIEW),
    Key("x", "reject", "reject", Where.REVIEW),
    Key(" ", "skip", "skip", Where.REVIEW),
    Key("1", "relabel-trend", "it is a trend", Where.REVIEW),
    Key("2", "relabel-driver", "it is a driver", Where.REVIEW),
    Key("3", "relabel-challenge", "it is a challenge", Where.REVIEW),
    Key("4", "relabel-opportunity", "it is an opportunity", Where.REVIEW),
    Key("0", "relabel-other", "it is none of these", Where.REVIEW),
    Key("d", "duplicates", "show what says the same", Where.REVIEW),
    Key("m", "merge", "merge", Where.REVIEW),
    Key("s", "split", "split", Where.REVIEW),
    Key("z", "undo", "undo the last decision", Where.REVIEW),
)
PLACES = tuple(Where)
_LABELS = {key.action: key.label for key in KEYS}


def label_of(action: str) -> str:
    """The key of an action, as printed on its button; raises KeyError for an action that has none."""
    return _LABELS[action]


def keys_of(where: Where) -> Sequence[Key]:
    return tuple(key for key in KEYS if key.where is where)

"""What people decided of a finding, as its page shows it. Text is passed on as it is; the templates escape it."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.actions import ACTIONS
from trendnlp.errors import NotFound
from trendnlp.review import Review, undone
from trendnlp.rulings import overruled
from trendnlp.store import Store
from trendnlp.types import Finding

MAX_QUOTED = 3  # statements of one decision; a merge of whole findings names all of theirs
UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a finding's history. ``overruled`` says that nothing of it stands, since later ones decided
    otherwise. ``texts`` are the first of its statements, None for what is not stored now."""

    review: Review
    words: str
    undone: bool
    overruled: bool
    texts: tuple[str | None, ...]

    @property
    def further(self) -> int:
        """How many statements it speaks of beside those that are quoted."""
        return len(self.review.statements) - len(self.texts)


def history(store: Store, finding: Finding) -> tuple[Decision, ...]:
    """Oldest first."""
    reviews = store.judging.history(finding)
    taken_back = undone(reviews)
    passed = overruled(reviews, taken_back, store.constraints())
    return tuple(
        Decision(
            review,
            ACTIONS[review.action].words if review.undoes is None else UNDONE,
            review.id in taken_back,
            review.id in passed,
            tuple(_text(store, id) for id in review.statements[:MAX_QUOTED]),
        )
        for review in reviews
    )


def _text(store: Store, statement: str) -> str | None:
    """Its document may have been deleted, while the review stays."""
    try:
        return store.statement(statement).statement.text
    except NotFound:
        return None

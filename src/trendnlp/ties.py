"""Which statements people put together and keep apart, as decisions come one by one: each is checked against those that
it can contradict, not against the whole log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from trendnlp.actions import TYING, Action
from trendnlp.errors import Conflict
from trendnlp.review import Review, check


class Ties:
    """What stands of the merges and splits of a log, oldest first, each of which was checked when it was added."""

    def __init__(self, reviews: Iterable[Review] = ()) -> None:
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        self._apart: defaultdict[str, set[str]] = defaultdict(set)
        self._about: defaultdict[str, list[Review]] = defaultdict(list)  # undos included
        self._by_id: dict[str, Review] = {}
        self._gone: set[str] = set()  # merges and splits that are taken back
        for review in reviews:
            if review.about in TYING:
                self._enter(review)

    def add(self, review: Review) -> None:
        """Take in the next of the log; raises Conflict as ``check`` does, and leaves all as it was then."""
        if review.about not in TYING:
            return
        self._enter(review)
        try:
            self._check(review)
        except Conflict:
            self._leave(review)
            raise

    def _enter(self, review: Review) -> None:
        self._by_id[review.id] = review
        for statement in review.statements:
            self._about[statement].append(review)
        if review.undoes is None:
            self._tie(review.action, set(review.statements))
        else:
            self._turn(review)

    def _leave(self, review: Review) -> None:
        for statement in review.statements:
            self._about[statement].remove(review)
        if review.undoes is None:
            self._tell_anew(review.statements)
        else:
            self._turn(review)
        del self._by_id[review.id]

    def _turn(self, undo: Review) -> None:
        """Take back the merge or split that it is about in the end, or make it again."""
        review = undo
        while review.undoes is not None:
            review = self._by_id[review.undoes]
        self._gone ^= {review.id}
        self._tell_anew(review.statements)

    def _tell_anew(self, statements: Sequence[str]) -> None:
        """How each two of the statements stand: the last decision on both counts."""
        named = set(statements)
        for statement in named:
            self._near[statement] -= named
            self._apart[statement] -= named
        spoken = {r.number: r for s in named for r in self._about[s] if r.undoes is None and r.id not in self._gone}
        for number in sorted(spoken):
            self._tie(spoken[number].action, named.intersection(spoken[number].statements))

    def _tie(self, action: Action, statements: set[str]) -> None:
        into, out = (self._near, self._apart) if action is Action.MERGE else (self._apart, self._near)
        for statement in statements:
            others = statements - {statement}
            into[statement] |= others
            out[statement] -= others

    def _check(self, review: Review) -> None:
        seen: set[str] = set()
        for start in review.statements:
            if start in seen:
                continue
            together = self._together(start)
            seen |= together
            if any(not together.isdisjoint(self._apart[statement]) for statement in together):
                spoken = {r.number: r for s in together for r in self._about[s] if r is not review}
                check([spoken[number] for number in sorted(spoken)], review)

    def _together(self, start: str) -> set[str]:
        """All that hangs together with a statement."""
        seen, waiting = {start}, [start]
        while waiting:
            fresh = self._near[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        return seen

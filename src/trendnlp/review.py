"""Decisions of people: records that are only ever added to, and what they come to. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeVar

from trendnlp.actions import (
    ACTIONS,
    BINDING,
    DEFAULT_VALUE,
    MAX_VALUE,
    VERDICTS,
    Action,
    Reading,
    Scope,
    Value,
)
from trendnlp.errors import BadReview, Conflict
from trendnlp.terms import term_key
from trendnlp.types import content_id

__all__ = ["NO_CONSTRAINTS", "Action", "Choice", "Constraints", "Draft", "Reading", "Review", "Scope", "Tie"]
__all__ += ["check", "effective", "undone", "words_digest"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision that is not recorded yet. Raises BadReview where it has not what its action needs."""

    action: Action
    statements: tuple[str, ...]
    by: str
    value: str | None = None
    reading: Reading = Reading.OPEN

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise BadReview(str(self.action), "is no decision on statements", "Name the review that is to be undone.")
        terms = ACTIONS[self.action]
        if not terms.least <= len(self.statements) <= terms.most:
            wanted = str(terms.least) if terms.least == terms.most else f"{terms.least} to {terms.most}"
            remedy = f"Name {wanted}."
            raise BadReview(str(self.action), f"speaks of {len(self.statements)} statements", remedy)
        if len(set(self.statements)) < len(self.statements):
            raise BadReview(str(self.action), "names a statement twice", "Name each statement once.")
        _check_value(self.action, self.value)
        _check_name(self.action, self.by)
        if self.scope is not Scope.STATEMENT and len(self.statements) > 1:
            raise BadReview(str(self.action), f"reaches {self.scope} from one statement", "Name one statement.")
        if self.reading is not Reading.OPEN and (self.action not in VERDICTS or self.scope is not Scope.STATEMENT):
            remedy = f"Use one of {', '.join(VERDICTS)}, on statements."
            raise BadReview(str(self.action), f"cannot be a {self.reading} reading", remedy)

    @property
    def scope(self) -> Scope:
        """What it reaches; of all but rejections, the statements that it names."""
        return Scope(self.value) if self.action is Action.REJECT and self.value else Scope.STATEMENT


def _check_value(action: Action, value: str | None) -> None:
    wanted = ACTIONS[action].value
    if value is None:
        if wanted not in (Value.NONE, Value.SCOPE):
            raise BadReview(str(action), "needs a value", f"Give {wanted.value}.")
        return
    if wanted is Value.NONE:
        raise BadReview(str(action), "takes no value", "Leave the value out.")
    if wanted is Value.SCOPE and value not in tuple(Scope):
        raise BadReview(str(action), f"{value!r} is no scope", f"Give {wanted.value}.")
    longest = MAX_VALUE.get(wanted, DEFAULT_VALUE)
    if not value.strip() or len(value) > longest:
        raise BadReview(str(action), "has a value that is empty or too long", f"Give 1 to {longest} characters.")
    if wanted is not Value.TEXT and not value.isprintable():
        raise BadReview(str(action), "has a value that cannot be printed", "Give one line of plain characters.")


def _check_name(action: Action, by: str) -> None:
    if not by.strip():
        raise BadReview(str(action), "does not say who decides", "Give a name.")
    if not by.isprintable():
        raise BadReview(str(action), "says who decides in characters that cannot be printed", "Give a plain name.")


@dataclass(frozen=True, slots=True)
class Review:
    """One recorded decision, the ``number``-th of its log: ``by`` whom, ``at`` what time (UTC, ISO 8601).

    ``statements`` of an undo are those of the review with the id ``undoes``, and ``about`` is the action that it takes
    back or, undoing an undo, makes again; of all others it is the action. ``words`` is a digest of the words that a
    rejection everywhere is about. Of one that has just been recorded, ``revision`` is the store's that it made, and 0
    where no finding can change by it.
    """

    id: str
    action: Action
    statements: tuple[str, ...]
    value: str | None
    by: str
    at: str
    undoes: str | None = None
    reading: Reading = Reading.OPEN
    words: str | None = None
    about: Action = field(default=Action.UNDO, compare=False)
    number: int = field(default=0, compare=False)
    revision: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if self.action is not Action.UNDO:
            object.__setattr__(self, "about", self.action)

    @classmethod
    def of(cls, draft: Draft, number: int, at: str) -> Review:
        """The ``number``-th record of its log."""
        made = cls("", draft.action, draft.statements, draft.value, draft.by, at, None, draft.reading)
        return made.numbered(number)

    @classmethod
    def undo(cls, review: Review, by: str, number: int, at: str) -> Review:
        """The ``number``-th record of its log, which takes ``review`` back."""
        _check_name(Action.UNDO, by)
        taken = (review.id, Reading.OPEN, review.words, review.about)
        return cls("", Action.UNDO, review.statements, None, by, at, *taken).numbered(number)

    def numbered(self, number: int) -> Review:
        """The same as the ``number``-th record of its log."""
        reading = () if self.reading is Reading.OPEN else (self.reading.value,)
        parts = (self.action, self.value or "", self.by, self.at, self.undoes or "", *reading, *self.statements)
        return replace(self, id=content_id("rev", str(number), *parts), number=number)


def words_digest(text: str) -> str:
    """Equal for texts that differ in case and white space alone."""
    return content_id("words", " ".join(text.split()).casefold())


@dataclass(frozen=True, slots=True)
class Tie:
    """Two statements, the lower id first, and the review that speaks of them."""

    a: str
    b: str
    review: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision on one statement: its review, and what it gives; ``on`` is False where it takes a tag away."""

    statement: str
    review: str
    value: str | None = None
    on: bool = True


@dataclass(frozen=True, slots=True)
class Constraints:
    """What stands of all decisions: ``must`` stand together, ``cannot`` stand together, not even by way of others.

    ``heads``, ``kinds``, ``titles`` and ``tags`` come in the order in which they were decided: of two in one finding
    that contradict each other the later one counts.
    No ``must`` contradicts a ``cannot``.
    """

    must: tuple[Tie, ...] = ()
    cannot: tuple[Tie, ...] = ()
    heads: tuple[Choice, ...] = ()
    kinds: tuple[Choice, ...] = ()
    hidden: tuple[Choice, ...] = ()
    titles: tuple[Choice, ...] = ()
    tags: tuple[Choice, ...] = ()


NO_CONSTRAINTS = Constraints()


def undone(reviews: Iterable[Review]) -> frozenset[str]:
    """Ids of the reviews that are taken back by an undo that is not taken back itself. Reviews come oldest first."""
    found: set[str] = set()
    for review in reversed(tuple(reviews)):
        if review.undoes is not None and review.id not in found:
            found.add(review.undoes)
    return frozenset(found)


def effective(reviews: Sequence[Review]) -> Constraints:
    """What stands now, of reviews oldest first. Where two decide on the same, the later one counts.

    Raises Conflict, naming the decisions, where statements that one holds apart would stand together by way of others.
    Of a log whose every record was checked when it was added, none does.
    """
    log = BindingLog()
    log.extend(reviews)
    return log.constraints()


def check(reviews: Sequence[Review], new: Review) -> None:
    """Whether ``new`` can be added to ``reviews``; raises Conflict, which names the earlier decisions."""
    if new.undoes is not None and new.undoes in (gone := undone(reviews)):
        by = next(r for r in reversed(reviews) if r.undoes == new.undoes and r.id not in gone)
        raise Conflict(new.undoes, f"it is undone already, by {by.id}", f"Undo {by.id} to make it again.")
    try:
        effective((*reviews, new))
    except Conflict as error:
        # It is not recorded, so that its id would tell nothing.
        reason = error.reason.replace(_named(new), "this decision")
        raise Conflict(str(new.action), reason, error.remedy) from None


class BindingLog:
    """The reviews of a log that consolidation heeds, as they come, and what stands of them."""

    def __init__(self) -> None:
        self._reviews: list[Review] = []
        self._standing = _Log()

    @property
    def last(self) -> int:
        """The number of the last one, 0 before the first."""
        return self._reviews[-1].number if self._reviews else 0

    def extend(self, reviews: Sequence[Review]) -> None:
        """Take in reviews that came after those that are here, oldest first; those that do not bind are left out."""
        fresh = [r for r in reviews if r.about in BINDING]
        self._reviews += fresh
        if any(r.undoes is not None for r in fresh):
            gone = undone(self._reviews)
            self._standing = _Log()
            fresh = [r for r in self._reviews if r.id not in gone]
        for review in fresh:
            if review.undoes is None:
                self._standing.add(review)

    def constraints(self) -> Constraints:
        """As ``effective``."""
        return self._standing.constraints()


class _Log:
    """Decisions in the order in which they were made, those that are overruled left out."""

    def __init__(self) -> None:
        self._must: dict[tuple[str, str], Review] = {}
        self._cannot: dict[tuple[str, str], Review] = {}
        self._heads: dict[str, Review] = {}
        self._kinds: dict[str, Review] = {}
        self._hidden: dict[str, Review] = {}
        self._titles: dict[str, Review] = {}
        self._tags: dict[tuple[str, str], Review] = {}

    def add(self, review: Review) -> None:
        adders: Mapping[Action, Callable[[Review], None]] = {
            Action.MERGE: self._merge,
            Action.SPLIT: self._split,
            Action.HEAD: self._head,
            Action.DROP: self._drop,
            Action.KIND: self._kind,
            Action.TITLE: self._title,
            Action.TAG: self._tag,
            Action.UNTAG: self._tag,
        }
        adders[review.action](review)

    def constraints(self) -> Constraints:
        of = _together(self._must)
        for (a, b), review in self._cannot.items():
            if a in of and of[a] == of.get(b):
                _refuse(a, b, review, _way(self._must, a, b))
        return Constraints(
            must=tuple(Tie(*pair, review.id) for pair, review in self._must.items()),
            cannot=tuple(Tie(*pair, review.id) for pair, review in self._cannot.items()),
            heads=tuple(Choice(id, review.id) for id, review in self._heads.items()),
            kinds=tuple(Choice(id, review.id, review.value) for id, review in self._kinds.items()),
            hidden=tuple(Choice(id, review.id) for id, review in self._hidden.items()),
            titles=tuple(Choice(id, review.id, review.value) for id, review in self._titles.items()),
            tags=tuple(
                Choice(id, review.id, review.value, review.action is Action.TAG)
                for (id, _), review in self._tags.items()
            ),
        )

    def _merge(self, review: Review) -> None:
        named = set(review.statements)
        for pair in [p for p in self._cannot if named.issuperset(p)]:
            del self._cannot[pair]
        # Each with each: what is left of them stays together when one of them goes.
        for a, b in combinations(review.statements, 2):
            _renew(self._must, _pair(a, b), review)

    def _split(self, review: Review) -> None:
        a, b = _pair(*review.statements)
        self._must.pop((a, b), None)
        _renew(self._cannot, (a, b), review)

    def _head(self, review: Review) -> None:
        (statement,) = review.statements
        self._hidden.pop(statement, None)
        _renew(self._heads, statement, review)

    def _drop(self, review: Review) -> None:
        (statement,) = review.statements
        _renew(self._hidden, statement, review)

    def _kind(self, review: Review) -> None:
        (statement,) = review.statements
        _renew(self._kinds, statement, review)

    def _title(self, review: Review) -> None:
        (statement,) = review.statements
        _renew(self._titles, statement, review)

    def _tag(self, review: Review) -> None:
        for statement in review.statements:
            _renew(self._tags, (statement, term_key(review.value or "")), review)


def _refuse(a: str, b: str, apart: Review, way: Sequence[Review]) -> None:
    ties = ", ".join(dict.fromkeys(map(_named, way)))
    reason = f"{a} and {b} cannot be joined by {ties} while {_named(apart)} keeps them apart"
    raise Conflict(apart.id, reason, "Undo the earlier decision first.")


def _named(review: Review) -> str:
    return f"{review.id} (by {review.by})"


def _renew(into: dict[K, Review], key: K, review: Review) -> None:
    """Set ``key``, which comes last then."""
    into.pop(key, None)
    into[key] = review


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _neighbours(must: Mapping[tuple[str, str], Review]) -> dict[str, dict[str, Review]]:
    found: dict[str, dict[str, Review]] = {}
    for (a, b), review in must.items():
        found.setdefault(a, {})[b] = review
        found.setdefault(b, {})[a] = review
    return found


def _together(must: Mapping[tuple[str, str], Review]) -> dict[str, str]:
    """Each statement that is tied to others, and one that is the same for all that hang together."""
    near = _neighbours(must)
    found: dict[str, str] = {}
    for start in near:
        if start not in found:
            found.update(dict.fromkeys(_reached(near, start), start))
    return found


def _reached(near: Mapping[str, Mapping[str, Review]], start: str) -> Iterator[str]:
    seen, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        yield at
        fresh = near.get(at, {}).keys() - seen
        seen |= fresh
        waiting += fresh


def _way(must: Mapping[tuple[str, str], Review], a: str, b: str) -> list[Review]:
    """The reviews along a shortest way from ``a`` to ``b``; empty where there is none."""
    near = _neighbours(must)
    back: dict[str, tuple[str, Review]] = {}
    edge = [a]
    while edge and b not in back:
        reached = []
        for at in edge:
            for to, review in near.get(at, {}).items():
                if to != a and to not in back:
                    back[to] = (at, review)
                    reached.append(to)
        edge = reached
    found: list[Review] = []
    at = b
    while at in back:
        at, review = back[at]
        found.append(review)
    return found[::-1]

"""What the decisions on one statement come to. Pure functions: the same log gives the same standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trendnlp.actions import Action, Reading
from trendnlp.review import Review, undone
from trendnlp.standing import Said, Status
from trendnlp.terms import term_key
from trendnlp.types import OTHER

REJECTED = "rejected"  # a reader's verdict beside the kinds


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as it speaks of one statement. ``said`` is what the model said of the statement then, None where the
    decision names the statement by its words alone, or came from another workspace without it.
    """

    review: Review
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reader last said of a statement on his own: a kind, or ``rejected``. ``number`` is of that decision."""

    reader: str
    verdict: str
    blind: bool
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What all decisions on a statement come to. ``kind`` and ``aspect`` are those that people gave it, None where
    nobody did; a rejected one is ``other``. ``review``, ``by`` and ``at`` are of the decision that gave the status.
    ``verdicts`` are those that readers gave without sight of a blind one, by reader. ``final``: an adjudicator spoke.
    """

    status: Status = Status.PENDING
    version: int = 0
    kind: str | None = None
    aspect: str | None = None
    tags: tuple[str, ...] = ()
    review: str | None = None
    by: str | None = None
    at: str | None = None
    final: bool = False
    verdicts: tuple[Verdict, ...] = ()


def standing(entries: Sequence[Entry]) -> Standing:
    """Of the decisions on one statement, oldest first, undos included. The later of two counts; a final one stands
    above all that are not; a blind one is kept as its reader's verdict alone.
    """
    gone = undone(e.review for e in entries)
    fold = _Fold()
    for entry in entries:
        if entry.review.id not in gone and entry.review.action is not Action.UNDO:
            fold.add(entry)
    return fold.result(max((e.review.number for e in entries), default=0))


class _Fold:
    def __init__(self) -> None:
        self._status = Status.PENDING
        self._kind: str | None = None
        self._aspect: str | None = None
        self._by: Review | None = None
        self._tags: dict[str, str] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._blind = False
        self._final = False

    def add(self, entry: Entry) -> None:
        review = entry.review
        if review.action is Action.TAG:
            self._tags[term_key(review.value or "")] = review.value or ""
        elif review.action is Action.UNTAG:
            self._tags.pop(term_key(review.value or ""), None)
        elif review.reading is Reading.BLIND:
            self._blind = True
            self._read(entry, None)
        elif review.action in _SETTERS and (not self._final or review.reading is Reading.FINAL):
            self._set(entry)

    def result(self, version: int) -> Standing:
        rejected = self._status is Status.REJECTED
        review = self._by
        return Standing(
            status=self._status,
            version=version,
            kind=OTHER if rejected else self._kind,
            aspect=None if rejected or self._kind == OTHER else self._aspect,
            tags=tuple(self._tags.values()),
            review=review.id if review else None,
            by=review.by if review else None,
            at=review.at if review else None,
            final=self._final,
            verdicts=tuple(self._verdicts[reader] for reader in sorted(self._verdicts)),
        )

    def _set(self, entry: Entry) -> None:
        review = entry.review
        before, self._status, self._by = self._status, _SETTERS[review.action], review
        match review.action:
            case Action.REOPEN:
                self._kind = self._aspect = self._by = None
            case Action.RELABEL:
                self._kind = review.value
            case Action.ASPECT:
                self._pin(entry)
                self._aspect = review.value
            case Action.ACCEPT:
                self._pin(entry)
                if before is Status.CORRECTED:
                    self._status = before  # what a person made right is accepted as that
        self._final |= review.reading is Reading.FINAL
        # with the blind verdicts in sight, an open decision is no reading of its own
        if review.reading is Reading.OPEN and not self._blind:
            self._read(entry, self._kind)

    def _pin(self, entry: Entry) -> None:
        """What a person accepts stays so, whatever a later model says."""
        if entry.said is not None and self._kind is None:
            self._kind = entry.said.kind
            self._aspect = self._aspect or entry.said.aspect

    def _read(self, entry: Entry, stands: str | None) -> None:
        """``stands`` is the kind that the reader saw: of a blind one the model's, or his own from before."""
        review = entry.review
        known = self._verdicts.get(review.by)
        own = known.verdict if known and known.verdict != REJECTED else None
        said = entry.said.kind if entry.said else None
        verdict = {
            Action.RELABEL: review.value,
            Action.REJECT: REJECTED,
            Action.ACCEPT: own or stands or said,
            Action.ASPECT: own or stands or said,
        }.get(review.action)
        if verdict is not None:
            blind = review.reading is Reading.BLIND
            self._verdicts[review.by] = Verdict(review.by, verdict, blind, review.number)
        elif review.action is Action.REOPEN:
            self._verdicts.pop(review.by, None)


_SETTERS = {
    Action.ACCEPT: Status.ACCEPTED,
    Action.REJECT: Status.REJECTED,
    Action.RELABEL: Status.CORRECTED,
    Action.ASPECT: Status.CORRECTED,
    Action.SKIP: Status.SKIPPED,
    Action.REOPEN: Status.PENDING,
}


def settles(action: Action) -> bool:
    """Whether an action gives a statement a status."""
    return action in _SETTERS


def disagreement(verdicts: Iterable[Verdict]) -> bool:
    """Whether a blind reader said something else than another."""
    found = tuple(verdicts)
    return any(v.blind for v in found) and len({v.verdict for v in found}) > 1

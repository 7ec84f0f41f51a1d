"""A finding, or a statement, as the review shows it: wordings beside the head's, what is near, and its decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.actions import ACTIONS, Action
from trendnlp.records import reason_of
from trendnlp.review import Review, undone
from trendnlp.store import Desk, FindingFilter, PageRequest, Store
from trendnlp.types import Finding, LabelledStatement, Member, Metadata
from trendnlp.web.contests import Contest, apart, contests
from trendnlp.web.history import MAX_QUOTED
from trendnlp.web.wording import Span, difference, unmarked

MEMBERS = 50  # of a finding on one page
MATCHES = 8  # findings that are offered for merging by their words


@dataclass(frozen=True, slots=True)
class Copy:
    """A member beside the head. ``why`` is what the ledger says of it, ``decision`` the review behind it."""

    member: Member
    labelled: LabelledStatement
    wording: tuple[Span, ...]
    why: str
    decision: str | None
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of a history. ``again`` is the id of the undo whose undo makes it again, None where it stands."""

    review: Review
    words: str
    again: str | None
    texts: tuple[str, ...]

    @property
    def further(self) -> int:
        return len(self.review.statements) - len(self.texts)


@dataclass(frozen=True, slots=True)
class Near:
    """A finding with which another one may be merged: by the pair of statements that is nearest, where there is one."""

    finding: Finding
    contest: Contest | None = None

    @property
    def reason(self) -> str:
        return self.contest.reason if self.contest else "has these words"


def copies(store: Store, finding: Finding, skip: int) -> tuple[Copy, ...]:
    """The members from ``skip`` on, the head first, as many as a page holds."""
    head = next((m for m in finding.members if m.statement == finding.head), finding.members[0])
    members = [head, *(m for m in finding.members if m.statement != finding.head)][skip : skip + MEMBERS]
    labelled = store.statements_by_id([finding.head, *(m.statement for m in members)])
    why = {entry.statement: entry for entry in finding.ledger}
    known = {id: store.document(id).metadata for id in dict.fromkeys(m.document for m in members)}
    first = labelled[0].statement.text
    return tuple(
        Copy(
            member,
            stored,
            difference(unmarked(first), unmarked(stored.statement.text)),
            reason_of(why[member.statement].verdict) if member.statement in why else "",
            why[member.statement].review if member.statement in why else None,
            known[member.document],
        )
        for member, stored in zip(members, labelled[1:], strict=True)
    )


def near(store: Store, finding: Finding, words: str) -> tuple[Near, ...]:
    """Findings with which it may be merged, each once: those of the nearest statements apart, then those whose titles
    have ``words``.
    """
    found: dict[str, Near] = {}
    for contest in (*apart(store, finding), *contests(store, finding)):
        other = contest.theirs.finding
        if other is not None and other not in (finding.id, *found):
            found[other] = Near(store.finding(other), contest)
    if words.strip():
        for other_finding in store.findings(FindingFilter(q=words.strip()), PageRequest(MATCHES)).items:
            if other_finding.id != finding.id:
                found.setdefault(other_finding.id, Near(other_finding))
    return tuple(found.values())


def hidden(store: Store, finding: Finding) -> tuple[LabelledStatement, ...]:
    """The statements that a person has taken out of sight."""
    known = store.judging.known_statements(finding.hidden)
    return tuple(known[id] for id in finding.hidden if id in known)


def dropped_by(decisions: Sequence[Decided], statement: str) -> str | None:
    """The decision that hides a statement."""
    return next(
        (
            d.review.id
            for d in decisions
            if d.review.action is Action.DROP and d.again is None and statement in d.review.statements
        ),
        None,
    )


def decisions(store: Store, reviews: Sequence[Review]) -> tuple[Decided, ...]:
    """A history, the latest first, without the undos: they say only whether the others stand. ``reviews`` come oldest
    first, and all that speak of the same statements.
    """
    gone = undone(reviews)
    desk = Desk(store.database)
    texts = store.stored_texts({id for review in reviews for id in review.statements[:MAX_QUOTED]})
    return tuple(
        Decided(
            review,
            ACTIONS[review.action].words,
            desk.standing_undo(review) if review.id in gone else None,
            tuple(texts[id] for id in review.statements[:MAX_QUOTED] if id in texts),
        )
        for review in reversed(reviews)
        if review.undoes is None
    )

"""Decisions as one transaction: checked, recorded, and where their statements stand brought up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import Connection, select

from trendnlp.actions import ACTIONS, BINDING, TYING, Reading, Scope
from trendnlp.errors import BadReview, Conflict, Stale
from trendnlp.judgement import settles
from trendnlp.review import Draft, Review, check
from trendnlp.store import documents, judgements, reviews, state
from trendnlp.store.schema import findings, members

Versions = Mapping[str, int]  # statement or finding id to the version that was seen
NOTHING_SEEN: Versions = MappingProxyType({})


def decide(connection: Connection, draft: Draft, at: str, seen: Versions) -> Review:
    """Record a decision. Raises NotFound for a statement that is not stored, BadReview where it has no finding to speak
    of, Stale where somebody decided on what was ``seen``, Conflict where an earlier decision rules it out.
    """
    documents.check_stored(connection, draft.statements)
    check_seen(connection, seen)
    if settles(draft.action) and draft.reading in (Reading.OPEN, Reading.AUTO):
        _check_final(connection, draft)
    words = judgements.words_of(connection, draft.statements[0]) if draft.scope is Scope.EVERYWHERE else None
    number = reviews.next_number(connection)
    made = replace(Review.of(draft, number, at), statements=_reached(connection, draft), words=words)
    return record(connection, made.numbered(number))


def undo(connection: Connection, id: str, by: str, at: str) -> Review:
    """Record that the review ``id`` is taken back; raises NotFound, BadReview, Conflict."""
    taken = reviews.one(connection, id)
    if by_what := reviews.is_undone(connection, taken):
        raise Conflict(id, f"it is undone already, by {by_what}", f"Undo {by_what} to make it again.")
    return record(connection, Review.undo(taken, by, reviews.next_number(connection), at))


def record(connection: Connection, review: Review) -> Review:
    """Append a review, whoever made it, wherever; raises Conflict."""
    binds = review.about in BINDING
    if review.about in TYING:
        check(reviews.binding(connection, TYING), review)
    reviews.append(connection, review)
    touched = (*review.statements, *judgements.saying(connection, review.words))
    moves = judgements.note(connection, judgements.follow(connection, touched), binds=binds)
    return replace(review, revision=state.revision(connection)) if moves else review


def check_seen(connection: Connection, seen: Versions) -> None:
    """Raises Stale where the version of a statement or finding is not the one that was seen."""
    of_statements = judgements.versions(connection, (id for id in seen if not id.startswith("find_")))
    of_findings = judgements.finding_versions(connection, (id for id in seen if id.startswith("find_")))
    now = of_statements | of_findings
    for id, version in seen.items():
        if now.get(id) != version:
            spoken = (id,) if id in of_statements else _inside(connection, id)
            since = reviews.about(connection, spoken, after=version)
            acts = dict.fromkeys(f"{r.by} ({ACTIONS[r.action].words if r.undoes is None else 'undone'})" for r in since)
            raise Stale(id, now.get(id, 0), tuple(r.id for r in since), ", ".join(acts))


def _check_final(connection: Connection, draft: Draft) -> None:
    for id, review in judgements.finally_settled(connection, draft.statements).items():
        reason = f"an adjudicator settled {id} in {review}"
        raise Conflict(str(draft.action), reason, f"Undo {review} first, or decide as an adjudicator.")


def _reached(connection: Connection, draft: Draft) -> tuple[str, ...]:
    """The statements that a decision names and those that it reaches by its scope, the named ones first."""
    if draft.scope is not Scope.FINDING:
        return draft.statements
    named = draft.statements[0]
    row = connection.execute(select(members.c.finding).where(members.c.statement == named)).first()
    if row is None:
        raise BadReview(str(draft.action), f"{named} stands in no finding", "Reject the statement alone.")
    return tuple(dict.fromkeys((named, *_inside(connection, row.finding))))


def _inside(connection: Connection, finding: str) -> tuple[str, ...]:
    """The statements of a finding, hidden ones included."""
    hidden = connection.execute(select(findings.c.hidden).where(findings.c.id == finding)).scalar_one_or_none()
    of = select(members.c.statement).where(members.c.finding == finding).order_by(members.c.position)
    return (*connection.execute(of).scalars(), *(hidden or ()))

"""Decisions of people: adding to their log, and reading it. Functions over an open transaction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, insert, select

from trendnlp.errors import NotFound
from trendnlp.review import Action, Draft, Review, check, undone
from trendnlp.store import documents
from trendnlp.store.engine import chunks
from trendnlp.store.rows import review_of, review_values
from trendnlp.store.schema import reviewed, reviews


def add(connection: Connection, draft: Draft, at: str) -> Review:
    """Append a decision; raises NotFound for a statement that is not stored, Conflict."""
    documents.by_id(connection, draft.statements)
    return _append(connection, Review.of(draft, _next(connection), at))


def undo(connection: Connection, id: str, by: str, at: str) -> Review:
    """Append that the review ``id`` is taken back; raises NotFound, BadReview, Conflict."""
    return _append(connection, Review.undo(one(connection, id), by, _next(connection), at))


def one(connection: Connection, id: str) -> Review:
    row = connection.execute(select(reviews).where(reviews.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(id, "no such review", "List the reviews for the ids there are.")
    return review_of(row)


def everything(connection: Connection) -> tuple[Review, ...]:
    """All reviews, oldest first."""
    return tuple(map(review_of, connection.execute(select(reviews).order_by(reviews.c.seq))))


def about(connection: Connection, statements: Iterable[str]) -> tuple[Review, ...]:
    """The reviews that speak of any of the statements, oldest first."""
    found: dict[int, Review] = {}
    for chunk in chunks(sorted(set(statements))):
        of = select(reviewed.c.review).where(reviewed.c.statement.in_(chunk))
        rows = connection.execute(select(reviews).where(reviews.c.seq.in_(of)))
        found.update((row.seq, review_of(row)) for row in rows)
    return tuple(found[number] for number in sorted(found))


def taken_back(connection: Connection) -> frozenset[str]:
    """Ids of the reviews that are undone."""
    undos = select(reviews).where(reviews.c.action == str(Action.UNDO)).order_by(reviews.c.seq)
    return undone(map(review_of, connection.execute(undos)))


def standing(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The reviews that are not taken back, undos left out: id to statements."""
    log = everything(connection)
    gone = undone(log)
    return {r.id: r.statements for r in log if r.action is not Action.UNDO and r.id not in gone}


def _next(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(reviews.c.seq), 0))).scalar_one()) + 1


def _append(connection: Connection, review: Review) -> Review:
    check(everything(connection), review)
    number = connection.execute(insert(reviews).values(review_values(review)).returning(reviews.c.seq)).scalar_one()
    connection.execute(insert(reviewed), [{"statement": s, "review": number} for s in sorted(review.statements)])
    return review

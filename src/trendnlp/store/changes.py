"""What has changed since a revision. Functions over an open transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trendnlp.review import Review
from trendnlp.store import documents, reviews, state
from trendnlp.types import Claim


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of the documents that came, changed or went up to ``revision``, those of the ``statements`` that decisions
    gave another kind or aspect, and the claims that all of them have there.

    ``reviews`` are those that consolidation heeds and that the caller had not seen.
    """

    revision: int
    documents: tuple[str, ...]
    statements: tuple[str, ...]
    claims: tuple[Claim, ...]
    reviews: tuple[Review, ...]


def since(connection: Connection, revision: int, seen: int) -> Changes | None:
    """What has changed after ``revision``, and of the reviews what came after the number ``seen``; None where that was
    not noted.
    """
    changed = state.changed_since(connection, revision)
    if changed is None:
        return None
    ids = tuple(sorted(id for id in changed if id is not None))
    shifted = tuple(sorted(state.shifted_since(connection, revision)))
    claims = {c.labelled.statement.id: c for c in documents.claims_of(connection, ids)}
    claims |= {c.labelled.statement.id: c for c in documents.claims_among(connection, shifted)}
    bound = reviews.binding(connection, after=seen) if state.bound_since(connection, revision) else ()
    return Changes(state.revision(connection), ids, shifted, tuple(claims[id] for id in sorted(claims)), bound)

"""What has changed since a revision. Functions over an open transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trendnlp.review import Constraints, effective
from trendnlp.store import documents, reviews, state
from trendnlp.types import Claim


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of the documents that came, changed or went up to ``revision``, and the claims that they have there.

    ``constraints`` are what stands of all reviews there, None where none came.
    """

    revision: int
    documents: tuple[str, ...]
    claims: tuple[Claim, ...]
    constraints: Constraints | None


def since(connection: Connection, revision: int) -> Changes | None:
    """What has changed after ``revision``; None where that was not noted."""
    changed = state.changed_since(connection, revision)
    if changed is None:
        return None
    ids = tuple(sorted(id for id in changed if id is not None))
    constraints = effective(reviews.everything(connection)) if None in changed else None
    return Changes(state.revision(connection), ids, documents.claims_of(connection, ids), constraints)

"""What people's decisions teach: the kinds of statements, in the documents that they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from trendnlp.actions import Reading
from trendnlp.store import documents, effective
from trendnlp.store.schema import documents as document_rows
from trendnlp.store.schema import reviews, statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.store.worth import JUDGED
from trendnlp.types import Statement


@dataclass(frozen=True, slots=True)
class ReviewedDocument:
    """The statements of a document in text order, and beside each the kind that a person left it with, None where
    nobody judged it.
    """

    id: str
    statements: tuple[Statement, ...]
    kinds: tuple[str | None, ...]

    def __post_init__(self) -> None:
        assert len(self.statements) == len(self.kinds)

    @property
    def judged(self) -> tuple[int, ...]:
        """Which statements a person judged, ascending."""
        return tuple(i for i, kind in enumerate(self.kinds) if kind is not None)


def reviewed_documents(connection: Connection) -> Iterator[ReviewedDocument]:
    """The documents with statements that are accepted, corrected or rejected, by id. What was accepted by the model's
    own score teaches nothing and is left out, as are blind readings that nobody settled.
    """
    of = judgements.c
    joined = judgements.join(statements, effective.JUDGED).join(document_rows).join(reviews, reviews.c.id == of.review)
    chosen = select(document_rows.c.id.label("document"), of.statement).select_from(joined)
    chosen = chosen.where(of.status.in_(JUDGED), reviews.c.reading != Reading.AUTO)
    judged: dict[str, set[str]] = {}
    for row in connection.execute(chosen):
        judged.setdefault(row.document, set()).add(row.statement)
    for id in sorted(judged):
        found = documents.analysis(connection, id).statements
        kinds = tuple(s.label.kind if s.statement.id in judged[id] else None for s in found)
        yield ReviewedDocument(id, tuple(s.statement for s in found), kinds)

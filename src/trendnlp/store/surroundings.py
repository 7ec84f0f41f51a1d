"""What stands around statements: the texts of their documents, and their neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from trendnlp.errors import NotFound
from trendnlp.store.database import Database
from trendnlp.store.documents import METADATA, SUMMARY_COLUMNS, select_statements
from trendnlp.store.rows import labelled_of, metadata_of
from trendnlp.store.schema import documents, statements
from trendnlp.types import LabelledStatement, Metadata


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a document, the name under which it was given, and what is known of it."""

    source: str
    metadata: Metadata
    text: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The statements right before and after one, in text order."""

    before: tuple[LabelledStatement, ...]
    after: tuple[LabelledStatement, ...]


class Surroundings:
    """Reads what stands around statements. Every method is one transaction and may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def text(self, document: str) -> SourceText | None:
        """The text of a document, None where it is not stored; without its blocks, which take longer to read."""
        known = [c for c in SUMMARY_COLUMNS if c.name in METADATA]
        query = select(documents.c.source, documents.c.text, *known).where(documents.c.id == document)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else SourceText(row.source, metadata_of(row), row.text)

    def neighbours(self, statement: str, count: int) -> Neighbours:
        """Up to ``count`` statements on each side of one in its document; raises NotFound."""
        of = statements.c
        with self._database.reading() as connection:
            here = connection.execute(select(of.document, of.position).where(of.id == statement)).one_or_none()
            if here is None:
                raise NotFound(statement, "no such statement", "Its document may have been deleted or read anew.")
            near = select_statements().where(of.document == here.document).limit(count)
            before = near.where(of.position < here.position).order_by(of.position.desc())
            after = near.where(of.position > here.position).order_by(of.position)
            return Neighbours(
                tuple(labelled_of(row) for row in connection.execute(before))[::-1],
                tuple(labelled_of(row) for row in connection.execute(after)),
            )

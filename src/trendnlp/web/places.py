"""Members of findings with their statements and the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.records import Record, placed_record
from trendnlp.selectors import OffsetUnit, Quote, Ruler, quote
from trendnlp.store import Store
from trendnlp.types import LabelledStatement, Member, Metadata
from trendnlp.web.passages import Around, around


@dataclass(frozen=True, slots=True)
class Place:
    """One member of a finding where it stands in its document. ``around`` is for reading, ``quote`` for finding it."""

    member: Member
    labelled: LabelledStatement
    metadata: Metadata
    around: Around
    quote: Quote
    ruler: Ruler

    def record(self, finding: str) -> Record:
        """The statement as JSON; ``finding`` is the one of the member."""
        return placed_record(self.labelled, self.member.source, finding, self.ruler)

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above the statement, without the document's own title."""
        headings = self.labelled.statement.headings
        return headings[1:] if headings[:1] == (self.metadata.title,) else headings


def places(
    store: Store, members: Sequence[Member], width: int, unit: OffsetUnit = OffsetUnit.CODEPOINT
) -> tuple[Place, ...]:
    """One place a member, in the same order, with up to ``width`` code points on each side. Raises NotFound.

    Each document is read once and let go again, however many of the members it holds.
    """
    labelled = store.statements_by_id([member.statement for member in members])
    of_document: dict[str, list[int]] = {}
    for index, member in enumerate(members):
        of_document.setdefault(member.document, []).append(index)
    found: dict[int, Place] = {}
    for document_id, indexes in of_document.items():
        document = store.document(document_id)
        ruler = Ruler(document.text, unit)
        for index in indexes:
            statement = labelled[index].statement
            text, start, end = document.text, statement.start, statement.end
            found[index] = Place(
                members[index],
                labelled[index],
                document.metadata,
                around(text, start, end, width),
                quote(text, start, end),
                ruler,
            )
    return tuple(found[index] for index in range(len(members)))

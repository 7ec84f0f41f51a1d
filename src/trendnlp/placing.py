"""Stored statements as JSON objects with their places: for lists, exports and pages alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.records import Record, placed_record
from trendnlp.selectors import OffsetUnit, Ruler
from trendnlp.store import SourceText, Store, Surroundings
from trendnlp.types import LabelledStatement


@dataclass(frozen=True, slots=True)
class Placed:
    """One statement as a JSON object, and the document that it stands in."""

    id: str
    record: Record
    document: SourceText


class Placer:
    """Places statements in their documents, whose texts it reads one at a time and keeps no longer than it must."""

    def __init__(self, store: Store, unit: OffsetUnit = OffsetUnit.CODEPOINT) -> None:
        self._store = store
        self._unit = unit
        self._around = Surroundings(store.database)
        self._at = ""
        self._document: SourceText | None = None
        self._ruler = Ruler("")

    def place(self, labelled: Sequence[LabelledStatement]) -> list[Placed]:
        """The statements in the same order, without those whose document was deleted meanwhile."""
        findings = self._store.finding_of([item.statement.id for item in labelled])
        of_document: dict[str, list[int]] = {}
        for index, item in enumerate(labelled):
            of_document.setdefault(item.statement.document, []).append(index)
        found: dict[int, Placed] = {}
        for document, indexes in of_document.items():
            known = self._open(document)
            if known is None:
                continue
            for index in indexes:
                item = labelled[index]
                finding = findings.get(item.statement.id)
                found[index] = Placed(item.statement.id, placed_record(item, known.source, finding, self._ruler), known)
        return [found[index] for index in sorted(found)]

    def records(self, labelled: Sequence[LabelledStatement]) -> list[Record]:
        """The JSON objects of ``place``."""
        return [placed.record for placed in self.place(labelled)]

    def _open(self, document: str) -> SourceText | None:
        if document != self._at:
            self._document = self._around.text(document)
            self._ruler = Ruler(self._document.text if self._document else "", self._unit)
            self._at = document
        return self._document

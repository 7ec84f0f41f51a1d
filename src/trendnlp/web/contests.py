"""Pairs of the ledger with both their statements: what stands against a finding, what is near it but apart, and with
which other a member stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import shorten

from trendnlp.records import Record, placed_record, reason_of
from trendnlp.relations import LedgerEntry
from trendnlp.selectors import OffsetUnit, Quote, Ruler, quote
from trendnlp.store import Store
from trendnlp.types import Finding, LabelledStatement, Metadata

TIE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Side:
    """One statement of a pair, what is known of its document, the finding it stands in, and the words to find it by."""

    labelled: LabelledStatement
    source: str
    finding: str | None
    quote: Quote
    ruler: Ruler
    metadata: Metadata

    @property
    def record(self) -> Record:
        return {
            "record": placed_record(self.labelled, self.source, self.finding, self.ruler),
            "quote": self.quote.record,
        }


@dataclass(frozen=True, slots=True)
class Contest:
    """An entry of the ledger with its two statements: a member of the finding, and one outside."""

    entry: LedgerEntry
    ours: Side
    theirs: Side

    @property
    def reason(self) -> str:
        return reason_of(self.entry.verdict)


@dataclass(frozen=True, slots=True)
class Tie:
    """Why a member stands in its finding, and the member with which it does."""

    reason: str
    other: LabelledStatement

    @property
    def words(self) -> str:
        """The beginning of the other's text."""
        text = " ".join(self.other.statement.text.split())
        return shorten(text, TIE_CHARACTERS, placeholder="…") if " " in text[:TIE_CHARACTERS] else text[:TIE_CHARACTERS]


def contests(store: Store, finding: Finding, unit: OffsetUnit = OffsetUnit.CODEPOINT) -> tuple[Contest, ...]:
    """What contradicts the finding or differs from it in a quantity, time, place or subject, in the order of its
    ledger. Raises NotFound.
    """
    return _with_sides(store, finding.contested, unit)


def apart(store: Store, finding: Finding) -> tuple[Contest, ...]:
    """The other near statements that stand apart. Raises NotFound."""
    contested = finding.contested
    return _with_sides(store, [entry for entry in finding.apart if entry not in contested], OffsetUnit.CODEPOINT)


def ties(store: Store, finding: Finding, statements: Iterable[str]) -> dict[str, Tie]:
    """By the id of each of these ``statements`` that has one. Raises NotFound."""
    wanted = set(statements)
    entries = [entry for entry in finding.ledger if entry.statement in wanted]
    ids = sorted({entry.other for entry in entries})
    others = dict(zip(ids, store.statements_by_id(ids), strict=True))
    return {entry.statement: Tie(reason_of(entry.verdict), others[entry.other]) for entry in entries}


def _with_sides(store: Store, entries: Sequence[LedgerEntry], unit: OffsetUnit) -> tuple[Contest, ...]:
    ids = sorted({id for entry in entries for id in (entry.statement, entry.other)})
    found = dict(zip(ids, store.statements_by_id(ids), strict=True))
    findings = store.finding_of(ids)
    documents = {id: store.document(id) for id in sorted({s.statement.document for s in found.values()})}
    rulers = {id: Ruler(document.text, unit) for id, document in documents.items()}

    def side(id: str) -> Side:
        statement = found[id].statement
        document = documents[statement.document]
        placed = quote(document.text, statement.start, statement.end)
        return Side(found[id], document.source, findings.get(id), placed, rulers[document.id], document.metadata)

    return tuple(Contest(entry, side(entry.statement), side(entry.other)) for entry in entries)

"""Does the store hold what it must? Ids, offsets and counts derived anew, and what findings say held to the statements.

It reads page by page, in several transactions, and holds the ids of claims in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trendnlp.relations import Relation
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.store.pages import MAX_LIMIT
from trendnlp.types import OTHER, Analysis, Document, Finding, Statement

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be: the id it is about, and what is wrong."""

    subject: str
    reason: str


@dataclass(slots=True)
class Verified:
    """How much has been looked at."""

    documents: int = 0
    statements: int = 0
    findings: int = 0


def verify(store: Store, seen: Verified) -> Iterator[Fault]:
    """Every fault of the store, as it is found; ``seen`` is brought up to date meanwhile.

    Whether each claim stands in a finding is asked only where the findings are of the documents as they are now.
    """
    claims_of: dict[str, str] = {}  # every claim's document
    for id, statements, claims in _documents(store):
        analysis = store.analysis(id)
        yield from document_faults(analysis.document)
        yield from statement_faults(analysis)
        if (len(analysis.statements), len(analysis.claims)) != (statements, claims):
            yield Fault(id, "the list of documents counts other statements than it has")
        claims_of.update((s.statement.id, id) for s in analysis.claims)
        seen.documents += 1
        seen.statements += len(analysis.statements)
    placed: dict[str, str] = {}  # claim to its finding
    for finding in _findings(store):
        yield from finding_faults(finding, claims_of)
        for statement in (*(m.statement for m in finding.members), *finding.hidden):
            if statement in placed:
                yield Fault(statement, f"it stands in {placed[statement]} and in {finding.id}")
            placed[statement] = finding.id
        seen.findings += 1
    if store.is_consolidated():
        yield from (Fault(id, "a claim that stands in no finding") for id in sorted(claims_of.keys() - placed.keys()))


def document_faults(document: Document) -> Iterator[Fault]:
    """Id, blocks and facts held to the text."""
    if document.id != Document.id_of(document.text, document.format):
        yield Fault(document.id, "its id is not that of its text")
    end = 0
    for block in document.blocks:
        if not end <= block.start <= block.content <= block.end <= len(document.text):
            yield Fault(document.id, f"a block at {block.start} to {block.end} is out of its place")
        end = block.end
    for fact in document.facts:
        if document.text[fact.start : fact.end] != fact.text:
            yield Fault(document.id, f"a fact at {fact.start} is not in the text")


def statement_faults(analysis: Analysis) -> Iterator[Fault]:
    """Ids, offsets, order, labels and vectors of the statements of a document."""
    document, end = analysis.document, 0
    sizes = {len(s.vector) for s in analysis.claims if s.vector}
    for labelled in analysis.statements:
        statement, label, judgement = labelled.statement, labelled.label, labelled.judgement
        said = judgement.said if judgement else label  # the scores are the model's, the label may be a person's
        if statement.id != Statement.id_of(document.id, statement.start, statement.end):
            yield Fault(statement.id, "its id is not that of its place")
        if document.text[statement.start : statement.end] != statement.text:
            yield Fault(statement.id, f"its words are not at {statement.start} to {statement.end} of {document.id}")
        if statement.start < end:
            yield Fault(statement.id, "it does not stand after the statement before it")
        if not 0 <= statement.block < len(document.blocks):
            yield Fault(statement.id, "it stands in a block that is not there")
        if label.scores[0].kind != said.kind or label.scores[0].score != said.score:
            yield Fault(statement.id, "its kind is not the most probable one")
        # what a person made a claim has a vector from the next refresh on: until then it stands in no finding
        if said.kind != OTHER and (not labelled.vector or len(labelled.vector) % FLOAT_BYTES):
            yield Fault(statement.id, "a claim without a vector")
        end = statement.end
    if len(sizes) > 1:
        yield Fault(document.id, "its vectors are of different lengths")


def finding_faults(finding: Finding, claims: Mapping[str, str]) -> Iterator[Fault]:
    """Its statements held to the stored ``claims`` (statement to document), its ledger and counts to its members."""
    members = [m.statement for m in finding.members]
    inside, shown = {*members, *finding.hidden}, set(members)
    for statement in sorted(inside):
        if statement not in claims:
            yield Fault(finding.id, f"it names {statement}, which is no stored claim")
    if members[:1] != [finding.head]:
        yield Fault(finding.id, "its head is not its first member")
    if any(m.document != claims.get(m.statement, m.document) for m in finding.members):
        yield Fault(finding.id, "it gives a member another document than the statement's")
    if len({m.document for m in finding.members}) != finding.documents:
        yield Fault(finding.id, "it counts other documents than its members have")
    if finding.documents != finding.sources + len(finding.joins):
        yield Fault(finding.id, "its documents are not its sources and what joins them")
    # findings that an earlier version made have no ledger
    if finding.ledger and sorted(e.statement for e in finding.ledger) != sorted(shown - {finding.head}):
        yield Fault(finding.id, "its ledger does not speak of every member but the head once")
    for entry in finding.ledger:
        if entry.other not in inside or entry.verdict.relation is not Relation.SAME:
            yield Fault(finding.id, f"its ledger ties {entry.statement} to what is not in it")
    for entry in finding.apart:
        if entry.statement not in shown or entry.other in inside:
            yield Fault(finding.id, f"it sets {entry.other} apart, which is in it")


def _documents(store: Store) -> Iterator[tuple[str, int, int]]:
    cursor = None
    while True:
        page = store.documents(PageRequest(MAX_LIMIT, cursor))
        yield from ((item.id, item.statements, item.claims) for item in page.items)
        if (cursor := page.next_cursor) is None:
            return


def _findings(store: Store) -> Iterator[Finding]:
    cursor = None
    while True:
        page = store.findings(FindingFilter(), PageRequest(MAX_LIMIT, cursor))
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return

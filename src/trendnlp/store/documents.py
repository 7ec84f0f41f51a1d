"""Documents and their statements: writing an analysis, and reading back. Functions over an open transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update

from trendnlp.errors import NotFound, StoreError
from trendnlp.store import effective, findings, said, worth
from trendnlp.store.engine import add_to_search, chunks, remove_from_search, upsert
from trendnlp.store.rows import (
    STATEMENT_COLUMNS,
    STATEMENT_FIELDS,
    Values,
    canonical,
    claim_of,
    document_of,
    document_values,
    fact_of,
    fact_values,
    labelled_of,
    machine_of,
    metadata_of,
    statement_values,
)
from trendnlp.store.schema import documents, facts, statements, vectors
from trendnlp.store.schema_judgements import judgements
from trendnlp.types import OTHER, Analysis, Claim, Document, Fact, LabelledStatement, Metadata

# What a page of documents shows: not the text, not the blocks.
SUMMARY_COLUMNS = tuple(
    documents.c[name]
    for name in (
        *("id", "source", "title", "market", "geography", "period", "publisher", "published"),
        *("language", "statements", "claims", "characters", "added"),
    )
)


# A statement that a person made a claim gets its vector afterwards; one that the model made a claim has it.
MISSING = "Its document may have been deleted or read anew; search again."
_CAN_BE_COMPARED = or_(vectors.c.vector.is_not(None), judgements.c.kind.is_(None))
METADATA = frozenset(f.name for f in fields(Metadata))


class Saved(StrEnum):
    """What a save did: ``RELABELLED`` where only labels changed, ``UPDATED`` where also or only other things did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    RELABELLED = "relabelled"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text: counts of statements, claims and characters, and when it was added (UTC, ISO)."""

    id: str
    source: str
    metadata: Metadata
    statements: int
    claims: int
    characters: int
    added: str


@dataclass(frozen=True, slots=True)
class PlacedFact:
    """A market fact and what is known of the document that states it."""

    fact: Fact
    document: str
    source: str
    metadata: Metadata


def check(analysis: Analysis) -> None:
    """Raises StoreError on statements that are another document's, or that share an id."""
    document = analysis.document.id
    ids = {s.statement.id for s in analysis.statements}
    if len(ids) != len(analysis.statements) or any(s.statement.document != document for s in analysis.statements):
        reason = "its statements are another document's, or two of them share an id"
        raise StoreError(document, reason, "Analyse the document again.")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digests of what a save compares: a document with its statements, and their labels."""

    content: str
    labels: str

    @classmethod
    def of(cls, analysis: Analysis) -> Fingerprint:
        """Does not heed the document's source: the same bytes under another name are no change. Nor scores and
        vectors: between machines those of one model differ.
        """
        content, labels = hashlib.sha256(), hashlib.sha256()
        content.update(canonical(document_values(analysis) | {"claims": None}))
        content.update(canonical([fact_values(f, 0, i) for i, f in enumerate(analysis.document.facts)]))
        for position, labelled in enumerate(analysis.statements):
            values = statement_values(labelled, 0, position)
            content.update(canonical([values[name] for name in STATEMENT_FIELDS]))
            labels.update(canonical([values["kind"], values["aspect"], values["model"]]))
        return cls(content.hexdigest(), labels.hexdigest())


def compare(connection: Connection, id: str, new: Fingerprint) -> Saved:
    """What saving a document with that fingerprint would do."""
    of = documents.c
    row = connection.execute(select(of.content, of.labels).where(of.id == id)).one_or_none()
    if row is None:
        return Saved.ADDED
    if row.content != new.content:
        return Saved.UPDATED
    return Saved.UNCHANGED if row.labels == new.labels else Saved.RELABELLED


def save(connection: Connection, analysis: Analysis, new: Fingerprint, added: str) -> Saved:
    """Insert or bring up to date; ``added`` is the time for a new document. A document keeps its first source."""
    saved = compare(connection, analysis.document.id, new)
    values = document_values(analysis) | {"content": new.content, "labels": new.labels}
    if saved is Saved.ADDED:
        _add(connection, analysis, values | {"source": analysis.document.source, "added": added})
    elif saved is not Saved.UNCHANGED:
        _bring_up_to_date(connection, analysis, values, saved)
    return saved


def _add(connection: Connection, analysis: Analysis, values: Values) -> None:
    number = connection.execute(insert(documents).values(values).returning(documents.c.seq)).scalar_one()
    _add_facts(connection, analysis.document, number)
    rows = [statement_values(s, number, position) for position, s in enumerate(analysis.statements)]
    if rows:
        connection.execute(insert(statements), rows)
    said.keep(connection, (row["id"] for row in rows))
    add_to_search(connection, statements, statements.c.document == number)
    _add_vectors(connection, analysis.statements)


def _bring_up_to_date(connection: Connection, analysis: Analysis, values: Values, saved: Saved) -> None:
    number = _row(connection, analysis.document.id).seq
    mine = statements.c.document == number
    connection.execute(update(documents).where(documents.c.seq == number).values(values))
    if saved is Saved.UPDATED:
        connection.execute(delete(facts).where(facts.c.document == number))
        _add_facts(connection, analysis.document, number)
    # Where labels changed, all of them did as a rule: comparing one by one would cost more than it saves.
    stored = tuple(map(machine_of, _rows_of(connection, number))) if saved is Saved.UPDATED else ()
    before = {s.statement.id: (position, s) for position, s in enumerate(stored)}
    changed = [(p, s) for p, s in enumerate(analysis.statements) if before.get(s.statement.id) != (p, s)]
    gone = before.keys() - {s.statement.id for s in analysis.statements}
    findings.drop_with(connection, gone)
    if saved is Saved.UPDATED:
        remove_from_search(connection, statements, mine)
    _delete_each(connection, delete(statements).where(statements.c.id == bindparam("gone")), gone)
    if changed:
        connection.execute(upsert(statements, "id"), [statement_values(s, number, p) for p, s in changed])
        worth.keep(connection, (s.statement.id for _, s in changed))
    said.keep(connection, (*gone, *(s.statement.id for _, s in changed)))
    if saved is Saved.UPDATED:
        add_to_search(connection, statements, mine)
    ids = [s.statement.id for _, s in changed]
    _delete_each(connection, delete(vectors).where(vectors.c.statement == bindparam("gone")), ids)
    _add_vectors(connection, [s for _, s in changed])


def _add_facts(connection: Connection, document: Document, number: int) -> None:
    rows = [fact_values(fact, number, position) for position, fact in enumerate(document.facts)]
    if rows:
        connection.execute(insert(facts), rows)


def _add_vectors(connection: Connection, labelled: Iterable[LabelledStatement]) -> None:
    rows = [{"statement": s.statement.id, "vector": s.vector} for s in labelled if s.vector is not None]
    if rows:
        connection.execute(insert(vectors), rows)


def _delete_each(connection: Connection, statement: Any, ids: Iterable[str]) -> None:
    rows = [{"gone": id} for id in sorted(ids)]
    if rows:
        connection.execute(statement, rows)


def remove(connection: Connection, id: str) -> None:
    """Delete a document, its statements, and the findings that speak of them; raises NotFound."""
    row = _row(connection, id)
    ids = connection.execute(select(statements.c.id).where(statements.c.document == row.seq)).scalars().all()
    findings.drop_with(connection, ids)
    remove_from_search(connection, statements, statements.c.document == row.seq)
    connection.execute(delete(documents).where(documents.c.id == id))
    said.keep(connection, ids)


def stored(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the documents ``ids`` that are stored."""
    found: set[str] = set()
    for chunk in chunks(sorted(set(ids))):
        found.update(connection.execute(select(documents.c.id).where(documents.c.id.in_(chunk))).scalars())
    return frozenset(found)


def document(connection: Connection, id: str) -> Document:
    row = _row(connection, id)
    return document_of(row, _facts(connection, row.seq))


def known(connection: Connection, id: str) -> Document | None:
    """The document, None where it is no longer stored."""
    try:
        return document(connection, id)
    except NotFound:
        return None


def analysis(connection: Connection, id: str) -> Analysis:
    row = _row(connection, id)
    labelled = tuple(map(labelled_of, _rows_of(connection, row.seq)))
    return Analysis(document_of(row, _facts(connection, row.seq)), labelled)


def known_statements(connection: Connection, ids: Iterable[str]) -> dict[str, LabelledStatement]:
    """Statement id to statement, for those of ``ids`` that are stored."""
    found: dict[str, LabelledStatement] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = connection.execute(select_statements().where(statements.c.id.in_(chunk)))
        found.update((row.id, labelled_of(row)) for row in rows)
    return found


def by_id(connection: Connection, ids: Sequence[str]) -> tuple[LabelledStatement, ...]:
    """The statements ``ids``, in that order; raises NotFound."""
    found = known_statements(connection, ids)
    for id in ids:
        if id not in found:
            raise NotFound(id, "no such statement", MISSING)
    return tuple(found[id] for id in ids)


def source_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Document id to source."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = connection.execute(select(documents.c.id, documents.c.source).where(documents.c.id.in_(chunk)))
        found.update((row.id, row.source) for row in rows)
    return found


def stored_statements(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the statements ``ids`` that are stored."""
    found: set[str] = set()
    for chunk in chunks(sorted(set(ids))):
        found.update(connection.execute(select(statements.c.id).where(statements.c.id.in_(chunk))).scalars())
    return frozenset(found)


def check_stored(connection: Connection, ids: Sequence[str]) -> None:
    """Raises NotFound, which names the first of the statements that is not stored."""
    here = stored_statements(connection, ids)
    if missing := next((id for id in ids if id not in here), None):
        raise NotFound(missing, "no such statement", MISSING)


def texts(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Statement id to text, for those of ``ids`` that are stored."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(ids))):
        rows = connection.execute(select(statements.c.id, statements.c.text).where(statements.c.id.in_(chunk)))
        found.update((row.id, row.text) for row in rows)
    return found


def claims(connection: Connection) -> tuple[Claim, ...]:
    """Every statement that is not ``other``, by id."""
    return tuple(map(claim_of, connection.execute(_select_claims().order_by(statements.c.id))))


def claims_of(connection: Connection, ids: Iterable[str]) -> tuple[Claim, ...]:
    """The claims of some documents, by id."""
    chosen = _select_claims()
    rows = (row for chunk in chunks(ids) for row in connection.execute(chosen.where(documents.c.id.in_(chunk))))
    return tuple(sorted(map(claim_of, rows), key=lambda c: c.labelled.statement.id))


def claims_among(connection: Connection, ids: Iterable[str]) -> tuple[Claim, ...]:
    """Those of the statements ``ids`` that are claims, by id."""
    chosen = _select_claims()
    rows = (row for chunk in chunks(ids) for row in connection.execute(chosen.where(statements.c.id.in_(chunk))))
    return tuple(sorted(map(claim_of, rows), key=lambda c: c.labelled.statement.id))


def without_vector(connection: Connection, among: Iterable[str] | None = None) -> dict[str, str]:
    """Statement id to text of those, all or ``among`` these, that people made claims and that have no vector, by id."""
    joined = judgements.join(statements, effective.JUDGED).outerjoin(vectors)
    chosen = select(statements.c.id, statements.c.text).select_from(joined).order_by(statements.c.id)
    chosen = chosen.where(judgements.c.kind != OTHER, vectors.c.vector.is_(None))
    parts = [chosen] if among is None else [chosen.where(statements.c.id.in_(c)) for c in chunks(sorted(among))]
    return {row.id: row.text for part in parts for row in connection.execute(part)}


def add_vectors(connection: Connection, made: Mapping[str, bytes]) -> tuple[str, ...]:
    """Keep the vectors of those of these statements that still have none; returns their ids."""
    missing = list(without_vector(connection, made))
    if missing:
        connection.execute(insert(vectors), [{"statement": id, "vector": made[id]} for id in missing])
    return tuple(missing)


def of_other_models(connection: Connection, model: str, among: Sequence[str] | None = None) -> tuple[str, ...]:
    """Ids of the documents, of all or of those ``among`` them, with a statement that another model labelled, sorted."""
    chosen = select(documents.c.id).join(statements, statements.c.document == documents.c.seq)
    chosen = chosen.where(statements.c.model != model).distinct()
    if among is None:
        return tuple(connection.execute(chosen.order_by(documents.c.id)).scalars())
    return tuple(
        sorted(
            i for chunk in chunks(among) for i in connection.execute(chosen.where(documents.c.id.in_(chunk))).scalars()
        )
    )


def summary(row: Row[Any]) -> DocumentSummary:
    return DocumentSummary(row.id, row.source, metadata_of(row), row.statements, row.claims, row.characters, row.added)


def placed_fact(row: Row[Any]) -> PlacedFact:
    return PlacedFact(fact_of(row), row.document_id, row.source, metadata_of(row))


def select_facts() -> Select[Any]:
    """Facts with their document's id, source and metadata."""
    known = [c for c in SUMMARY_COLUMNS if c.name in METADATA]
    return select(*facts.c, documents.c.id.label("document_id"), documents.c.source, *known).join_from(facts, documents)


def select_statements() -> Select[Any]:
    """Statements with their document's id, their vector, and what people decided of them."""
    joined = statements.join(documents).outerjoin(vectors).outerjoin(judgements, effective.JUDGED)
    return select(*STATEMENT_COLUMNS).select_from(joined)


def _select_claims() -> Select[Any]:
    """The statements that are not ``other``, with what their claims say of the document; those that a person made
    claims once they have a vector.
    """
    of = documents.c
    known = (of.source, of.publisher, of.published, of.market, of.geography)
    return select_statements().add_columns(*known).where(effective.kind() != OTHER, _CAN_BE_COMPARED)


def _facts(connection: Connection, number: int) -> Sequence[Row[Any]]:
    return connection.execute(select(facts).where(facts.c.document == number).order_by(facts.c.position)).all()


def _rows_of(connection: Connection, number: int) -> Sequence[Row[Any]]:
    """The statements of the document with that number, in text order."""
    mine = select_statements().where(statements.c.document == number).order_by(statements.c.position)
    return connection.execute(mine).all()


def _row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(select(documents).where(documents.c.id == id)).one_or_none()
    if row is None:
        remedy = "It may have been deleted; list the documents for the ids there are."
        raise NotFound(id, "no such document", remedy)
    return row

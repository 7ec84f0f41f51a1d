"""Copies between documents: found when one is saved, by the fingerprints of all. Functions over an open transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select

from trendnlp.backing import Copy
from trendnlp.store.engine import CHUNK, chunks
from trendnlp.store.rows import document_of
from trendnlp.store.schema import copies, documents, fingerprints, sketches
from trendnlp.syndication import Hashes, Sketch, copy_of, is_candidate, shingles, sketch
from trendnlp.types import Document


def compare(connection: Connection, document: Document, hashes: Hashes) -> None:
    """Keep the sketch of a stored document with the shingles ``hashes``, and its copies among those compared before.

    Which pairs are found does not depend on the order. Of the other documents only those are read that share a tenth
    of the fingerprints.
    """
    number = connection.execute(select(documents.c.seq).where(documents.c.id == document.id)).scalar_one()
    for table in (sketches, fingerprints):
        connection.execute(delete(table).where(table.c.document == number))
    connection.execute(delete(copies).where(or_(copies.c.document == number, copies.c.other == number)))
    mine = sketch(hashes)
    connection.execute(insert(sketches), {"document": number, "fingerprints": len(mine.fingerprints)})
    if not mine.fingerprints:
        return
    connection.execute(insert(fingerprints), [{"value": v, "document": number} for v in mine.fingerprints])
    for row in _candidates(connection, number, mine):
        other = document_of(row, ())
        if copy := copy_of(document.id, hashes, other.id, shingles(other)):
            values = {"document": number, "other": row.seq, "share": copy.share, "jaccard": copy.jaccard}
            connection.execute(insert(copies), values)


def _candidates(connection: Connection, number: int, mine: Sketch) -> Iterable[Row[Any]]:
    own, others = fingerprints.alias(), fingerprints.alias()
    shared = (
        select(others.c.document, func.count().label("shared"), sketches.c.fingerprints)
        .select_from(own.join(others, own.c.value == others.c.value))
        .join(sketches, sketches.c.document == others.c.document)
        .where(own.c.document == number, others.c.document != number)
        .group_by(others.c.document, sketches.c.fingerprints)
        .order_by(others.c.document)
    )
    for row in connection.execute(shared).all():
        if is_candidate(row.shared, len(mine.fingerprints), row.fingerprints):
            # one at a time: a release may have a thousand copies
            yield connection.execute(select(documents).where(documents.c.seq == row.document)).one()


def of(connection: Connection, id: str) -> tuple[Copy, ...]:
    """The copies of a document: those that share most first, then by id."""
    return _read(connection, (id,), lambda copy: id in (copy.a, copy.b))


def among(connection: Connection, ids: Iterable[str]) -> tuple[Copy, ...]:
    """The copies among the documents ``ids``: those that share most first, then by id."""
    known = set(ids)
    if len(known) > CHUNK:  # one look at all is cheaper than many at some
        return _sorted(c for c in map(_copy_of, connection.execute(_pairs())) if c.a in known and c.b in known)
    return _read(connection, sorted(known), lambda copy: copy.a in known and copy.b in known)


def _read(connection: Connection, ids: Iterable[str], wanted: Callable[[Copy], bool]) -> tuple[Copy, ...]:
    found: set[Copy] = set()
    for chunk in chunks(ids):
        numbers = select(documents.c.seq).where(documents.c.id.in_(chunk))
        touched = or_(copies.c.document.in_(numbers), copies.c.other.in_(numbers))
        found.update(filter(wanted, map(_copy_of, connection.execute(_pairs().where(touched)))))
    return _sorted(found)


def _sorted(found: Iterable[Copy]) -> tuple[Copy, ...]:
    return tuple(sorted(found, key=lambda copy: (-copy.share, copy.a, copy.b)))


def missing(connection: Connection) -> tuple[str, ...]:
    """Ids of the documents that have not been compared with the others."""
    unknown = documents.c.seq.not_in(select(sketches.c.document))
    return tuple(connection.execute(select(documents.c.id).where(unknown).order_by(documents.c.seq)).scalars())


def _pairs() -> Select[Any]:
    one, other = documents.alias(), documents.alias()
    return (
        select(one.c.id.label("a"), other.c.id.label("b"), copies.c.share, copies.c.jaccard)
        .select_from(copies)
        .join(one, copies.c.document == one.c.seq)
        .join(other, copies.c.other == other.c.seq)
    )


def _copy_of(row: Row[Any]) -> Copy:
    low, high = sorted((row.a, row.b))
    return Copy(low, high, row.share, row.jaccard)

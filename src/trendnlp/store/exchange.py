"""Decisions out of a store and into another one. Functions over an open transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from trendnlp.actions import BINDING, TYING, Action
from trendnlp.errors import BadReview, Conflict, StoreError
from trendnlp.review import Review
from trendnlp.standing import Said
from trendnlp.store import documents, effective, judgements, reviews
from trendnlp.store.rows import review_of
from trendnlp.store.schema import documents as document_rows
from trendnlp.store.schema import reviewed, statements
from trendnlp.store.schema import reviews as review_rows
from trendnlp.store.schema_judgements import judgements as rows
from trendnlp.store.worth import JUDGED
from trendnlp.ties import Ties
from trendnlp.types import LabelledStatement

LOG_PAGE = 50  # one of them may name many thousands of statements
AROUND = 300  # characters of text before and after a statement


@dataclass(frozen=True, slots=True)
class Recorded:
    """A review, and what the model said of its statements when it was made."""

    review: Review
    said: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement that people judged, with its document's source and the text around it."""

    labelled: LabelledStatement
    source: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A review that was not taken over, and why."""

    id: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many reviews were added, how many were here, and which were refused."""

    added: int
    known: int
    refused: tuple[Refused, ...]


def log_after(connection: Connection, number: int) -> tuple[Recorded, ...]:
    """The next reviews after that ``number``, oldest first; none at the end."""
    next_ones = select(review_rows).where(review_rows.c.seq > number).order_by(review_rows.c.seq).limit(LOG_PAGE)
    found = connection.execute(next_ones).all()
    said: dict[int, dict[str, Said]] = defaultdict(dict)
    told = select(reviewed).where(reviewed.c.review.in_([row.seq for row in found]), reviewed.c.model.is_not(None))
    for row in connection.execute(told):
        said[row.review][row.statement] = Said(row.kind, row.score, row.aspect, row.model)
    return tuple(Recorded(review_of(row), said.get(row.seq, {})) for row in found)


def documents_judged(connection: Connection) -> Sequence[str]:
    """Ids of the documents with statements that are accepted, corrected or rejected, in the order of adding."""
    inside = select(statements.c.document).join(rows, effective.JUDGED).where(rows.c.status.in_(JUDGED))
    chosen = select(document_rows.c.id).where(document_rows.c.seq.in_(inside)).order_by(document_rows.c.seq)
    return connection.execute(chosen).scalars().all()


def judged_in(connection: Connection, document: str) -> tuple[Judged, ...]:
    """Such statements of a document, in text order; none where it is no longer stored."""
    known = documents.known(connection, document)
    if known is None:
        return ()
    text = known.text
    return tuple(
        Judged(
            labelled,
            known.source,
            text[max(0, labelled.statement.start - AROUND) : labelled.statement.start],
            text[labelled.statement.end : labelled.statement.end + AROUND],
        )
        for labelled in documents.analysis(connection, document).statements
        if labelled.judgement is not None and labelled.judgement.status in JUDGED
    )


def take(connection: Connection, recorded: Iterable[Recorded]) -> Imported:
    """Add reviews of another log, oldest first, with their ids; one that is here is left as it is. Statements that are
    not stored are heeded when they come.
    """
    added, known = 0, 0
    refused: list[Refused] = []
    touched: set[str] = set()
    words: set[str] = set()
    ties = Ties(reviews.binding(connection, TYING))
    binds = False
    for item in recorded:
        try:
            review = _new(connection, item.review, ties)
        except StoreError as error:
            refused.append(Refused(item.review.id, error.reason, error.remedy))
            continue
        if review is None:
            known += 1
            continue
        reviews.append(connection, review, item.said)
        added += 1
        touched.update(review.statements)
        words.update([review.words] if review.words else ())
        binds |= review.about in BINDING
    for digest in sorted(words):
        touched.update(judgements.saying(connection, digest))
    judgements.note(connection, judgements.follow(connection, touched), binds=binds)
    return Imported(added, known, tuple(refused))


def _new(connection: Connection, review: Review, ties: Ties) -> Review | None:
    """``review`` as the next of the log, None where it is here; raises BadReview, Conflict, NotFound."""
    found = connection.execute(select(review_rows).where(review_rows.c.id == review.id)).one_or_none()
    if found is not None:
        if review_of(found) != review:
            raise Conflict(review.id, "another decision has this id here", "Export the log again.")
        return None
    numbered = replace(review, number=reviews.next_number(connection))
    if review.undoes is not None:
        taken = reviews.one(connection, review.undoes)
        if taken.statements != review.statements or taken.words != review.words:
            raise BadReview(review.id, f"is no undo of {taken.id}", "Export the log again.")
        if by := reviews.is_undone(connection, taken):
            raise Conflict(taken.id, f"it is undone already, by {by}", f"Undo {by} to make it again.")
        numbered = replace(numbered, about=taken.about)
    elif review.action is Action.UNDO:
        raise BadReview(review.id, "undoes nothing", "Export the log again.")
    ties.add(numbered)
    return numbered

"""Which statements wait for a person, in what order. Functions over an open transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from trendnlp.errors import BadReview
from trendnlp.judgement import Verdict
from trendnlp.standing import Status
from trendnlp.store import documents, findings, listing
from trendnlp.store.engine import chunks
from trendnlp.store.pages import EVERYTHING, StatementFilter
from trendnlp.store.pins import pin, pinned
from trendnlp.store.rows import labelled_of, machine_of
from trendnlp.store.schema import findings as finding_rows
from trendnlp.store.schema import members, reviews, statements, vectors
from trendnlp.store.schema_judgements import assignments, reader_verdicts
from trendnlp.store.schema_judgements import judgements as rows
from trendnlp.triage import Candidate, Order, Worth, ordered
from trendnlp.types import LabelledStatement

MAX_QUEUE = 5000  # statements of one snapshot: some days' work
_QUEUE = "queue"
JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Which statements, in what order. Without statuses in ``filter``, the pending ones.

    ``blind``: what others judged and ``reader`` did not; where ``reader`` has assignments, only those. ``disputed``:
    what blind readers disagree on and no adjudicator has settled.
    """

    filter: StatementFilter = EVERYTHING
    order: Order = Order.VALUE
    seed: int = 0
    audit_share: float = 0.0
    reader: str | None = None
    blind: bool = False
    disputed: bool = False

    def __post_init__(self) -> None:
        if self.blind and self.reader is None:
            raise BadReview("blind", "does not say who reads", "Name the reader.")
        known = StatementFilter(document=self.filter.document, q=self.filter.q)
        if self.blind and (self.disputed or self.filter != known):
            reason = "goes with filters that would tell what others said"
            raise BadReview("blind", reason, "Filter by document and words alone.")


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A statement that waits, with the document's source, the finding that it stands in, and what a decision on it is
    worth. ``verdicts`` are those of its readers where they disagree; to a blind reader none is told, and the label is
    the model's.
    """

    labelled: LabelledStatement
    version: int
    source: str
    finding: str | None
    worth: Worth
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Some items of a snapshot from a place on; ``total`` counts what waited when it was made, of which the snapshot
    holds the first ``size``. ``next`` is the place after them, None at the end.
    """

    token: str
    items: tuple[QueueItem, ...]
    size: int
    total: int
    next: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many statements have each status, and how many decisions came since midnight, UTC."""

    statuses: tuple[tuple[Status, int], ...]
    today: int


def snapshot(connection: Connection, request: QueueRequest, now: datetime) -> str:
    """Fix the order of what waits now; returns its token."""
    waiting = _candidates(connection, _waiting(connection, request))
    ids = ordered(waiting, request.order, request.seed, request.audit_share)
    how = {"ids": ids[:MAX_QUEUE], "total": len(ids), "blind": request.blind, "disputed": request.disputed}
    return pin(connection, _QUEUE, how, now)


def page(connection: Connection, token: str, start: int, limit: int) -> Queue:
    """``limit`` items of a snapshot from ``start`` on, as they are now; those that are no longer stored are left out.
    Raises NotFound.
    """
    how = pinned(connection, _QUEUE, token)
    ids: list[str] = how["ids"]
    chosen = ids[start : start + limit]
    after = start + limit
    found = items(connection, chosen, blind=how["blind"], disputed=how["disputed"])
    return Queue(token, found, len(ids), how["total"], after if after < len(ids) else None)


def count(connection: Connection, request: QueueRequest) -> int:
    """How many statements wait now."""
    return connection.execute(select(func.count()).select_from(_waiting(connection, request).subquery())).scalar_one()


def progress(connection: Connection, filter: StatementFilter, now: datetime) -> Progress:
    """Of the statements that match but for their status."""
    query = listing.some_statements(replace(filter, statuses=())).query
    status = func.coalesce(rows.c.status, Status.PENDING.value).label("status")
    counted = query.with_only_columns(status, func.count().label("number"), maintain_column_froms=True)
    found = {row.status: row.number for row in connection.execute(counted.group_by(status))}
    since = reviews.c.at >= now.date().isoformat()
    today = connection.execute(select(func.count()).select_from(reviews).where(since)).scalar_one()
    return Progress(tuple((status, found.get(status.value, 0)) for status in Status), today)


def assign(connection: Connection, ids: Sequence[str], reader: str, by: str, at: str) -> int:
    """Give statements to a reader; returns how many were not his yet. Raises NotFound."""
    documents.by_id(connection, ids)
    known = set[str]()
    for chunk in chunks(ids):
        of = select(assignments.c.statement).where(assignments.c.reader == reader)
        known.update(connection.execute(of.where(assignments.c.statement.in_(chunk))).scalars())
    fresh = [{"statement": id, "reader": reader, "by": by, "at": at} for id in ids if id not in known]
    if fresh:
        connection.execute(assignments.insert(), fresh)
    return len(fresh)


def _waiting(connection: Connection, request: QueueRequest) -> Select[tuple[str]]:
    """The ids of what waits."""
    filter = request.filter
    if not (request.blind or request.disputed or filter.statuses):
        filter = replace(filter, statuses=(Status.PENDING,))
    query = listing.some_statements(filter).query
    if request.disputed:
        query = query.where(rows.c.disputed == 1)
    if request.blind:
        query = query.where(_unread(connection, request.reader or ""))
    return query.with_only_columns(statements.c.id, maintain_column_froms=True)


def _unread(connection: Connection, reader: str) -> ColumnElement[bool]:
    """What others judged and this reader did not."""
    spoken = select(reader_verdicts.c.statement)
    by_others = statements.c.id.in_(spoken.where(reader_verdicts.c.reader != reader))
    found = and_(by_others, statements.c.id.not_in(spoken.where(reader_verdicts.c.reader == reader)))
    mine = select(assignments.c.statement).where(assignments.c.reader == reader)
    if connection.execute(mine.limit(1)).first() is not None:
        found = and_(found, statements.c.id.in_(mine))
    return found


def _candidates(connection: Connection, chosen: Select[tuple[str]] | Sequence[str]) -> list[Candidate]:
    """The statements of these ids, with what they are worth."""
    judged = select(members.c.finding, func.count().label("judged"))
    judged = judged.join(rows, rows.c.statement == members.c.statement).where(rows.c.status.in_(JUDGED))
    counted = judged.group_by(members.c.finding).subquery()
    joined = (
        statements.outerjoin(members, members.c.statement == statements.c.id)
        .outerjoin(finding_rows, finding_rows.c.id == members.c.finding)
        .outerjoin(counted, counted.c.finding == members.c.finding)
    )
    of = select(statements.c.id, statements.c.seq, statements.c.scores, finding_rows.c.sources, counted.c.judged)
    found = connection.execute(of.select_from(joined).where(statements.c.id.in_(chosen)))
    return [
        Candidate(row.id, row.seq, Worth.of([score for _, score in row.scores], row.sources or 1, row.judged or 0))
        for row in found
    ]


def items(
    connection: Connection, ids: Sequence[str], *, blind: bool = False, disputed: bool = False
) -> tuple[QueueItem, ...]:
    """The statements of these ids, in order, as a queue shows them; without those that are not stored."""
    labelled = {
        row.id: row for row in connection.execute(documents.select_statements().where(statements.c.id.in_(ids)))
    }
    here = [id for id in ids if id in labelled]
    worth = {c.id: c.worth for c in _candidates(connection, here)}
    standing = {id: (machine_of if blind else labelled_of)(labelled[id]) for id in here}
    names = documents.source_names(connection, (s.statement.document for s in standing.values()))
    inside = findings.of_statements(connection, here)
    verdicts = _verdicts(connection, here) if disputed and not blind else {}
    return tuple(
        QueueItem(
            standing[id],
            labelled[id].judged_version or 0,
            names[standing[id].statement.document],
            inside.get(id),
            worth[id],
            tuple(verdicts.get(id, ())),
        )
        for id in here
    )


def _verdicts(connection: Connection, ids: Sequence[str]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for chunk in chunks(ids):
        mine = select(reader_verdicts).where(reader_verdicts.c.statement.in_(chunk))
        for row in connection.execute(mine.order_by(reader_verdicts.c.reader)):
            found[row.statement].append(Verdict(row.reader, row.verdict, bool(row.blind), row.number))
    return found


def reviewed_vectors(connection: Connection) -> dict[str, bytes]:
    """Statement id to vector of what is judged and has one, by id."""
    of = select(rows.c.statement, vectors.c.vector).join(vectors, vectors.c.statement == rows.c.statement)
    found = connection.execute(of.where(rows.c.status.in_(JUDGED)).order_by(rows.c.statement))
    return {row.statement: row.vector for row in found}

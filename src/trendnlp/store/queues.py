"""Which statements wait for a person, in what order. Functions over an open transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from trendnlp.errors import BadReview
from trendnlp.judgement import Verdict
from trendnlp.standing import Status
from trendnlp.store import documents, findings, listing, worth
from trendnlp.store.engine import chunks
from trendnlp.store.pages import EVERYTHING, StatementFilter
from trendnlp.store.pins import pin, pinned
from trendnlp.store.rows import labelled_of, machine_of
from trendnlp.store.schema import reviews, statements
from trendnlp.store.schema_judgements import assignments, reader_verdicts
from trendnlp.store.schema_judgements import judgements as rows
from trendnlp.triage import Order, Share, Worth, drawn, strewn
from trendnlp.types import LabelledStatement

MAX_QUEUE = 5000  # statements of one snapshot: some days' work
_QUEUE = "queue"
_DECIDED = tuple(status for status in Status if status is not Status.PENDING)


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
    blind: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How many statements have each status, and how many decisions came since midnight, UTC."""

    statuses: tuple[tuple[Status, int], ...]
    today: int


def snapshot(connection: Connection, request: QueueRequest, now: datetime) -> str:
    """Fix the order of what waits now; returns its token."""
    waiting = _waiting(connection, request)
    ids = list(islice(_ordered(connection, waiting, request), MAX_QUEUE))
    total = len(ids)
    if total == MAX_QUEUE:
        total = count(connection, request)
    how = {"ids": ids, "total": total, "blind": request.blind, "disputed": request.disputed}
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
    return Queue(token, found, len(ids), how["total"], after if after < len(ids) else None, how["blind"])


def count(connection: Connection, request: QueueRequest) -> int:
    """How many statements wait now."""
    filter = request.filter
    if not (request.blind or request.disputed) and filter.statuses in ((), (Status.PENDING,)):
        return _statuses(connection, filter)[Status.PENDING]
    return connection.execute(select(func.count()).select_from(_waiting(connection, request).subquery())).scalar_one()


def progress(connection: Connection, filter: StatementFilter, now: datetime) -> Progress:
    """Of the statements that match but for their status."""
    found = _statuses(connection, filter)
    since = reviews.c.at >= now.date().isoformat()
    today = connection.execute(select(func.count()).select_from(reviews).where(since)).scalar_one()
    return Progress(tuple((status, found[status]) for status in Status), today)


def _statuses(connection: Connection, filter: StatementFilter) -> dict[Status, int]:
    """How many of the statements that match but for their status have each one."""
    filter = replace(filter, statuses=())
    everything = connection.execute(listing.chosen_statements(filter, func.count(), decided=False)).scalar_one()
    # Most are pending: they are what is left.
    if filter == EVERYTHING:
        counted = select(rows.c.status, func.count().label("number")).where(rows.c.said_kind.is_not(None))
    else:
        counted = listing.chosen_statements(filter, rows.c.status, func.count().label("number"), decided=True)
    decided = counted.where(rows.c.status.in_(_DECIDED)).group_by(rows.c.status)
    found = dict.fromkeys(Status, 0) | {Status(row.status): row.number for row in connection.execute(decided)}
    found[Status.PENDING] = everything - sum(found.values())
    return found


def assign(connection: Connection, ids: Sequence[str], reader: str, by: str, at: str) -> int:
    """Give statements to a reader; returns how many were not his yet. Raises NotFound."""
    documents.check_stored(connection, ids)
    known = set[str]()
    for chunk in chunks(ids):
        of = select(assignments.c.statement).where(assignments.c.reader == reader)
        known.update(connection.execute(of.where(assignments.c.statement.in_(chunk))).scalars())
    fresh = [{"statement": id, "reader": reader, "by": by, "at": at} for id in ids if id not in known]
    if fresh:
        connection.execute(assignments.insert(), fresh)
    return len(fresh)


def assign_share(connection: Connection, filter: StatementFilter, share: Share, reader: str, by: str, at: str) -> int:
    """Give a random share of the statements that match to a reader; returns how many were not his yet."""
    found = connection.execute(listing.chosen_statements(filter, statements.c.id)).scalars()
    return assign(connection, sorted(id for id in found if share.has(id)), reader, by, at)


def has_open_share(connection: Connection, reader: str) -> bool:
    """Whether others judged statements that the reader was given and has not judged."""
    mine = select(assignments.c.statement).where(assignments.c.reader == reader)
    unread = select(statements.c.id).where(statements.c.id.in_(mine), _unread(connection, reader))
    return connection.execute(unread.limit(1)).first() is not None


def _waiting(connection: Connection, request: QueueRequest) -> Select[str]:
    """The ids of what waits."""
    filter = request.filter
    if not (request.blind or request.disputed or filter.statuses):
        filter = replace(filter, statuses=(Status.PENDING,))
    query = listing.chosen_statements(filter, statements.c.id)
    if request.disputed:
        query = query.where(rows.c.disputed == 1)
    if request.blind:
        query = query.where(_unread(connection, request.reader or ""))
    return query


def _ordered(connection: Connection, waiting: Select[str], request: QueueRequest) -> Iterator[str]:
    """The ids of what waits, in the order that was asked for, as many as a snapshot takes or more."""
    of = statements.c
    if request.order is Order.NEWEST:
        return iter(connection.execute(waiting.order_by(of.seq.desc()).limit(MAX_QUEUE)).scalars())
    if request.order is Order.RANDOM:
        return iter(drawn(connection.execute(waiting).scalars(), request.seed))
    share = request.audit_share
    sample = connection.execute(waiting.where(of.draw < share)).scalars()
    rest = worth.most(connection, waiting.where(of.draw >= share), MAX_QUEUE)
    return strewn(rest, sample, share, request.seed)


def _unread(connection: Connection, reader: str) -> ColumnElement[bool]:
    """What others judged and this reader did not."""
    spoken = select(reader_verdicts.c.statement)
    by_others = statements.c.id.in_(spoken.where(reader_verdicts.c.reader != reader))
    found = and_(by_others, statements.c.id.not_in(spoken.where(reader_verdicts.c.reader == reader)))
    mine = select(assignments.c.statement).where(assignments.c.reader == reader)
    if connection.execute(mine.limit(1)).first() is not None:
        found = and_(found, statements.c.id.in_(mine))
    return found


def items(
    connection: Connection, ids: Sequence[str], *, blind: bool = False, disputed: bool = False
) -> tuple[QueueItem, ...]:
    """The statements of these ids, in order, as a queue shows them; without those that are not stored."""
    labelled = {
        row.id: row for row in connection.execute(documents.select_statements().where(statements.c.id.in_(ids)))
    }
    here = [id for id in ids if id in labelled]
    standing = {id: (machine_of if blind else labelled_of)(labelled[id]) for id in here}
    names = documents.source_names(connection, (s.statement.document for s in standing.values()))
    inside = findings.of_statements(connection, here)
    worths = worth.of(connection, {id: [score for _, score in labelled[id].scores] for id in here}, inside)
    verdicts = _verdicts(connection, here) if disputed and not blind else {}
    return tuple(
        QueueItem(
            standing[id],
            labelled[id].judged_version or 0,
            names[standing[id].statement.document],
            inside.get(id),
            worths[id],
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

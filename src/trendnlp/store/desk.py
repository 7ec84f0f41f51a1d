"""What the pages of the review ask beside the queue: live counts, the last decision of a reader, pairs at a border."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from trendnlp.actions import Action
from trendnlp.relations import Ground, Relation
from trendnlp.review import Review
from trendnlp.standing import Status
from trendnlp.store import listing
from trendnlp.store import reviews as log
from trendnlp.store.catalogue import ValueCount
from trendnlp.store.database import Database
from trendnlp.store.pages import EVERYTHING, StatementFilter
from trendnlp.store.rows import review_of
from trendnlp.store.schema import ledger, reviews, statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.types import OTHER

LOOKED_BACK = 50  # decisions of one reader; who took more than these back can undo the rest in the histories
MOST_PAIRS = 2000  # of the ledger, the nearest to the border first: what is counted of a large store


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How the statements of a filter divide. Of the property that is counted the filter's own values bar nothing.
    ``matching`` pass all of the filter; one without statuses lets all of them pass.
    """

    statuses: tuple[ValueCount, ...]
    kinds: tuple[ValueCount, ...]
    aspects: tuple[ValueCount, ...]
    matching: int


@dataclass(frozen=True, slots=True)
class BorderPair:
    """Two statements whose ``score`` lies between a threshold and another one, and the finding of the first one."""

    finding: str
    statement: str
    other: str
    score: float


@dataclass(frozen=True, slots=True)
class Borders:
    """Pairs that another threshold puts on the other side, the nearest to the one in force first. ``more``: there are
    others beyond the ``MOST_PAIRS``.
    """

    pairs: tuple[BorderPair, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a statement is counted under."""

    status: str
    kind: str
    aspect: str | None


class Desk:
    """Reads over one database. Every method is one transaction and may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, filter: StatementFilter) -> ReviewCounts:
        """Counts all that pass the rest of the filter, whatever its size."""
        with self._database.reading() as connection:
            cells = _cells(connection, replace(filter, statuses=(), kinds=(), aspects=()))
        statuses = frozenset(status.value for status in filter.statuses)
        in_status = _inside(statuses, lambda cell: cell.status)
        in_kind = _inside(frozenset(filter.kinds), lambda cell: cell.kind)
        in_aspect = _inside(frozenset(filter.aspects), lambda cell: cell.aspect)
        return ReviewCounts(
            _sums(cells, lambda cell: cell.status if in_kind(cell) and in_aspect(cell) else None),
            _sums(cells, lambda cell: cell.kind if in_status(cell) and in_aspect(cell) else None),
            _sums(cells, lambda cell: cell.aspect if in_status(cell) and in_kind(cell) else None),
            sum(n for cell, n in cells.items() if in_status(cell) and in_kind(cell) and in_aspect(cell)),
        )

    def decided_since(self, day: str) -> int:
        """How many decisions came on that day (ISO 8601, UTC) or later."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).where(reviews.c.at >= day)).scalar_one()

    def latest(self, by: str) -> Review | None:
        """The last decision under that name that is no undo and stands; None where none of the last ones does."""
        chosen = select(reviews).where(reviews.c.by == by, reviews.c.action != str(Action.UNDO))
        with self._database.reading() as connection:
            for row in connection.execute(chosen.order_by(reviews.c.seq.desc()).limit(LOOKED_BACK)):
                review = review_of(row)
                if log.is_undone(connection, review) is None:
                    return review
        return None

    def review(self, id: str) -> Review:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return log.one(connection, id)

    def standing_undo(self, review: Review) -> str | None:
        """The id of the undo that takes ``review`` back now, if any."""
        with self._database.reading() as connection:
            return log.is_undone(connection, review)

    def would_part(self, threshold: float) -> Borders:
        """Pairs that stand in one finding by their scores, which do not reach ``threshold``."""
        of = ledger.c
        score = func.coalesce(of.score, of.cosine)
        joined = (of.apart == 0, of.relation == str(Relation.SAME), score >= of.threshold, score < threshold)
        return self._borders(score, joined, score)

    def would_merge(self, threshold: float) -> Borders:
        """Pairs that no guard and no person keeps apart, whose scores reach ``threshold`` but not the one in force."""
        of = ledger.c
        score = func.coalesce(of.score, of.cosine)
        near = (of.apart == 1, score < of.threshold, score >= threshold)
        return self._borders(score, near, -score)

    def _borders(
        self, score: ColumnElement[float], wanted: Iterable[ColumnElement[bool]], order: ColumnElement[float]
    ) -> Borders:
        of = ledger.c
        scored = or_(of.ground == str(Ground.JUDGE), of.ground == str(Ground.COSINE))
        query = select(of.finding, of.statement, of.other, score.label("score")).where(scored, *wanted)
        found: dict[frozenset[str], BorderPair] = {}
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(order, of.statement, of.other).limit(MOST_PAIRS + 1)).all()
        for row in rows[:MOST_PAIRS]:
            pair = BorderPair(row.finding, row.statement, row.other, row.score)
            found.setdefault(frozenset((row.statement, row.other)), pair)
        return Borders(tuple(found.values()), len(rows) > MOST_PAIRS)


def _cells(connection: Connection, filter: StatementFilter) -> Mapping[_Cell, int]:
    """How the statements divide. All are counted by what the model said, which an index tells; then the few that people
    decided on are counted again, by what they are now.
    """
    of, pending = statements.c, Status.PENDING.value
    said = listing.chosen_statements(filter, of.kind, of.aspect, func.count().label("n"), decided=False)
    cells: Counter[_Cell] = Counter()
    for row in connection.execute(said.group_by(of.kind, of.aspect)):
        cells[_Cell(pending, row.kind, None if row.kind == OTHER else row.aspect)] += row.n
    for row in connection.execute(_decided(filter)):
        cells[_Cell(pending, row.kind, None if row.kind == OTHER else row.aspect)] -= row.n
        now = row.now or row.kind
        cells[_Cell(row.status, now, None if now == OTHER else row.given or row.aspect)] += row.n
    return +cells


def _decided(filter: StatementFilter) -> Select[Any]:
    """How many statements that decisions speak of have the same status, kind and aspect of the model's, and kind and
    aspect given by people, null where none is.
    """
    of, rows = statements.c, judgements.c
    given = (rows.status, rows.kind.label("now"), rows.aspect.label("given"))
    if filter == EVERYTHING:
        kept = select(rows.said_kind.label("kind"), rows.said_aspect.label("aspect"), *given)
        each = kept.where(rows.said_kind.is_not(None)).subquery()
    else:
        each = listing.chosen_statements(filter, of.kind, of.aspect, *given, decided=True).subquery()
    return select(each, func.count().label("n")).group_by(*each.c)


def _inside(wanted: frozenset[str], value: Callable[[_Cell], str | None]) -> Callable[[_Cell], bool]:
    return lambda cell: not wanted or value(cell) in wanted


def _sums(cells: Mapping[_Cell, int], value: Callable[[_Cell], str | None]) -> tuple[ValueCount, ...]:
    """By ``value``, without the cells of which it says nothing."""
    sums: Counter[str] = Counter()
    for cell, n in cells.items():
        if (name := value(cell)) is not None:
            sums[name] += n
    return tuple(ValueCount(name, count) for name, count in sorted(sums.items()))

"""What the pages of the review ask beside the queue: live counts, the last decision of a reader, pairs at a border."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, or_, select

from trendnlp.actions import Action
from trendnlp.relations import Ground, Relation
from trendnlp.review import Review
from trendnlp.store import effective, listing
from trendnlp.store import reviews as log
from trendnlp.store.catalogue import ValueCount
from trendnlp.store.database import Database
from trendnlp.store.pages import StatementFilter
from trendnlp.store.rows import review_of
from trendnlp.store.schema import ledger, reviews

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
    """How many statements have these three."""

    status: str
    kind: str
    aspect: str | None
    count: int


class Desk:
    """Reads over one database. Every method is one transaction and may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, filter: StatementFilter) -> ReviewCounts:
        """One pass over the statements that pass the rest of the filter."""
        open_to_all = replace(filter, statuses=(), kinds=(), aspects=())
        columns = (effective.status().label("s"), effective.kind().label("k"), effective.aspect().label("a"))
        query = listing.some_statements(open_to_all).query
        each = query.with_only_columns(*columns, maintain_column_froms=True).subquery()
        grouped = select(each.c.s, each.c.k, each.c.a, func.count().label("n")).group_by(each.c.s, each.c.k, each.c.a)
        with self._database.reading() as connection:
            cells = [_Cell(row.s, row.k, row.a, row.n) for row in connection.execute(grouped)]
        statuses = frozenset(status.value for status in filter.statuses)
        in_status = _inside(statuses, lambda cell: cell.status)
        in_kind = _inside(frozenset(filter.kinds), lambda cell: cell.kind)
        in_aspect = _inside(frozenset(filter.aspects), lambda cell: cell.aspect)
        return ReviewCounts(
            _sums((c for c in cells if in_kind(c) and in_aspect(c)), lambda cell: cell.status),
            _sums((c for c in cells if in_status(c) and in_aspect(c)), lambda cell: cell.kind),
            _sums((c for c in cells if in_status(c) and in_kind(c)), lambda cell: cell.aspect),
            sum(c.count for c in cells if in_status(c) and in_kind(c) and in_aspect(c)),
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


def _inside(wanted: frozenset[str], value: Callable[[_Cell], str | None]) -> Callable[[_Cell], bool]:
    return lambda cell: not wanted or value(cell) in wanted


def _sums(cells: Iterable[_Cell], value: Callable[[_Cell], str | None]) -> tuple[ValueCount, ...]:
    sums: Counter[str] = Counter()
    for cell in cells:
        if (name := value(cell)) is not None:
            sums[name] += cell.count
    return tuple(ValueCount(name, count) for name, count in sorted(sums.items()))

"""What the decisions so far tell: how often the model errs, how fast people decide, how far readers agree.

Functions over an open transaction.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select

from trendnlp.actions import Action, Reading
from trendnlp.agreement import Agreement, ErrorRate, Pair, agreement, error_rate
from trendnlp.judgement import settles
from trendnlp.standing import Status
from trendnlp.store import listing
from trendnlp.store.pages import StatementFilter
from trendnlp.store.schema import reviewed, reviews, statements
from trendnlp.store.schema_judgements import judgements, reader_verdicts
from trendnlp.store.worth import JUDGED
from trendnlp.triage import in_audit, seconds_each

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
LAST = 2000  # decisions from which the time of one is told


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is known of the model's labels from a score on. ``audit`` is of the random sample alone and so of all;
    ``reviewed`` is of whatever was read, which people choose: the uncertain first. ``remaining`` are still pending.
    """

    score: float
    audit: ErrorRate
    reviewed: ErrorRate
    remaining: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """``seconds`` is the median time of a decision, None where it is not known yet."""

    thresholds: tuple[Threshold, ...]
    pending: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ReaderPair:
    """Two readers, in alphabetical order, and how far they agree."""

    a: str
    b: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class _Read:
    """What one person read of the model: at which score, and whether it was wrong."""

    score: float
    error: bool
    audit: bool


def evidence(connection: Connection, filter: StatementFilter, model: str, share: float) -> Evidence:
    """Of the labels of the model with that digest among the statements that match. Only decisions that people made on
    one statement at a time count as reading it.
    """
    filter = replace(filter, statuses=(), min_score=0.0)
    read = _read(connection, filter, model, share)
    above = [func.sum(case((statements.c.score >= score, 1), else_=0)) for score in THRESHOLDS]
    waiting = listing.chosen_statements(replace(filter, statuses=(Status.PENDING,)), func.count(), *above)
    pending, *remaining = connection.execute(waiting).one()
    found = tuple(_threshold(score, read, left or 0) for score, left in zip(THRESHOLDS, remaining, strict=True))
    return Evidence(found, pending, _seconds(connection))


def agreements(connection: Connection) -> tuple[ReaderPair, ...]:
    """Of each two readers, over the statements that both judged and at least one of them blind."""
    one, other = reader_verdicts.alias("one"), reader_verdicts.alias("other")
    both = and_(one.c.statement == other.c.statement, one.c.reader < other.c.reader)
    query = select(one.c.reader, other.c.reader, one.c.verdict, other.c.verdict).join_from(one, other, both)
    pairs: dict[str, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for a, b, first, second in connection.execute(query.where(or_(one.c.blind == 1, other.c.blind == 1))):
        pairs[a][b].append(Pair(first, second))
    return tuple(ReaderPair(a, b, agreement(pairs[a][b])) for a in sorted(pairs) for b in sorted(pairs[a]))


def _threshold(score: float, read: list[_Read], remaining: int) -> Threshold:
    above = [r for r in read if r.score >= score]
    audit = [r for r in above if r.audit]
    return Threshold(score, _rate(audit), _rate(above), remaining)


def _rate(read: list[_Read]) -> ErrorRate:
    return error_rate(len(read), sum(r.error for r in read))


def _read(connection: Connection, filter: StatementFilter, model: str, share: float) -> list[_Read]:
    other, of = reviewed.alias("other"), judgements.c
    more = select(other.c.review).where(other.c.review == reviews.c.seq, other.c.statement != of.statement)
    named = and_(reviewed.c.review == reviews.c.seq, reviewed.c.statement == of.statement)
    query = listing.chosen_statements(filter, of.statement, of.kind, reviewed.c.kind.label("said"), reviewed.c.score)
    query = query.join(reviews, reviews.c.id == of.review).join(reviewed, named)
    query = query.where(
        of.status.in_(JUDGED),
        reviews.c.reading.in_((Reading.OPEN.value, Reading.FINAL.value)),
        reviewed.c.model == model,
        ~more.exists(),
    )
    return [
        _Read(row.score, (row.kind or row.said) != row.said, in_audit(row.statement, share))
        for row in connection.execute(query)
    ]


def _seconds(connection: Connection) -> float | None:
    """From the last decisions that gave a statement a status."""
    actions = [action.value for action in Action if settles(action)]
    chosen = select(reviews.c.by, reviews.c.at).where(
        reviews.c.action.in_(actions), reviews.c.reading != Reading.AUTO.value
    )
    times: dict[str, list[float]] = defaultdict(list)
    for row in connection.execute(chosen.order_by(reviews.c.seq.desc()).limit(LAST)).all()[::-1]:
        times[row.by].append(datetime.fromisoformat(row.at).timestamp())
    return seconds_each(times.values())

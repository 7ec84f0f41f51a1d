"""Statements with decisions of people, for the tests of what the store keeps of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from builders import MODEL, make_analysis
from sqlalchemy import select

from trendnlp.actions import Action, Reading
from trendnlp.consolidate import consolidate
from trendnlp.review import Draft, Review
from trendnlp.standing import Status
from trendnlp.store import FindingFilter, PageRequest, ReviewCounts, StatementFilter, Store
from trendnlp.store.catalogue import ValueCount
from trendnlp.store.schema import statements
from trendnlp.store.schema_judgements import judgements, reader_verdicts
from trendnlp.triage import impact, novelty, uncertainty

NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)
JUDGED = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)
SENTENCES = ("Costs rise.", "Demand grows.", "Staff is scarce.", "We are experts.")
KINDS = ("driver", "trend", "challenge", "other")


class Clock:
    """Noon, and three seconds later each time."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=3)
        return self.now


def add(store: Store, text: str = " ".join(SENTENCES), kinds: Sequence[str] = KINDS) -> list[str]:
    """Store a document and return its statements' ids."""
    analysis = make_analysis(text, kinds=kinds)
    store.save(analysis)
    return [s.statement.id for s in analysis.statements]


def decide(
    store: Store, action: Action, *ids: str, value: str | None = None, by: str = "Ann", reading: Reading = Reading.OPEN
) -> Review:
    return store.add_review(Draft(action, ids, by, value, reading))


def of(store: Store, id: str) -> tuple[Status, str, str | None, float]:
    """Where a statement stands, with the kind, aspect and score that count."""
    labelled = store.statement(id)
    label = labelled.label
    status = labelled.judgement.status if labelled.judgement else Status.PENDING
    return status, label.kind, label.aspect, label.score


def refresh(store: Store) -> None:
    store.replace_findings(consolidate(store.claims(), 0.99, MODEL, None, store.constraints()))


def listed(store: Store, **filter: object) -> list[str]:
    return [s.statement.id for s in store.statements(StatementFilter(**filter)).items]  # type: ignore[arg-type]


def worths_kept(store: Store) -> dict[str, int]:
    """Statement id to what its row says a decision on it is worth."""
    with store.database.reading() as connection:
        return {row.id: row.worth for row in connection.execute(select(statements.c.id, statements.c.worth))}


def worths_made(store: Store) -> dict[str, int]:
    """The same from the statements, their findings and what is judged, as they are told."""
    stored = store.statements(StatementFilter(), PageRequest(500)).items
    judged = {s.statement.id for s in stored if s.judgement and s.judgement.status in JUDGED}
    inside = {m.statement: finding for finding in store.findings(FindingFilter()).items for m in finding.members}
    made = {}
    for labelled in stored:
        id = labelled.statement.id
        finding = inside.get(id)
        known = sum(m.statement in judged for m in finding.members) if finding else 0
        unsure = uncertainty([score.score for score in labelled.label.scores])
        made[id] = unsure * impact(finding.sources if finding else 1) * novelty(known)
    return made


def cells_made(store: Store) -> ReviewCounts:
    """How the stored statements divide, by what is told of each."""
    stored = store.statements(StatementFilter(), PageRequest(500)).items
    statuses = Counter((s.judgement.status if s.judgement else Status.PENDING).value for s in stored)
    kinds = Counter(s.label.kind for s in stored)
    aspects = Counter(s.label.aspect for s in stored if s.label.aspect and s.label.kind != "other")
    told = (tuple(ValueCount(*pair) for pair in sorted(found.items())) for found in (statuses, kinds, aspects))
    return ReviewCounts(*told, matching=len(stored))


def kept(store: Store) -> list[object]:
    with store.database.reading() as connection:
        rows = connection.execute(select(judgements).order_by(judgements.c.statement)).all()
        verdicts = connection.execute(
            select(reader_verdicts).order_by(reader_verdicts.c.statement, reader_verdicts.c.reader)
        )
        return [*map(tuple, rows), *map(tuple, verdicts.all())]

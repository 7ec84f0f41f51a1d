"""What a decision on each statement is worth, as the store keeps it and orders the queue by it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from builders import MODEL, make_analysis, make_document, make_label
from judged_store import (
    JUDGED,
    KINDS,
    SENTENCES,
    Clock,
    cells_made,
    decide,
    kept,
    of,
    refresh,
    worths_kept,
    worths_made,
)
from sqlalchemy import update

from trendnlp.actions import Action
from trendnlp.errors import BadReview, Conflict, NotFound
from trendnlp.standing import Status
from trendnlp.store import Desk, FindingFilter, PageRequest, QueueRequest, ReviewFilter, StatementFilter, Store
from trendnlp.store.migrations.versions import r0015_worth
from trendnlp.store.schema import statements
from trendnlp.store.schema_judgements import judgements
from trendnlp.types import Analysis, KindScore, Label, LabelledStatement


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, now=Clock()) as store:
        yield store


def test_a_label_without_a_runner_up_waits_too(store: Store) -> None:
    label = replace(make_label("driver"), scores=(KindScore("driver", 0.8),))
    analysis = make_analysis(make_document("Costs rise."), kinds=("driver",))
    (only,) = analysis.statements
    store.save(Analysis(analysis.document, (LabelledStatement(only.statement, label, only.vector),)))
    (item,) = store.judging.queue(QueueRequest(), 5).items
    assert item.worth.uncertainty == 0.0


def test_the_queue_is_ordered_by_the_database_as_by_the_worth_of_each(store: Store) -> None:
    """What stands in findings of several sources and what in none; what is judged; what is as uncertain."""
    texts = (
        "Costs rise. Demand grows. Staff is scarce.",
        "Costs rise. Beds fill. We are experts.",
        "Beds fill. Demand grows.",
    )
    ids = []
    for number, text in enumerate(texts):
        analysis = make_analysis(make_document(text), kinds=("driver", "trend"))
        unsure = [replace(s, label=unsure_label(s, number + place)) for place, s in enumerate(analysis.statements)]
        store.save(replace(analysis, statements=tuple(unsure)))
        ids += [s.statement.id for s in unsure]
    refresh(store)
    decide(store, Action.ACCEPT, ids[0])
    found = store.judging.queue(QueueRequest(), 100)
    assert {item.labelled.statement.id for item in found.items} == {*ids[1:]}
    worths = [(-item.worth.value, item.labelled.statement.id) for item in found.items]
    assert worths == sorted(worths)
    assert len({item.worth.impact for item in found.items}) > 1 and {item.worth.novelty for item in found.items} == {
        0.5,
        1.0,
    }


@pytest.mark.parametrize("seed", range(4))
def test_what_each_is_worth_is_kept_as_it_comes_to(store: Store, seed: int) -> None:
    """Whatever is saved, labelled anew, deleted, consolidated, decided and taken back, after each of these."""
    chance = random.Random(seed)
    actions = (
        *[(Action.ACCEPT, None), (Action.SKIP, None), (Action.REOPEN, None), (Action.RELABEL, "trend")],
        *[(Action.REJECT, None), (Action.REJECT, "everywhere"), (Action.REJECT, "finding"), (Action.MERGE, None)],
    )
    seen: set[tuple[int, int]] = set()
    for step in range(50):
        ids = sorted(worths_kept(store))
        what = chance.random()
        try:
            if what < 0.2 or not ids:
                store.save(unsure_analysis(chance.randrange(4), chance.choice((MODEL, "newer")), chance))
            elif what < 0.25:
                store.delete_document(chance.choice(store.documents().items).id)
            elif what < 0.45:
                refresh(store)
            elif what < 0.6:
                store.undo_review(chance.choice(store.reviews(ReviewFilter(), PageRequest(500)).items).id, "Bob")
            else:
                action, value = chance.choice(actions)
                many = chance.sample(ids, 2 if action is Action.MERGE else 1)
                decide(store, action, *many, value=value)
        except (Conflict, NotFound, BadReview, IndexError):
            pass
        assert worths_kept(store) == worths_made(store), step
        counts = cells_made(store)
        assert Desk(store.database).counts(StatementFilter()) == counts, step
        told = {c.value: c.count for c in counts.statuses}
        assert {s.value: n for s, n in store.judging.progress().statuses if n} == told, step
        found = store.findings(FindingFilter()).items
        seen.update((f.sources, sum(of(store, m.statement)[0] in JUDGED for m in f.members)) for f in found)
    assert len({sources for sources, _ in seen}) > 1 and len({judged for _, judged in seen}) > 1
    queue = store.judging.queue(QueueRequest(StatementFilter(statuses=tuple(Status))), 100)
    worths = [(-worths_kept(store)[id], id) for item in queue.items for id in (item.labelled.statement.id,)]
    assert worths == sorted(worths) and len(worths) == len(worths_kept(store))
    before = (worths_kept(store), kept(store))
    with store.database.writing() as connection:
        connection.execute(update(statements).values(worth=-1))
        connection.execute(update(judgements).values(said_kind=None, said_aspect=None))
        r0015_worth.fill(connection)  # as an earlier schema is brought up to date
    assert (worths_kept(store), kept(store)) == before


def unsure_analysis(number: int, model: str, chance: random.Random) -> Analysis:
    """One of some documents that share statements, with some labels of that model."""
    text = f"Costs rise. {SENTENCES[number % 3]} Report {number} tells. Staff is short."
    kinds = chance.choices(KINDS, k=4)
    analysis = make_analysis(make_document(text), kinds=kinds, model=model)
    unsure = (replace(s, label=unsure_label(s, chance.randrange(3))) for s in analysis.statements)
    return replace(analysis, statements=tuple(unsure))


def unsure_label(labelled: LabelledStatement, step: int) -> Label:
    """Of one in three the model is as unsure as of another."""
    first = 0.5 + (step % 3) / 16
    scores = (KindScore(labelled.label.kind, first), KindScore(labelled.label.alt, 0.25))
    return replace(labelled.label, score=first, scores=scores)

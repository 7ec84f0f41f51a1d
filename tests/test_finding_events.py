"""What webhooks are told of findings, however the store changes: each change of state once, and none missing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import make_analysis, make_consolidation, make_document
from sqlalchemy import Engine, event, select, text

from trendnlp.errors import NotFound
from trendnlp.events import EventType
from trendnlp.store import PageRequest, Store, Webhooks, untold
from trendnlp.store.clock import month
from trendnlp.store.schema_webhooks import told
from trendnlp.store.standing import basis, states
from trendnlp.types import Analysis, Metadata

TYPES = (EventType.FINDING_APPEARED, EventType.FINDING_CHANGED_STATE)
# What is said when, for the most part. At first two of these months have not begun yet.
SAID = {"2020-06": "Costs rise.", "2023-03": "Rules change.", "2024-02": "Demand grows.", "2024-08": "", "2026-01": ""}
STEPS = 24


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 6, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def consolidate(store: Store) -> None:
    """By replacing all findings: what is told is the same, whatever way they are brought up to date."""
    revision = store.revision()
    assert store.replace_findings(make_consolidation(store.claims()), revision=revision)


def report(name: str, published: str | None, *sentences: str, model: str = "sha256:1") -> Analysis:
    """A report with the sentences as claims."""
    metadata = Metadata(publisher=name, published=published)
    document = make_document(f"{' '.join(sentences)} {name}.", source=name, metadata=metadata)
    return make_analysis(document, kinds=(*["driver"] * len(sentences), "other"), model=model)


class Receiver:
    """Whoever is told, and has nothing else to go by."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.changes = 0
        self._heard = 0

    def hear(self, store: Store) -> None:
        """Take in what is new, in order; a finding that is not told of any more is left as it was."""
        with store.database.reading() as connection:
            query = text("SELECT seq, type, data FROM events WHERE seq > :heard ORDER BY seq")
            rows = connection.execute(query, {"heard": self._heard}).all()
        for row in rows:
            self._heard = row.seq
            data: dict[str, Any] = row.data if isinstance(row.data, dict) else json.loads(row.data)
            if row.type == EventType.FINDING_CHANGED_STATE:
                self.changes += 1
                assert data["before"] == self.states[data["finding"]] != data["state"]
            self.states[data["finding"]] = data["state"]


def change(store: Store, clock: Clock, chance: random.Random) -> None:
    """One of the changes that a store goes through."""
    way, stored = chance.random(), store.documents(PageRequest(limit=500)).items
    if way < 0.15 and stored:
        store.delete_document(chance.choice(stored).id)
    elif way < 0.3 and stored:  # labelled anew: its findings go, and come back by the same ids
        document = store.document(chance.choice(stored).id)
        store.save(make_analysis(document, kinds=("driver", "other"), model=f"sha256:{chance.random()}"))
    elif way < 0.35:
        clock.now = clock.now.replace(month=min(12, clock.now.month + 1))
    else:  # without a sentence, what is said of time changes for findings that stay as they are
        (month,) = chance.choices(["", *SAID], [1, 6, 6, 6, 1, 1])
        said = chance.choice([SAID.get(month), "", "", "Rents fall."])
        names = [f"Report {chance.randrange(10**9)}" for _ in range(chance.randint(2, 8))]
        store.save_all([report(name, month or None, *filter(None, [said])) for name in names])


@pytest.mark.parametrize("most", [3, untold.MOST])
def test_who_is_told_knows_the_state_of_every_finding(url: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untold, "MOST", most)
    clock, chance, receiver = Clock(), random.Random(10), Receiver()
    with Store.open(url, now=clock) as store:
        Webhooks(store.database, clock).add("https://hooks.example/", TYPES, "Ann")
        for _ in range(STEPS):
            for _ in range(chance.randint(1, 3)):
                change(store, clock, chance)
            consolidate(store)
            receiver.hear(store)
            with store.database.reading() as connection:
                this_month = month(clock.now)
                now = {id: str(s) for id, s in states(connection, basis(connection, this_month)).items()}
                kept = {row.finding: row.state for row in connection.execute(select(told))}
            assert {id: receiver.states.get(id) for id in now} == now
            assert kept == now
    assert receiver.changes >= 3


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The text of each statement that reads or writes ``told``."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "told" in statement.split():
            found.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_of_findings_that_stay_as_they_are_nothing_is_read(url: str) -> None:
    clock = Clock()
    with Store.open(url, now=clock) as store:
        for number in range(30):
            store.save(report(f"Report {number}", "2024-02", f"Cost {number} rises."))
        Webhooks(store.database, clock).add("https://hooks.example/", TYPES, "Ann")
        consolidate(store)
        with statements(store.database._engine) as read:
            store.save(report("Late", "2024-02", "Rules change."))
            consolidate(store)
            consolidate(store)
        assert read and all("WHERE told.finding IN" in query or query.startswith("INSERT") for query in read)


def test_who_comes_later_is_not_told_what_was_before(url: str) -> None:
    clock, receiver = Clock(), Receiver()
    with Store.open(url, now=clock) as store:
        hooks = Webhooks(store.database, clock)
        first, _ = hooks.add("https://hooks.example/", TYPES, "Ann")
        gone = report("One", "2024-02", "Costs rise.")
        store.save(gone)
        consolidate(store)
        receiver.hear(store)
        assert len(receiver.states) == 1
        hooks.remove(first.id)
        store.delete_document(gone.document.id)
        store.save(report("Two", "2024-02", "Rules change."))
        consolidate(store)
        hooks.add("https://hooks.example/", TYPES, "Ben")
        store.save(report("Three", "2024-02", "Demand grows."))
        consolidate(store)
        before = set(receiver.states)
        receiver.hear(store)
        (told_of,) = receiver.states.keys() - before
        assert store.finding(told_of).title == "Demand grows."
        with pytest.raises(NotFound):
            store.finding(next(iter(before)))

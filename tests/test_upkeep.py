"""The stored findings follow the stored claims: whatever comes and goes, by whomever, and nothing else is touched."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from builders import make_analysis
from sqlalchemy import create_engine, text

from trendnlp.encode import Encoder
from trendnlp.pipeline import Matcher
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.types import Finding
from trendnlp.upkeep import Upkeep

SENTENCES = ("Costs rise.", "Costs fall.", "Demand grows.", "Rules change.", "Nurses are scarce.", "The costs rise.")


@dataclass
class Named:
    """All that consolidation asks of an encoder."""

    digest: str = "encoder-1"


def matcher() -> Matcher:
    return Matcher(cast(Encoder, Named()), 0.9)


def stored(store: Store) -> tuple[Finding, ...]:
    return store.findings(FindingFilter(), PageRequest(500)).items


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def test_two_writers_in_turn(url: str) -> None:
    chance = random.Random(7)
    with Store.open(url) as store:
        writers = [Upkeep(store, matcher()), Upkeep(store, matcher())]
        here: list[str] = []
        for step in range(14):
            if here and chance.random() < 0.4:
                store.delete_document(here.pop(chance.randrange(len(here))))
            else:
                words = " ".join(chance.sample(SENTENCES, 3))
                analysis = make_analysis(f"{words} Report {step % 9}.", kinds=("driver", "trend", "other"))
                store.save(analysis)
                here = [*(d for d in here if d != analysis.document.id), analysis.document.id]
            if chance.random() < 0.7:
                chance.choice(writers).refresh()
                assert store.is_consolidated()
                assert stored(store) == matcher().consolidate(store.claims()).findings


def test_what_a_document_does_not_touch_is_left_alone(url: str) -> None:
    with Store.open(url) as store:
        upkeep = Upkeep(store, matcher())
        assert upkeep.changed() is None
        first = make_analysis("Costs rise.")
        store.save(first)
        upkeep.refresh()
        (finding,) = stored(store)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE findings SET title = 'By hand'"))
        other = make_analysis("Nurses are scarce.")
        store.save(other)
        assert upkeep.changed() == (other.document.id,)
        upkeep.refresh()
        assert sorted(f.title for f in stored(store)) == ["By hand", "Nurses are scarce"]
        store.save(make_analysis("The costs rise."))
        upkeep.refresh()
        assert stored(store) == matcher().consolidate(store.claims()).findings
        assert finding.title == "Costs rise"
        engine.dispose()


def test_a_restart_asks_for_no_verdict_again(url: str) -> None:
    with Store.open(url) as store:
        analyses = [make_analysis(words) for words in SENTENCES]
        for analysis in analyses:
            store.save(analysis)
        Upkeep(store, matcher()).refresh()
        rule = matcher().rule
        known = store.verdicts(rule)
        update = matcher().incremental(known).add(store.claims())
        assert (len(known) > 0, update.learnt, update.forgotten) == (True, {}, ())
        assert sorted(update.findings, key=lambda f: f.id) == sorted(stored(store), key=lambda f: f.id)
        # what no claim needs is dropped, and so is what another rule said
        store.delete_document(analyses[1].document.id)
        Upkeep(store, matcher()).refresh()
        assert store.verdicts(rule).keys() < known.keys()
        assert (store.verdicts("another rule"), store.verdicts(rule)) == ({}, {})


def test_findings_of_another_state_are_refused(url: str) -> None:
    with Store.open(url) as store:
        store.save(make_analysis("Costs rise."))
        made = matcher().consolidate(store.claims()).findings
        revision = store.revision()
        assert not store.update_findings(made, (), since=revision, revision=revision)
        assert not store.update_findings(made, (), since=0, revision=revision + 1)
        assert stored(store) == ()
        assert store.update_findings(made, (), since=0, revision=revision)
        assert (stored(store), store.consolidated_revision()) == (made, revision)
        assert store.changes(revision) is not None and store.changes(revision - 5) is None

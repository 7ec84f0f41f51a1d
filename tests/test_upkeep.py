"""The stored findings follow the stored claims: whatever comes and goes, by whomever, and nothing else is touched."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest
from builders import make_analysis, make_document, make_vector
from databases import connected
from numpy.typing import NDArray
from sqlalchemy import text

from trendnlp.actions import ACTIONS
from trendnlp.consolidate import incremental
from trendnlp.encode import Encoder
from trendnlp.errors import BadReview, Conflict, Gone, Moved, StoreError
from trendnlp.pipeline import Matcher
from trendnlp.relations import Verdict
from trendnlp.review import Action, Draft
from trendnlp.store import FindingFilter, PageRequest, ReviewFilter, StatementFilter, Store
from trendnlp.types import Analysis, Consolidation, Finding, Metadata
from trendnlp.upkeep import Upkeep

SENTENCES = ("Costs rise.", "Costs fall.", "Demand grows.", "Rules change.", "Nurses are scarce.", "The costs rise.")


@dataclass
class Named:
    """All that is asked of an encoder."""

    digest: str = "encoder-1"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([np.frombuffer(make_vector(text), "<f4") for text in texts])


CHOICES = (
    *[(Action.MERGE, None)] * 3,
    *[(action, None) for action in (Action.SPLIT, Action.DROP, Action.HEAD, Action.ACCEPT, Action.SKIP)],
    *[(Action.REOPEN, None), (Action.KIND, "challenge"), (Action.TITLE, "Costs"), (Action.ASPECT, "economic")],
    *[(action, tag) for action in (Action.TAG, Action.UNTAG) for tag in ("cost", "ward staff")],
    *[(Action.RELABEL, kind) for kind in ("driver", "trend", "challenge", "other")],
    *[(Action.REJECT, scope) for scope in (None, "everywhere", "finding")],
)


def matcher() -> Matcher:
    return Matcher(cast(Encoder, Named()), 0.9)


def stored(store: Store) -> tuple[Finding, ...]:
    return store.findings(FindingFilter(), PageRequest(500)).items


def report(step: int, chance: random.Random) -> Analysis:
    words = " ".join(chance.sample(SENTENCES, 3))
    known = Metadata(published=("2021", "2023-04", None)[step % 3])
    return make_analysis(
        make_document(f"{words} Report {step % 9}.", metadata=known), kinds=("driver", "trend", "other")
    )


def decide(stores: Sequence[Store], chance: random.Random) -> None:
    """Record one decision or undo, the same in all of the stores, unless it is refused."""
    log = stores[0].reviews(ReviewFilter(), PageRequest(500)).items
    undo = chance.choice(log).id if log and chance.random() < 0.3 else None
    action, value = chance.choice(CHOICES)
    ids = [s.statement.id for s in stores[0].statements(StatementFilter(), PageRequest(500)).items]
    if ACTIONS[action].claims:
        ids = [c.labelled.statement.id for c in stores[0].claims()]
    size = ACTIONS[action].least
    if undo is None and len(ids) < size:
        return
    chosen = tuple(chance.sample(ids, min(size, len(ids))))
    for store in stores:
        try:
            if undo is not None:
                store.undo_review(undo, "Bob")
            elif value != "finding" or len(stores) == 1:  # the findings of the others may be behind
                store.add_review(Draft(action, chosen, "Ann", value))
        except (Conflict, BadReview):
            pass


def encode(store: Store) -> None:
    missing = store.claims_without_vector()
    vectors = matcher().vectors(tuple(missing.values())) if missing else ()
    store.add_vectors(dict(zip(missing, vectors, strict=True)))


def made_at_once(store: Store) -> tuple[Finding, ...]:
    return matcher().consolidate(store.claims(), store.constraints()).findings


def test_two_writers_in_turn(url: str) -> None:
    chance = random.Random(7)
    with Store.open(url) as store:
        writers = [Upkeep(store, matcher()), Upkeep(store, matcher())]
        here: list[str] = []
        for step in range(24):
            if chance.random() < 0.4:
                decide([store], chance)
            elif here and chance.random() < 0.4:
                store.delete_document(here.pop(chance.randrange(len(here))))
            else:
                analysis = report(step, chance)
                store.save(analysis)
                here = [*(d for d in here if d != analysis.document.id), analysis.document.id]
            if chance.random() < 0.7:
                chance.choice(writers).refresh()
                assert store.is_consolidated()
                assert stored(store) == made_at_once(store)


def leads(store: Store, id: str) -> tuple[object, ...]:
    try:
        return (store.finding(id).id, *store.split_into(id))
    except Moved as moved:
        return "moved", moved.to
    except Gone as gone:
        return "gone", *gone.parts


def test_former_ids_lead_where_they_do_if_all_is_made_at_once(new_url: Callable[[], str]) -> None:
    chance = random.Random(3)
    urls = [new_url(), new_url()]
    noon = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)
    with Store.open(urls[0], now=lambda: noon) as steps, Store.open(urls[1], now=lambda: noon) as whole:
        upkeep = Upkeep(steps, matcher())
        here: list[str] = []
        former: set[str] = set()
        ways: set[object] = set()
        for step in range(40):
            if chance.random() < 0.6:
                decide([steps, whole], chance)
            elif len(here) > 2 and chance.random() < 0.5:
                going = here.pop(chance.randrange(len(here)))
                for store in (steps, whole):
                    store.delete_document(going)
            else:
                analysis = report(step, chance)
                for store in (steps, whole):
                    store.save(analysis)
                here = [*(d for d in here if d != analysis.document.id), analysis.document.id]
            if chance.random() < 0.8:
                upkeep.refresh()
                encode(whole)
                whole.replace_findings(matcher().consolidate(whole.claims(), whole.constraints()))
                assert stored(steps) == stored(whole)
                former |= {f.id for f in stored(steps)}
                found = {id: leads(steps, id) for id in former}
                assert found == {id: leads(whole, id) for id in former}
                ways |= {way[0] if way[0] in ("moved", "gone") else len(way) > 1 for way in found.values()}
        # each way was taken: moved, gone, stayed, and stayed after a split
        assert ways == {"moved", "gone", False, True}


def test_what_a_document_does_not_touch_is_left_alone(url: str) -> None:
    with Store.open(url) as store:
        upkeep = Upkeep(store, matcher())
        assert upkeep.changed() is None
        first = make_analysis("Costs rise.")
        store.save(first)
        upkeep.refresh()
        (finding,) = stored(store)
        with connected(url) as connection:
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


def test_what_a_decision_does_not_touch_is_left_alone(url: str) -> None:
    with Store.open(url) as store:
        upkeep = Upkeep(store, matcher())
        for sentence in ("Costs rise.", "Nurses are scarce.", "Wards close."):
            store.save(make_analysis(sentence))
        upkeep.refresh()
        before = stored(store)
        by_title = {f.title: f for f in before}
        with connected(url) as connection:
            connection.execute(text("UPDATE findings SET title = 'By hand' WHERE title = 'Wards close'"))
        heads = (by_title["Costs rise"].head, by_title["Nurses are scarce"].head)
        merge = store.add_review(Draft(Action.MERGE, heads, "Ann"))
        assert upkeep.changed() == ()
        upkeep.refresh()
        assert sorted((f.title, len(f.members)) for f in stored(store))[0] == ("By hand", 1)
        assert sorted(len(f.members) for f in stored(store)) == [1, 2]
        store.undo_review(merge.id, "Bob")
        upkeep.refresh()
        assert sorted(f.title for f in stored(store)) == ["By hand", "Costs rise", "Nurses are scarce"]
        with connected(url) as connection:
            connection.execute(text("UPDATE findings SET title = 'Wards close' WHERE title = 'By hand'"))
        assert stored(store) == before


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


class Ending:
    """Notes that want an end once they have been told something."""

    def expect(self, pairs: int) -> None:
        pass

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        raise KeyboardInterrupt


def test_what_was_found_out_before_an_end_in_the_middle_is_kept(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "AT_ONCE", 2)
    with Store.open(url) as store:
        for words in SENTENCES:
            store.save(make_analysis(words))
        with pytest.raises(KeyboardInterrupt):
            Upkeep(store, matcher(), Ending()).refresh()
        kept = store.verdicts(matcher().rule)
        assert (len(kept) >= 2, stored(store)) == (True, ())
        Upkeep(store, matcher()).refresh()
        assert stored(store) == matcher().consolidate(store.claims()).findings
        assert kept.items() <= store.verdicts(matcher().rule).items()


def test_findings_of_another_state_are_refused(url: str) -> None:
    with Store.open(url) as store:
        store.save(make_analysis("Costs rise."))
        made = matcher().consolidate(store.claims()).findings
        revision = store.revision()
        assert not store.update_findings(made, (), since=revision, revision=revision)
        assert stored(store) == ()
        assert store.replace_findings(Consolidation((), 0.9, "encoder-1", "another taxonomy"))
        assert not store.update_findings(made, (), since=revision, revision=revision)
        assert stored(store) == ()
        assert store.update_findings(made, (), since=revision, revision=revision, taxonomy="another taxonomy")
        assert (stored(store), store.consolidated_revision()) == (made, revision)
        assert store.changes(revision) is not None and store.changes(revision - 5) is None


def test_findings_are_written_while_others_go_on_writing(url: str) -> None:
    with Store.open(url) as store:
        first, second = make_analysis("Costs rise."), make_analysis("Costs rise. Rules change.")
        store.save(first)
        since = store.revision()
        made = matcher().consolidate(store.claims())
        assert store.replace_findings(made)
        store.save(second)
        revision = store.revision()
        both = matcher().consolidate(store.claims()).findings
        store.save(make_analysis("Wards close."))
        told = {"since": since, "revision": revision}
        assert store.update_findings(both, [f.id for f in made.findings], **told)
        assert (stored(store), store.consolidated_revision()) == (both, revision)
        assert not store.is_consolidated()
        # what speaks of statements that have gone meanwhile is not
        revision = store.revision()
        third = matcher().consolidate(store.claims()).findings
        store.delete_document(first.document.id)
        left = stored(store)
        assert not store.update_findings(third, (), since=told["revision"], revision=revision)
        assert (stored(store), store.consolidated_revision()) == (left, told["revision"])
        upkeep = Upkeep(store, matcher())
        upkeep.refresh()
        assert (stored(store), store.is_consolidated()) == (made_at_once(store), True)


def test_what_people_made_a_claim_is_one_again_when_its_document_comes_back(url: str) -> None:
    analysis = make_analysis("Costs rise. Demand grows. Nurses are scarce.", kinds=("driver", "trend", "other"))
    other = analysis.statements[2]
    with Store.open(url) as store:
        upkeep = Upkeep(store, matcher())
        store.save(analysis)
        store.add_review(Draft(Action.RELABEL, (other.statement.id,), "Ann", "driver"))
        upkeep.refresh()
        before = stored(store)
        assert other.statement.id in store.finding_of([other.statement.id])
        store.delete_document(analysis.document.id)
        upkeep.refresh()
        store.save(analysis)
        upkeep.refresh()
        assert (stored(store), store.claims_without_vector()) == (before, {})
        labels = [replace(s, label=replace(s.label, model="another model")) for s in analysis.statements]
        store.save(replace(analysis, statements=tuple(labels)))
        upkeep.refresh()
        assert (stored(store), store.claims_without_vector()) == (before, {})


@pytest.mark.parametrize("part", ["claims", "copies_among", "verdicts", "remember", "update_findings"])
@pytest.mark.parametrize("prepared", [False, True])
def test_a_store_that_fails_in_the_middle_loses_no_finding(
    url: str, part: str, prepared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("the store", "it is down", "Try again.")

    reports = [make_analysis(f"Costs rise. Demand grows. Report {n}.", kinds=("driver", "trend")) for n in range(3)]
    with Store.open(url) as store:
        for report in reports:
            store.save(report)
        Upkeep(store, matcher()).refresh()
        upkeep = Upkeep(store, matcher())
        if prepared:
            upkeep.prepare()
        store.delete_document(reports[0].document.id)
        costs = reports[1].statements[0].statement.id
        store.add_review(Draft(Action.TITLE, (costs,), "Ann", "What things cost"))
        with monkeypatch.context() as broken:
            broken.setattr(store, part, fail)
            with suppress(StoreError):
                upkeep.refresh()
        store.save(make_analysis("Nurses are scarce.", kinds=("driver",)))
        upkeep.refresh()
        assert (stored(store), store.is_consolidated()) == (made_at_once(store), True)
        assert store.finding(store.finding_of([costs])[costs]).title == "What things cost"

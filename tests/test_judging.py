"""Decisions on single statements as the store keeps them: what counts, what is left alone, who was first."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from builders import MODEL, make_analysis
from judged_store import (
    KINDS,
    SENTENCES,
    Clock,
    add,
    decide,
    kept,
    listed,
    of,
    refresh,
)

from trendnlp.actions import Action, Reading
from trendnlp.errors import BadReview, Conflict, NotFound, Stale
from trendnlp.review import Draft
from trendnlp.standing import Judgement, Said, Status
from trendnlp.store import PageRequest, QueueRequest, ReviewFilter, StatementFilter, Store
from trendnlp.triage import Order, in_audit
from trendnlp.types import Analysis, KindScore, LabelledStatement


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, now=Clock()) as store:
        yield store


def test_each_decision_on_a_statement_and_its_undo(store: Store) -> None:
    a, b, c, d = add(store)
    said = (Status.PENDING, "driver", "technology", 0.8125)
    assert (of(store, a), store.statement(a).judgement) == (said, None)
    steps = (
        (Action.ACCEPT, None, (Status.ACCEPTED, "driver", "technology", 0.8125)),
        (Action.RELABEL, "challenge", (Status.CORRECTED, "challenge", "technology", 1.0)),
        (Action.ASPECT, "economic", (Status.CORRECTED, "challenge", "economic", 1.0)),
        (Action.REJECT, None, (Status.REJECTED, "other", None, 1.0)),
        (Action.ACCEPT, None, (Status.ACCEPTED, "challenge", "economic", 1.0)),
        (Action.NOTE, "Ask\nBob.", (Status.ACCEPTED, "challenge", "economic", 1.0)),
        (Action.SKIP, None, (Status.SKIPPED, "challenge", "economic", 1.0)),
        (Action.REOPEN, None, said),
    )
    done = []
    for action, value, expected in steps:
        done.append(decide(store, action, a, value=value))
        assert of(store, a) == expected
    judged = store.statement(a).judgement
    assert judged == Judgement(Status.PENDING, 8, Said("driver", 0.8125, "technology", MODEL))
    states = [said, *(expected for _, _, expected in steps)]
    for review, before in reversed(list(zip(done, states[:-1], strict=True))):
        undo = store.undo_review(review.id, "Bob")
        assert of(store, a) == before
        store.undo_review(undo.id, "Bob")
        store.undo_review(review.id, "Bob")
    with pytest.raises(Conflict, match="it is undone already"):
        store.undo_review(done[0].id, "Bob")
    assert [of(store, id)[1] for id in (b, c, d)] == ["trend", "challenge", "other"]


def test_what_counts_is_what_lists_and_counts_and_claims_go_by(store: Store) -> None:
    a, b, _, d = add(store)
    decide(store, Action.RELABEL, a, value="trend")
    decide(store, Action.REJECT, b)
    decide(store, Action.RELABEL, d, value="opportunity")
    assert listed(store, kinds=("trend",)) == [a]
    assert listed(store, kinds=("other",)) == [b]
    assert listed(store, kinds=("opportunity",), min_score=1.0) == [d]
    assert listed(store, statuses=(Status.CORRECTED,)) == [a, d]
    assert listed(store, statuses=(Status.PENDING, Status.REJECTED)) == [b, listed(store)[2]]
    assert (store.counts().claims, store.documents().items[0].claims) == (3, 3)
    # what the model took for other has no vector until it gets one
    assert [c.labelled.statement.id for c in store.claims()] == sorted([a, listed(store)[2]])
    assert store.claims_without_vector() == {d: SENTENCES[3]}
    store.add_vectors({d: make_analysis(SENTENCES[0]).statements[0].vector or b""})
    assert d in {c.labelled.statement.id for c in store.claims()}
    assert store.claims_without_vector() == {}


def test_decisions_last_through_other_models_and_deleted_documents(store: Store) -> None:
    a, b, c, _ = add(store)
    decide(store, Action.ACCEPT, a)
    decide(store, Action.RELABEL, b, value="challenge")
    newer = make_analysis(" ".join(SENTENCES), kinds=("other", "trend", "driver", "other"), model="newer")
    store.save(newer)
    document = newer.document.id
    expected = [(Status.ACCEPTED, "driver"), (Status.CORRECTED, "challenge"), (Status.PENDING, "driver")]
    assert [of(store, id)[:2] for id in (a, b, c)] == expected
    assert store.documents().items[0].claims == 3
    assert store.claims_without_vector() == {a: SENTENCES[0]}
    # what the model said when the person decided stays told
    judged = store.statement(a).judgement
    assert judged is not None and judged.said == Said("other", 0.8125, None, "newer")
    store.delete_document(document)
    store.save(newer)
    assert [of(store, id)[:2] for id in (a, b, c)] == expected


def test_a_rejection_reaches_a_finding_or_the_same_words_everywhere(store: Store) -> None:
    a, *_ = add(store)
    b, *_ = add(store, "Costs   rise. And more.", ("driver", "trend"))
    refresh(store)
    finding = store.finding_of([a])[a]
    assert store.finding_of([b])[b] == finding
    whole = decide(store, Action.REJECT, a, value="finding")
    assert set(whole.statements) == {m.statement for m in store.finding(finding).members}
    assert (whole.statements[0], of(store, b)[0]) == (a, Status.REJECTED)
    store.undo_review(whole.id, "Ann")
    everywhere = decide(store, Action.REJECT, a, value="everywhere")
    (later,) = add(store, "COSTS rise.", ("trend",))
    assert everywhere.statements == (a,)
    assert [of(store, id)[:2] for id in (a, b, later)] == [(Status.REJECTED, "other")] * 3
    decide(store, Action.RELABEL, later, value="trend", by="Bob")
    store.undo_review(everywhere.id, "Ann")
    assert [of(store, id)[0] for id in (a, b, later)] == [Status.PENDING, Status.PENDING, Status.CORRECTED]
    assert store.documents().items[0].claims == 1
    with pytest.raises(BadReview, match="Name one statement"):
        decide(store, Action.REJECT, a, b, value="everywhere")
    other = listed(store, kinds=("other",))[0]
    with pytest.raises(BadReview, match="stands in no finding"):
        decide(store, Action.REJECT, other, value="finding")


def test_two_people_do_not_overwrite_each_other(store: Store) -> None:
    a, b, *_ = add(store)
    refresh(store)
    finding = store.finding_of([a])[a]
    judging = store.judging
    assert (judging.versions([a]), judging.finding_versions([finding])) == ({a: 0}, {finding: 0})
    first = store.add_review(Draft(Action.ACCEPT, (a,), "Ann"), {a: 0})
    with pytest.raises(Stale, match=r"changed since you read it, by Ann \(accepted\)") as stale:
        store.add_review(Draft(Action.REJECT, (a,), "Bob"), {a: 0})
    assert (stale.value.changed, stale.value.version) == ((first.id,), 1)
    with pytest.raises(Stale):
        store.add_review(Draft(Action.TITLE, (a,), "Bob", "Costs"), {finding: 0})
    with pytest.raises(Stale):
        store.add_review(Draft(Action.ACCEPT, (a,), "Bob"), {"find_none": 0})
    store.add_review(Draft(Action.TITLE, (a,), "Bob", "Costs"), {finding: 1})
    assert (judging.versions([a, b]), judging.finding_versions([finding])) == ({a: 2, b: 0}, {finding: 2})
    assert store.reviews(ReviewFilter()).total == 2


def test_only_what_moves_findings_makes_them_anew(store: Store) -> None:
    a, b, *_ = add(store)
    refresh(store)
    revision = store.revision()
    for action, value in ((Action.ACCEPT, None), (Action.SKIP, None), (Action.NOTE, "?"), (Action.RELABEL, "driver")):
        decide(store, action, a, value=value)
    assert (store.revision(), store.is_consolidated()) == (revision, True)
    assert store.judging.last_number() == 4
    decide(store, Action.RELABEL, a, value="trend")
    changes = store.changes(revision)
    assert changes is not None and (changes.documents, changes.statements) == ((), (a,))
    assert [(c.labelled.statement.id, c.labelled.label.kind) for c in changes.claims] == [(a, "trend")]
    decide(store, Action.TITLE, b, value="Growth")
    decide(store, Action.TAG, b, value="Ward staff")
    refresh(store)
    found = store.finding(store.finding_of([b])[b])
    assert (found.title, found.tags[0].name, found.tags[0].origin.value) == ("Growth", "Ward staff", "person")
    decide(store, Action.UNTAG, b, value="ward staffs")
    refresh(store)
    assert "Ward staff" not in {t.name for t in store.finding(found.id).tags}


def test_a_bulk_decision_is_previewed_made_once_and_taken_back_whole(store: Store) -> None:
    for number in range(300):
        add(store, f"Costs rise by {number} %. We are experts {number}.", ("driver", "other"))
    draft = Draft(Action.REJECT, ("st_none",), "Ann")
    preview = store.judging.preview(draft, StatementFilter(kinds=("driver",)))
    assert (preview.count, len(preview.samples)) == (300, 10)
    assert {s.label.kind for s in preview.samples} == {"driver"}
    (late,) = add(store, "Costs rise again.", ("driver",))
    first = listed(store, kinds=("driver",))[0]
    decide(store, Action.ACCEPT, first, by="Bob")
    applied = store.judging.apply(draft, preview.token)
    assert (len(applied.review.statements), applied.left_out) == (299, 1)
    assert [of(store, id)[0] for id in (first, late)] == [Status.ACCEPTED, Status.PENDING]
    progress = dict(store.judging.progress().statuses)
    assert (progress[Status.REJECTED], progress[Status.PENDING]) == (299, 301)
    with pytest.raises(Conflict):
        store.judging.apply(draft, preview.token)
    store.undo_review(applied.review.id, "Ann")
    assert dict(store.judging.progress().statuses)[Status.REJECTED] == 0
    assert store.counts().claims == 301
    with pytest.raises(NotFound):
        store.judging.apply(draft, "none")
    for action in (Action.MERGE, Action.TITLE):
        with pytest.raises(BadReview, match="no decision on many"):
            ids = ("a", "b") if action is Action.MERGE else ("a",)
            value = None if action is Action.MERGE else "T"
            store.judging.preview(Draft(action, ids, "Ann", value), StatementFilter())


def scored(text: str, kind: str, *scores: float) -> Analysis:
    """A document of one statement with these probabilities."""
    analysis = make_analysis(text, kinds=(kind,))
    (only,) = analysis.statements
    kinds = (kind, *(k for k in KINDS if k != kind))
    found = tuple(KindScore(k, s) for k, s in zip(kinds, scores, strict=False))
    label = replace(only.label, score=scores[0], alt=kinds[1], scores=found)
    return Analysis(analysis.document, (LabelledStatement(only.statement, label, only.vector),))


def test_the_queue_puts_first_what_is_worth_most_and_stays_as_it_is(store: Store) -> None:
    texts = {"Costs rise.": (0.9, 0.1), "Demand grows.": (0.5, 0.4), "Staff is scarce.": (0.7, 0.3)}
    ids = {}
    for text, scores in texts.items():
        analysis = scored(text, "driver", *scores)
        store.save(analysis)
        ids[text] = analysis.statements[0].statement.id
    refresh(store)
    queue = store.judging.queue(QueueRequest(), 2)
    assert [i.labelled.statement.text for i in queue.items] == ["Demand grows.", "Staff is scarce."]
    assert [i.worth.value for i in queue.items] == [0.9, 0.6]
    assert (queue.total, queue.size, queue.next) == (3, 3, 2)
    decide(store, Action.ACCEPT, ids["Costs rise."])
    add(store, "Beds are dear.", ("driver",))
    rest = store.judging.queue_page(queue.token, 2, 2)
    (last,) = rest.items
    assert (last.labelled.statement.id, rest.next) == (ids["Costs rise."], None)
    assert last.labelled.judgement is not None and last.labelled.judgement.status is Status.ACCEPTED
    assert last.version == 1
    fresh = [i.labelled.statement.text for i in store.judging.queue(QueueRequest(order=Order.NEWEST), 9).items]
    assert fresh == ["Beds are dear.", "Staff is scarce.", "Demand grows."]
    drawn = [store.judging.queue(QueueRequest(order=Order.RANDOM, seed=s), 9).items for s in (1, 1, 2)]
    assert drawn[0] == drawn[1] and {i.labelled.statement.id for i in drawn[2]} == {
        i.labelled.statement.id for i in drawn[0]
    }
    with pytest.raises(NotFound):
        store.judging.queue_page("none", 0, 2)


def test_a_second_reader_is_blind_and_an_adjudicator_settles(store: Store) -> None:
    a, b, c, _ = add(store)
    decide(store, Action.ACCEPT, a)
    decide(store, Action.RELABEL, b, value="driver")
    blind = QueueRequest(reader="Bob", blind=True)
    items = store.judging.queue(blind, 9).items
    assert {i.labelled.statement.id for i in items} == {a, b}
    assert {(i.labelled.statement.id, i.labelled.label.kind) for i in items} == {(a, "driver"), (b, "trend")}
    assert {(i.labelled.judgement, i.verdicts) for i in items} == {(None, ())}
    assert store.judging.queue(QueueRequest(reader="Ann", blind=True), 9).items == ()
    decide(store, Action.ACCEPT, a, by="Bob", reading=Reading.BLIND)
    decide(store, Action.REJECT, b, by="Bob", reading=Reading.BLIND)
    assert of(store, b)[:2] == (Status.CORRECTED, "driver")  # a blind reading changes nothing
    assert store.judging.queue(blind, 9).items == ()
    (pair,) = store.judging.agreements()
    assert (pair.a, pair.b, pair.agreement.n, pair.agreement.raw) == ("Ann", "Bob", 2, 0.5)
    (disputed,) = store.judging.queue(QueueRequest(disputed=True), 9).items
    assert [(v.reader, v.verdict) for v in disputed.verdicts] == [("Ann", "driver"), ("Bob", "rejected")]
    final = decide(store, Action.RELABEL, b, value="challenge", by="Cy", reading=Reading.FINAL)
    assert of(store, b)[:2] == (Status.CORRECTED, "challenge")
    assert store.judging.queue(QueueRequest(disputed=True), 9).items == ()
    with pytest.raises(Conflict, match=f"an adjudicator settled {b} in {final.id}"):
        decide(store, Action.ACCEPT, b)
    store.undo_review(final.id, "Cy")
    assert of(store, b)[:2] == (Status.CORRECTED, "driver")
    assert store.judging.assign((c, b), "Dee", "Cy") == 2 and store.judging.assign((c,), "Dee", "Cy") == 0
    mine = store.judging.queue(QueueRequest(reader="Dee", blind=True), 9).items
    assert [i.labelled.statement.id for i in mine] == [b]  # nobody has judged the other
    with pytest.raises(BadReview, match="what others said"):
        QueueRequest(StatementFilter(kinds=("driver",)), reader="Bob", blind=True)
    with pytest.raises(BadReview, match="cannot be a blind reading"):
        decide(store, Action.SKIP, a, reading=Reading.BLIND)


def test_what_is_accepted_by_score_is_told_from_what_was_read(store: Store) -> None:
    ids = []
    for number in range(60):
        analysis = scored(f"Costs rise by {number} %.", "driver", 0.95 if number % 2 else 0.6, 0.05)
        store.save(analysis)
        ids.append(analysis.statements[0].statement.id)
    for number, id in enumerate(ids[:20]):
        action, value = (Action.RELABEL, "trend") if number % 4 == 0 else (Action.ACCEPT, None)
        decide(store, action, id, value=value)
    share = 0.3
    found = store.judging.evidence(StatementFilter(), MODEL, share)
    by_score = {t.score: t for t in found.thresholds}
    assert (found.pending, found.seconds) == (40, 3.0)
    assert (by_score[0.5].reviewed.n, by_score[0.5].reviewed.errors, by_score[0.5].remaining) == (20, 5, 40)
    assert (by_score[0.9].reviewed.n, by_score[0.9].reviewed.errors, by_score[0.9].remaining) == (10, 0, 20)
    assert by_score[0.9].reviewed.high == pytest.approx(0.3085, abs=1e-4)
    assert by_score[0.5].audit.n == sum(in_audit(id, share) for id in ids[:20]) > 0
    assert store.judging.evidence(StatementFilter(), "another", share).thresholds[0].reviewed.n == 0
    applied = store.judging.accept_above(0.9, StatementFilter(), "Ann", share)
    sure = [id for number, id in enumerate(ids) if number >= 20 and number % 2]
    assert set(applied.review.statements) == {id for id in sure if not in_audit(id, share)}
    assert (applied.review.reading, applied.review.by) == (Reading.AUTO, "Ann")
    after = store.judging.evidence(StatementFilter(), MODEL, share)
    assert after.thresholds[0].reviewed == by_score[0.5].reviewed  # nobody read these
    assert after.pending == 40 - len(applied.review.statements)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_the_log_comes_to(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    ids = [id for number in range(3) for id in add(store, f"Costs rise. Demand grows. Report {number}.", KINDS[:3])]
    actions = (
        *[(Action.ACCEPT, None), (Action.SKIP, None), (Action.REOPEN, None), (Action.RELABEL, "trend")],
        *[(Action.REJECT, None), (Action.REJECT, "everywhere"), (Action.TAG, "cost"), (Action.UNTAG, "costs")],
        *[(Action.MERGE, None), (Action.ASPECT, "economic")],
    )
    for step in range(60):
        log = store.reviews(ReviewFilter(), PageRequest(500)).items
        action, value = chance.choice(actions)
        reading = chance.choice(list(Reading)[:3]) if action in (Action.ACCEPT, Action.RELABEL) else Reading.OPEN
        try:
            if log and chance.random() < 0.3:
                store.undo_review(chance.choice(log).id, "Bob")
            elif step % 20 == 19:
                store.delete_document(store.documents().items[-1].id)
            else:
                many = chance.sample(ids, 2 if action is Action.MERGE or value is None else 1)
                decide(store, action, *many, value=value, by=chance.choice("AB"), reading=reading)
        except (Conflict, NotFound):
            pass
        if chance.random() < 0.2:
            add(store, f"Costs rise. Demand grows. Report {chance.randrange(3)}.", KINDS[:3])
    before = kept(store)
    assert store.judging.rebuild() == frozenset()
    assert kept(store) == before and len(before) > 5

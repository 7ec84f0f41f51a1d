"""What the pages of the review ask of the store: counts under a filter, a reader's last decision, pairs at a border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from builders import make_analysis, make_claims, make_consolidation

from trendnlp.actions import Action
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.review import Draft
from trendnlp.standing import Status
from trendnlp.store import Desk, StatementFilter, Store
from trendnlp.types import Analysis, Consolidation
from trendnlp.web.wording import difference, unmarked

TEXT = "Lifts rise. Beds fall. Costs grow. Nobody knows."


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as store:
        yield store


@pytest.fixture
def analysis(store: Store) -> Analysis:
    made = make_analysis(TEXT, kinds=("driver", "trend", "driver", "other"))
    store.save(made)
    return made


def counts(store: Store, filter: StatementFilter) -> tuple[dict[str, int], dict[str, int], dict[str, int], int]:
    found = Desk(store.database).counts(filter)
    named = ({c.value: c.count for c in each} for each in (found.statuses, found.kinds, found.aspects))
    return (*named, found.matching)  # type: ignore[return-value]


def test_each_property_is_counted_as_if_it_alone_were_not_chosen(store: Store, analysis: Analysis) -> None:
    ids = [s.statement.id for s in analysis.statements]
    store.add_review(Draft(Action.ACCEPT, (ids[0],), "Ann"))
    store.add_review(Draft(Action.RELABEL, (ids[1],), "Ann", "challenge"))
    everything = counts(store, StatementFilter())
    assert everything == (
        {"accepted": 1, "corrected": 1, "pending": 2},
        {"challenge": 1, "driver": 2, "other": 1},
        {"technology": 3},
        4,
    )
    chosen = counts(store, StatementFilter(statuses=(Status.PENDING,), kinds=("driver",)))
    assert chosen == ({"accepted": 1, "pending": 1}, {"driver": 1, "other": 1}, {"technology": 1}, 1)


def test_the_last_decision_of_a_reader_is_the_last_that_stands(store: Store, analysis: Analysis) -> None:
    desk, ids = Desk(store.database), [s.statement.id for s in analysis.statements]
    assert desk.latest("Ann") is None
    first = store.add_review(Draft(Action.SKIP, (ids[0],), "Ann"))
    second = store.add_review(Draft(Action.ACCEPT, (ids[0],), "Ann"))
    store.add_review(Draft(Action.ACCEPT, (ids[1],), "Bob"))
    assert desk.latest("Ann") == second
    undo = store.undo_review(second.id, "Bob")
    assert (desk.latest("Ann"), desk.standing_undo(second)) == (first, undo.id)
    store.undo_review(undo.id, "Ann")
    assert (desk.latest("Ann"), desk.standing_undo(second)) == (second, None)


def verdict(relation: Relation, ground: Ground, score: float) -> Verdict:
    return Verdict(relation, ground, Band.MIDDLE, 0.9, score, 0.6)


def with_ledgers(analysis: Analysis) -> Consolidation:
    """Three findings: two are nearly the same, and the first holds by a pair just above the border."""
    made = make_consolidation(make_claims([analysis]))
    by_text = {finding.title: finding for finding in made.findings}
    one, two, three = by_text["Lifts rise."], by_text["Beds fall."], by_text["Costs grow."]
    near = LedgerEntry(one.head, two.head, verdict(Relation.DISTINCT, Ground.JUDGE, 0.55), "m")
    back = LedgerEntry(two.head, one.head, verdict(Relation.DISTINCT, Ground.JUDGE, 0.55), "m")
    barred = LedgerEntry(two.head, three.head, verdict(Relation.DIFFERS_IN, Ground.GUARD, 0.58), "m")
    held = LedgerEntry(one.head, three.head, verdict(Relation.SAME, Ground.JUDGE, 0.7), "m")
    copied = LedgerEntry(three.head, one.head, verdict(Relation.SAME, Ground.EXACT, 0.65), "m")
    findings = (
        replace(one, ledger=(held,), apart=(near,)),
        replace(two, apart=(back, barred)),
        replace(three, ledger=(copied,)),
    )
    return replace(made, findings=findings)


def test_another_threshold_moves_the_judged_pairs_between_it_and_the_one_in_force(
    store: Store, analysis: Analysis
) -> None:
    store.replace_findings(with_ledgers(analysis))
    texts = store.stored_texts(s.statement.id for s in analysis.statements)
    desk = Desk(store.database)

    def pairs(found: object) -> list[tuple[set[str], float]]:
        return [({texts[p.statement], texts[p.other]}, p.score) for p in found.pairs]  # type: ignore[attr-defined]

    assert pairs(desk.would_part(0.7)) == []
    assert pairs(desk.would_part(0.71)) == [({"Lifts rise.", "Costs grow."}, 0.7)]
    assert pairs(desk.would_merge(0.56)) == []
    # from both sides once, and never what a guard keeps apart
    assert pairs(desk.would_merge(0.5)) == [({"Lifts rise.", "Beds fall."}, 0.55)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**High cost:** lifts are **very** dear.", "High cost: lifts are very dear."),
        ("__High cost:__ lifts", "High cost: lifts"),
        ("2 ** 3 and 2 ** 4; p < 0.05** as a sign", "2 ** 3 and 2 ** 4; p < 0.05** as a sign"),
        ("****", "****"),
        ("a ** b", "a ** b"),
        ("10**6 to 10**9 of a__b__c", "10**6 to 10**9 of a__b__c"),
        ("**costs rise and " * 3000, "**costs rise and " * 3000),
    ],
)
def test_words_in_bold_are_read_without_their_signs(text: str, read: str) -> None:
    assert unmarked(text) == read


def test_wordings_differ_word_by_word() -> None:
    found = difference("Demand for lifts is rising fast.", "demand for beds is rising.")
    assert [(span.change.value, span.text, span.gap) for span in found] == [
        ("same", "demand for", True),
        ("out", "lifts", True),
        ("in", "beds", True),
        ("same", "is rising", True),
        ("out", "fast", True),
        ("same", ".", False),
    ]
    kept = difference("It costs (much) more.", "It costs (a\nlot) more.")
    assert [span.text for span in kept] == ["It costs (", "much", "a lot", ") more."]
    assert [span.change.value for span in difference("a " * 400, "b " * 400)] == ["out", "in"]

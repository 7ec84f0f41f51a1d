"""What people decide holds whatever the scores say, and findings keep their ids."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trendnlp.actions import BINDING
from trendnlp.consolidate import Comparer, CosineComparer, Rule, consolidate
from trendnlp.consolidate.binding import bind
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.judged import judged_partition
from trendnlp.errors import Conflict
from trendnlp.relations import Ground, Relation
from trendnlp.review import NO_CONSTRAINTS, Action, Constraints, Draft, Review, check, effective
from trendnlp.types import Claim, Consolidation, Finding, LabelledStatement, Reason, Statement, content_id

# what actions that need a value are given
VALUES = {Action.KIND: "opportunity", Action.TITLE: "Nurses", Action.TAG: "Ward staff", Action.UNTAG: "ward staffs"}
RULE = Rule(low=0.2, threshold=0.7, diameter=0.1)
THRESHOLD = 0.75
NURSES, STAFF, BEDS, PUMPS = "Nurses are scarce.", "Wards lack staff.", "Beds are dear.", "Pumps break often."


@dataclass
class Rehearsed:
    """A judge that has its answers by heart: "same" as sure as the pair's entry says, by default 0.05."""

    known: dict[frozenset[str], float]
    digest: str = "judge-1"

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        same = np.array([self.known.get(frozenset(pair), 0.05) for pair in pairs])
        return np.stack([same, np.zeros(len(same)), np.zeros(len(same)), 1 - same], axis=1)


def claim(
    text: str, degrees: float = 0.0, *, kind: str = "driver", document: str = "a", published: str | None = None
) -> Claim:
    start = int(content_id("x", text)[2:8], 16)
    statement = Statement(
        Statement.id_of(document, start, start + len(text)), document, start, start + len(text), text, 0
    )
    radians = math.radians(degrees)
    vector = np.array([math.cos(radians), math.sin(radians), 0.0], "<f4").tobytes()
    return Claim(LabelledStatement(statement, make_label(kind), vector), document, f"{document}.txt", None, published)


def id_of(claim: Claim) -> str:
    return claim.labelled.statement.id


def decided(*drafts: tuple[Action, tuple[Claim, ...], str | None]) -> Constraints:
    """What stands of decisions, those left out that are refused."""
    log: list[Review] = []
    for action, claims, value in drafts:
        review = Review.of(Draft(action, tuple(map(id_of, claims)), "Ann", value), len(log) + 1, "2024-06-03")
        try:
            check(log, review)
        except Conflict:
            continue
        log.append(review)
    return effective(log)


def merge(*claims: Claim) -> tuple[Action, tuple[Claim, ...], None]:
    return Action.MERGE, claims, None


def split(a: Claim, b: Claim) -> tuple[Action, tuple[Claim, ...], None]:
    return Action.SPLIT, (a, b), None


def by_cosine(claims: Sequence[Claim], constraints: Constraints = NO_CONSTRAINTS) -> Consolidation:
    return consolidate(claims, THRESHOLD, "encoder-1", None, constraints)


def judged(
    claims: Sequence[Claim],
    constraints: Constraints = NO_CONSTRAINTS,
    known: dict[tuple[str, str], float] | None = None,
) -> Consolidation:
    judge = Rehearsed({frozenset(pair): score for pair, score in (known or {}).items()})
    return consolidate(claims, 0.0, "", Comparer(judge, RULE), constraints)


def groups(claims: Sequence[Claim], found: Consolidation) -> list[list[str]]:
    texts = {id_of(c): c.labelled.statement.text for c in claims}
    return sorted(sorted(texts[m.statement] for m in f.members) for f in found.findings)


def with_member(found: Consolidation, claim: Claim) -> Finding:
    return next(f for f in found.findings if id_of(claim) in {m.statement for m in f.members})


def test_a_merge_overrules_the_judge_the_guards_and_the_kinds_and_says_so() -> None:
    rising = claim("Demand for lifts is rising.", kind="driver")
    falling = claim("Demand for lifts is falling.", kind="challenge", document="b")
    friend = claim("Lifts are in demand.", document="c")
    claims = [rising, falling, friend]
    same = {(rising.labelled.statement.text, friend.labelled.statement.text): 0.9}
    assert len(judged(claims, known=same).findings) == 2
    constraints = decided(merge(rising, falling))
    (found,) = judged(claims, constraints, same).findings
    (review,) = {tie.review for tie in constraints.must}
    told = {e.statement: (e.other, e.verdict.ground, e.verdict.relation, e.review) for e in found.ledger}
    person = (Ground.PERSON, Relation.SAME, review)
    expected = {
        id_of(rising): (id_of(falling), *person),
        id_of(falling): (id_of(rising), *person),
        id_of(friend): (id_of(rising), Ground.JUDGE, Relation.SAME, None),
    }
    assert told == {id: entry for id, entry in expected.items() if id != found.head}
    assert {m.statement: m.reason for m in found.members}[id_of(falling)] in (Reason.PERSON, Reason.HEAD)
    # What the guards saw stays told.
    (entry, *_) = [e for e in found.ledger if e.verdict.ground is Ground.PERSON]
    assert {g.name for g in entry.verdict.guards} == {"direction", "kind"}
    assert (found.kind, found.apart) == ("driver", ())


@pytest.mark.parametrize("gone", range(3))
def test_what_is_left_of_a_merge_stays_together_when_one_of_it_goes(gone: int) -> None:
    claims = (claim(NURSES, 0), claim(BEDS, 90, kind="challenge"), claim(PUMPS, 180, kind="trend"))
    merge = decided((Action.MERGE, claims, None))
    left = [c for i, c in enumerate(claims) if i != gone]
    (found,) = consolidate(left, THRESHOLD, "m", None, merge).findings
    assert {m.statement for m in found.members} == {id_of(c) for c in left}


def test_a_merge_takes_up_the_finding_of_either_side_rather_than_tear_it_apart() -> None:
    trees = ("oak", "ash", "elm")
    lifts, beds = ([claim(f"{word} {tree}", at) for tree in trees] for word, at in (("lifts", 0), ("beds", 80)))
    claims = [*lifts, *beds]
    apart = groups(claims, by_cosine(claims))
    assert apart == [sorted(f"{word} {tree}" for tree in trees) for word in ("beds", "lifts")]
    assert groups(claims, by_cosine(claims, decided(merge(*claims)))) == [[*apart[0], *apart[1]]]
    lone = claim("pumps", 200)
    assert groups([*lifts, lone], by_cosine([*lifts, lone], decided(merge(lone, lifts[0])))) == [[*apart[1], "pumps"]]


def test_a_split_keeps_apart_what_the_scores_would_merge_and_says_so() -> None:
    one, two, three = claim(NURSES), claim(STAFF, document="b"), claim(BEDS, document="c")
    texts = [c.labelled.statement.text for c in (one, two, three)]
    known = dict.fromkeys(combinations(texts, 2), 0.9) | {(texts[0], texts[2]): 0.95}
    assert len(judged([one, two, three], known=known).findings) == 1
    constraints = decided(split(one, two))
    found = judged([one, two, three], constraints, known)
    assert groups([one, two, three], found) == sorted([sorted([NURSES, BEDS]), [STAFF]])
    (held,) = [e for e in with_member(found, one).apart if e.verdict.ground is Ground.PERSON]
    assert (held.statement, held.other, held.verdict.relation) == (id_of(one), id_of(two), Relation.DISTINCT)
    assert (held.verdict.score, held.review) == (0.9, constraints.cannot[0].review)


@pytest.mark.parametrize("consolidated", [by_cosine, judged])
def test_copies_that_a_person_keeps_apart_are_no_longer_one(consolidated: object) -> None:
    copies = sorted((claim(NURSES, document=d) for d in "abcd"), key=id_of)
    constraints = decided(split(copies[0], copies[2]))
    found = consolidated(copies, constraints)  # type: ignore[operator]
    assert sorted(sorted(m.statement for m in f.members) for f in found.findings) == sorted(
        [[id_of(copies[i]) for i in (0, 1, 3)], [id_of(copies[2])]]
    )
    lone = with_member(found, copies[2])
    assert [(e.other, e.verdict.ground) for e in lone.apart] == [(id_of(copies[0]), Ground.PERSON)]


def test_a_split_holds_by_way_of_copies_too() -> None:
    # Two copies, each put together with one of two statements that a person keeps apart.
    first, second = sorted((claim(NURSES, document=d) for d in "ab"), key=id_of)
    one, two = claim(STAFF, 40, document="c"), claim(BEDS, 80, document="d")
    found = by_cosine([first, second, one, two], decided(split(one, two), merge(first, one), merge(second, two)))
    assert sorted(sorted(m.statement for m in f.members) for f in found.findings) == sorted(
        [sorted([id_of(first), id_of(one)]), sorted([id_of(second), id_of(two)])]
    )


def test_a_dropped_statement_counts_in_no_tag_market_or_geography() -> None:
    kept = replace(claim("Diesel pumps leak.", document="b"), market="Pumps", geography="Spain")
    others = [
        replace(claim(f"Diesel engines {verb}.", document=verb), market="Engines", geography="France")
        for verb in ("stall", "smoke")
    ]
    whole = by_cosine([kept, *others]).findings
    assert [(f.market, f.geography) for f in whole] == [("Engines", "France")]
    assert "diesel pumps" in {tag.name for f in by_cosine([kept]).findings for tag in f.tags}
    (found,) = by_cosine([kept, *others], decided(*((Action.DROP, (c,), None) for c in others))).findings
    (alone,) = by_cosine([kept]).findings
    assert (found.tags, found.market, found.geography, found.title) == (
        (alone.tags, "Pumps", "Spain", "Diesel pumps leak")
    )
    assert found.hidden == tuple(sorted(map(id_of, others)))


def test_a_dropped_statement_is_in_no_members_and_renames_nothing() -> None:
    claims = [
        claim(NURSES, 0, published="2022"),
        claim(STAFF, 5, document="b", published="2023"),
        claim(BEDS, 10, document="c", published="2024"),
    ]
    (before,) = by_cosine(claims).findings
    (found,) = by_cosine(claims, decided((Action.DROP, (claims[0],), None))).findings
    assert (found.id, found.documents, found.first_seen) == (before.id, 2, "2023")
    assert found.hidden == (id_of(claims[0]),)
    assert {m.statement for m in found.members} == {id_of(c) for c in claims[1:]}
    everything = [(Action.DROP, (c,), None) for c in claims]
    assert by_cosine(claims, decided(*everything)).findings == ()


def test_a_person_chooses_head_and_kind() -> None:
    claims = [claim(NURSES, 0), claim(STAFF, 5, document="b"), claim(BEDS, 10, document="c")]
    drafts = [
        (Action.HEAD, (claims[0],), None),
        (Action.HEAD, (claims[2],), None),
        (Action.KIND, (claims[1],), "opportunity"),
    ]
    (found,) = by_cosine(claims, decided(*drafts)).findings
    assert (found.head, found.members[0].statement, found.kind) == (id_of(claims[2]), id_of(claims[2]), "opportunity")
    assert (found.members[0].reason, found.aspect) == (Reason.HEAD, "technology")
    # A head that is dropped gives way to the one before.
    (found,) = by_cosine(claims, decided(*drafts, (Action.DROP, (claims[2],), None))).findings
    assert found.head == id_of(claims[0])


def test_a_component_that_is_cut_keeps_what_people_put_together() -> None:
    claims = sorted((claim(f"word {x}x", 4.0 * i) for i, x in enumerate("abcdefgh")), key=id_of)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in claims])
    ends = [next(c for c in claims if c.labelled.statement.text == f"word {x}x") for x in "ah"]
    binding = bind(claims, decided(merge(*ends)))
    known = {frozenset((a, b)): 0.75 for a, b in combinations([c.labelled.statement.text for c in claims], 2)}
    comparer = Comparer(Rehearsed(known), RULE)
    for found in (
        cosine_partition(claims, vectors, CosineComparer(THRESHOLD, "encoder-1"), 2, binding),
        judged_partition(claims, vectors, comparer, 1, binding),
    ):
        at = [found.clusters[found.rows[claims.index(c)]] for c in ends]
        assert at[0] == at[1]
        assert len(set(found.clusters.tolist())) > 1


WORDS = ("Lifts sell", "Beds sell", "Demand for pumps rises", "Demand for pumps falls")
statements = st.tuples(
    st.sampled_from(WORDS),
    st.sampled_from(("driver", "trend", "challenge")),
    st.sampled_from("abc"),
    st.integers(0, 4).map(lambda i: 20.0 * i),
    st.sampled_from((None, "2022", "2023-05")),
)
sets = st.lists(statements, max_size=7, unique_by=lambda t: (t[0], t[2]))
moves = st.lists(
    st.tuples(st.sampled_from(BINDING), st.integers(0, 6), st.integers(0, 6)),
    max_size=7,
)


def made_of(rows: Sequence[tuple[str, str, str, float, str | None]]) -> list[Claim]:
    return [
        claim(text, degrees, kind=kind, document=document, published=published)
        for text, kind, document, degrees, published in rows
    ]


def constraints_of(claims: Sequence[Claim], steps: Sequence[tuple[Action, int, int]]) -> Constraints:
    drafts: list[tuple[Action, tuple[Claim, ...], str | None]] = []
    for action, i, j in steps:
        if max(i, j) >= len(claims) or i == j:
            continue
        two = action in (Action.MERGE, Action.SPLIT)
        value = VALUES.get(action)
        drafts.append((action, (claims[i], claims[j]) if two else (claims[i],), value))
    return decided(*drafts)


def known_of(claims: Sequence[Claim], seed: int) -> dict[tuple[str, str], float]:
    texts = sorted({c.labelled.statement.text for c in claims})
    scores = np.random.default_rng(seed).choice([0.05, 0.5, 0.7, 0.9], size=len(texts) ** 2)
    return dict(zip(combinations(texts, 2), scores.tolist(), strict=False))


@settings(max_examples=60, deadline=None)
@given(sets, moves, st.integers(0, 10**6), st.booleans(), st.randoms(use_true_random=False))
def test_no_decision_is_ever_violated_and_the_ledger_agrees(
    rows: list[tuple[str, str, str, float, str | None]],
    steps: list[tuple[Action, int, int]],
    seed: int,
    judge: bool,
    chance: object,
) -> None:
    claims = made_of(rows)
    constraints = constraints_of(claims, steps)
    known = known_of(claims, seed)

    def run(given: Sequence[Claim], under: Constraints) -> Consolidation:
        return judged(given, under, known) if judge else by_cosine(given, under)

    found = run(claims, constraints)
    shuffled = claims.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert run(shuffled, constraints) == found

    place = {s: f.id for f in found.findings for s in (*(m.statement for m in f.members), *f.hidden)}
    hidden = {choice.statement for choice in constraints.hidden}
    assert len({f.id for f in found.findings}) == len(found.findings)
    for tie in constraints.must:
        assert place.get(tie.a) == place.get(tie.b)
    for tie in constraints.cannot:
        assert place.get(tie.a) != place.get(tie.b) or place.get(tie.a) is None
    assert {m.statement for f in found.findings for m in f.members} == {id_of(c) for c in claims} - hidden
    for finding in found.findings:
        agrees(finding, place)
    if not constraints.must and not constraints.cannot and not hidden:
        bare = run(claims, NO_CONSTRAINTS)
        assert [f.id for f in bare.findings] == [f.id for f in found.findings]


def agrees(finding: Finding, place: dict[str, str]) -> None:
    """Each member's entry names one of the same finding, each entry of what is apart one outside."""
    assert set(finding.hidden).isdisjoint(m.statement for m in finding.members)
    assert [e.statement for e in finding.ledger] == [m.statement for m in finding.members[1:]]
    people = [e.verdict.ground is Ground.PERSON for e in finding.ledger]
    assert [m.reason is Reason.PERSON for m in finding.members] == [False, *people]
    for entry in finding.ledger:
        assert place[entry.other] == finding.id and entry.other != entry.statement
        assert entry.verdict.relation is Relation.SAME
    members = {m.statement for m in finding.members}
    for entry in finding.apart:
        assert entry.statement in members and place[entry.other] != finding.id
    for entry in (*finding.ledger, *finding.apart):
        assert (entry.review is not None) == (entry.verdict.ground is Ground.PERSON)


@settings(max_examples=30, deadline=None)
@given(sets, moves, st.integers(1, 3), st.booleans())
def test_unrelated_documents_change_no_finding(
    rows: list[tuple[str, str, str, float, str | None]], steps: list[tuple[Action, int, int]], more: int, judge: bool
) -> None:
    claims = made_of(rows)
    constraints = constraints_of(claims, steps)
    others = [claim(f"Unrelated {i} of its own.", document=f"z{i}", published="2001") for i in range(more)]
    aside = np.array([0, 0, 1], "<f4").tobytes()
    others = [replace(c, labelled=replace(c.labelled, vector=aside)) for c in others]
    run = judged if judge else by_cosine
    before = run(claims, constraints).findings
    after = run([*others, *claims], constraints).findings
    assert {f.id: f for f in after}.items() >= {f.id: f for f in before}.items()


def test_later_reports_do_not_rename_a_finding_and_an_earlier_one_does() -> None:
    first = [claim(NURSES, 0, document="b", published="2023"), claim(STAFF, 5, document="c")]
    (before,) = by_cosine(first).findings
    assert before.id == content_id("find", id_of(first[0]))
    (later,) = by_cosine([*first, claim(BEDS, 10, published="2024-01"), claim(PUMPS, 3, document="e")]).findings
    assert later.id == before.id
    earlier = claim(BEDS, 10, published="2022-12")
    (renamed,) = by_cosine([*first, earlier]).findings
    assert renamed.id == content_id("find", id_of(earlier))

"""Findings from judged pairs: the partition, its ledger, and that they agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trendnlp.consolidate import Comparer, CosineComparer, Pair, Rule, consolidate
from trendnlp.consolidate.compare import near_words
from trendnlp.consolidate.judged import judged_partition
from trendnlp.guards import Reading, fired, overruled
from trendnlp.records import reason_of
from trendnlp.relations import Band, Ground, GuardResult, Relation, Verdict
from trendnlp.types import Claim, Consolidation, LabelledStatement, Reason, Statement, content_id

RULE = Rule(low=0.2, threshold=0.7, diameter=0.1)
SAID = {Relation.SAME: 0, Relation.CONTRADICTS: 1, Relation.DIFFERS_IN: 2, Relation.DISTINCT: 3}


@dataclass
class Rehearsed:
    """A judge that has its answers by heart: "same" as sure as the pair's entry says, by default 0.05."""

    known: dict[frozenset[str], float]
    asked: int = 0
    digest: str = "judge-1"
    else_: Relation = Relation.DISTINCT  # what a pair is where it is not the same

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.asked += len(pairs)
        found = np.zeros((len(pairs), len(SAID)))
        found[:, SAID[Relation.SAME]] = [self.known.get(frozenset(pair), 0.05) for pair in pairs]
        found[:, SAID[self.else_]] = 1 - found[:, SAID[Relation.SAME]]
        return found


def claim(text: str, *, kind: str = "driver", document: str = "a", degrees: float = 0.0) -> Claim:
    start = int(content_id("x", text)[2:8], 16)
    statement = Statement(
        Statement.id_of(document, start, start + len(text)), document, start, start + len(text), text, 0
    )
    radians = math.radians(degrees)
    vector = np.array([math.cos(radians), math.sin(radians)], "<f4").tobytes()
    return Claim(LabelledStatement(statement, make_label(kind), vector), document, f"{document}.txt", None, None)


def made(claims: Sequence[Claim], known: dict[tuple[str, str], float]) -> Consolidation:
    judge = Rehearsed({frozenset(pair): score for pair, score in known.items()})
    return consolidate(claims, 0.0, "", Comparer(judge, RULE))


def groups(claims: Sequence[Claim], found: Consolidation) -> list[list[str]]:
    texts = {c.labelled.statement.id: c.labelled.statement.text for c in claims}
    return sorted(sorted(texts[m.statement] for m in f.members) for f in found.findings)


NURSES, STAFF, BEDS = "Nurses are scarce.", "Wards lack staff.", "Beds are dear."


def test_what_the_judge_finds_the_same_is_one_finding() -> None:
    claims = [claim(NURSES), claim(STAFF), claim(BEDS)]
    found = made(claims, {(NURSES, STAFF): 0.9, (STAFF, BEDS): 0.3})
    assert groups(claims, found) == [[BEDS], [NURSES, STAFF]]
    (pair,) = [f for f in found.findings if len(f.members) == 2]
    head, other = (m.statement for m in pair.members)
    (entry,) = pair.ledger
    assert (entry.statement, entry.other, entry.model) == (other, head, "judge-1")
    assert entry.verdict == Verdict(Relation.SAME, Ground.JUDGE, Band.MIDDLE, 1.0, 0.9, 0.7)
    (apart,) = pair.apart
    assert apart.other == claims[2].labelled.statement.id
    assert apart.verdict == Verdict(Relation.DISTINCT, Ground.JUDGE, Band.MIDDLE, 1.0, 0.3, 0.7) or (
        apart.verdict.score == 0.05
    )
    assert (found.threshold, found.model) == (0.7, "judge-1")


def test_a_guard_keeps_apart_what_the_judge_would_merge_and_the_finding_is_contested() -> None:
    rising, falling = "Demand for lifts is rising.", "Demand for lifts is falling."
    claims = [claim(rising, document="a"), claim(falling, document="b")]
    found = made(claims, {(rising, falling): 0.99})
    assert groups(claims, found) == [[falling], [rising]]
    for finding in found.findings:
        (entry,) = finding.contested
        mine = next(c.labelled.statement.text for c in claims if c.labelled.statement.id == entry.statement)
        words = ("rising", "falling") if mine == rising else ("falling", "rising")
        guard = GuardResult("direction", *words, Relation.CONTRADICTS)
        assert entry.verdict == Verdict(Relation.CONTRADICTS, Ground.GUARD, Band.MIDDLE, 1.0, None, 0.7, (guard,))


def test_a_sure_judge_overrules_a_count_of_negators_and_an_unsure_one_does_not() -> None:
    a, b = Reading("Old halls are unsuitable for high-bay systems."), Reading("High-bay systems do not fit old halls.")
    pair = frozenset((a.text, b.text))
    guard = GuardResult("negation", "", "not", Relation.CONTRADICTS)
    for score, relation, ground in (
        (0.9, Relation.SAME, Ground.JUDGE),
        (0.6, Relation.DISTINCT, Ground.JUDGE),
        (0.4, Relation.CONTRADICTS, Ground.GUARD),
    ):
        (found,) = Comparer(Rehearsed({pair: score}), RULE).compare([Pair(a, b, 0.6)])
        assert found == Verdict(relation, ground, Band.MIDDLE, 0.6, score, 0.7, (guard,))


def test_what_a_sure_judge_overrules_is_one_finding_and_its_ledger_tells_what_the_guard_saw() -> None:
    unsuitable, unfit = "Old halls are unsuitable for high-bay systems.", "High-bay systems do not fit old halls."
    claims = [claim(unsuitable, document="a"), claim(unfit, document="b")]
    (found,) = made(claims, {(unsuitable, unfit): 0.9}).findings
    (entry,) = found.ledger
    assert (entry.verdict.relation, entry.verdict.ground) == (Relation.SAME, Ground.JUDGE)
    assert [guard.name for guard in entry.verdict.guards] == ["negation"]
    reason = "judged the same: same 0.90, needed 0.70, although negation: "
    assert reason_of(entry.verdict) in (f"{reason}– / not", f"{reason}not / –")


# 0.6 / (0.6 + 20 x 0.4) and 0.4 / (0.4 + 20 x 0.6): what may be a contrary is the same twenty times less surely.
@pytest.mark.parametrize(
    ("probability", "score", "relation"), [(0.6, 0.0698, Relation.DISTINCT), (0.4, 0.0323, Relation.CONTRADICTS)]
)
def test_what_is_likely_the_same_is_no_contrary(probability: float, score: float, relation: Relation) -> None:
    judge = Rehearsed({frozenset((NURSES, STAFF)): probability}, else_=Relation.CONTRADICTS)
    (found,) = Comparer(judge, RULE).compare([Pair(Reading(NURSES), Reading(STAFF), 0.6)])
    assert found == Verdict(relation, Ground.JUDGE, Band.MIDDLE, 0.6, score, 0.7)


def test_copies_merge_unasked_under_their_own_reasons() -> None:
    claims = [
        claim("The nurses are scarce.", document="a"),
        claim("the NURSES are scarce", document="b"),
        claim("Nurses are scarce", document="c"),
    ]
    judge = Rehearsed({})
    (found,) = consolidate(claims, 0.0, "", Comparer(judge, RULE)).findings
    assert judge.asked == 0
    texts = {c.labelled.statement.id: c.labelled.statement.text for c in claims}
    head = texts[found.head].lower().strip(".")
    for member in found.members[1:]:
        same = texts[member.statement].lower().strip(".") == head
        assert member.reason is (Reason.EXACT if same else Reason.NEAR_EXACT)
    grounds = {e.statement: e.verdict.ground.value for e in found.ledger}
    assert grounds == {m.statement: m.reason.value for m in found.members[1:]}


def test_a_figure_or_a_name_is_no_near_copy() -> None:
    assert near_words("Sales rose by 5.2 %.") != near_words("Sales rose by 52 %.")
    assert near_words("Prices in the US rise.") != near_words("Prices for us rise.")
    assert near_words("Employers are scarce.") != near_words("Employees are scarce.")
    assert near_words("The ward buys a lift.") == near_words("Wards buys lifts")


def test_the_weakest_pair_bounds_a_finding() -> None:
    one, two, three = "One.", "Two.", "Three."
    claims = [claim(t) for t in (one, two, three)]
    sure = {(one, two): 0.99, (two, three): 0.99}
    assert groups(claims, made(claims, sure | {(one, three): 0.5})) == [sorted((one, two, three))]
    assert len(groups(claims, made(claims, sure | {(one, three): 0.09}))) == 2


def test_a_chain_does_not_join_its_ends() -> None:
    texts = [f"link {word}" for word in ("oak", "ash", "elm", "fir", "yew")]
    claims = [claim(t) for t in texts]
    found = made(claims, dict.fromkeys(pairwise(texts), 0.95))
    assert all(not {texts[0], texts[-1]} <= set(group) for group in groups(claims, found))
    assert max(map(len, groups(claims, found))) == 2


def test_far_pairs_are_not_judged() -> None:
    judge = Rehearsed({})
    claims = [claim(NURSES, degrees=0), claim(BEDS, degrees=89)]
    found = consolidate(claims, 0.0, "", Comparer(judge, RULE))
    assert (judge.asked, len(found.findings)) == (0, 2)
    (verdict,) = Comparer(judge, RULE).compare([Pair(Reading(NURSES), Reading(BEDS), 0.0175)])
    assert verdict == Verdict(Relation.DISTINCT, Ground.COSINE, Band.LOW, 0.0175, None, 0.7)


def cut(texts: Sequence[str], known: dict[frozenset[str], float], largest: int) -> tuple[list[list[str]], int]:
    """The groups of ``texts``, all of one vector, and how many pairs the judge was asked."""
    claims = sorted((claim(text) for text in texts), key=lambda c: c.labelled.statement.id)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in claims])
    judge = Rehearsed(known)
    found = judged_partition(claims, vectors, Comparer(judge, RULE), largest)
    groups: dict[int, list[str]] = {}
    for one, number in zip(claims, found.clusters.tolist(), strict=True):
        groups.setdefault(number, []).append(one.labelled.statement.text)
    return sorted(map(sorted, groups.values())), judge.asked


def told(name: str, count: int) -> list[str]:
    return [f"{name} {chr(97 + i // 26)}{chr(97 + i % 26)}x" for i in range(count)]


@pytest.mark.parametrize(("count", "least", "most"), [(49, 0.97, 0.985), (60, 0.9, 0.99), (60, 0.8, 0.8)])
def test_a_finding_holds_together_however_many_wordings_it_has(count: int, least: float, most: float) -> None:
    texts = told("word", count)
    draw = np.random.default_rng(7)
    known = {frozenset(pair): round(draw.uniform(least, most), 4) for pair in combinations(texts, 2)}
    assert cut(texts, known, 48)[0] == [texts]


def test_what_is_found_in_the_parts_of_a_large_component_merges_by_all_pairs_between() -> None:
    one, other = told("one", 4), told("other", 4)
    within = {frozenset(pair): 0.95 for texts in (one, other) for pair in combinations(texts, 2)}
    for between, groups in ((0.75, [one + other]), (0.65, [one, other])):
        known = within | {frozenset((a, b)): between for a in one for b in other}
        known[frozenset((one[0], other[0]))] = 0.75
        assert cut([*one, *other], known, 4)[0] == cut([*one, *other], known, 8)[0] == groups
    # one pair that is judged something else keeps them apart
    known = within | {frozenset((a, b)): 0.9 for a in one for b in other} | {frozenset((one[3], other[2])): 0.05}
    found, _ = cut([*one, *other], known, 4)
    assert not any({one[3], other[2]} <= set(group) for group in found)


def test_the_pairs_that_are_judged_stay_few_however_much_hangs_together() -> None:
    texts = told("word", 100)
    known = {frozenset(pair): 0.9 for pair in combinations(texts, 2)}
    found, asked = cut(texts, known, 4)
    assert max(map(len, found)) <= 16  # four parts of 4
    assert len(found) <= 2 * math.ceil(len(texts) / 16)  # what does not fit into one stands together in others
    chain = dict.fromkeys(map(frozenset, pairwise(texts)), 0.95)
    assert max(asked, cut(texts, chain, 4)[1]) < 25 * len(texts)
    assert cut(texts, known, 100)[1] == len(texts) * (len(texts) - 1) / 2


def test_kinds_are_kept_apart_and_their_contraries_are_told() -> None:
    rising, falling = "Demand for lifts is rising.", "Demand for lifts is falling."
    claims = [claim(rising, kind="driver"), claim(falling, kind="challenge"), claim(BEDS, kind="trend")]
    found = made(claims, {(rising, falling): 0.99, (rising, BEDS): 0.99})
    assert groups(claims, found) == [[BEDS, rising], [falling]]
    (mixed,) = [f for f in found.findings if len(f.members) == 2]
    assert [[g.name for g in e.verdict.guards] for e in mixed.contested] == [["direction", "kind"]]


def test_a_contrary_that_the_judge_sees_between_kinds_is_its_own() -> None:
    a, b = Reading("Borrowing is dear.", "challenge"), Reading("Credit costs next to nothing.", "driver")
    guard = GuardResult("kind", "challenge", "driver", Relation.DISTINCT)
    (found,) = Comparer(Rehearsed({}, else_=Relation.CONTRADICTS), RULE).compare([Pair(a, b, 0.7)])
    assert found == Verdict(Relation.CONTRADICTS, Ground.JUDGE, Band.MIDDLE, 0.7, 0.0026, 0.7, (guard,))
    assert reason_of(found) == "judged a contrary: same 0.00, needed 0.70"


def test_without_a_judge_a_contrary_is_told_however_far_the_vectors_are_apart() -> None:
    pair = Pair(Reading("Prices rise."), Reading("Prices fall."), 0.65)
    (found,) = CosineComparer(0.8, "encoder-1").compare([pair])
    guard = GuardResult("direction", "rise", "fall", Relation.CONTRADICTS)
    assert found == Verdict(Relation.CONTRADICTS, Ground.GUARD, Band.LOW, 0.65, None, 0.8, (guard,))


def test_without_a_judge_guards_and_the_cosine_decide() -> None:
    comparer = CosineComparer(0.8, "encoder-1")
    pairs = [
        Pair(Reading(NURSES), Reading("nurses are scarce"), 0.99),
        Pair(Reading(NURSES), Reading(STAFF), 0.8),
        Pair(Reading(NURSES), Reading(BEDS), 0.79),
        Pair(Reading(NURSES, "driver"), Reading(STAFF, "challenge"), 0.9),
        Pair(Reading("Costs rise."), Reading("Costs fall."), 0.8),
        Pair(Reading("Costs rose by 5 %."), Reading("Costs rose by 9 %."), 0.8),
        Pair(Reading(NURSES), Reading("The nurses are scarce"), 0.97),
        Pair(Reading("Costs rise."), Reading("Costs fall."), 0.79),
    ]
    found = [(v.relation.value, v.ground.value, v.band.value, v.score) for v in comparer.compare(pairs)]
    assert found == [
        ("same", "exact", "high", None),
        ("same", "cosine", "middle", None),
        ("distinct", "cosine", "low", None),
        ("distinct", "guard", "middle", None),
        ("contradicts", "guard", "middle", None),
        ("differs_in", "guard", "middle", None),
        ("same", "near_exact", "high", None),
        ("contradicts", "guard", "low", None),
    ]
    assert [[g.name for g in v.guards] for v in comparer.compare(pairs)][3:] == [
        *(["kind"], ["direction"], ["number"], [], ["direction"])
    ]


SUBJECTS = ("Demand for lifts", "The price of beds", "Output of pumps in Spain", "Output of pumps in Italy")
MOVES = ("is rising", "is falling", "grows", "keeps on falling", "is not rising", "grew by 5 %", "grew by 7 %")
statements = st.tuples(
    st.sampled_from(SUBJECTS),
    st.sampled_from(MOVES),
    st.sampled_from(("driver", "trend", "challenge")),
    st.sampled_from("abc"),
    st.integers(0, 4).map(lambda i: 20.0 * i),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(statements, max_size=9, unique_by=lambda t: (t[0], t[1], t[3])),
    st.integers(0, 10**6),
    st.randoms(use_true_random=False),
)
def test_the_partition_is_of_the_set_and_its_ledger_agrees(
    rows: list[tuple[str, str, str, str, float]], seed: int, chance: object
) -> None:
    claims = [
        claim(f"{subject} {move}.", kind=kind, document=document, degrees=degrees)
        for subject, move, kind, document, degrees in rows
    ]
    texts = sorted({c.labelled.statement.text for c in claims})
    scores = np.random.default_rng(seed).choice([0.05, 0.5, 0.7, 0.9, 0.99], size=len(texts) ** 2)
    known = dict(zip(combinations(texts, 2), scores.tolist(), strict=False))
    found = made(claims, known)
    shuffled = claims.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert made(shuffled, known) == found

    of = {c.labelled.statement.id: c for c in claims}
    place = {m.statement: f.id for f in found.findings for m in f.members}
    assert place.keys() == of.keys()
    for finding in found.findings:
        assert [e.statement for e in finding.ledger] == [m.statement for m in finding.members[1:]]
        for entry in finding.ledger:
            assert place[entry.other] == finding.id
            assert entry.verdict.relation is Relation.SAME
            assert entry.verdict.score is None or entry.verdict.score >= RULE.threshold
        for entry in finding.apart:
            assert place[entry.statement] == finding.id != place[entry.other]
            assert (entry.verdict.relation is Relation.SAME) == (entry.verdict.ground is Ground.LINKAGE)
        for a, b in combinations(finding.members, 2):
            one, two = (Reading(s.statement.text, s.label.kind) for s in (of[m.statement].labelled for m in (a, b)))
            assert overruled(one, two, fired(one, two))


@pytest.mark.parametrize("turned", [False, True])
def test_a_verdict_does_not_hang_on_the_order_of_its_pair(turned: bool) -> None:
    a, b = Reading("Demand for lifts is rising."), Reading("Demand for lifts is falling.")
    comparer = Comparer(Rehearsed({}), RULE)
    (forth,) = comparer.compare([Pair(a, b, 0.9)])
    (back,) = comparer.compare([Pair(b, a, 0.9)])
    assert forth == (back.turned() if turned else replace(back, guards=forth.guards))


@pytest.mark.parametrize(
    ("relation", "score", "reason"),
    [
        (Relation.SAME, 0.91, "judged the same: same 0.91, needed 0.70"),
        (Relation.DISTINCT, 0.62, "likely the same, but not surely: 0.62, needed 0.70"),
        (Relation.DISTINCT, 0.6968, "likely the same, but not surely: 0.69, needed 0.70"),
        (Relation.DISTINCT, 0.2, "judged something else: same 0.20, needed 0.70"),
        (Relation.CONTRADICTS, 0.1, "judged a contrary: same 0.10, needed 0.70"),
    ],
)
def test_a_reason_says_how_sure_the_judge_is(relation: Relation, score: float, reason: str) -> None:
    assert reason_of(Verdict(relation, Ground.JUDGE, Band.MIDDLE, 0.8, score, 0.7)) == reason


def test_what_is_told_of_many_countries_hides_no_claim_in_other_words() -> None:
    countries = ("Spain", "Italy", "France", "Poland", "Norway", "Chile", "Japan", "Kenya")
    family = [f"Demand for patient lifts in {country} is rising." for country in countries]
    reworded = "Wards all over Spain ask for more and more patient lifts."
    claims = [claim(text, document=f"d{n}", degrees=n / 2) for n, text in enumerate(family)]
    claims.append(claim(reworded, document="e", degrees=12))
    found = made(claims, {(family[0], reworded): 0.9})
    assert [group for group in groups(claims, found) if len(group) > 1] == [sorted((family[0], reworded))]

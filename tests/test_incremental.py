"""Findings kept up to date step by step are those of all claims at once; candidates too, by a scan and by an index."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trendnlp.actions import BINDING
from trendnlp.consolidate import (
    Comparer,
    CosineComparer,
    Incremental,
    Rule,
    Update,
    candidates,
    consolidate,
    neighbours,
)
from trendnlp.consolidate.candidates import Candidates, all_places
from trendnlp.consolidate.neighbours import Indexes, Reach
from trendnlp.errors import Conflict
from trendnlp.review import NO_CONSTRAINTS, Action, Constraints, Draft, Review, check, effective
from trendnlp.types import Claim, Finding, LabelledStatement, Statement

# what actions that need a value are given
VALUES = {Action.KIND: "opportunity", Action.TITLE: "Demand", Action.TAG: "Lift price", Action.UNTAG: "lift prices"}
RULE = Rule(low=0.2, threshold=0.7, diameter=0.1)
COSINE = CosineComparer(0.8, "encoder-1")
SUBJECTS = ("Demand for lifts", "The price of beds", "Prices of the bed", "Output in Spain", "Output in Italy")
SELDOM = (0.05, 0.1, 0.3, 0.5, 0.9)  # so that many candidates stand outside
BUYERS = ("want", "seek", "like", "praise", "ask for", "long for", "look for", "crave", "value")
MOVES = ("is rising", "is falling", "grows", "grew by 5 %", "grew by 7 %")


@dataclass
class Drawn:
    """A judge whose answer to a pair is drawn once for all by the pair's texts."""

    scores: tuple[float, ...] = (0.05, 0.3, 0.72, 0.9, 0.99)
    digest: str = "judge-1"
    asked: list[tuple[str, str]] = field(default_factory=list)

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.asked += pairs
        draws = [hashlib.sha256(repr(sorted(pair)).encode()).digest()[0] for pair in pairs]
        same = np.array([self.scores[draw % len(self.scores)] for draw in draws])
        return np.stack([same, np.zeros(len(same)), np.zeros(len(same)), 1 - same], axis=1)


def unit(seed: int, spread: int, dimensions: int = 3) -> NDArray[np.float32]:
    """One of ``spread`` directions: rows with one direction are equally near to all others."""
    row = np.abs(np.random.default_rng(seed % spread).normal(size=dimensions))
    return (row / np.linalg.norm(row)).astype("<f4")


def claim(text: str, *, kind: str, document: str, seed: int, published: str | None = None) -> Claim:
    start = int(hashlib.sha256(text.encode()).hexdigest()[:6], 16)
    statement = Statement(
        Statement.id_of(document, start, start + len(text)), document, start, start + len(text), text, 0
    )
    labelled = LabelledStatement(statement, make_label(kind), unit(seed, 7).tobytes())
    return Claim(labelled, document, f"{document}.txt", None, published)


def some_claims(subjects: Sequence[str], moves: Sequence[str]) -> st.SearchStrategy[list[Claim]]:
    one = st.builds(
        lambda subject, move, kind, document, seed, published: claim(
            f"{subject} {move}.", kind=kind, document=document, seed=seed, published=published
        ),
        st.sampled_from(subjects),
        st.sampled_from(moves),
        st.sampled_from(("driver", "trend", "challenge")),
        st.sampled_from("abc"),
        st.integers(0, 6),
        st.sampled_from((None, "2022", "2023-05")),
    )
    return st.lists(one, max_size=9, unique_by=lambda c: c.labelled.statement.id)


@dataclass
class Kept:
    """The findings that a reader of the updates alone would hold."""

    findings: dict[str, Finding] = field(default_factory=dict)
    verdicts: dict[bytes, object] = field(default_factory=dict)

    def apply(self, update: Update) -> None:
        for id in update.gone:
            del self.findings[id]
        self.findings.update((f.id, f) for f in update.findings)
        self.verdicts.update(update.learnt)
        for key in update.forgotten:
            self.verdicts.pop(key, None)


def ids(claims: Iterable[Claim]) -> list[str]:
    return [c.labelled.statement.id for c in claims]


def in_steps(state: Incremental, claims: Sequence[Claim], going: Sequence[Claim], chance: random.Random) -> Kept:
    """Work in ``claims`` and ``going`` in batches of any size, and take ``going`` out again meanwhile."""
    kept = Kept()
    coming = [*claims, *going]
    chance.shuffle(coming)
    here: list[Claim] = []
    while coming or any(c in here for c in going):
        size = chance.randint(0, len(coming))
        batch, coming = coming[:size], coming[size:]
        here += batch
        leaving = [c for c in here if c in going and chance.random() < 0.5]
        here = [c for c in here if c not in leaving]
        if chance.random() < 0.5:
            kept.apply(state.add(batch))
            kept.apply(state.remove(ids(leaving)))
        else:
            kept.apply(state.update([c for c in batch if c not in leaving], ids(leaving)))
    return kept


@settings(max_examples=40, deadline=None)
@given(some_claims(SUBJECTS, MOVES), st.integers(0, 4), st.integers(0, 10**6), st.booleans())
def test_in_steps_as_all_at_once(claims: list[Claim], leaving: int, seed: int, judged: bool) -> None:
    comparer = Comparer(Drawn(), RULE) if judged else COSINE
    staying, going = claims[leaving:], claims[:leaving]
    state = Incremental(comparer)
    kept = in_steps(state, staying, going, random.Random(seed))
    whole = consolidate(staying, 0.8, "encoder-1", comparer if isinstance(comparer, Comparer) else None)
    assert sorted(kept.findings.values(), key=lambda f: f.id) == sorted(whole.findings, key=lambda f: f.id)
    assert state.consolidation() == whole
    assert {d: state.statements_of(d) for d in "abc"} == {
        d: frozenset(ids(c for c in staying if c.document == d)) for d in "abc"
    }


def another(log: Sequence[Review], claims: Sequence[Claim], chance: random.Random) -> list[Review]:
    """``log`` with one more decision on ``claims`` or the undo of one; without it where it is refused."""
    number, at = len(log) + 1, "2024-06-03"
    if log and chance.random() < 0.3:
        new = Review.undo(chance.choice(log), "Ann", number, at)
    else:
        action = chance.choice([*BINDING, *[Action.MERGE, Action.SPLIT] * 3])
        size = 2 if action in (Action.MERGE, Action.SPLIT) else 1
        if len(claims) < size:
            return [*log]
        value = VALUES.get(action)
        new = Review.of(Draft(action, tuple(chance.sample(ids(claims), size)), "Ann", value), number, at)
    try:
        check(log, new)
    except Conflict:
        return [*log]
    return [*log, new]


@settings(max_examples=60, deadline=None)
@given(some_claims(SUBJECTS[1:4], MOVES[2:4]), st.integers(0, 10**6), st.booleans())
def test_whatever_people_decide_meanwhile(claims: list[Claim], seed: int, judged: bool) -> None:
    chance = random.Random(seed)
    comparer = Comparer(Drawn(SELDOM), RULE) if judged else COSINE
    state, kept = Incremental(comparer), Kept()
    log: list[Review] = []
    here: list[Claim] = []
    for _ in range(7):
        coming = [c for c in claims if chance.random() < (0.1 if c in here else 0.5)]
        going = [c for c in here if c not in coming and chance.random() < 0.2]
        for _ in range(chance.choice((0, 0, 1, 1, 3))):
            log = another(log, claims, chance)  # on those that are not here too
        constraints = effective(log)
        changed = constraints if constraints != state.constraints or chance.random() < 0.5 else None
        kept.apply(state.update(coming, ids(going), changed))
        here = [c for c in claims if (c in here or c in coming) and c not in going]
        whole = consolidate(here, 0.8, "encoder-1", comparer if isinstance(comparer, Comparer) else None, constraints)
        assert sorted(kept.findings.values(), key=lambda f: f.id) == sorted(whole.findings, key=lambda f: f.id)
        assert state.consolidation() == whole
    # a process that starts anew asks for nothing that is kept
    again = Incremental(comparer, kept.verdicts)  # type: ignore[arg-type]
    update = again.update(here, (), effective(log))
    assert (update.learnt, update.forgotten) == ({}, ())


def decided(*drafts: tuple[Action, Sequence[Claim]]) -> Constraints:
    log = [Review.of(Draft(a, tuple(ids(of)), "Ann"), number, "2024-06-03") for number, (a, of) in enumerate(drafts)]
    return effective(log)


def test_a_decision_makes_only_the_findings_again_that_it_speaks_of() -> None:
    texts = ("Nurses are scarce.", "Beds are dear.", "Pumps break often.", "Rules change.")
    claims = [
        replace(c, labelled=replace(c.labelled, vector=row.tobytes()))
        for c, row in zip(
            (claim(text, kind="driver", document="abcd"[i], seed=0) for i, text in enumerate(texts)),
            np.eye(4, dtype="<f4"),
            strict=True,
        )
    ]
    nurses, beds, pumps, _ = claims
    state = Incremental(COSINE)
    alone = {f.head: f.id for f in state.add(claims).findings}
    merged = state.update((), (), decided((Action.MERGE, (nurses, beds))))
    (finding,) = merged.findings
    assert {m.statement for m in finding.members} == {*ids((nurses, beds))}
    assert {finding.id, *merged.gone} == {alone[id] for id in ids((nurses, beds))}
    # who is spoken of together is made again together, though the two stand apart
    log = ((Action.MERGE, (nurses, beds)), (Action.SPLIT, (beds, pumps)))
    split = state.update((), (), decided(*log))
    assert {m.statement for f in split.findings for m in f.members} == {*ids((nurses, beds, pumps))}
    hidden = state.update((), (), decided(*log, (Action.DROP, (pumps,))))
    assert [f.id for f in hidden.findings if f.hidden] == []
    assert hidden.gone == (alone[ids((pumps,))[0]],)
    undone = state.update((), (), NO_CONSTRAINTS)
    assert {f.head: f.id for f in undone.findings} == {id: alone[id] for id in ids((nurses, beds, pumps))}
    assert undone.gone == ()
    assert state.update((), (), NO_CONSTRAINTS) == Update((), (), {}, ())


def test_what_is_named_outside_is_what_is_shown_there() -> None:
    nurses = claim("Nurses are scarce.", kind="driver", document="a", seed=0)
    more = claim("The nurses are scarce.", kind="driver", document="d", seed=0)
    copies = [claim("Beds are dear.", kind="driver", document=d, seed=0) for d in "bc"]
    first, second = sorted(copies, key=lambda c: c.labelled.statement.id)
    comparer = Comparer(Drawn((0.05,)), RULE)
    state = Incremental(comparer)
    state.add([nurses, first, second])
    here = [nurses, first, second]
    for dropped, named in (((first,), ids((second,))), ((first, second), []), ((second,), ids((first,)))):
        constraints = decided(*((Action.DROP, (c,)) for c in dropped))
        # by the decision, and again where only the other side changes
        for coming, gone in (((), ()), ((more,), ()), ((), ids((more,)))):
            found = state.update(coming, gone, constraints).findings
            here = [c for c in [*here, *coming] if c.labelled.statement.id not in gone]
            (finding,) = [f for f in found if ids((nurses,))[0] in {m.statement for m in f.members}]
            assert [e.other for e in finding.apart] == named
            assert state.consolidation() == consolidate(here, 0.0, "", comparer, constraints)


@pytest.mark.parametrize("index_from", [0, 10**6])
def test_more_claims_than_a_list_holds(index_from: int) -> None:
    subjects = ("lifts", "beds", "scans", "pumps", "drugs", "wards", "gloves")
    texts = [
        f"Buyers of {a} {b} pay for {c}."
        for a in subjects
        for b in ("again", "abroad", "now")
        for c in ("care", "rent")
    ]
    claims = [claim(t, kind="driver", document="ab"[i % 2], seed=i) for i, t in enumerate(texts)]
    judge = Drawn()
    whole = consolidate(claims, 0.0, "", Comparer(judge, RULE))
    asked = len(judge.asked)
    state = Incremental(Comparer(judge, RULE), index_from=index_from)
    chance = random.Random(4)
    kept = in_steps(state, claims, [], chance)
    assert sorted(kept.findings.values(), key=lambda f: f.id) == sorted(whole.findings, key=lambda f: f.id)
    # with what was learnt, nothing is asked again
    judge.asked.clear()
    again = Incremental(Comparer(judge, RULE), kept.verdicts, index_from=index_from)  # type: ignore[arg-type]
    assert sorted(again.add(claims).findings, key=lambda f: f.id) == sorted(whole.findings, key=lambda f: f.id)
    assert (judge.asked, asked > 100) == ([], True)


@pytest.mark.parametrize("scores", [(0.8, 0.9, 0.99), (0.05, 0.72, 0.72, 0.9, 0.99, 0.99)])
def test_more_that_hangs_together_than_is_judged_at_once(scores: tuple[float, ...]) -> None:
    texts = [f"Buyers {verb} {what}." for verb in BUYERS for what in ("care", "rent", "food", "rest", "light", "heat")]
    rows = np.random.default_rng(3).normal(1.0, 0.3, (len(texts), 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    claims = [
        replace(c, labelled=replace(c.labelled, vector=row.astype("<f4").tobytes()))
        for c, row in zip((claim(t, kind="driver", document="a", seed=0) for t in texts), rows, strict=True)
    ]
    comparer = Comparer(Drawn(scores), RULE)
    whole = consolidate(claims, 0.0, "", comparer)
    assert max(len(f.members) for f in whole.findings) > (48 if min(scores) > RULE.threshold else 1)
    kept = in_steps(Incremental(comparer), claims[2:], claims[:2], random.Random(4))
    assert sorted(kept.findings.values(), key=lambda f: f.id) == sorted(
        consolidate(claims[2:], 0.0, "", comparer).findings, key=lambda f: f.id
    )
    assert consolidate(claims[::-1], 0.0, "", comparer) == whole


def test_only_what_is_touched_is_made_again() -> None:
    far = [
        replace(c, labelled=replace(c.labelled, vector=v.tobytes()))
        for c, v in zip(
            (
                claim("Nurses are scarce.", kind="driver", document="a", seed=0),
                claim("Wards lack nurses.", kind="driver", document="b", seed=0),
                claim("Beds are dear.", kind="challenge", document="a", seed=0),
            ),
            np.eye(3, dtype="<f4")[[0, 0, 1]],
            strict=True,
        )
    ]
    state = Incremental(COSINE)
    assert len(state.add(far[:1]).findings) == 1
    update = state.add(far[2:])
    assert [f.head for f in update.findings] == ids(far[2:])
    assert update.gone == ()
    alone = consolidate(far[:1], 0.8, "encoder-1").findings[0].id
    both = state.add(far[1:2])
    (finding,) = both.findings
    assert {m.statement for m in finding.members} == set(ids(far[:2]))
    assert both.gone == ((alone,) if finding.id != alone else ())
    assert len(both.learnt) == 1
    parted = state.remove(ids(far[1:2]))
    assert [f.head for f in parted.findings] == ids(far[:1])
    assert parted.forgotten == tuple(both.learnt)
    assert state.remove(["st_unknown"]) == Update((), (), {}, ())


def test_a_claim_that_changed_takes_its_old_place() -> None:
    one = claim("Nurses are scarce.", kind="driver", document="a", seed=0)
    copy = claim("The nurses are scarce", kind="driver", document="b", seed=0)
    dated = replace(one, published="2024-03")
    moved = replace(dated, labelled=replace(one.labelled, label=make_label("challenge")))
    state = Incremental(COSINE)
    state.add([one, copy])
    (finding,) = state.add([dated]).findings
    assert (finding.last_seen, len(finding.members)) == ("2024-03", 2)
    assert sorted(len(f.members) for f in state.add([moved]).findings) == [1, 1]
    assert state.consolidation() == consolidate([moved, copy], 0.8, "encoder-1")


def nearest(vectors: NDArray[np.float32], names: Sequence[str], reach: Reach) -> set[tuple[str, str]]:
    """Candidate pairs by their definition, with a plain sum."""
    keys = [int.from_bytes(hashlib.blake2b(n.encode(), digest_size=8).digest(), "big", signed=True) for n in names]
    found = set()
    for i, name in enumerate(names):
        cosine = [float((vectors[i].astype(np.float64) * row).sum()) for row in vectors]
        near = [j for j in range(len(names)) if j != i and cosine[j] >= reach.least]
        ranked = sorted(near, key=lambda j: (-cosine[j], keys[j]))[: reach.listed]
        if reach.depth is not None:
            against = [j for j in ranked if differ(int(name), int(names[j]))]
            ranked = [j for j in ranked if j not in against][: reach.count] + against[: reach.count]
        for j in ranked:
            found.add((min(name, names[j]), max(name, names[j])))
    return found


def differ(a: Any, b: Any) -> Any:
    """What stands in for guards: every other row is apart."""
    return (a + b) % 2 == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=16),
    st.sampled_from([Reach(0.3, 1), Reach(0.3, 2), Reach(0.9, 3), Reach(0.8), Reach(0.3, 1, 3), Reach(0.3, 2, 5)]),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_candidates_are_those_of_the_rows_that_are_here(
    seeds: list[int], reach: Reach, indexed: bool, chance: random.Random
) -> None:
    vectors = np.stack([unit(seed, 150, 4) for seed in seeds])
    state = Candidates(reach, differ if reach.depth else None, index_from=0 if indexed else 10**6)
    here: list[int] = []
    before: set[tuple[str, str]] = set()
    for _ in range(4):
        out = [r for r in here if chance.random() < 0.3]
        new = [r for r in range(len(seeds)) if r not in here and chance.random() < 0.6]
        touched = state.remove(out)
        touched |= state.add(new, vectors[new], [str(r) for r in new])
        here = [r for r in here if r not in out] + new
        names = [str(r) for r in here]
        wanted = nearest(vectors[here], names, reach)
        found = [tuple(sorted((str(p.low), str(p.high)))) for p in state.places()]
        assert (set(found), len(found)) == (wanted, len(wanted))
        assert {(min(str(r), str(o)), max(str(r), str(o))) for r in here for o in state.of(r)} == wanted
        # whoever gained or lost a candidate is told
        assert {int(r) for pair in wanted ^ before for r in pair} & set(here) <= touched
        before = wanted


@pytest.mark.parametrize("count", [None, 3])
def test_candidates_are_the_same_however_many_pairs_are_entered_at_a_time(
    count: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(5)
    rows = draw.standard_normal((300, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    keys = [f"s{i}" for i in range(len(rows))]

    def apart(a: Indexes, b: Indexes) -> NDArray[np.bool_]:
        return np.asarray((a + b) % 2 == 1)

    whole = all_places(rows, keys, Reach(0.3, count), apart)
    monkeypatch.setattr(candidates, "WAITING", 10)
    monkeypatch.setattr(neighbours, "CELLS", 3000)
    assert all_places(rows, keys, Reach(0.3, count), apart) == whole
    assert len(whole) > 500

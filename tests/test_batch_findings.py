"""Work on findings that is done in pieces, anywhere and in any order, makes what one process makes by itself."""

from __future__ import annotations

import hashlib
import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batch_fakes import Seen
from builders import make_label
from numpy.typing import NDArray

from trendnlp.actions import Action
from trendnlp.batch import Stopped, go_on
from trendnlp.batch.workers import Done, Event, Given, Ready, Task, Team
from trendnlp.consolidate import Comparer, CosineComparer, Incremental, Piece, Rule, Spread, consolidate
from trendnlp.consolidate.candidates import Candidates, all_places
from trendnlp.consolidate.cells import Cell
from trendnlp.consolidate.neighbours import Reach
from trendnlp.consolidate.spread import Compared
from trendnlp.consolidate.told import Told
from trendnlp.relations import Verdict
from trendnlp.review import NO_CONSTRAINTS, Constraints, Draft, Review, effective
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import Claim, LabelledStatement, Statement

DIMENSIONS = 48
SUBJECTS = ("lifts", "beds", "scans", "pumps", "drugs", "wards", "gloves", "masks")
MOVES = ("rises", "grows", "falls", "climbs", "keeps on rising")
ENDS = ("this year", "as buyers say", "in most clinics", "by all accounts")
MACHINES = Taxonomy.parse('[tags]\nmachines = ["lifts", "scans", "pumps"]', "machines.toml")
COSINE = CosineComparer(0.75, "encoder")
REACHES = [Reach(0.75), Reach(0.88), Reach(0.2, 12)]
Vectors = NDArray[np.float32]


class Judge:
    """A judge whose answer to a pair is drawn once for all by the pair's texts, and who counts what it is asked."""

    digest = "judge"

    def __init__(self) -> None:
        self.asked = 0

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.asked += len(pairs)
        draws = [hashlib.sha256(repr(sorted(pair)).encode()).digest()[0] for pair in pairs]
        same = np.array([(0.05, 0.3, 0.72, 0.9)[draw % 4] for draw in draws])
        return np.stack([same, np.zeros(len(same)), np.zeros(len(same)), 1 - same], axis=1)


class Noted:
    """Notes of all that is found out."""

    def __init__(self) -> None:
        self.expected = 0
        self.verdicts: dict[bytes, Verdict] = {}

    def expect(self, pairs: int) -> None:
        self.expected += pairs

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        assert not verdicts.keys() & self.verdicts.keys()
        self.verdicts |= verdicts


def planted(size: int) -> tuple[Vectors, list[int]]:
    """Unit vectors in clusters of up to six, and the cluster of each; clusters share topics, and so have strangers
    near.
    """
    draw = np.random.default_rng(3)
    clusters = np.sort(draw.integers(0, size // 3, size))
    topics, own = draw.standard_normal((size // 60, DIMENSIONS)), draw.standard_normal((size // 3, DIMENSIONS))
    rows = topics[clusters % len(topics)] + own[clusters] + 0.45 * draw.standard_normal((size, DIMENSIONS))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), clusters.tolist()


def planted_claims(size: int) -> list[Claim]:
    """Claims of which those of one cluster speak of one thing, some of them in another direction."""
    draw = random.Random(4)
    found = []
    for i, (row, cluster) in enumerate(zip(*planted(size), strict=True)):
        subject, region = SUBJECTS[cluster % len(SUBJECTS)], chr(ord("A") + cluster % 26)
        text = f"Demand for {subject} in region {region} {draw.choice(MOVES)} {draw.choice(ENDS)}."
        document = f"d{i % 40}"
        id = Statement.id_of(document, i, i + len(text))
        statement = Statement(id, document, i, i + len(text), text, 0)
        labelled = LabelledStatement(statement, make_label(("driver", "trend")[i % 2]), row.astype("<f4").tobytes())
        found.append(Claim(labelled, document, document, None, f"202{i % 5}"))
    return found


def elsewhere(comparer: Comparer | CosineComparer, seen: list[Piece]) -> Callable[[Iterable[Piece]], Iterator[Any]]:
    """Has pieces done as other processes would, the last ones first; they are ``seen``."""

    def share(pieces: Iterable[Piece]) -> Iterator[Any]:
        held = list(pieces)
        seen.extend(held)
        for piece in reversed(held):
            yield pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(piece)).done(comparer)))

    return share


def pairs_of(state: Candidates, rows: Sequence[int], vectors: Vectors) -> set[tuple[str, str]]:
    """The candidates among ``vectors``, by name, where these have the numbers ``rows``."""
    names = [f"s{i}" for i in range(len(vectors))]
    state.add(rows, vectors, names)
    name = dict(zip(rows, names, strict=True))
    found = [tuple(sorted((name[p.low], name[p.high]))) for p in state.places()]
    assert len(set(found)) == len(found)
    return {(a, b) for a, b in found}


@pytest.mark.parametrize("reach", REACHES)
def test_cells_miss_nothing_among_few_rows(reach: Reach) -> None:
    vectors, _ = planted(2000)
    seen: list[Piece] = []
    spread = Spread(elsewhere(COSINE, seen), cell=200)
    state = spread.candidates(reach)
    found = pairs_of(state, range(len(vectors)), vectors)
    places = all_places(vectors, [f"s{i}" for i in range(len(vectors))], reach)
    assert found == {(min(a, b), max(a, b)) for p in places for a, b in [(f"s{p.low}", f"s{p.high}")]}
    assert len(seen) == 10 and len(found) > 100
    # rows that come and go later need no cells
    state.remove(range(100))
    state.add(range(100), vectors[:100], [f"s{i}" for i in range(100)])
    assert (set(state.places()), len(seen)) == (set(places), 10)
    assert sum(piece.home for piece in seen if isinstance(piece, Cell)) == len(vectors)


@pytest.mark.parametrize("reach", REACHES)
def test_among_many_rows_the_nearest_cells_find_nearly_all_whatever_the_order(reach: Reach) -> None:
    vectors, _ = planted(2000)
    seen: list[Piece] = []
    spread = Spread(elsewhere(COSINE, seen), cell=50, whole=1000)
    rows = list(range(len(vectors)))
    found = pairs_of(spread.candidates(reach), rows, vectors)
    random.Random(1).shuffle(rows)
    assert pairs_of(spread.candidates(reach), rows, vectors) == found
    everything = pairs_of(Candidates(reach), range(len(vectors)), vectors)
    assert len(found & everything) >= 0.995 * len(everything)
    asked = sum(len(piece.rows) * piece.home for piece in seen if isinstance(piece, Cell)) / 2
    assert asked < 0.25 * len(vectors) ** 2


def decided(claims: Sequence[Claim]) -> Constraints:
    """Two far claims put together, two near ones kept apart, one dropped, and what findings are to tell."""
    ids = [claim.labelled.statement.id for claim in claims]
    drafts = (
        Draft(Action.MERGE, (ids[0], ids[-1]), "Ann"),
        Draft(Action.SPLIT, (ids[3], ids[4]), "Ann"),
        Draft(Action.DROP, (ids[7],), "Ann"),
        Draft(Action.HEAD, (ids[-1],), "Ann"),
        Draft(Action.KIND, (ids[0],), "Ann", "opportunity"),
        Draft(Action.TITLE, (ids[0],), "Ann", "What Ann calls it"),
        Draft(Action.TAG, (ids[0],), "Ann", "Ann's tag"),
        Draft(Action.UNTAG, (ids[10],), "Ann", "machines"),
        Draft(Action.TITLE, (ids[40],), "Ann", "Another title"),
    )
    return effective([Review.of(draft, number, "2024-06-03") for number, draft in enumerate(drafts)])


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("reviewed", [False, True])
def test_findings_and_what_is_remembered_are_those_of_one_process(judged: bool, reviewed: bool) -> None:
    claims = planted_claims(110)
    constraints = decided(claims) if reviewed else NO_CONSTRAINTS
    judge = Judge()
    comparer = Comparer(judge, Rule(low=0.3, threshold=0.7, diameter=0.1)) if judged else COSINE
    alone = Incremental(comparer, taxonomy=MACHINES).update(claims, (), constraints)
    judging = comparer if isinstance(comparer, Comparer) else None
    whole = consolidate(claims, 0.75, "encoder", judging, constraints, MACHINES)
    assert alone.findings == whole.findings and len(alone.findings) < 100
    assert {finding.title for finding in alone.findings} >= {title.value for title in constraints.titles}
    assert {tag.name for finding in alone.findings for tag in finding.tags} >= {
        "machines",
        *(tag.value for tag in constraints.tags if tag.on),
    }
    judge.asked = 0
    seen: list[Piece] = []
    spread = Spread(elsewhere(comparer, seen), cell=20, pairs=50, findings=10, worth=1, here=0)
    made = Incremental(comparer, taxonomy=MACHINES, spread=spread).update(claims[::-1], (), constraints)
    assert made == alone
    noted = Noted()
    spread = replace(spread, share=elsewhere(comparer, []))
    told = Incremental(comparer, taxonomy=MACHINES, spread=spread, notes=noted).update(claims, (), constraints)
    assert (told.findings, told.learnt) == (alone.findings, {})
    assert {key: v for key, v in noted.verdicts.items() if key not in told.forgotten} == alone.learnt
    assert noted.expected == len(noted.verdicts)
    clusters = [cluster for piece in seen if isinstance(piece, Told) for cluster in piece.clusters]
    assert len(clusters) == len(alone.findings)
    # a claim that stands alone travels without its vector
    assert all((len(c.claims) > 1) == (claim.labelled.vector is not None) for c in clusters for claim in c.claims)
    compared = [piece for piece in seen if isinstance(piece, Compared)]
    assert sum(len(piece.pairs) for piece in compared) == len(alone.learnt)  # no pair twice, none in vain
    assert judged == (judge.asked > 0)
    # what is known is not asked again
    seen.clear()
    spread = replace(spread, share=elsewhere(comparer, seen))
    again = Incremental(comparer, made.learnt, MACHINES, spread=spread).update(claims, (), constraints)
    assert (again.findings, again.learnt, again.forgotten) == (alone.findings, {}, ())
    assert not any(isinstance(piece, Compared) for piece in seen)


@pytest.mark.parametrize("seed", range(12))
def test_with_others_a_step_is_that_of_one_process_whatever_the_claims(seed: int) -> None:
    claims = random.Random(seed).sample(planted_claims(160), 40)
    spread = Spread(elsewhere(COSINE, []), cell=20, pairs=7, worth=2)
    assert Incremental(COSINE, spread=spread).add(claims) == Incremental(COSINE).add(claims)


def test_few_pairs_are_compared_here() -> None:
    claims = planted_claims(60)
    seen: list[Piece] = []
    made = Incremental(COSINE, spread=Spread(elsewhere(COSINE, seen))).add(claims)
    assert (made, seen) == (Incremental(COSINE).add(claims), [])


class Hired:
    """Two workers who say what they were given."""

    def __init__(self) -> None:
        self.events: list[Event] = [Ready(0), Ready(1)]

    def give(self, worker: int, given: Given) -> None:
        self.events.append(Done(worker, given))

    def wait(self) -> Sequence[Event]:
        found, self.events = self.events, []
        return found

    def close(self) -> None:
        pass


def test_shared_work_ends_between_pieces_where_an_end_is_wanted() -> None:
    wanted = iter([False, True])
    team = Team(Hired, lambda: go_on(Seen(lambda: next(wanted))))
    made = team.share(Told((), NO_TAXONOMY) for _ in range(8))
    assert [next(made), next(made)] == [Told((), NO_TAXONOMY)] * 2
    with pytest.raises(Stopped):
        next(made)


def test_a_team_that_was_sent_home_is_hired_anew() -> None:
    team = Team(Hired)
    tasks = [Task("", 8, (number,), ()) for number in range(8)]
    for _ in range(2):
        assert sorted(task.places for task, _ in team.run(tasks)) == [(number,) for number in range(8)]
        team.close()

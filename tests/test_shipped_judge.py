"""The shipped pair judge: who asks it, and what it says of statements that it did not learn from."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from trendnlp.build import artefact
from trendnlp.cards import card_of
from trendnlp.judge_rule import as_pairs, pair_scores
from trendnlp.pairs import EVERYDAY, read_pairs
from trendnlp.pipeline import Pipeline, Question
from trendnlp.relations import Relation
from trendnlp.settings import Settings

CORPUS = Path(__file__).parents[1] / "corpus"
CLEANERS = "Hospitals adopt cleaning robots because they cannot find cleaners."


def test_each_model_asks_the_judge_of_its_own_encoder(pipeline: Pipeline) -> None:
    judges = {name: card_of(artefact(Settings()), name, Settings()).judge for name in ("fast", "accurate", "cascade")}
    assert judges["fast"] is not None and judges["accurate"] is not None
    assert judges["fast"] != judges["accurate"] == judges["cascade"]
    comparer = pipeline.matcher.comparer
    assert comparer is not None and comparer.digest == pipeline.matcher.digest


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("The lack of cleaning workers is the strongest driver of demand for cleaning robots in hospitals.", True),
        ("Hospitals find all the cleaners they want, and leave cleaning robots alone.", False),
        ("Hospitals rent cleaning robots for a monthly fee that includes maintenance.", False),
    ],
)
def test_the_cascade_tells_a_claim_in_other_words_from_a_contrary_and_from_another(
    best: Pipeline, other: str, same: bool
) -> None:
    forth, back = best.matcher.compare([Question(CLEANERS, other, "driver"), Question(other, CLEANERS, "driver")])
    assert (forth.relation is Relation.SAME) == same, forth
    assert back == forth.turned()


@pytest.mark.parametrize(
    ("other", "relation"),
    [
        ("Because they cannot find cleaners, hospitals adopt cleaning robots.", Relation.SAME),
        ("Hospitals find all the cleaners they want, and leave cleaning robots alone.", Relation.CONTRADICTS),
        ("Hospitals rent cleaning robots for a monthly fee that includes maintenance.", Relation.DISTINCT),
    ],
)
def test_the_fast_model_tells_them_too_where_they_are_plain(pipeline: Pipeline, other: str, relation: Relation) -> None:
    [found] = pipeline.matcher.compare([Question(CLEANERS, other, "driver")])
    assert found.relation is relation, found


@pytest.mark.parametrize(("model", "every", "recall"), [("pipeline", 3, 0.25), ("best", 8, 0.75)])
def test_of_some_everyday_pairs_none_that_contradicts_merges_and_the_same_are_found(
    request: pytest.FixtureRequest, model: str, every: int, recall: float
) -> None:
    matcher = request.getfixturevalue(model).matcher
    pairs = read_pairs(CORPUS / EVERYDAY)[::every]
    scores = pair_scores(pairs, matcher.comparer.compare(as_pairs(pairs, matcher.encoder)))
    found = (scores.contradictions, scores.precision >= 0.9, scores.recall >= recall)
    assert found == (0, True, True), scores


@pytest.mark.parametrize("model", ["pipeline", "best"])
def test_what_is_said_of_a_pair_does_not_hang_on_what_is_asked_besides(
    request: pytest.FixtureRequest, model: str
) -> None:
    comparer = request.getfixturevalue(model).matcher.comparer
    others = [
        "Hospitals adopt cleaning robots, for they find no cleaners.",
        "Clinics rent cleaning robots.",
        "A shortage of cleaners, which every second hospital of the survey reports and which no rise in pay has ended, "
        "leads hospitals to let robots clean corridors, lobbies and, at night, the wards.",
        "Robots clean.",
    ]
    pairs = [(CLEANERS, other) for other in others] + list(combinations(others, 2))
    alone = np.concatenate([comparer.judge.predict_proba([pair]) for pair in pairs])
    together = comparer.judge.predict_proba(pairs)
    turned = comparer.judge.predict_proba([(b, a) for a, b in reversed(pairs)])[::-1]
    assert (together.tolist(), turned.tolist()) == (alone.tolist(), alone.tolist())

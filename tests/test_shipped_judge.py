"""The shipped pair judge: who asks it, and what it says of statements that it did not learn from."""

from __future__ import annotations

import pytest

from trendnlp.build import artefact
from trendnlp.cards import card_of
from trendnlp.pipeline import Pipeline, Question
from trendnlp.relations import Relation
from trendnlp.settings import Settings

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

"""From what a judge says of labelled pairs to the threshold from which two statements are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trendnlp.consolidate import Comparer
from trendnlp.encode import Encoder
from trendnlp.judge_rule import fit_rule, judge_scores
from trendnlp.pairs import LabelledPair
from trendnlp.relations import Relation

LACK = "Hospitals lack nurses."
SHORT = "Nurses are short in hospitals."
FEW = "Too few nurses work in hospitals."
OTHER = "Hospitals buy beds from makers nearby."
CLINICS = "Clinics lack nurses."


class Saying:
    """A judge that gives "the same" the scores that it was told, and nothing to other pairs."""

    digest = "saying"

    def __init__(self, scores: Mapping[tuple[str, str], float]) -> None:
        self.scores = {frozenset(pair): score for pair, score in scores.items()}

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        same = [self.scores.get(frozenset(pair), 0.0) for pair in pairs]
        return np.array([(score, 0.0, 0.0, 1.0 - score) for score in same]).reshape(len(pairs), 4)


def labelled(a: str, b: str, relation: Relation) -> LabelledPair:
    return LabelledPair("hospitals", a, b, "challenge", relation, "topic")


DEV = [
    labelled(LACK, SHORT, Relation.SAME),
    labelled(LACK, FEW, Relation.SAME),
    labelled(LACK, OTHER, Relation.DISTINCT),
]
ACROSS = [labelled(LACK, CLINICS, Relation.DISTINCT)]
JUDGE = Saying({(LACK, SHORT): 0.9, (LACK, FEW): 0.5, (LACK, CLINICS): 0.6})


def test_what_merges_across_markets_raises_the_threshold(base: Encoder) -> None:
    assert fit_rule(JUDGE, base, DEV, {}).threshold == 0.5
    assert fit_rule(JUDGE, base, DEV, {}, ACROSS).threshold == 0.9


def test_what_merges_across_markets_is_counted(base: Encoder) -> None:
    found = [
        judge_scores(Comparer(JUDGE, fit_rule(JUDGE, base, DEV, {}, across)), base, DEV, {}, ACROSS)
        for across in ((), ACROSS)
    ]
    assert [(s["same_f1"], s["across_merged"], s["across"]) for s in found] == [(1.0, 1.0, 1.0), (0.6667, 0.0, 1.0)]

"""Rows of scores, worked out by hand from what fixed models say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from trendnlp.classify import Cascade, Classifier, Probabilities
from trendnlp.corpus import LabelledText, parse, statements_of
from trendnlp.encode import Encoder
from trendnlp.evaluate import Bin, Confusion, Gold
from trendnlp.measure import RULES, Mistake, Row, alone, answers, claim_measures, row, rules, share_asked
from trendnlp.types import Statement

TEXTS = (
    parse("Lifts sell well. ⟦t/d con⟧ They are dear. ⟦c eco⟧ It rained. ⟦x⟧", "lifts"),
    parse("Risks ⟦h2⟧\nBeds creak. ⟦c tec⟧", "beds"),
)


@dataclass(frozen=True)
class Said:
    """A model that says of a statement what stands here, by its text: driver, other or trend; aspect economic."""

    scores: dict[str, list[float]]
    classes_: tuple[str, ...] = ("challenge", "driver", "other")
    aspects_: tuple[str, ...] = ("economic", "technology")
    digest: str = "said"

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        chosen = range(len(statements)) if wanted is None else wanted
        kinds = np.array([self.scores[statements[i].text] for i in chosen])
        return Probabilities(kinds, np.array([[0.9, 0.1]] * len(chosen)))


MODEL = Said(
    {
        "Lifts sell well.": [0.1, 0.8, 0.1],
        "They are dear.": [0.7, 0.2, 0.1],
        "It rained.": [0.0, 0.05, 0.95],
        "Beds creak.": [0.34, 0.06, 0.6],
    }
)


def measured(found: Row) -> Row:
    """Without the speed, which no test can know."""
    assert found.measures["units_per_second"] > 0
    return replace(found, measures={k: v for k, v in found.measures.items() if k != "units_per_second"})


def test_a_row_of_a_model() -> None:
    found = measured(row("texts", "said", TEXTS, answers(MODEL, TEXTS), claim_measures))
    assert found == Row(
        data="texts",
        model="said",
        units=4,
        measures={
            # challenge: 1 of 1 said, 1 of 2 gold: 2/3. trend: none. Where the second kind counts there is a driver,
            # but no gold kind of its name: of the two gold kinds, trend has no unit left.
            "macro_f1": pytest.approx((2 / 3 + 0) / 2),
            "accepted_f1": pytest.approx((2 / 3 + 0) / 2),
            "claim_precision": 1.0,
            "claim_recall": pytest.approx(2 / 3),
            "f1_challenge": pytest.approx(2 / 3),
            "f1_trend": 0.0,
            # Every score has a bin of its own: wrong by 0.8, 0.3, 0.05 and 0.6.
            "calibration_error": pytest.approx((0.8 + 0.3 + 0.05 + 0.6) / 4),
            # Of the claims that were said to be claims: economic of consumer, economic of economic.
            "aspect_macro_f1": pytest.approx((0 + 2 / 3) / 2),
        },
        reliability=(Bin(0.6, 0.6, 0.0, 1), Bin(0.7, 0.7, 1.0, 1), Bin(0.8, 0.8, 0.0, 1), Bin(0.9, 0.95, 1.0, 1)),
        confusion=Confusion(
            ("challenge", "driver", "other", "trend"), ((1, 0, 1, 0), (0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0))
        ),
        mistakes=(
            Mistake("lifts", "Lifts sell well.", Gold("trend", "driver"), "driver", 0.8),
            Mistake("beds", "Beds creak.", Gold("challenge"), "other", 0.6),
        ),
    )
    assert found.headline == found.measures["macro_f1"]


def test_rules_have_no_probabilities_and_no_aspects() -> None:
    found = measured(row("texts", RULES, TEXTS, rules(TEXTS), claim_measures))
    assert found.measures == {
        "macro_f1": pytest.approx((2 / 3 + 0) / 2),  # the heading alone tells them something
        "accepted_f1": pytest.approx((2 / 3 + 0) / 2),
        "claim_precision": 1.0,
        "claim_recall": pytest.approx(1 / 3),
        "f1_challenge": pytest.approx(2 / 3),
        "f1_trend": 0.0,
    }
    assert found.reliability == ()
    assert found.confusion.counts == ((1, 1, 0), (0, 1, 0), (0, 1, 0))


def test_texts_without_units() -> None:
    nothing = (LabelledText("none", "", TEXTS[0].metadata, None, ()),)
    found = row("none", "said", nothing, answers(MODEL, nothing), claim_measures)
    assert (found.units, found.reliability, found.mistakes) == (0, (), ())


def test_the_share_that_a_cascade_asks_the_accurate_model() -> None:
    assert share_asked(Cascade(MODEL, MODEL, 0.75, "both"), TEXTS) == 0.5
    assert share_asked(Cascade(MODEL, MODEL, 0.0, "both"), TEXTS) == 0.0
    assert share_asked(Cascade(MODEL, MODEL, 0.75, "both"), ()) == 0.0


def test_alone_a_statement_has_neither_headings_nor_neighbours(base: Encoder) -> None:
    single = alone(Classifier(base, None, None, "d"))  # type: ignore[arg-type]
    statements = statements_of(parse("Costs ⟦h2⟧\nLifts sell well. ⟦t⟧ They are dear. ⟦c⟧ It rained. ⟦x⟧", "lifts"))
    rows = single.encoder.encode_in_context(statements, [0, 2])
    for vector, i in zip(rows, (0, 2), strict=True):
        assert np.allclose(vector, base.encode_in_context([replace(statements[i], headings=())])[0], atol=1e-5)
    assert not np.allclose(rows[0], base.encode_in_context(statements)[0], atol=1e-3)
    assert single.digest == "d alone"

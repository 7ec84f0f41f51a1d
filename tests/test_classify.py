"""Labels: what the heads are given, what they say, and how sure they may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import make_document, make_statements

from trendnlp.artefacts import sha256
from trendnlp.classify import (
    Classifier,
    HeadOptions,
    LabelledExcerpts,
    calibrated,
    features,
    fit_aspect,
    fit_kind,
    save_heads,
)
from trendnlp.context import Excerpt, excerpts
from trendnlp.keywords import keyword_kinds
from trendnlp.pipeline import Pipeline

TEXT = """# Lift Market
# Drivers
Nurses are   scarce. Wards buy lifts.
# Risks
They are dear.
"""


def test_an_excerpt_holds_headings_the_statement_before_and_the_place() -> None:
    assert excerpts(make_statements(make_document(TEXT))) == (
        Excerpt("Drivers | ", "Nurses are scarce.", 0.0),
        Excerpt("Drivers | Nurses are scarce.", "Wards buy lifts.", 0.5),
        Excerpt("Risks | Wards buy lifts.", "They are dear.", 1.0),
    )
    assert excerpts(()) == ()


def test_a_long_statement_before_gives_its_last_words() -> None:
    words = " ".join(f"word{i}" for i in range(100))
    _, last = excerpts(make_statements(make_document(f"{words}. Wards buy lifts.")))
    assert last.context == " | " + " ".join(f"word{i}" for i in range(60, 100)) + "."


def test_keyword_rules_ask_the_heading_then_the_words() -> None:
    text = """# Growth drivers
It rains.
# Trends and risks
It rains.
# Regions
Costs hamper clinics. An untapped market. Growth is driven by age. Clinics adopt scanners. It rains.
"""
    assert keyword_kinds(make_statements(make_document(text))) == (
        "driver",
        "challenge",
        "challenge",
        "opportunity",
        "driver",
        "trend",
        "other",
    )


def test_labels_rank_every_kind(pipeline: Pipeline) -> None:
    statements = make_statements(make_document(TEXT))
    labels = pipeline.classifier.label(excerpts(statements))
    assert len(labels) == len(statements)
    for label in labels:
        scores = [s.score for s in label.scores]
        assert {s.kind for s in label.scores} == set(pipeline.classifier.classes_)
        assert scores == sorted(scores, reverse=True)
        assert all(score == round(score, 4) for score in scores)
        assert sum(scores) == pytest.approx(1.0, abs=0.001)
        assert (label.kind, label.score, label.alt) == (label.scores[0].kind, scores[0], label.scores[1].kind)
        assert (label.aspect is None) == (label.kind == "other")
        assert label.model == pipeline.classifier.digest
    assert pipeline.classifier.label(()) == ()


def test_probabilities_come_in_the_order_of_the_kinds(pipeline: Pipeline) -> None:
    given = excerpts(make_statements(make_document(TEXT)))
    scores = pipeline.classifier.predict_proba(given)
    assert scores.shape == (3, len(pipeline.classifier.classes_))
    best = [pipeline.classifier.classes_[i] for i in scores.argmax(axis=1)]
    assert best == [label.kind for label in pipeline.classifier.label(given)]
    assert pipeline.classifier.predict_proba(()).shape == (0, len(pipeline.classifier.classes_))


def test_heads_are_what_they_were_after_saving(pipeline: Pipeline, tmp_path: Path) -> None:
    classifier = pipeline.classifier
    path = tmp_path / "heads.safetensors"
    save_heads(path, {"kind": classifier.kind, "aspect": classifier.aspect})
    again = Classifier.load(classifier.encoder, path, classifier.digest)
    given = excerpts(make_statements(make_document(TEXT)))
    assert again.label(given) == classifier.label(given)
    save_heads(tmp_path / "twice", {"kind": again.kind, "aspect": again.aspect})
    assert sha256(tmp_path / "twice") == sha256(path)


def test_features_are_the_vector_and_the_place(pipeline: Pipeline) -> None:
    given = excerpts(make_statements(make_document(TEXT)))
    rows = features(pipeline.encoder, given)
    assert rows.shape == (3, pipeline.encoder.dimension + 1)
    assert np.allclose(np.linalg.norm(rows[:, :-1], axis=1), 1.0, atol=1e-5)
    assert rows[:, -1].tolist() == [0.0, 0.5, 1.0]
    assert features(pipeline.encoder, ()).shape == (0, pipeline.encoder.dimension + 1)


def labelled(kinds: list[str], alternatives: list[str | None], aspects: list[str | None]) -> LabelledExcerpts:
    given = tuple(Excerpt("", kind, 0.0) for kind in kinds)
    return LabelledExcerpts(given, tuple(kinds), tuple(alternatives), tuple(aspects))


def test_a_second_acceptable_kind_takes_its_share_of_the_weight() -> None:
    rows = np.array([[1.0, 0.0]] * 8 + [[0.0, 1.0]] * 8)
    kinds, aspects = ["a"] * 8 + ["b"] * 8, ["economic"] * 4 + [None] * 8 + ["consumer"] * 4
    sure = fit_kind(rows, labelled(kinds, [None] * 16, aspects), HeadOptions(strength=100))
    torn = fit_kind(rows, labelled(kinds, ["b"] * 8 + [None] * 8, aspects), HeadOptions(strength=100))
    assert sure.predict_proba(rows[:1])[0, 0] > 0.95
    assert torn.predict_proba(rows[:1])[0, 0] == pytest.approx(0.75, abs=0.03)
    assert list(fit_aspect(rows, labelled(kinds, [None] * 16, aspects), HeadOptions()).classes_) == [
        "consumer",
        "economic",
    ]


@pytest.mark.parametrize("kinds", ["ab", "abcd"])
def test_calibration_takes_back_too_much_confidence(kinds: str) -> None:
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(4000, len(kinds)))
    # Gold is drawn from softmax(2 x rows): the true confidence is known.
    chances = np.exp(2 * rows) / np.exp(2 * rows).sum(axis=1, keepdims=True)
    gold = [kinds[(row.cumsum() < draw).sum()] for row, draw in zip(chances, chance.random(4000), strict=True)]
    data = labelled(gold, [None] * 4000, ["economic"] * 4000)
    head = fit_kind(rows, data, HeadOptions(strength=100))
    head.coef_ *= 3
    head.intercept_ *= 3
    found = calibrated(head, rows, gold)
    said = found.predict_proba(rows)
    right = np.mean([kinds[i] == g for i, g in zip(said.argmax(axis=1), gold, strict=True)])
    assert said.max(axis=1).mean() == pytest.approx(right, abs=0.02)
    assert head.predict_proba(rows).max(axis=1).mean() > right + 0.05


def test_calibrating_texts_need_not_know_every_kind() -> None:
    rows = np.eye(3).repeat(5, axis=0)
    head = fit_kind(rows, labelled(list("aaaaabbbbbccccc"), [None] * 15, [None] * 15), HeadOptions())
    assert list(calibrated(head, rows[:6], list("aaaaab")).classes_) == ["a", "b", "c"]
    same = calibrated(head, rows[:1], ["unheard"])
    assert np.array_equal(same.coef_, head.coef_)

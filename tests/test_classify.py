"""Labels: what a statement's vector depends on, what the heads say, how sure they may be, and who is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from builders import make_document, make_statements

from trendnlp.artefacts import sha256
from trendnlp.classify import Cascade, Classifier, Probabilities, calibrated, label, linear_head, save_heads
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError
from trendnlp.keywords import keyword_kinds
from trendnlp.types import Statement

TEXT = """# Lift Market
# Drivers
Nurses are   scarce. Wards buy lifts.
# Risks
They are dear.
"""


@pytest.fixture(scope="module")
def statements() -> tuple[Statement, ...]:
    return make_statements(make_document(TEXT))


@dataclass
class Fixed:
    """A model that says the same of the same statement always, and remembers what it was asked."""

    kinds: list[list[float]]
    digest: str = "fixed"
    classes_: tuple[str, ...] = ("driver", "other")
    aspects_: tuple[str, ...] = ("economic", "consumer")
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        wanted = range(len(statements)) if wanted is None else wanted
        self.asked.append(tuple(wanted))
        rows = np.array([self.kinds[i] for i in wanted]).reshape(-1, 2)
        return Probabilities(rows, rows)


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


def test_tokens_fold_space_and_share_headings(base: Encoder, statements: tuple[Statement, ...]) -> None:
    first, second, third = base.tokens(statements)
    read = base.model.tokenizer.decode
    assert [read(t.words) for t in (first, second, third)] == [
        "nurses are scarce.",
        "wards buy lifts.",
        "they are dear.",
    ]
    assert [read(t.headings) for t in (first, third)] == ["drivers", "risks"]
    assert first.headings == second.headings
    assert base.tokens(()) == ()


def test_a_vector_depends_on_headings_and_neighbours(base: Encoder, statements: tuple[Statement, ...]) -> None:
    rows = base.encode_in_context(statements)
    assert rows.shape == (3, base.dimension)
    other_heading = replace(statements[1], headings=("Method",))
    assert not np.allclose(base.encode_in_context([statements[0], other_heading])[1], rows[1], atol=1e-3)
    assert not np.allclose(base.encode_in_context(statements[1:])[0], rows[1], atol=1e-3)
    assert base.encode_in_context(()).shape == (0, base.dimension)


def test_wanted_statements_are_read_among_the_others(base: Encoder, statements: tuple[Statement, ...]) -> None:
    rows = base.encode_in_context(statements)
    assert np.allclose(base.encode_in_context(statements, [0, 2]), rows[[0, 2]], atol=1e-5)
    assert base.encode_in_context(statements, []).shape == (0, base.dimension)


def test_a_document_gives_the_same_vectors_every_time(base: Encoder) -> None:
    text = "# H\n" + " ".join(f"Sentence {i} says that clinics buy {i} lifts and some more." for i in range(60))
    statements = make_statements(make_document(text))
    assert np.array_equal(base.encode_in_context(statements), base.encode_in_context(statements))


def test_words_that_no_tokenizer_knows_have_a_vector(base: Encoder) -> None:
    (statement,) = make_statements(make_document("\u200b\u200b"))
    assert np.isfinite(base.encode_in_context([statement])).all()


def test_labels_rank_every_kind(statements: tuple[Statement, ...]) -> None:
    model = Fixed([[0.61234, 0.38766], [0.3, 0.7], [0.5, 0.5]])
    first, second, third = label(model, statements)
    assert (first.kind, first.score, first.alt, first.aspect) == ("driver", 0.6123, "other", "economic")
    assert [(s.kind, s.score) for s in first.scores] == [("driver", 0.6123), ("other", 0.3877)]
    assert (second.kind, second.alt, second.aspect) == ("other", "driver", None)
    assert (third.kind, third.alt) == ("driver", "other")  # a tie goes by the alphabet
    assert first.model == "fixed"
    assert label(model, ()) == ()


def test_a_corpus_without_aspects_gives_labels_without(statements: tuple[Statement, ...]) -> None:
    model = Fixed([[0.9, 0.1]] * 3, aspects_=())
    assert [x.aspect for x in label(model, statements)] == [None] * 3


def test_a_cascade_asks_the_accurate_model_where_the_fast_one_is_unsure(statements: tuple[Statement, ...]) -> None:
    fast = Fixed([[0.9, 0.1], [0.6, 0.4], [0.45, 0.55]])
    accurate = Fixed([[0.0, 1.0], [0.2, 0.8], [0.7, 0.3]])
    cascade = Cascade(fast, accurate, 0.7, "both")
    assert cascade.predict_proba(statements).kinds.tolist() == [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]
    assert accurate.asked == [(1, 2)]
    assert cascade.predict_proba(statements, [0]).kinds.tolist() == [[0.9, 0.1]]
    assert accurate.asked == [(1, 2)]
    assert [x.model for x in label(cascade, statements)] == ["both"] * 3


def test_a_cascade_of_models_with_other_kinds_is_refused() -> None:
    with pytest.raises(
        ArtefactError, match=r"the cascade: its two models have different kinds or aspects\. Train both"
    ):
        Cascade(Fixed([]), Fixed([], classes_=("risk", "other")), 0.7, "both")


@pytest.mark.parametrize("classes", [("a", "b"), ("a", "b", "c")])
def test_a_linear_layer_with_a_softmax_is_a_head(classes: tuple[str, ...]) -> None:
    chance = np.random.default_rng(7)
    weight, bias = chance.normal(size=(len(classes), 4)), chance.normal(size=len(classes))
    rows = chance.normal(size=(5, 4))
    wanted = np.exp(rows @ weight.T + bias)
    head = linear_head(weight, bias, classes)
    assert np.allclose(head.predict_proba(rows), wanted / wanted.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("aspects", [("consumer", "economic", "regulatory"), ()])
def test_heads_are_what_they_were_after_saving(base: Encoder, tmp_path: Path, aspects: tuple[str, ...]) -> None:
    chance = np.random.default_rng(7)
    heads = {
        name: linear_head(chance.normal(size=(len(classes), base.dimension)), chance.normal(size=len(classes)), classes)
        for name, classes in (("kind", ("driver", "other", "trend")), ("aspect", aspects))
        if classes
    }
    path = tmp_path / "heads.safetensors"
    save_heads(path, heads)
    again = Classifier.load(base, path, "digest")
    assert (again.classes_, again.aspects_) == (("driver", "other", "trend"), aspects)
    given = make_statements(make_document(TEXT))
    found = again.predict_proba(given)
    assert (found.kinds.shape, found.aspects.shape) == ((3, 3), (3, len(aspects)))
    assert np.array_equal(
        found.kinds, Classifier(base, heads["kind"], heads.get("aspect"), "").predict_proba(given).kinds
    )
    assert again.predict_proba(()).kinds.shape == (0, 3)
    save_heads(tmp_path / "twice", {"kind": again.kind} | ({"aspect": again.aspect} if again.aspect else {}))
    assert sha256(tmp_path / "twice") == sha256(path)


@pytest.mark.parametrize("kinds", [2, 4])
def test_calibration_takes_back_too_much_confidence(kinds: int) -> None:
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(4000, kinds))
    # Gold is drawn from softmax(2 x rows): the true confidence is known.
    chances = np.exp(2 * rows) / np.exp(2 * rows).sum(axis=1, keepdims=True)
    gold = [int((row.cumsum() < draw).sum()) for row, draw in zip(chances, chance.random(4000), strict=True)]
    head = linear_head(6 * np.eye(kinds), np.zeros(kinds), "abcd"[:kinds])
    said = calibrated(head, rows, np.eye(kinds)[gold]).predict_proba(rows)
    right = np.mean(said.argmax(axis=1) == gold)
    assert said.max(axis=1).mean() == pytest.approx(right, abs=0.02)
    assert head.predict_proba(rows).max(axis=1).mean() > right + 0.05


def test_nothing_to_calibrate_on_changes_nothing() -> None:
    head = linear_head(np.eye(3), np.zeros(3), "abc")
    same = calibrated(head, np.zeros((0, 3)), np.zeros((0, 3)))
    assert np.array_equal(same.coef_, head.coef_)

"""How tuning goes: in which precision, and what becomes of it where nothing is learnt."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trendnlp import encode, tune
from trendnlp.collapse import constant_loss
from trendnlp.encode import Encoder
from trendnlp.tune import Lesson, Progress, TuneOptions, measured
from trendnlp.types import Statement


def machine(patch: pytest.MonkeyPatch, able: bool, half: float) -> None:
    """As if a layer took this processor so many times as long in half precision as in single."""
    patch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": able})
    patch.setattr(encode, "_seconds_of_a_layer", lambda precision: half if precision is torch.bfloat16 else 1.0)


@pytest.mark.parametrize(("able", "half", "expected"), [(True, 0.3, True), (True, 1.9, False), (False, 0.3, False)])
def test_half_precision_is_taken_where_it_is_faster(
    able: bool, half: float, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, able, half)
    assert measured(TuneOptions(), tmp_path / "work").half is expected


def test_what_was_begun_goes_on_in_the_same_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, True, 0.3)
    begun = measured(TuneOptions(rank=2), tmp_path)
    machine(monkeypatch, True, 1.9)
    assert measured(TuneOptions(rank=2), tmp_path) == begun == TuneOptions(rank=2, half=True)
    assert not measured(TuneOptions(), tmp_path / "another").half


def lessons() -> list[Lesson]:
    found = []
    for number in range(12):
        texts = (f"Demand for boats of type {number} rises.", "Prices of boats are high, which keeps buyers away.")
        statements = tuple(
            Statement(f"s{number}-{i}", f"d{number}", 100 * i, 100 * i + len(t), t, 0) for i, t in enumerate(texts)
        )
        found.append(Lesson(statements, ((1.0, 0.0), (0.0, 1.0)), ((), ())))
    return found


@pytest.mark.parametrize(("rate", "tries"), [(1e-4, 1), (1e30, 3)])
def test_tuning_that_learns_nothing_begins_again_at_a_lower_rate(
    rate: float, tries: int, base: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "JUDGED_FROM", 12)
    options = TuneOptions(epochs=3, batch=3, window=40, frozen=5, rate=rate, head_rate=0.05, dropout=0.0, threads=1)
    seen: list[Progress] = []
    tuned = tune.tune(base, lessons(), options, tmp_path, seen.append)
    assert tuned.rate == pytest.approx(rate / 3 ** (tries - 1))
    assert [p.done for p in seen].count(1) == tries
    assert tuned.weights.is_file() and tuned.heads.is_file()

    again: list[Progress] = []
    assert tune.tune(base, lessons(), options, tmp_path, again.append) == tuned
    assert again == []


def test_the_loss_of_a_constant_answer_is_the_entropy_of_the_mean() -> None:
    assert constant_loss([(1.0, 0.0), (0.0, 1.0)]) == pytest.approx(0.6931, abs=1e-4)
    assert constant_loss([(1.0, 0.0)] * 3) == pytest.approx(0.0, abs=1e-9)

"""What a training is like before the first step."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trendnlp import encode
from trendnlp.tune import TuneOptions, measured


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

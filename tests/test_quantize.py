"""Layers of integers: near to what they stand for, and the same whoever computes them, beside whatever else."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from trendnlp import quantize as integers
from trendnlp.artefacts import default_folder, open_artefact
from trendnlp.classify import Classifier
from trendnlp.corpus import read_corpus, statements_of
from trendnlp.encode import Encoder
from trendnlp.judge import Judge
from trendnlp.pairs import EVERYDAY, read_pairs
from trendnlp.quantize import integers_are_exact, quantize

CORPUS = Path(__file__).parents[1] / "corpus"


def layer(inputs: int, outputs: int, seed: int = 3) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(inputs, outputs))


def rows(count: int, inputs: int) -> Tensor:
    torch.manual_seed(5)
    return torch.randn(count, inputs) * torch.logspace(-3, 3, count)[:, None]  # of very different lengths


def test_a_product_is_near_to_that_of_the_layer_which_is_rounded() -> None:
    exact = layer(384, 1536)
    rounded = deepcopy(exact)
    quantize(rounded)
    given = rows(300, 384).view(3, 100, 384)
    with torch.inference_mode():
        wanted, found = exact(given), rounded(given)
    assert found.shape == (3, 100, 1536)
    bias = exact[0].bias
    off = (found - wanted).norm(dim=-1) / (wanted - bias).norm(dim=-1)
    assert 0 < off.mean() < 0.015 and off.max() < 0.03


def test_a_row_is_the_same_beside_any_others() -> None:
    module = layer(384, 384)
    quantize(module)
    given = rows(600, 384)
    with torch.inference_mode():
        together = module(given)
        alone = torch.cat([module(some) for some in torch.split(given, 7)])
    assert torch.equal(together, alone)


@pytest.mark.parametrize("inputs", [384, 768, 1536, 3072])
def test_a_processor_without_the_instructions_gives_the_same_bytes(
    inputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = torch.cat([rows(50, inputs), torch.full((1, inputs), 2.0), torch.zeros(1, inputs)])
    found = []
    for exact in (integers_are_exact(), False):
        monkeypatch.setattr(integers, "integers_are_exact", lambda exact=exact: exact)
        module = layer(inputs, 64)
        module[0].weight.data[0] = -3.0  # with the row of twos the largest sum that there can be
        quantize(module)
        with torch.inference_mode():
            found.append(module(given))
    assert torch.equal(*found)
    largest = found[1][50, 0] - module[0].bias.detach()[0]
    assert float(abs(largest + 6.0 * inputs)) < 0.01 * inputs
    assert torch.equal(found[1][51], module[0].bias)


def test_the_encoder_itself_stays_and_copies_share_the_rounded_weights(base: Encoder) -> None:
    before = base.encode(["Demand is rising."])
    rounded = base.quantized()
    again = deepcopy(rounded)
    (one, other) = (e.model[0].get_submodule("auto_model.encoder.layer.0.intermediate.dense") for e in (rounded, again))
    assert one.get_buffer("whole").data_ptr() == other.get_buffer("whole").data_ptr()
    assert rounded.digest == again.digest != base.digest
    assert rounded.encode(["Demand is rising."]).tolist() == again.encode(["Demand is rising."]).tolist()
    assert rounded.encode(["Demand is rising."]).tolist() != before.tolist()
    assert base.encode(["Demand is rising."]).tolist() == before.tolist()


def test_rounding_moves_the_scores_of_the_shipped_models_little(base: Encoder) -> None:
    models = open_artefact(default_folder())
    texts = [statements_of(text) for text in read_corpus(CORPUS)[:6]]
    pairs = [(p.a, p.b) for p in read_pairs(CORPUS / EVERYDAY)[::8]]
    part, judge = models.part("fast"), models.manifest.judges["fast"]
    kinds, relations = [], []
    for rounds in (False, True):
        labels, compares = (
            base.with_weights(models.path(p.encoder), models.manifest.files[p.encoder]) for p in (part, judge)
        )
        if rounds:
            labels, compares = labels.quantized(), compares.quantized()
        model = Classifier.load(labels, models.path(part.heads), "")
        kinds.append(np.concatenate([model.predict_proba(text).kinds for text in texts]))
        relations.append(Judge.load(compares, models.path(judge.heads), "").predict_proba(pairs))
    for exact, rounded in (kinds, relations):
        off = np.abs(exact - rounded)
        assert 0 < off.mean() < 0.012 and off.max() < 0.2
        assert (exact.argmax(axis=1) == rounded.argmax(axis=1)).mean() >= 0.95

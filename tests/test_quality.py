"""The quality gate: the shipped models reach what was pinned, on the texts that it was measured on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import WEIGHTS

from trendnlp.artefacts import default_folder
from trendnlp.build import artefact, model_names
from trendnlp.classify import Model
from trendnlp.corpus import LabelledText, digest, read_corpus
from trendnlp.floors import breaches, read_floors
from trendnlp.measure import runnable
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, split_corpus
from trendnlp.unlabelled import read_unlabelled

CORPUS = Path(__file__).parents[1] / "corpus"

MOST_BYTES = 50 * 10**6  # of the shipped models


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    """The shipped ones, with the larger encoder from wherever the environment has it."""
    settings = replace(Settings.from_env(), models=None, cache=WEIGHTS)
    return runnable(artefact(settings), settings)


@pytest.fixture(scope="module")
def held_out() -> tuple[LabelledText, ...]:
    return split_corpus(read_corpus(CORPUS), TrainOptions()).test


def test_every_shipped_model_is_pinned() -> None:
    assert sorted(read_floors(default_folder())) == sorted(model_names(artefact(Settings(models=default_folder()))))


def test_the_shipped_models_are_small_arrays_and_what_tells_of_them() -> None:
    found = [path for path in default_folder().rglob("*") if path.is_file()]
    assert {path.suffix for path in found} == {".safetensors", ".json", ".md"}
    assert sum(path.stat().st_size for path in found) <= MOST_BYTES


def test_the_shipped_models_learnt_from_the_texts_that_are_here() -> None:
    manifest = artefact(Settings(models=default_folder())).manifest
    assert manifest.corpus_sha256 == digest(read_corpus(CORPUS))
    assert manifest.unlabelled_sha256 == read_unlabelled(CORPUS).digest


@pytest.mark.parametrize("name", ["fast", "accurate", "cascade"])
def test_a_model_is_no_worse_than_it_was(
    name: str, models: dict[str, Model], held_out: tuple[LabelledText, ...]
) -> None:
    floors = read_floors(default_folder())
    if name not in models:
        pytest.skip(f"the base weights of the {name} model are not here: `trendnlp models pull`")
    assert breaches(name, floors[name], models[name], held_out) == ()

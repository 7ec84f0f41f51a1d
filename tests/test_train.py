"""Training for real, on a corpus of a few texts: the same bytes every time, and models that label what they learnt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import trendnlp
from trendnlp import build
from trendnlp.artefacts import ENCODER_WEIGHTS, encoder_folder, open_artefact
from trendnlp.build import Bases, model_digest
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, CorpusError, SettingsError
from trendnlp.measure import runnable
from trendnlp.settings import Settings
from trendnlp.train import Step, TrainOptions, train
from trendnlp.tune import TuneOptions

OPTIONS = TrainOptions(
    fast=TuneOptions(epochs=2, batch=2, window=60, frozen=5, vector_weight=1.0, threads=1),
    accurate=TuneOptions(epochs=1, batch=2, window=60, frozen=5, threads=1, rank=2),
    dev=0.25,
    test=0.25,
)
# By their digests and these shares: lifts and beds calibrate, pumps and boats only score, the rest trains.
MARKETS = ("lifts", "beds", "pumps", "boats", "ferries", "drones", "tyres", "kilns")


@dataclass
class Interrupting:
    """A progress report that raises KeyboardInterrupt after so many batches, as Ctrl-C does."""

    batches: int

    def __call__(self, step: Step) -> None:
        self.batches -= 1
        if self.batches < 0:
            raise KeyboardInterrupt


def ignore(step: Step) -> None:
    """Of no interest here."""


def write_corpus(folder: Path, marks: Iterable[str] = ("d/t tec", "t con", "c eco", "o reg", "x")) -> Path:
    """One text a market, each with the same five statements under the marks."""
    statements = (
        "Nurses are scarce, which boosts the demand for {}.",
        "Families increasingly rent {} for a season.",
        "The high price of {} keeps small clinics from buying.",
        "Villages without any {} could become an untapped market.",
        "The report covers {} in 22 countries.",
    )
    folder.mkdir(parents=True)
    for market in MARKETS:
        body = " ".join(f"{s.format(market)} ⟦{m}⟧" for s, m in zip(statements, marks, strict=True))
        (folder / f"{market}.txt").write_text(f"@market {market}\n\nReport on {market} ⟦h1⟧\n\n{body}\n", "utf-8")
    return folder


def write_unlabelled(corpus: Path) -> None:
    """Two texts without labels, of three statements."""
    folder = corpus / "unlabelled"
    folder.mkdir()
    (folder / "sails.md").write_text("# Sails\n\nSailmakers are scarce. Orders for sails rose this year.\n", "utf-8")
    (folder / "looms.md").write_text("- Looms are dear, and few mills can pay for them.\n", "utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_corpus(tmp_path_factory.mktemp("train") / "corpus")
    write_unlabelled(folder)
    return folder


@pytest.fixture(scope="module")
def bases(base: Encoder) -> Bases:
    """The small encoder for both models: large weights take longer and do nothing else."""
    return Bases(base, base)


@pytest.fixture(scope="module")
def models(corpus: Path, bases: Bases) -> Path:
    """Models of the small corpus, trained in one go."""
    folder = corpus.parent / "models"
    train(corpus, folder, bases, OPTIONS, ignore)
    return folder


def settings_for(models: Path, model: str = "auto") -> Settings:
    return Settings(models=models, model=model, accurate_encoder=encoder_folder(None))


FILES = [
    "accurate.encoder.safetensors",
    "accurate.heads.safetensors",
    "fast.encoder.safetensors",
    "fast.heads.safetensors",
]


def test_a_models_folder_holds_arrays_and_a_manifest_alone(corpus: Path, models: Path) -> None:
    assert list(files(models)) == ["README.md", *FILES, "manifest.json"]
    manifest = open_artefact(models).manifest
    assert manifest.kinds == ("challenge", "driver", "opportunity", "other", "trend")
    assert manifest.aspects == ("consumer", "economic", "regulatory", "technology")
    assert (manifest.texts, manifest.units) == (len(MARKETS), 5 * len(MARKETS))
    assert (manifest.unlabelled_texts, manifest.unlabelled_statements) == (2, 3)
    assert sorted(manifest.files) == FILES
    assert {name: part.settings["epochs"] for name, part in manifest.parts.items()} == {"accurate": 1, "fast": 2}
    scores = [*(part.scores for part in manifest.parts.values()), manifest.cascade_scores]
    assert all(0 <= value <= 1 for values in scores for value in values.values())
    tables = [*(part.reliability for part in manifest.parts.values()), manifest.cascade_reliability]
    assert [sum(found.units for found in table) for table in tables] == [2 * 5] * 3


def test_updates_of_low_rank_are_small(models: Path) -> None:
    whole, update = ((models / f"{name}.encoder.safetensors").stat().st_size for name in ("fast", "accurate"))
    assert update < whole / 20


def test_trained_again_the_bytes_are_the_same(corpus: Path, models: Path, bases: Bases, tmp_path: Path) -> None:
    train(corpus, tmp_path / "again", bases, OPTIONS, ignore)
    assert files(tmp_path / "again") == files(models)


def test_interrupted_it_goes_on_after_the_last_whole_epoch(
    corpus: Path, models: Path, bases: Bases, tmp_path: Path
) -> None:
    first: list[Step] = []
    train(corpus, tmp_path / "whole", bases, OPTIONS, first.append)
    fast = [step.progress.done for step in first if step.model == "fast"]
    batches = len(fast) // OPTIONS.fast.epochs
    with pytest.raises(KeyboardInterrupt):
        train(corpus, tmp_path / "models", bases, OPTIONS, Interrupting(len(first) - batches + 1))
    seen: list[Step] = []
    train(corpus, tmp_path / "models", bases, OPTIONS, seen.append)
    assert [(step.model, step.progress.done) for step in seen] == [("fast", done) for done in fast[batches:]]
    assert files(tmp_path / "models") == files(models)


def test_a_small_corpus_is_read_more_often(corpus: Path, bases: Bases, tmp_path: Path) -> None:
    """Nine short texts are five batches or so."""
    seen: list[Step] = []
    options = replace(OPTIONS, fast=replace(OPTIONS.fast, epochs=1, least_steps=12))
    train(corpus, tmp_path / "models", Bases(bases.fast, None), options, seen.append)
    steps = {step.progress.total for step in seen}
    assert [step.progress.done for step in seen] == list(range(1, steps.pop() + 1))
    assert len(seen) >= 12 and not steps


def test_a_teacher_that_was_interrupted_reads_no_text_twice(
    corpus: Path, models: Path, bases: Bases, tmp_path: Path
) -> None:
    out = tmp_path / "models"
    shutil.copytree(models, out)
    with pytest.raises(KeyboardInterrupt):
        train(corpus, out, bases, OPTIONS, Interrupting(1), keep_accurate=True)
    seen: list[Step] = []
    train(corpus, out, bases, OPTIONS, seen.append, keep_accurate=True)
    texts = [step.progress for step in seen if step.model == "teacher"]
    assert [text.done for text in texts] == list(range(3, texts[0].total + 1))
    assert files(out) == files(models)


def test_interrupted_it_leaves_the_former_models_as_they_were(
    corpus: Path, models: Path, bases: Bases, tmp_path: Path
) -> None:
    out = tmp_path / "models"
    shutil.copytree(models, out)
    with pytest.raises(KeyboardInterrupt):
        train(corpus, out, bases, replace(OPTIONS, dev=0.26), Interrupting(1))
    assert open_artefact(out) == replace(open_artefact(models), folder=out)


@pytest.mark.parametrize(("model", "chosen"), [("auto", "cascade"), ("fast", "fast"), ("accurate", "accurate")])
def test_the_trained_models_label_in_a_pipeline(models: Path, model: str, chosen: str) -> None:
    pipeline = trendnlp.load(settings_for(models, model))
    analysis = pipeline.analyse("Nurses are scarce, which boosts the demand for lifts. The report covers 22 countries.")
    digest = model_digest(open_artefact(models), chosen)
    assert len(analysis.statements) == 2
    for found in analysis.statements:
        assert found.label.model == digest
        assert {s.kind for s in found.label.scores} == {"challenge", "driver", "opportunity", "other", "trend"}
        assert sum(s.score for s in found.label.scores) == pytest.approx(1.0, abs=0.001)


def test_without_the_accurate_encoder_the_fast_model_labels(models: Path, tmp_path: Path) -> None:
    settings = Settings(models=models, cache=tmp_path)
    pipeline = trendnlp.load(settings)
    assert pipeline.model.digest == model_digest(open_artefact(models), "fast")
    with pytest.raises(ArtefactError, match=r"all-mpnet-base-v2: its weights are not on this machine\. Run `trendnlp"):
        trendnlp.load(replace(settings, model="cascade"))


def test_a_model_that_the_folder_does_not_hold(models: Path) -> None:
    with pytest.raises(SettingsError, match=r"TRENDNLP_MODEL: 'best' is no model of .*/models\. Use one of auto, "):
        trendnlp.load(settings_for(models, "best"))


def test_the_fast_model_alone(corpus: Path, bases: Bases, tmp_path: Path) -> None:
    artefact = train(corpus, tmp_path / "models", Bases(bases.fast, None), OPTIONS, ignore)
    assert (list(artefact.manifest.parts), artefact.manifest.cascade) == (["fast"], None)
    pipeline = trendnlp.load(settings_for(tmp_path / "models"))
    assert pipeline.model.digest == model_digest(artefact, "fast")


def test_a_new_fast_model_taught_by_the_accurate_one_that_is_there(
    corpus: Path, models: Path, bases: Bases, tmp_path: Path
) -> None:
    out = tmp_path / "models"
    shutil.copytree(models, out)
    same = train(corpus, out, bases, OPTIONS, ignore, keep_accurate=True)
    assert files(same.folder) == files(models)
    other = tmp_path / "corpus"
    shutil.copytree(corpus, other)
    (other / "unlabelled" / "looms.md").unlink()
    found = train(other, out, bases, OPTIONS, ignore, keep_accurate=True).manifest
    former = open_artefact(models).manifest
    assert found.parts["accurate"] == former.parts["accurate"]
    changed = {name for name, digest in found.files.items() if former.files[name] != digest}
    assert changed == {"fast.encoder.safetensors", "fast.heads.safetensors"}


def test_a_teacher_that_learnt_from_another_corpus(models: Path, bases: Bases, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", ("d", "t", "c", "o", "x"))
    out = tmp_path / "models"
    shutil.copytree(models, out)
    with pytest.raises(ArtefactError, match="its models learnt from another corpus than this one"):
        train(corpus, out, bases, OPTIONS, ignore, keep_accurate=True)


UNTUNED = replace(OPTIONS, fast=replace(OPTIONS.fast, epochs=0))


def test_another_label_set_than_ours(bases: Bases, tmp_path: Path) -> None:
    marks = ("demand/fashion tec", "fashion con", "risk eco", "risk reg", "x")
    corpus = write_corpus(tmp_path / "corpus", marks)
    artefact = train(corpus, tmp_path / "models", bases, OPTIONS, ignore)
    assert artefact.manifest.kinds == ("demand", "fashion", "other", "risk")
    for model in ("fast", "accurate", "cascade"):
        pipeline = trendnlp.load(settings_for(tmp_path / "models", model))
        (found,) = pipeline.analyse("The high price of boats keeps small clinics from buying.").statements
        assert {s.kind for s in found.label.scores} == {"demand", "fashion", "other", "risk"}


def test_a_corpus_without_aspects(bases: Bases, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", ("d", "t", "c", "o", "x"))
    artefact = train(corpus, tmp_path / "models", Bases(bases.fast, None), UNTUNED, ignore)
    assert artefact.manifest.aspects == ()
    pipeline = trendnlp.load(Settings(models=tmp_path / "models"))
    (found,) = pipeline.analyse("The high price of boats keeps small clinics from buying.").statements
    assert found.label.aspect is None


def test_a_kind_that_only_the_held_out_texts_know(corpus: Path, bases: Bases, tmp_path: Path) -> None:
    copy = tmp_path / "corpus"
    shutil.copytree(corpus, copy)
    (copy / "beds.txt").write_text("@market beds\n\nBeds creak. ⟦noise⟧ They are dear. ⟦c eco⟧\n", "utf-8")
    (copy / "boats.txt").write_text("@market boats\n\nBoats creak. ⟦noise⟧ They are dear. ⟦c eco⟧\n", "utf-8")
    artefact = train(copy, tmp_path / "models", Bases(bases.fast, None), UNTUNED, ignore)
    assert artefact.manifest.kinds == ("challenge", "driver", "opportunity", "other", "trend")


@pytest.fixture(scope="module")
def other_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder like ours with another weight."""
    folder = tmp_path_factory.mktemp("base") / "model"
    shutil.copytree(encoder_folder(None), folder)
    tensors = load_file(folder / ENCODER_WEIGHTS)
    tensors["embeddings.LayerNorm.bias"] = tensors["embeddings.LayerNorm.bias"] + np.float32(0.01)
    save_file(tensors, folder / ENCODER_WEIGHTS, {"format": "pt"})
    return folder


def test_models_are_measured_on_the_encoder_that_they_stand_on(corpus: Path, other_base: Path, tmp_path: Path) -> None:
    found = build.bases(Settings(encoder=other_base, cache=tmp_path))
    models = train(corpus, tmp_path / "models", Bases(found.fast, None), UNTUNED, ignore)
    assert list(runnable(models, Settings(encoder=other_base, cache=tmp_path))) == ["fast"]
    with pytest.raises(ArtefactError, match="SHA-256"):
        runnable(models, Settings(cache=tmp_path))


def test_a_teacher_on_another_encoder_than_its_own(
    corpus: Path, models: Path, base: Encoder, other_base: Path, tmp_path: Path
) -> None:
    other = build.bases(Settings(encoder=other_base, cache=tmp_path)).fast
    out = tmp_path / "models"
    shutil.copytree(models, out)
    with pytest.raises(ArtefactError, match="its accurate model stands on another encoder than is here"):
        train(corpus, out, Bases(base, other), OPTIONS, ignore, keep_accurate=True)
    assert files(out) == files(models)


@pytest.mark.parametrize(
    ("market", "marks", "message"),
    [
        (
            "lifts",
            ("d", "t", "c", "o", "x"),
            r"corpus: its train part \(0 of 1 texts, split by market\) has",
        ),
        ("kilns", ("x",) * 5, r"corpus: its train part \(1 of 1 texts, split by market\) has fewer than two kinds"),
    ],
)
def test_too_little_to_train_on(
    bases: Bases, market: str, marks: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    corpus = write_corpus(tmp_path / "corpus", marks)
    for path in corpus.iterdir():
        if path.stem != market:
            path.unlink()
    with pytest.raises(CorpusError, match=message):
        train(corpus, tmp_path / "models", bases, OPTIONS, ignore)
    assert not (tmp_path / "models").exists()


def test_a_corpus_with_one_aspect_alone(bases: Bases, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", ("d eco", "t eco", "c eco", "o", "x"))
    with pytest.raises(CorpusError, match="one aspect alone"):
        train(corpus, tmp_path / "models", bases, OPTIONS, ignore)


def damaged(models: Path, folder: Path, name: str, data: bytes) -> Settings:
    shutil.copytree(models, folder)
    (folder / name).write_bytes(data)
    return settings_for(folder)


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_of_a_file_is_noticed(models: Path, tmp_path: Path, name: str) -> None:
    data = bytearray((models / name).read_bytes())
    data[-1] ^= 1
    settings = damaged(models, tmp_path / "models", name, bytes(data))
    with pytest.raises(ArtefactError, match=rf"models/{name}: has SHA-256 \w+…, expected \w+…\. Take the models of"):
        trendnlp.load(settings)
    (tmp_path / "models" / name).unlink()
    with pytest.raises(ArtefactError, match=rf"models/{name}: cannot be read \(No such file or directory\)\. Take"):
        trendnlp.load(settings)


MANIFESTS = {
    "empty": b"",
    "binary": b"\xff\x00",
    "list": b"[]",
    "number": b"7",
    "nothing": b"{}",
    "half": b'{"format": 3, "kinds": [], "aspects": []}',
}


@pytest.mark.parametrize("data", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none(models: Path, tmp_path: Path, data: bytes) -> None:
    settings = damaged(models, tmp_path / "models", "manifest.json", data)
    with pytest.raises(ArtefactError, match=r"models/manifest\.json: is no manifest of a models folder\. Take the"):
        trendnlp.load(settings)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format", 2, "has format 2, this version reads 3"),
        ("files", {"../heads.safetensors": "0"}, "names a file outside its folder: '../heads.safetensors'"),
        ("files", {}, "names no accurate.encoder.safetensors"),
        ("files", 5, "is no manifest of a models folder"),
        ("kinds", 5, "is no manifest of a models folder"),
    ],
)
def test_a_manifest_that_says_something_else(
    models: Path, tmp_path: Path, field: str, value: object, message: str
) -> None:
    fields = json.loads((models / "manifest.json").read_bytes()) | {field: value}
    settings = damaged(models, tmp_path / "models", "manifest.json", json.dumps(fields).encode())
    with pytest.raises(ArtefactError) as error:
        trendnlp.load(settings)
    assert str(error.value).startswith(f"{tmp_path}/models/manifest.json: {message}. Take the models")


def test_no_models_folder(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"nowhere/manifest\.json: cannot be read \(No such file or directory\)"):
        trendnlp.load(Settings(models=tmp_path / "nowhere"))


def test_another_encoder_than_the_models_were_trained_with(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"holds no model\.safetensors\. Set TRENDNLP_ENCODER to a sentence-tr"):
        trendnlp.load(Settings(models=models, encoder=tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ArtefactError, match=r"model\.safetensors: has SHA-256 .*Use the encoder that the models were"):
        trendnlp.load(Settings(models=models, encoder=tmp_path))

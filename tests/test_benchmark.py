"""The whole comparison on a few small texts of our own, in the formats of the data sets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from trendnlp.artefacts import open_artefact
from trendnlp.baselines import FROZEN, WORDS
from trendnlp.benchmark import Bench, Exam, abstracts_task, causes_task, own_task
from trendnlp.build import Bases
from trendnlp.cli import app
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError
from trendnlp.floors import FLOORS, Floor, breaches, gate_texts, lowered, pinned, read_floors, write_floors
from trendnlp.measure import Row, runnable
from trendnlp.settings import Settings
from trendnlp.train import Step, TrainOptions, train
from trendnlp.tune import TuneOptions

OPTIONS = TrainOptions(fast=TuneOptions(epochs=1, batch=4, window=60, frozen=5, rate=1e-3, head_rate=0.05, threads=1))
# By their digests: the first three only score, ovens and saws calibrate, the rest trains.
MARKETS = ("pumps", "gins", "gloves", "ovens", "saws", "lifts", "beds", "boats", "tyres")
STATEMENTS = (
    "Nurses are scarce, which boosts the demand for {}. ⟦d/t tec⟧",
    "Families increasingly rent {} for a season. ⟦t con⟧",
    "The high cost of {} keeps small clinics from buying. ⟦c eco⟧",
    "Villages without any {} could become an untapped market. ⟦o eco⟧",
    "The report covers {} in 22 countries. ⟦x⟧",
)
CAUSES = ("Because of frost, {} broke.", "It rained on {}."), ("Owing to fees, {} cost more.", "We saw {}.")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark") / "corpus"
    folder.mkdir()
    for market in MARKETS:
        body = " ".join(statement.format(market) for statement in STATEMENTS)
        (folder / f"{market}.txt").write_text(f"@market {market}\n\nReport on {market} ⟦h1⟧\n\n{body}\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def data(corpus: Path) -> Path:
    """A folder with one file of each data set, in our words."""
    folder = corpus.parent / "data"
    real: dict[str, object] = {"id": "R1", "text": "It rained. Kilns are dear."}
    real["units"] = [
        {"start": 0, "end": 10, "section": "", "kind": "other", "alt": "", "aspect": ""},
        {"start": 11, "end": 26, "section": "Risks", "kind": "challenge", "alt": "driver", "aspect": "economic"},
    ]
    write_lines(folder / "real_dev" / "documents.jsonl", [real])
    for part, count in (("train", 6), ("dev", 2), ("test", 2)):
        abstracts = [
            {
                "sentences": [f"Little is known of {thing}.", f"We weighed {thing}.", f"{thing} proved heavy."],
                "labels": ["background", "method", "result"],
            }
            for thing in MARKETS[:count]
        ]
        write_lines(folder / "csabstruct" / f"{part}.jsonl", abstracts)
    rows = ["Index; Text; Gold"]
    for i, market in enumerate(MARKETS[:8]):
        rows += [f"{i:04}.{j:05}; {words.format(market)}; {1 - j}" for j, words in enumerate(CAUSES[i % 2])]
    path = folder / "fincausal2020" / "trial" / "fnp2020-fincausal-task1.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def write_lines(path: Path, objects: Iterable[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), "utf-8")


@pytest.fixture(scope="module")
def models(corpus: Path, base: Encoder) -> Path:
    """A fast model of the small corpus."""
    folder = corpus.parent / "models"
    train(corpus, folder, Bases(base, None), OPTIONS, lambda step: None)
    return folder


def without_speed(rows: Iterable[Row]) -> list[tuple[str, str, dict[str, float]]]:
    return [(r.data, r.model, {k: v for k, v in r.measures.items() if k != "units_per_second"}) for r in rows]


def test_abstracts_and_what_is_trained_once(data: Path, base: Encoder, tmp_path: Path) -> None:
    steps: list[Step] = []
    bench = Bench(Bases(base, None), OPTIONS, tmp_path / "work", steps.append)
    task = abstracts_task(data)
    rows = [*bench.baselines(task), *bench.tuned(task)]
    assert [(r.data, r.model, r.units) for r in rows] == [("CSAbstruct", m, 6) for m in (WORDS, FROZEN, "fast")]
    measures = ["micro_f1", "macro_f1", "f1_background", "f1_method", "f1_result", "calibration_error"]
    assert [list(r.measures) for r in rows] == [[*measures, "units_per_second"]] * 3
    assert [r.headline for r in rows[:2]] == [1.0, 1.0]
    assert rows[0].confusion.counts == ((2, 0, 0), (0, 2, 0), (0, 0, 2))
    assert [step.progress.done for step in steps] == list(range(1, steps[0].progress.total + 1))
    steps.clear()
    again = [*bench.baselines(task), *bench.tuned(task)]
    assert steps == []
    assert without_speed(again) == without_speed(rows)


def test_causes_from_the_score_that_is_best_on_the_calibrating_part(data: Path, base: Encoder, tmp_path: Path) -> None:
    bench = Bench(Bases(base, None), OPTIONS, tmp_path / "work", lambda step: None)
    rows = list(bench.baselines(causes_task(data, (8, 4, 4))))
    for found in rows:
        assert (found.data, found.units, found.headline) == ("FinCausal 2020", 4, 1.0)
        assert list(found.measures)[:3] == ["cause_f1", "cause_precision", "cause_recall"]
        assert {"argmax_f1", "threshold", "calibration_error"} < set(found.measures)
        assert found.confusion.counts == ((2, 0), (0, 2))


def test_what_else_teaches_causes_shares_nothing_with_what_scores(tmp_path: Path) -> None:
    taught, tried, tested = (
        f"{thing} cost more because the fees of the port rose." for thing in ("Lifts", "Gins", "Saws")
    )
    write_sections(tmp_path / "fincausal2020" / "trial" / "fnp2020-fincausal-task1.csv", [taught, tried, tested])
    real = {
        "id": "R1",
        "text": "News. Mills close because the price of wood has doubled. More.",
        "units": [{"start": 0, "end": 62, "section": "", "kind": "driver", "alt": "", "aspect": ""}],
    }
    write_lines(tmp_path / "real_dev" / "documents.jsonl", [real])
    practice = tmp_path / "fincausal2020" / "practice" / "fnp2020-fincausal2-task1.csv"
    write_sections(
        practice,
        ["Sawmills close because wood is dear in all of the north.", taught],
        ["Rain. Mills close because the  price of wood has doubled. More."],
        ["It rained on saws in all of the north and the south.", tested],
        ["It rained on beds in all of the north and the south.", tried],
    )
    task = causes_task(tmp_path, (1, 1, 1))
    split = task.split
    assert [exam.name for exam in task.exams] == ["FinCausal 2020, practice file too"]
    assert [(text.name, len(text.units)) for text in split.train] == [("document 0", 1), ("practice document 0", 2)]
    assert [[text.text for text in part] for part in (split.dev, split.test)] == [[tried], [tested]]


def write_sections(path: Path, *documents: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{i}.{j}; {words}; 1" for i, found in enumerate(documents) for j, words in enumerate(found)]
    path.write_text("\n".join(["Index; Text; Gold", *lines]), "utf-8")


def test_the_curve_grows_by_whole_markets(corpus: Path, base: Encoder, tmp_path: Path) -> None:
    bench = Bench(Bases(base, None), OPTIONS, tmp_path / "work", lambda step: None)
    rows = list(bench.curve(own_task(corpus, None, True, OPTIONS)))
    assert [(r.data, r.model, r.units) for r in rows] == [
        ("held-out markets", f"fast on {share} ({units} units)", 15)
        for share, units in (("1/8", 5), ("1/4", 5), ("1/2", 10), ("1", 20))
    ]
    # The same markets are half of the corpus and a quarter of it, where those are as many.
    assert without_speed(rows)[0][2] == without_speed(rows)[1][2]


def test_what_the_own_texts_score_on(corpus: Path, data: Path) -> None:
    task = own_task(corpus, data, True, OPTIONS)
    assert [(exam.name, [t.name for t in exam.texts]) for exam in task.exams] == [
        ("held-out markets", ["gins", "gloves", "pumps"]),
        ("real_dev", ["R1"]),
    ]
    assert own_task(corpus, data, False, OPTIONS).exams == task.exams[1:]
    assert isinstance(task.exams[0], Exam)


def evaluate(models: Path, *arguments: object) -> Result:
    command = ["--models", str(models), "evaluate", *map(str, arguments)]
    return CliRunner().invoke(app, command, catch_exceptions=False)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No larger encoder, and a cache folder of its own."""
    monkeypatch.delenv("TRENDNLP_ACCURATE_ENCODER", raising=False)
    monkeypatch.setenv("TRENDNLP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_rows_as_lines_of_json(models: Path, corpus: Path, data: Path, cache: Path) -> None:
    own = ("--only", "held-out", "--only", "real")
    result = evaluate(models, "--corpus", corpus, "--data", data, *own, "--format", "jsonl", "--errors", 1)
    assert result.exit_code == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    names = ["keyword rules", WORDS, FROZEN, "fast", "fast, alone"]
    assert [(r["data"], r["model"], r["units"]) for r in rows] == [
        (data, name, units) for name in names for data, units in (("held-out markets", 15), ("real_dev", 2))
    ]
    rules = rows[0]
    del rules["units_per_second"]
    assert rules == {
        "data": "held-out markets",
        "model": "keyword rules",
        "units": 15,
        "macro_f1": 1.0,
        "accepted_f1": 1.0,
        "claim_precision": 1.0,
        "claim_recall": 1.0,
        "f1_challenge": 1.0,
        "f1_driver": 1.0,
        "f1_opportunity": 1.0,
        "f1_trend": 1.0,
        "confusion": {
            "kinds": ["challenge", "driver", "opportunity", "other", "trend"],
            "counts": [[3, 0, 0, 0, 0], [0, 3, 0, 0, 0], [0, 0, 3, 0, 0], [0, 0, 0, 3, 0], [0, 0, 0, 0, 3]],
        },
        "reliability": [],
        "errors": [],
    }
    assert "accurate and cascade are not scored: their base weights are not here. Run `trendnlp" in result.stderr
    assert [path.name.split("-")[0] for path in (cache / "benchmarks").iterdir()] == ["frozen"]


def test_rows_as_tables(models: Path, corpus: Path, data: Path, cache: Path) -> None:
    result = evaluate(models, "--corpus", corpus, "--data", data, "--only", "real", "--errors", 2)
    assert result.exit_code == 0, result.stderr
    assert "real_dev, 2 units" in result.stdout
    for words in (
        "macro-F1",
        "claim P",
        "ECE",
        "units/s",
        "0.9 to 1.0",
        "fast: gold kinds down",
        "the most confident of",
    ):
        assert words in result.stdout


def test_only_what_is_asked_for(
    models: Path, corpus: Path, data: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trendnlp.cli.evaluate.TrainOptions", lambda: OPTIONS)  # the real ones take minutes
    result = evaluate(models, "--data", data, "--only", "csabstruct", "--work", tmp_path / "work", "--format", "jsonl")
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["model"] for line in result.stdout.splitlines()] == [WORDS, FROZEN, "fast"]
    assert not cache.exists()
    result = evaluate(models, "--only", "csabstruct")
    assert (result.exit_code, result.stderr) == (
        2,
        "trendnlp: --only csabstruct: is scored on data of a folder. Name the folder with --data.\n",
    )
    result = evaluate(models, "--corpus", corpus, "--data", data, "--only", "fincausal")
    assert result.exit_code == 3
    assert "task1.csv: has 16 rows, where the fixed split has 8580. Take the file of" in result.stderr
    assert evaluate(models, "--lower").exit_code == 2


def test_pinned_floors_are_not_lowered_unasked(models: Path, corpus: Path, cache: Path) -> None:
    result = evaluate(models, "--corpus", corpus, "--pin")
    assert result.exit_code == 0, result.stderr
    floors = read_floors(models)
    task = own_task(corpus, None, True, OPTIONS)
    (exam,) = task.exams
    settings = Settings(models=models)
    model = runnable(open_artefact(models), settings)["fast"]
    assert list(floors) == ["fast"]
    assert (floors["fast"].texts, floors["fast"].units) == (3, 15)
    scores = open_artefact(models).manifest.parts["fast"].scores
    assert floors["fast"].values["macro_f1"] == pytest.approx(max(scores["macro_f1"] - 0.01, 0), abs=1e-6)
    assert floors["fast"].values["calibration_error"] == pytest.approx(scores["calibration_error"] + 0.01, abs=1e-6)
    assert breaches("fast", floors["fast"], model, exam.texts) == ()
    other_texts = breaches("fast", floors["fast"], model, exam.texts[1:])
    assert other_texts == ("fast: the held-out texts are not those that its floors were measured on",)
    before = (models / FLOORS).read_bytes()
    higher = Floor(floors["fast"].data_sha256, 3, 15, {**floors["fast"].values, "calibration_error": 0.0})
    write_floors(models, {"fast": higher})
    (breach,) = breaches("fast", higher, model, exam.texts)
    assert breach == f"fast: calibration_error is {scores['calibration_error']:.4f}, its floor 0.0000"
    refused = evaluate(models, "--corpus", corpus, "--pin")
    assert refused.exit_code == 3
    assert "would be lowered (fast: calibration_error from 0.0000 to" in refused.stderr
    assert refused.stderr.endswith("Pass --lower too if that is meant.\n")
    assert read_floors(models) == {"fast": higher}
    assert evaluate(models, "--corpus", corpus, "--pin", "--lower").exit_code == 0
    assert (models / FLOORS).read_bytes() == before
    fewer = {measure: value for measure, value in floors["fast"].values.items() if measure != "aspect_macro_f1"}
    write_floors(models, {"fast": replace(floors["fast"], values=fewer)})
    assert evaluate(models, "--corpus", corpus, "--pin").exit_code == 0
    assert (models / FLOORS).read_bytes() == before
    (models / FLOORS).unlink()


def test_what_counts_as_lower() -> None:
    values = {"macro_f1": 0.7, "accepted_f1": 0.8, "claim_precision": 0.8, "claim_recall": 0.8}
    old = Floor("a", 1, 2, {**values, "calibration_error": 0.05})
    better = Floor("a", 1, 2, {**values, "macro_f1": 0.71, "calibration_error": 0.04})
    assert lowered("fast", old, old) == lowered("fast", old, better) == ()
    assert lowered("fast", better, old) == (
        "fast: macro_f1 from 0.7100 to 0.7000",
        "fast: calibration_error from 0.0400 to 0.0500",
    )
    elsewhere = Floor("b", 1, 2, better.values)
    assert lowered("fast", old, elsewhere) == ("fast: other held-out texts",)
    assert pinned({"accurate": old}, {"fast": better}, False, Path()) == {"accurate": old, "fast": better}
    assert pinned({"fast": old}, {"fast": elsewhere}, True, Path()) == {"fast": elsewhere}
    with pytest.raises(ArtefactError, match=r"^models/floors\.json: would be lowered \(fast: other held-out texts\)\."):
        pinned({"fast": old}, {"fast": elsewhere}, False, Path("models"))


def test_slow_models_are_measured_on_a_fixed_part(corpus: Path) -> None:
    held_out = own_task(corpus, None, True, OPTIONS).split.train
    assert gate_texts("fast", held_out) == held_out
    some = gate_texts("accurate", held_out)
    assert set(some) < set(held_out)
    assert gate_texts("cascade", held_out[::-1]) == some[::-1]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"models": {"fast": {}}}', '{"models": {"fast": 3}}'])
def test_a_file_without_floors(text: str, tmp_path: Path) -> None:
    assert read_floors(tmp_path) == {}
    (tmp_path / FLOORS).write_text(text, "utf-8")
    with pytest.raises(ArtefactError, match=r"/floors\.json: holds no floors\. Write it again with `trendnlp evaluate"):
        read_floors(tmp_path)

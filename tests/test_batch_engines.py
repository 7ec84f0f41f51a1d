"""The engines do the same: the same bytes, whoever does the work, and whoever of them dies."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from batch_fakes import Batch, broken, dying, fake, make_texts, output

from trendnlp.batch import Actors, Crew, Processes, Recipe
from trendnlp.batch.workers import load_with
from trendnlp.build import limits, load_matcher
from trendnlp.errors import SettingsError, WorkerError
from trendnlp.settings import Settings

RAY = pytest.param(
    lambda recipe: Actors(recipe, 2, 1, None),
    id="ray",
    marks=[
        pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'trendnlp[ray]'"),
        pytest.mark.filterwarnings("ignore"),  # Ray's own
    ],
)
ENGINES = [pytest.param(lambda recipe: Processes(recipe, 2), id="processes"), RAY]
Hire = Callable[[Recipe], Crew]


@pytest.mark.parametrize("hire", ENGINES)
def test_the_same_bytes_from_any_engine_with_real_models(hire: Hire, tmp_path: Path) -> None:
    samples = Path(__file__).parents[1] / "samples"
    settings = Settings()
    matcher = load_matcher(settings)

    class Shown:
        """What the output needs of a pipeline."""

    Shown.matcher = matcher  # type: ignore[attr-defined]
    make = partial(load_with, settings, 1)
    here = Batch([samples], tmp_path / "here", Shown(), make=make, limits=limits(settings))
    there = Batch([samples], tmp_path / "there", Shown(), hire=hire, make=make, limits=limits(settings))
    summary = here.run()
    assert summary is not None and summary.done == 8 and summary.findings > 0
    assert there.run() == summary
    assert output(there.out) == output(here.out)


@pytest.mark.parametrize("hire", ENGINES)
def test_a_worker_that_is_killed_is_survived_and_what_kills_each_is_named(hire: Hire, tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 40)
    alone = Batch([folder], tmp_path / "alone")
    alone.run()
    once = tmp_path / "once"
    (folder / "report-005.md").write_text(f"# Market\n\nIt will die once at {once} for sure.\n", "utf-8")
    killed = Batch([folder], tmp_path / "killed", hire=hire, make=dying)
    killed.run()
    assert once.exists()
    assert sorted(set(killed.watch.failed)) == ["report-028.md"]
    (folder / "report-021.md").write_text("# Market\n\nHere they die always.\n", "utf-8")
    worse = Batch([folder], killed.out, hire=hire, make=dying)
    worse.run()
    report = json.loads((worse.out / "report.json").read_text("utf-8"))
    assert report["failed"] == [
        {
            "source": "report-021.md",
            "reason": "the process that worked on it died, each time",
            "remedy": "It may need more memory than there is: split it, or use fewer --workers.",
        },
        {"source": "report-028.md", "reason": "it holds nothing but white space", "remedy": "Give a text."},
    ]
    assert len(report["done"]) + len(report["skipped"]) == 38
    untouched = [line for line in output(alone.out)["documents.jsonl"].splitlines() if b'"report-03' in line]
    assert [line for line in output(worse.out)["documents.jsonl"].splitlines() if b'"report-03' in line] == untouched


@pytest.mark.parametrize("hire", ENGINES)
def test_workers_that_never_start_end_the_run(hire: Hire, tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 3)
    with pytest.raises(WorkerError, match="3 in a row died while they loaded the models"):
        Batch([folder], tmp_path / "out", hire=hire, make=broken).run()


def test_an_engine_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(SettingsError, match=r"Ray is not installed. Install it with `pip install 'trendnlp\[ray\]'`."):
        Actors(Recipe(fake, limits(Settings())), 1, 1, None)

"""The engines do the same: the same bytes, whoever does the work, and whoever of them dies."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from batch_fakes import SMALL, Batch, broken, dying, fake, make_texts, matching, output

from trendnlp import __version__
from trendnlp.artefacts import default_folder, open_artefact
from trendnlp.batch import Actors, Crew, Processes, Recipe
from trendnlp.batch.inputs import Input
from trendnlp.batch.workers import Done, Ready, Version, load_same
from trendnlp.build import limits, load_matcher
from trendnlp.errors import SettingsError, WorkerError
from trendnlp.pipeline import Pipeline
from trendnlp.settings import Settings

RAY_MARKS = [
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'trendnlp[ray]'"),
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]
ENGINES = ["processes", pytest.param("ray", marks=RAY_MARKS)]
Hire = Callable[[Recipe], Crew]
SAMPLES = ("italy-home-batteries-corvella.md", "italy-home-batteries-rete-tetto.txt")
TAGS = '[tags]\nhomes = ["home", "household"]\ngrid = ["grid"]\n'


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster that is there already. Its workers find what this process finds."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(str(Path(path).absolute()) for path in sys.path))
        # Processors for graphics that are there in name alone: each actor asks for one, and does without.
        node = {"num_cpus": 2, "num_gpus": 2, "include_dashboard": False, "object_store_memory": 100_000_000}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        yield cluster
        cluster.shutdown()


@pytest.fixture(scope="module")
def address(cluster: Any) -> str:
    return str(cluster.address)


def crew(engine: str, workers: int, address: str | None, recipe: Recipe) -> Crew:
    return Actors(recipe, workers, 1, address) if engine == "ray" else Processes(recipe, workers)


@pytest.fixture
def hire(engine: str, request: pytest.FixtureRequest) -> Hire:
    """What hires two workers of an engine."""
    return partial(crew, engine, 2, request.getfixturevalue("address") if engine == "ray" else None)


@pytest.fixture(scope="module")
def serial(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """What one process makes of two reports with real models, findings tagged; it has been run."""
    folder = tmp_path_factory.mktemp("serial")
    (folder / "tags.toml").write_text(TAGS, "utf-8")
    settings = Settings(taxonomy=folder / "tags.toml")
    tagging = Pipeline(pipeline.segmenter, pipeline.model, load_matcher(settings))
    samples = [Path(__file__).parents[1] / "samples" / name for name in SAMPLES]
    batch = Batch(samples, folder / "out", tagging, limits=limits(settings))
    assert batch.run() is not None
    return batch


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_bytes_from_any_engine_with_real_models(engine: str, serial: Batch, tmp_path: Path) -> None:
    recipe = Recipe(fake, serial.limits)
    make = recipe.sent(Settings(), open_artefact(default_folder()), torch.get_num_threads()).make
    hire = partial(crew, engine, 1, None)  # one worker: loading the models is what takes the time
    shown = SimpleNamespace(matcher=serial.pipeline.matcher)
    batch = Batch(serial.paths, tmp_path, shown, hire=hire, make=make, limits=serial.limits, spread=SMALL)
    summary = batch.run()
    assert summary is not None and summary.done == 2 and summary.findings > 0
    made = output(batch.out)
    assert made == output(serial.out)
    findings = [json.loads(line) for line in made["findings.jsonl"].splitlines()]
    assert {tag["name"] for f in findings for tag in f["tags"] if tag["origin"] == "taxonomy"} == {"grid", "homes"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [__version__, "0.0.1"])
def test_a_worker_with_another_version_or_other_models_is_refused(number: str, hire: Hire, tmp_path: Path) -> None:
    here = open_artefact(default_folder()).digest
    digest = "0" * 64 if number == __version__ else here
    make = partial(load_same, Settings(), 1, Version(number, digest))
    folder = make_texts(tmp_path / "in", 2)
    told = (
        f"has trendnlp {__version__} with models {here[:12]} in .*, not {number} with {digest[:12]}\\. Install the same"
    )
    with pytest.raises(WorkerError, match=f"^a worker on .*: {told}"):
        Batch([folder], tmp_path / "out", hire=hire, make=make).run()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_that_is_killed_is_survived_and_what_kills_each_is_named(hire: Hire, tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 40)
    once = tmp_path / "once"
    (folder / "report-005.md").write_text(f"# Market\n\nIt will die once at {once} for sure.\n", "utf-8")
    killed = Batch([folder], tmp_path / "killed", hire=hire, make=dying)
    killed.run()
    assert once.exists()
    alone = Batch([folder], tmp_path / "alone")
    alone.run()
    assert output(killed.out) == output(alone.out)
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


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """What one process makes of reports by itself, findings by guards and cosines; it has been run."""
    folder = tmp_path_factory.mktemp("matched")
    batch = Batch([make_texts(folder / "in", 60)], folder / "out", matching())
    assert batch.run() is not None
    return batch


def test_one_process_in_pieces_finds_the_same(matched: Batch, tmp_path: Path) -> None:
    pieces = Batch(matched.paths, tmp_path, matching(), spread=SMALL)
    pieces.run()
    assert output(pieces.out) == output(matched.out)


@pytest.mark.parametrize("engine", ENGINES)
def test_workers_find_what_one_process_finds_though_one_is_killed(hire: Hire, matched: Batch, tmp_path: Path) -> None:
    last = tmp_path / "last"
    killed = Batch(matched.paths, tmp_path / "out", matching(), hire=hire, make=partial(matching, last), spread=SMALL)
    killed.run()
    assert last.exists()
    assert output(killed.out) == output(matched.out)


def test_findings_that_kill_each_worker_end_the_run(matched: Batch, tmp_path: Path) -> None:
    make = partial(matching, tmp_path / "no" / "where")  # a file that cannot be made
    hire = partial(crew, "processes", 1, None)
    with pytest.raises(WorkerError, match="the findings: the process that worked on it died, each time"):
        Batch(matched.paths, tmp_path / "out", matching(), hire=hire, make=make, spread=SMALL).run()


@pytest.mark.parametrize("engine", ENGINES)
def test_workers_that_never_start_end_the_run(hire: Hire, tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 3)
    with pytest.raises(WorkerError, match="3 in a row died while they loaded the models"):
        Batch([folder], tmp_path / "out", hire=hire, make=broken).run()


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_an_actor_that_died_while_idle_is_replaced_and_its_next_work_is_done(engine: str, address: str) -> None:
    import ray

    actors = Actors(Recipe(fake, limits(Settings())), 1, 1, address)
    try:
        assert actors.wait() == [Ready(0)]
        ray.kill(actors._actors[0])
        with pytest.raises(ray.exceptions.RayError):  # it may still answer for a moment
            while True:
                ray.get(actors._actors[0].ready.remote())
        actors.give(0, (Input("a.md", b"Sales of lifts are growing.\n"),))
        [done] = actors.wait()
        assert isinstance(done, Done) and done.worker == 0
    finally:
        actors.close()


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_actors_that_find_no_place_find_one_when_the_cluster_grows(engine: str, cluster: Any) -> None:
    actors = Actors(Recipe(fake, limits(Settings())), 0, 1, str(cluster.address))
    work = (Input("a.md", b"Sales of lifts are growing.\n"),)
    ready: set[int] = set()

    def heard(wanted: int) -> None:
        while len(ready) < wanted:
            ready.update(event.worker for event in actors.wait() if isinstance(event, Ready))

    try:
        heard(1)
        actors.give(0, work)
        heard(2)  # as many as the cluster has processors
        for worker in ready:
            actors.give(worker, work)
        cluster.add_node(num_cpus=2, num_gpus=2)
        heard(4)
    finally:
        actors.close()


def test_an_engine_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(SettingsError, match=r"Ray is not installed. Install it with `pip install 'trendnlp\[ray\]'`."):
        Actors(Recipe(fake, limits(Settings())), 1, 1, None)

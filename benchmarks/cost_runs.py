"""The runs that costs.py measures, each in a process of its own. Times are CPU seconds, sizes bytes."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from batch import Bench, Cost, words
from scale import CLUSTERED, THRESHOLD, Watch, claims, planted, table_of, texts_of

from trendnlp.batch import (
    Alone,
    Basis,
    Files,
    Head,
    Input,
    Job,
    Recipe,
    Team,
    Work,
    make_plan,
    perform,
    run_shard,
    salt_of,
    table_opener,
)
from trendnlp.build import limits, load
from trendnlp.consolidate import CosineComparer, Incremental, Piece, Spread
from trendnlp.consolidate.neighbours import Approximate
from trendnlp.consolidate.spread import Compared
from trendnlp.records import finding_record, json_line
from trendnlp.settings import Settings
from trendnlp.types import OTHER

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Shares:
    """CPU seconds of one batch by what they went into; ``comparing`` and ``concluding`` make the findings."""

    labelling: float
    taking: float
    comparing: float
    concluding: float
    verdicts: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One size of one model: what the whole process cost, what it counted, and a second run that tells the shares."""

    documents: int
    words: int
    statements: int
    claims: int
    findings: int
    cost: Cost
    shares: Shares


@dataclass(frozen=True, slots=True)
class Consolidated:
    """Findings of planted claims: CPU seconds of what one process does and of the pieces that others can do."""

    claims: int
    findings: int
    alone: float
    pieces: float
    peak: float


@dataclass(frozen=True, slots=True)
class Stored:
    documents: int
    statements: int
    findings: int
    size: int


class Pieces:
    """Has pieces of the work on findings done, here, and counts the CPU seconds and the verdicts."""

    def __init__(self, do: Callable[[Piece], Any]) -> None:
        self._do = do
        self.seconds = 0.0
        self.verdicts = 0

    def share(self, pieces: Iterable[Piece]) -> Iterator[Any]:
        for piece in pieces:
            watch = Watch()
            made = self._do(piece)
            self.seconds += watch.cpu()
            self.verdicts += len(made) if isinstance(piece, Compared) else 0
            yield made


class Unwatched:
    """Looks on, and says nothing."""

    def planned(self, inputs: int) -> None:
        pass

    def done(self, heads: Sequence[Head], fresh: bool) -> None:
        pass

    def comparing(self, pairs: int) -> None:
        pass

    def compared(self, pairs: int) -> None:
        pass

    def stopping(self) -> bool:
        return False


def alone(work: Callable[..., Made], *given: object) -> tuple[Made, float]:
    """What ``work`` gives in a process of its own, and the peak memory of that in bytes; raises what it raises."""
    say(f"{work.__name__} {' '.join(str(one) for one in given if isinstance(one, int | float | str))}")
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_peaked, work, given).result()


def _peaked(work: Callable[..., Made], given: Sequence[object]) -> tuple[Made, float]:
    return work(*given), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def batch(bench: Bench, texts: Sequence[Path], model: str) -> Batch:
    """A whole ``trendnlp batch`` of ``texts``, and its shares by another run."""
    say(f"batch {model} {len(texts)}")
    cost = bench.batch(texts, model, "--engine", "serial")
    out = bench.scratch / "out"
    kinds = [json.loads(line)["kind"] for line in (out / "statements.jsonl").open("rb")]
    findings = sum(1 for _ in (out / "findings.jsonl").open("rb"))
    with tempfile.TemporaryDirectory(dir=bench.scratch) as folder:
        shares, _ = alone(shared, tuple(texts), model, Path(folder))
    told = sum(kind != OTHER for kind in kinds)
    return Batch(len(texts), sum(map(words, texts)), len(kinds), told, findings, cost, shares)


def shared(texts: Sequence[Path], model: str, folder: Path) -> Shares:
    """What ``trendnlp batch --engine serial`` does with ``texts``, part by part: what is labelled is taken in once
    more, and all pairs are compared in pieces, as others would do it.
    """
    settings = replace(Settings.from_env({}), home=folder / "home", model=model)
    pipeline = load(settings)
    recipe = Recipe(lambda: pipeline, limits(settings))
    # what is loaded on demand, is loaded before the clock runs
    run_shard([Input(texts[0].name, texts[0])], pipeline, recipe.limits, lambda step: None)
    if pipeline.matcher.comparer is not None:
        pipeline.matcher.comparer.judge.predict_proba([("Demand is rising.", "Demand rises.")])
    pieces = Pieces(pipeline.matcher.do)
    pipeline.matcher.spread = Spread(pieces.share, worth=1, here=0)
    job = Job(tuple(texts))
    with (
        Work.opened(folder / "work") as work,
        closing(make_plan(job, work, recipe, salt_of(model, "", recipe))) as plan,
        closing(Team(lambda: Alone(recipe))) as team,
    ):
        spent = []
        for _ in range(2):  # the second time all is labelled
            plan.forget()
            into = Files(folder, work, plan, table_opener("jsonl"), lambda: pipeline.matcher)
            with closing(into):
                watch = Watch()
                perform(plan, work, team, into, Unwatched())
                spent.append(watch.cpu())
                if len(spent) == 2:
                    watch = Watch()
                    into.finish(Basis((model, ""), ()), Unwatched())
                    spent.append(watch.cpu())
    both, taking, finishing = spent
    return Shares(both - taking, taking, pieces.seconds, finishing - pieces.seconds, pieces.verdicts)


def consolidate_planted(size: int) -> Consolidated:
    """Findings as a batch makes them, but near pairs found by a scan, also where there are many."""
    vectors, clusters = planted(size, CLUSTERED, 5)
    given = claims(vectors, texts_of(clusters.tolist(), 1), "d")
    del vectors
    comparer = CosineComparer(THRESHOLD, "synthetic")
    pieces = Pieces(lambda piece: piece.done(comparer))
    watch = Watch()
    spread = Spread(pieces.share, cell=size + 1, worth=1, here=0)
    found = Incremental(comparer, spread=spread).update(given, ()).findings
    for finding in found:
        json_line(finding_record(finding))
    spent = watch.cpu()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Consolidated(size, len(found), spent - pieces.seconds, pieces.seconds, peak)


def store(bench: Bench, texts: Sequence[Path], model: str) -> Stored:
    """The SQLite file of a workspace after ``trendnlp batch`` has put ``texts`` into it."""
    say(f"store {len(texts)}")
    with tempfile.TemporaryDirectory(dir=bench.scratch) as home:
        command = (sys.executable, "-m", "trendnlp", "batch", "--workspace", *map(str, texts))
        bench.run(*command, TRENDNLP_MODEL=model, TRENDNLP_HOME=home)
        path = Path(str(replace(Settings.from_env({}), home=Path(home)).store_url).partition("///")[2])
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            names = ("documents", "statements", "findings")
            counts = (database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names)
            return Stored(*counts, path.stat().st_size)


def index(size: int) -> tuple[float, float]:
    """Bytes and CPU seconds of a vector in the index."""
    rows = table_of(planted(size, CLUSTERED, 3)[0])
    watch = Watch()
    made = Approximate(rows)
    return made.index.memory_usage / size, watch.cpu() / size

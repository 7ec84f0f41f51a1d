"""``trendnlp evaluate``: all models on all labelled data, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from trendnlp.benchmark import (
    ABSTRACTS_FOLDER,
    CAUSES_FILE,
    Bench,
    Task,
    abstracts_task,
    causes_task,
    model_rows,
    own_task,
    rule_rows,
)
from trendnlp.build import artefact, bases
from trendnlp.cli.bars import tuning_bar
from trendnlp.cli.options import DataSet, EvaluateOptions
from trendnlp.cli.output import say
from trendnlp.cli.scores import print_lines, print_tables
from trendnlp.errors import SettingsError
from trendnlp.measure import Row, runnable
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions
from trendnlp.weights import PULL, cache_folder

WORK = "benchmarks"  # in the cache folder
PLACES = {DataSet.ABSTRACTS: ABSTRACTS_FOLDER, DataSet.CAUSES: CAUSES_FILE}
OWN = (DataSet.HELD_OUT, DataSet.REAL)


@dataclass(frozen=True, slots=True)
class _Section:
    """A task, and the rows to make of it; ``in_detail`` with tables of reliability and confusion."""

    task: Task
    rows: Callable[[Bench, Task], Iterator[Row]]
    in_detail: bool = True


def run(settings: Settings, options: EvaluateOptions) -> int:
    # Everything is read before anything is trained, so that a bad file is named now and not in an hour.
    sections = list(_sections(settings, options))
    found = bases(settings)
    if found.accurate is None:
        say(f"accurate and cascade are not scored: their base weights are not here. {PULL}")
    work = options.work or cache_folder(settings.cache) / WORK
    for section in sections:
        with tuning_bar() as report:
            rows = []
            for row in section.rows(Bench(found, TrainOptions(), work, report), section.task):
                say(f"{row.data}, {row.model}: {row.headline:.3f}")
                rows.append(row)
        if options.format == "jsonl":
            print_lines(rows, options.errors)
        else:
            print_tables(rows, section.in_detail, options.errors)
    return 0


def _sections(settings: Settings, options: EvaluateOptions) -> Iterator[_Section]:
    wanted = _wanted(options)
    if not wanted.isdisjoint(OWN):
        models = artefact(settings)
        data = options.data if DataSet.REAL in wanted else None
        task = own_task(options.corpus, data, DataSet.HELD_OUT in wanted, TrainOptions())
        yield _Section(
            task, lambda b, t: chain(rule_rows(t), b.baselines(t), model_rows(t, runnable(models, settings)))
        )
    if options.data is not None and DataSet.ABSTRACTS in wanted:
        yield _Section(abstracts_task(options.data), lambda b, t: chain(b.baselines(t), b.tuned(t)))
    if options.data is not None and DataSet.CAUSES in wanted:
        yield _Section(causes_task(options.data), lambda b, t: chain(b.baselines(t), b.tuned(t)))
    if DataSet.CURVE in wanted:
        yield _Section(own_task(options.corpus, options.data, True, TrainOptions()), Bench.curve, in_detail=False)


def _wanted(options: EvaluateOptions) -> set[DataSet]:
    """What was asked for, else all that the folder of data holds; raises SettingsError where one needs a folder."""
    for name in options.only:
        if options.data is None and name in (DataSet.REAL, *PLACES):
            raise SettingsError(f"--only {name}", "is scored on data of a folder", "Name the folder with --data.")
    if options.only:
        return set(options.only)
    if options.data is None:
        say("no --data given: only the held-out markets of the corpus are scored")
        return {DataSet.HELD_OUT}
    here = {name for name, place in PLACES.items() if (options.data / place).exists()}
    for name in PLACES.keys() - here:
        say(f"{name} is not scored: there is no {PLACES[name]} in {options.data}")
    return {*OWN, *here}

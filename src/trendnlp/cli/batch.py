"""``trendnlp batch``: a corpus into files, or into the workspace."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from trendnlp import __version__
from trendnlp.artefacts import Artefact
from trendnlp.batch import (
    WORK,
    Actors,
    Alone,
    Basis,
    Crew,
    Files,
    Job,
    Plan,
    Processes,
    Recipe,
    Saving,
    Sink,
    Stopped,
    Summary,
    Team,
    Work,
    check_output,
    cores,
    go_on,
    make_plan,
    perform,
    salt_of,
    table_opener,
)
from trendnlp.build import FAST, artefact, limits, load, load_matcher, model_digest, model_name
from trendnlp.cli.options import BatchOptions, Engine, StdinFormat
from trendnlp.cli.output import given, say
from trendnlp.cli.watch import BatchWatch
from trendnlp.consolidate import Notes, Spread
from trendnlp.pipeline import Matcher, Pipeline
from trendnlp.settings import Settings
from trendnlp.types import Analysis, Run
from trendnlp.workspace import Workspace

STOPPED = 130  # the exit code of what Ctrl-C has stopped
BATCHES = "batches"  # the folder in the workspace that does, with a folder for each set of inputs
SinkMaker = Callable[[Work, Plan, Team], Sink]


class Kept:
    """A workspace as what a batch saves into; ``team`` helps with its findings."""

    def __init__(self, workspace: Workspace, team: Team) -> None:
        self._workspace = workspace
        self._team = team
        self._started = _now()

    def known(self, documents: Iterable[str]) -> frozenset[str]:
        return self._workspace.store.stored(documents)

    def save(self, analyses: Sequence[Analysis]) -> None:
        self._workspace.save(analyses)

    def conclude(self, run: Run, notes: Notes) -> int:
        matcher = self._workspace.pipeline.matcher
        matcher.spread = _spread(self._team, matcher)
        self._workspace.notes = notes
        self._workspace.refresh()
        known = self._workspace.run_of(run.done, run.skipped, run.failed)
        run = replace(known, settings=(*known.settings, *(one for one in run.settings if one not in known.settings)))
        self._workspace.store.record_run(run, self._started, _now())
        return self._workspace.store.counts().findings


def run(settings: Settings, options: BatchOptions) -> int:
    models = artefact(settings)
    if options.out is None:
        with Workspace.open(settings, refresh=False) as workspace:  # it is done at the end, by the workers
            return _into_workspace(settings, options, workspace, models)
    return _into_folder(settings, options, options.out, models)


def _into_folder(settings: Settings, options: BatchOptions, out: Path, models: Artefact) -> int:
    tables = table_opener(options.format.value)
    check_output(out, options.inputs)
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be written shows before the work, not after it
    pipeline = cache(partial(load, settings))

    def matcher(team: Team) -> Matcher:
        # This process has loaded the models already where it does the work itself.
        found = pipeline().matcher if options.engine is Engine.SERIAL else load_matcher(settings)
        found.spread = _spread(team, found)
        return found

    def sink(work: Work, plan: Plan, team: Team) -> Sink:
        return Files(out, work, plan, tables, partial(matcher, team))

    return _run(settings, options, models, out / WORK, pipeline, sink)


def _into_workspace(settings: Settings, options: BatchOptions, workspace: Workspace, models: Artefact) -> int:
    names = "\n".join(sorted(str(path.absolute()) for path in options.inputs))
    folder = settings.workspace / BATCHES / hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:20]

    def sink(work: Work, plan: Plan, team: Team) -> Sink:
        return Saving(Kept(workspace, team), work, plan)

    return _run(settings, options, models, folder, lambda: workspace.pipeline, sink)


def _run(
    settings: Settings,
    options: BatchOptions,
    models: Artefact,
    folder: Path,
    pipeline: Callable[[], Pipeline],
    sink: SinkMaker,
) -> int:
    """Read what ``options`` name into what ``sink`` makes; ``folder`` keeps what is done meanwhile."""
    name = model_name(models, settings)
    digest = model_digest(models, name)
    recipe = Recipe(pipeline, limits(settings), given(options.force_language))
    salt = salt_of(digest, models.part(FAST).base_sha256, recipe)
    job = Job(options.inputs, options.stdin_format is StdinFormat.NDJSON, options.retry_failed)
    with (
        Work.opened(folder) as work,
        BatchWatch() as watch,
        closing(make_plan(job, work, recipe, salt)) as plan,
        # Standard output is for results alone, and Ray prints there what it has to say of its workers.
        redirect_stdout(sys.stderr),
        closing(Team(partial(_hired, settings, options, models, recipe), partial(go_on, watch))) as team,
        closing(sink(work, plan, team)) as into,
    ):
        try:
            with watch.interruptible():
                if not perform(plan, work, team, into, watch, job.retry_failed):
                    raise Stopped
                summary = into.finish(Basis((name, digest), _settings(settings)), watch)
        except Stopped:
            say(f"stopped: {watch.line()}; the same command goes on from there")
            return STOPPED
    _conclude(summary, options.out)
    return 1 if summary.failed else 0


def _spread(team: Team, matcher: Matcher) -> Spread:
    """How the work on findings is shared out. A judge takes long for a pair: sooner, and in smaller pieces."""
    return Spread(team.share) if matcher.comparer is None else Spread(team.share, pairs=64, worth=128, here=64)


def _conclude(summary: Summary, out: Path | None) -> None:
    say(
        f"{summary.done} done, {summary.skipped} skipped, {summary.failed} failed; "
        f"{summary.findings} findings in {out or 'the workspace'}"
    )


def _hired(settings: Settings, options: BatchOptions, models: Artefact, recipe: Recipe) -> Crew:
    """Who does the work."""
    if options.engine is Engine.SERIAL:
        return Alone(recipe)
    sent = partial(recipe.sent, settings, models)
    if options.engine is Engine.PROCESSES:
        workers = options.workers or cores()
        return Processes(sent(max(1, cores() // workers)), workers)
    workers = options.workers or 0
    threads = max(1, cores() // workers) if workers and options.address is None else 1
    return Actors(sent(threads), workers, threads, options.address)


def _settings(settings: Settings) -> tuple[tuple[str, str], ...]:
    return (
        ("version", __version__),
        ("max_bytes", str(settings.max_bytes)),
        ("max_characters", str(settings.max_characters)),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

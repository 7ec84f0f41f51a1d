"""``trendnlp train``: a labelled corpus into a models folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from trendnlp.cli.output import say
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, train
from trendnlp.tune import Progress as Tuned


def run(settings: Settings, corpus: Path, out: Path, epochs: int | None) -> int:
    options = TrainOptions()
    if epochs is not None:
        options = replace(options, tune=replace(options.tune, epochs=epochs))
    columns = (
        TextColumn("tuning, loss {task.fields[loss]:.3f}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("tune", total=None, loss=0.0)

        def report(step: Tuned) -> None:
            bar.update(task, completed=step.done, total=step.total, loss=step.loss)

        artefact = train(corpus, out, settings.encoder, options, report)
    manifest = artefact.manifest
    say(f"{manifest.name} {artefact.digest[:12]} in {out}: {manifest.units} units of {manifest.texts} texts")
    for name, value in manifest.scores.items():
        print(f"{name}\t{value:.4f}")
    return 0

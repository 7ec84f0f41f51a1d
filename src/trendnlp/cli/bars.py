"""How far the training of models is, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from trendnlp.train import Step
from trendnlp.trainings import Training


@contextmanager
def tuning_bar() -> Iterator[Callable[[Step], None]]:
    """A bar a model on standard error, for as long as models are tuned; gives what to report to."""
    columns = (
        TextColumn("{task.description}, loss {task.fields[loss]:.3f}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def report(step: Step) -> None:
            if step.model not in tasks:
                tasks[step.model] = bar.add_task(step.model, total=None, loss=0.0)
            now = step.progress
            bar.update(tasks[step.model], completed=now.done, total=now.total, loss=now.loss)

        yield report


@contextmanager
def training_bar() -> Iterator[Callable[[Training], None]]:
    """A bar for each pass of a training from reviews over texts; gives what to report to."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def report(training: Training) -> None:
            if training.step not in tasks:
                tasks[training.step] = bar.add_task(training.step, total=training.total)
            bar.update(tasks[training.step], completed=training.done)

        yield report

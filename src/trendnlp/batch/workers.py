"""Who does the shards: one loop for all engines, and what an engine's workers must be able to do.

A worker that dies takes nothing along: its inputs are done again, by another worker. When they have cost a second one
its life, each is done by itself, and the one that costs a third is a Failure, while the others go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from trendnlp.batch.entries import encode
from trendnlp.batch.inputs import Input
from trendnlp.batch.shard import run_shard
from trendnlp.build import load
from trendnlp.encode import use_threads
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits
from trendnlp.settings import Settings
from trendnlp.types import Failure, Metadata

LIVES = 2  # workers that the same inputs may cost before each is done by itself
DIED = "the process that worked on it died, each time"
DIED_REMEDY = "It may need more memory than there is: split it, or use fewer --workers."


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker needs: how to make its pipeline, and how inputs are read. It travels between processes."""

    make: Callable[[], Pipeline]
    limits: Limits
    given: Metadata = Metadata()

    @classmethod
    def of(cls, settings: Settings, limits: Limits, given: Metadata, threads: int) -> Recipe:
        """Of a worker that computes with so many threads."""
        return cls(partial(load_with, settings, threads), limits, given)


def load_with(settings: Settings, threads: int) -> Pipeline:
    """The pipeline of ``settings``, in a process that computes with so many threads."""
    use_threads(threads)
    return load(settings)


def analysed(inputs: Sequence[Input], pipeline: Pipeline, recipe: Recipe) -> bytes:
    """The entries of ``inputs``: what every worker does."""
    return encode(inputs, run_shard(inputs, pipeline, recipe.limits, lambda step: None, recipe.given))


@dataclass(frozen=True, slots=True)
class Task:
    """Inputs to be done together: those at ``places`` of the shard ``key``, which has ``size`` of them."""

    key: str
    size: int
    places: tuple[int, ...]
    inputs: tuple[Input, ...]
    deaths: int = 0

    def alone(self) -> Iterator[Task]:
        """Each of the inputs by itself."""
        for place, item in zip(self.places, self.inputs, strict=True):
            yield replace(self, places=(place,), inputs=(item,))


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has loaded its models, and waits for inputs."""

    worker: int


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has done its inputs, whose entries these are, and waits for others."""

    worker: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Died:
    """A worker died, with what it had been given. Another takes its place, and will say when it is ready."""

    worker: int


Event = Ready | Done | Died


class Crew(Protocol):
    """Workers, by number. Each does one task at a time."""

    def give(self, worker: int, inputs: Sequence[Input]) -> None:
        """Inputs for a worker that waits."""
        ...

    def wait(self) -> Sequence[Event]:
        """What happened, at least one thing; raises what a worker raised that was no document's fault."""
        ...

    def close(self) -> None:
        """End the workers, whatever they do."""
        ...


class Alone:
    """The engine ``serial``: this process does everything."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._pipeline: Pipeline | None = None
        self._given: Sequence[Input] = ()

    def give(self, worker: int, inputs: Sequence[Input]) -> None:
        self._given = inputs

    def wait(self) -> Sequence[Event]:
        if self._pipeline is None:
            self._pipeline = self._recipe.make()
            return [Ready(0)]
        return [Done(0, analysed(self._given, self._pipeline, self._recipe))]

    def close(self) -> None:
        pass


def run_tasks(tasks: Iterable[Task], hire: Callable[[], Crew]) -> Iterator[tuple[Task, bytes]]:
    """Each task with its entries, as they are done; a task of several inputs may come back in parts.

    A task is taken from ``tasks`` when a worker is free for it. Without any, no worker is hired.
    """
    source = iter(tasks)
    first = next(source, None)
    if first is None:
        return
    again = deque([first])
    crew = hire()
    try:
        yield from _worked(source, again, crew)
    finally:
        crew.close()


def _worked(source: Iterator[Task], again: deque[Task], crew: Crew) -> Iterator[tuple[Task, bytes]]:
    free: list[int] = []
    busy: dict[int, Task] = {}
    more = True
    while True:
        while free and (task := again.popleft() if again else next(source, None) if more else None):
            worker = free.pop()
            busy[worker] = task
            crew.give(worker, task.inputs)
        more = more and not free
        if not (more or busy or again):
            return
        for event in crew.wait():
            match event:
                case Ready(worker):
                    free.append(worker)
                case Done(worker, data):
                    free.append(worker)
                    yield busy.pop(worker), data
                case Died(worker) if worker in free:
                    free.remove(worker)
                case Died(worker):
                    task = busy.pop(worker)
                    task = replace(task, deaths=task.deaths + 1)
                    if task.deaths < LIVES:
                        again.append(task)
                    elif len(task.inputs) > 1:
                        again += task.alone()
                    else:
                        yield task, encode(task.inputs, [Failure(task.inputs[0].source, DIED, DIED_REMEDY)])

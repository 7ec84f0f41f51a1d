"""Who does the shards, and then helps with the findings: one loop for all engines, and what their workers can do.

A worker that dies takes nothing along: its inputs are done again, by another worker. When they have cost a second one
its life, each is done by itself, and the one that costs a third is a Failure, while the others go on. A piece of the
work on findings is done again likewise, but the run ends where it costs a second worker its life.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from socket import gethostname
from typing import Any, Protocol, TypeVar

from threadpoolctl import threadpool_limits

from trendnlp import __version__
from trendnlp.artefacts import Artefact, default_folder, open_artefact
from trendnlp.batch.entries import encode
from trendnlp.batch.inputs import Input
from trendnlp.batch.shard import run_shard
from trendnlp.build import build_pipeline, model_name
from trendnlp.consolidate import Piece
from trendnlp.encode import use_threads
from trendnlp.errors import WorkerError
from trendnlp.pipeline import Pipeline
from trendnlp.read import Limits
from trendnlp.settings import Settings
from trendnlp.types import Metadata

LIVES = 2  # workers that the same inputs may cost before each is done by itself
DIED = "the process that worked on it died, each time"
DIED_REMEDY = "It may need more memory than there is: split it, or use fewer --workers."


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker needs: how to make its pipeline, and how inputs are read. It travels between processes."""

    make: Callable[[], Pipeline]
    limits: Limits
    given: Metadata = Metadata()

    def sent(self, settings: Settings, models: Artefact, threads: int) -> Recipe:
        """For a worker elsewhere, which computes with so many threads and loads the very ``models`` for itself."""
        settings = replace(settings, model=model_name(models, settings), models=models.folder.absolute())
        make = partial(load_same, settings, threads, Version(__version__, models.digest))
        return replace(self, make=make)


@dataclass(frozen=True, slots=True)
class Version:
    """Of trendnlp, and the digest of a models folder."""

    number: str
    models: str


def load_same(settings: Settings, threads: int, expected: Version) -> Pipeline:
    """The pipeline of ``settings`` in a process that computes with so many threads, from the models folder that they
    name or from that of the trendnlp that is installed here, whichever is the one that is ``expected``; raises
    WorkerError where none is, as on a machine of a cluster with others.
    """
    folders = dict.fromkeys(folder for folder in (settings.models, default_folder()) if folder and folder.is_dir())
    found = [open_artefact(folder) for folder in folders]
    models = next((one for one in found if Version(__version__, one.digest) == expected), None)
    if models is None:
        here = " and ".join(f"models {one.digest[:12]} in {one.folder}" for one in found) or "no models"
        reason = f"has trendnlp {__version__} with {here}, not {expected.number} with {expected.models[:12]}"
        remedy = "Install the same version there, and put the same models under the same path as here."
        raise WorkerError(f"a worker on {gethostname()}", reason, remedy)
    use_threads(threads)
    threadpool_limits(threads)  # NumPy's too
    return build_pipeline(models, settings)


Given = Sequence[Input] | Piece  # what a worker is given


def worked(given: Given, pipeline: Pipeline, recipe: Recipe) -> Any:
    """What every worker does: of inputs the entries, as bytes, of a piece of the work on findings what comes of it."""
    if isinstance(given, Piece):
        return pipeline.matcher.do(given)
    return encode(given, run_shard(given, pipeline, recipe.limits, lambda step: None, recipe.given))


@dataclass(frozen=True, slots=True)
class Task:
    """Inputs to be done together: those at ``places`` of the shard ``key``, which has ``size`` of them."""

    key: str
    size: int
    places: tuple[int, ...]
    inputs: tuple[Input, ...]
    deaths: int = 0

    @property
    def given(self) -> Given:
        return self.inputs

    def alone(self) -> Iterator[Task]:
        """Each of several inputs by itself."""
        if len(self.inputs) > 1:
            for place, item in zip(self.places, self.inputs, strict=True):
                yield replace(self, places=(place,), inputs=(item,))


@dataclass(frozen=True, slots=True)
class Help:
    """A piece of the work on findings."""

    given: Given
    deaths: int = 0

    def alone(self) -> Iterator[Help]:
        """It has no parts."""
        return iter(())


AnyTask = TypeVar("AnyTask", Task, Help)


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has loaded its models, and waits for work."""

    worker: int


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has done its work, of which this has come, and waits for more."""

    worker: int
    made: Any


@dataclass(frozen=True, slots=True)
class Died:
    """A worker died, with what it had been given. Another takes its place, and will say when it is ready."""

    worker: int


Event = Ready | Done | Died


class Crew(Protocol):
    """Workers, by number. Each does one task at a time."""

    def give(self, worker: int, given: Given) -> None:
        """Work for a worker that waits."""
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
        self._given: Given = ()

    def give(self, worker: int, given: Given) -> None:
        self._given = given

    def wait(self) -> Sequence[Event]:
        if self._pipeline is None:
            self._pipeline = self._recipe.make()
            return [Ready(0)]
        return [Done(0, worked(self._given, self._pipeline, self._recipe))]

    def close(self) -> None:
        pass


class Team:
    """Workers who are hired when there is first something to do, and stay until it is closed. ``go_on`` is called after
    each piece of shared work, and raises to end it.
    """

    def __init__(self, hire: Callable[[], Crew], go_on: Callable[[], None] = lambda: None) -> None:
        self._hire = hire
        self._go_on = go_on
        self._crew: Crew | None = None
        self._free: list[int] = []

    def run(self, tasks: Iterable[AnyTask]) -> Iterator[tuple[AnyTask, Any]]:
        """Each task with what came of it, as they are done; a task of several inputs may come back in parts, and one
        that cost workers their lives comes with None.

        A task is taken from ``tasks`` when a worker is free for it.
        """
        source = iter(tasks)
        first = next(source, None)
        if first is not None:
            self._crew = self._crew or self._hire()
            yield from self._worked(source, deque([first]), self._crew)

    def share(self, pieces: Iterable[Piece]) -> Iterator[Any]:
        """What comes of each piece, as they are done; raises WorkerError where one cannot be done."""
        for _, made in self.run(Help(piece) for piece in pieces):
            if made is None:
                raise WorkerError("the findings", DIED, "There may be too little memory: use fewer --workers.")
            yield made
            self._go_on()

    def close(self) -> None:
        """Send the workers home, whatever they do."""
        if self._crew is not None:
            self._crew.close()
            self._crew = None
            self._free = []

    def _worked(self, source: Iterator[AnyTask], again: deque[AnyTask], crew: Crew) -> Iterator[tuple[AnyTask, Any]]:
        free = self._free
        busy: dict[int, AnyTask] = {}
        more = True
        while True:
            while free and (task := again.popleft() if again else next(source, None) if more else None):
                worker = free.pop()
                busy[worker] = task
                crew.give(worker, task.given)
            more = more and not free
            if not (more or busy or again):
                return
            for event in crew.wait():
                match event:
                    case Ready(worker):
                        free.append(worker)
                    case Done(worker, made):
                        free.append(worker)
                        yield busy.pop(worker), made
                    case Died(worker) if worker in free:
                        free.remove(worker)
                    case Died(worker):
                        task = busy.pop(worker)
                        task = replace(task, deaths=task.deaths + 1)
                        parts = [task] if task.deaths < LIVES else list(task.alone())
                        again += parts
                        if not parts:
                            yield task, None

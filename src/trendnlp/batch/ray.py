"""The engine ``ray``: workers are actors of a Ray cluster, or of one that is started here for this run.

Actors get the bytes of their inputs and send entries back, so that they need no disk in common. Each asks for its
share of processors, and of the GPUs that the cluster has when the run begins. There is one at first, and as many again
whenever all are busy: little work takes few. Those that still wait for a place make a cluster grow that grows on
demand, and more only come once these have found one.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from trendnlp.batch.inputs import Input, Line, Member
from trendnlp.batch.rows import line_bytes
from trendnlp.batch.workers import Died, Done, Event, Given, Ready, Recipe, worked
from trendnlp.consolidate import Piece
from trendnlp.encode import use_gpu
from trendnlp.errors import InputError, SettingsError, WorkerError
from trendnlp.read import Limits, file_bytes, member_bytes

STARTS = 3  # actors in a row that may die before one is ready
STORE_BYTES = 256 * 1024 * 1024  # of a local cluster's object store; a shard and its entries take some megabytes
INSTALL = "Install it with `pip install 'trendnlp[ray]'`."


class Actor:
    """A worker on some node. The models are loaded once; on its GPU, where it has one."""

    def __init__(self, recipe: Recipe, gpus: float) -> None:
        if gpus:
            use_gpu()
        self._recipe = recipe
        self._loaded = cache(recipe.make)  # not here: why an actor cannot be made, Ray tells in its own words alone

    def ready(self) -> None:
        """Answers once the models are loaded; raises what loading them raises."""
        self._loaded()

    def run(self, given: Given) -> Any:
        return worked(given, self._loaded(), self._recipe)


def _share_of(gpus: int, workers: int) -> float:
    """Of one GPU, what each of the workers gets, so that all find a place."""
    return 1 / -(-workers // gpus) if gpus else 0


class Actors:
    """A crew of up to ``workers`` actors on the cluster at ``address``, or on this machine; where ``workers`` is 0, as
    many as it has room for, also once it has grown. Each takes ``threads`` processors.
    """

    def __init__(self, recipe: Recipe, workers: int, threads: int, address: str | None) -> None:
        self._recipe = recipe
        self._ray: Any = _started(address, workers * threads)
        room = max(1, int(self._ray.cluster_resources().get("CPU", 1)) // threads)
        self._most = workers or (room if address is None else sys.maxsize)
        self._gpus = _share_of(int(self._ray.available_resources().get("GPU", 0)), workers or room)
        # An entry that cannot be reconstructed is asked for again by us, so Ray need not try.
        asks = {"num_cpus": threads, "num_gpus": self._gpus, "max_restarts": 0, "max_task_retries": 0}
        self._actor = self._ray.remote(Actor).options(**asks)
        self._failed = 0
        self._actors: list[Any] = [None]
        self._waiting: dict[Any, int] = {}  # what is to come, to the worker that it comes from
        self._ready: set[int] = set()
        self._busy: set[int] = set()
        self._start(0)

    def give(self, worker: int, given: Given) -> None:
        if not isinstance(given, Piece):
            given = tuple(_carried(item, self._recipe.limits) for item in given)
        self._waiting[self._living(worker).run.remote(given)] = worker
        self._busy.add(worker)
        if len(self._busy) == len(self._actors):
            for number in range(len(self._actors), min(2 * len(self._actors), self._most)):
                self._actors.append(None)
                self._start(number)

    def wait(self) -> Sequence[Event]:
        while True:
            done, _ = self._ray.wait(list(self._waiting), num_returns=1)
            events = [event for ref in done if (event := self._heard(ref)) is not None]
            if events:
                return events

    def close(self) -> None:
        self._ray.shutdown()

    def _start(self, number: int) -> None:
        self._ready.discard(number)
        self._actors[number] = self._actor.remote(self._recipe, self._gpus)
        self._waiting[self._actors[number].ready.remote()] = number

    def _living(self, number: int) -> Any:
        """The actor, or another in its place where it died idle: what it is given next is not what killed it."""
        try:
            self._ray.get(self._actors[number].ready.remote())
        except self._ray.exceptions.RayError:
            self._actors[number] = self._actor.remote(self._recipe, self._gpus)
        return self._actors[number]

    def _heard(self, ref: Any) -> Event | None:
        number = self._waiting.pop(ref)
        self._busy.discard(number)
        failures = self._ray.exceptions
        try:
            said = self._ray.get(ref)
        except failures.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else error from None
        except failures.RayError as error:
            return self._replaced(number, error)
        if number in self._ready:
            return Done(number, said)
        self._ready.add(number)
        self._failed = 0
        return Ready(number)

    def _replaced(self, number: int, error: Exception) -> Event | None:
        was_ready = number in self._ready
        if not was_ready:
            self._failed += 1
            if self._failed >= STARTS:
                reason = f"{STARTS} in a row died while they loaded the models ({error})"
                raise WorkerError("the Ray actors", reason, "Look at the cluster's logs, or use fewer --workers.")
        self._start(number)
        return Died(number) if was_ready else None


def _started(address: str | None, processors: int) -> Any:
    """Ray, connected; raises SettingsError where it is not installed, WorkerError where it does not start."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        raise SettingsError("--engine ray", "Ray is not installed", INSTALL) from None
    local: dict[str, Any] = {"address": "local", "include_dashboard": False, "object_store_memory": STORE_BYTES}
    if processors:
        local["num_cpus"] = processors
    try:
        with _importable():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **({"address": address} if address else local))
    except Exception as error:  # Ray names no others: a start that takes too long is a bare Exception
        ray.shutdown()
        reason = f"it cannot be reached or started ({error})"
        raise WorkerError(address or "Ray", reason, "Check the address and the cluster.") from None
    return ray


@contextmanager
def _importable() -> Iterator[None]:
    """What is started here finds trendnlp and its libraries where this process does."""
    name = "PYTHONPATH"
    before = os.environ.get(name)
    os.environ[name] = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _carried(item: Input, limits: Limits) -> Input:
    """The input with its bytes, which are read here; what cannot be read is there with the reason."""
    try:
        match item.origin:
            case Path() as path:
                return replace(item, origin=file_bytes(path, item.source, limits))
            case Member(archive, index):
                return replace(item, origin=member_bytes(archive, index, item.source, limits))
            case Line() as place:
                return replace(item, origin=replace(place, data=line_bytes(place, item.source)))
            case _:
                return item
    except InputError as error:
        return replace(item, origin=error)

"""One batch, from its inputs to a sink: what an earlier run has done is taken from it, the rest is done."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Protocol

from trendnlp import __version__
from trendnlp.batch.entries import Entry, State, encode, entries_of
from trendnlp.batch.inputs import STDIN, STDIN_NAME, Found, Input, find
from trendnlp.batch.output import Basis, Summary, made_by_batch
from trendnlp.batch.plan import Plan, Salt, Shard
from trendnlp.batch.progress import Watch
from trendnlp.batch.rows import lines_of
from trendnlp.batch.tables import rows_to_lines
from trendnlp.batch.work import Work
from trendnlp.batch.workers import DIED, DIED_REMEDY, Recipe, Task, Team
from trendnlp.errors import InputError
from trendnlp.types import Failure

ENTRIES = 1  # the form of entries; another number makes those of other versions be done anew
PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read: ``paths``, where ``-`` is standard input, one document or with ``stdin_rows`` a JSON object a
    line. With ``retry_failed``, what failed in an earlier run is done again.
    """

    paths: tuple[Path, ...]
    stdin_rows: bool = False
    retry_failed: bool = False


class Sink(Protocol):
    """Where shards go, in order."""

    def holds(self, entries: Sequence[Entry]) -> bool: ...

    def take(self, shard: Shard, entries: Sequence[Entry]) -> None: ...

    def finish(self, basis: Basis, watch: Watch) -> Summary: ...

    def close(self) -> None: ...


def salt_of(model: str, encoder: str, recipe: Recipe) -> Salt:
    """``model`` and ``encoder`` are the digests of what labels, and of what makes the vectors of claims."""
    models = f"{ENTRIES} {__version__} {model} {encoder} {recipe.given}"
    return Salt(*(hashlib.sha256(text.encode()).hexdigest()[:20] for text in (models, str(asdict(recipe.limits)))))


def make_plan(job: Job, work: Work, recipe: Recipe, salt: Salt) -> Plan:
    """The inputs of ``job``, in order. What can be read once alone is copied into the work folder first."""
    return Plan.make(work.scratch / "plan", _found(job, work, recipe), salt)


def perform(plan: Plan, work: Work, team: Team, sink: Sink, watch: Watch, retry: bool = False) -> bool:
    """Have ``team`` do what is still to be done, and give all shards to ``sink``; False where the watch stopped it
    before the end.

    Each shard is kept as soon as it is done. With ``retry``, inputs that failed in an earlier run are done again, and
    all others are taken from it, whatever the limits on input were.
    """
    watch.planned(len(plan))
    order = _InOrder(plan, work, sink)
    parts: dict[str, dict[int, Entry]] = {}

    def tasks() -> Iterator[Task]:
        for shard in plan.shards():
            if watch.stopping():
                return
            known = _known(shard, work, sink, retry)
            watch.done([entry.head for entry in known.values()], fresh=False)
            places = tuple(i for i in range(len(shard.inputs)) if i not in known)
            if places:
                parts[shard.key] = known
                yield Task(shard.key, len(shard.inputs), places, tuple(shard.inputs[i] for i in places))
            else:
                if not work.has(shard.key):  # what is known was done under other limits
                    work.write(shard.key, b"".join(known[i].data for i in range(len(shard.inputs))))
                order.finished(shard.key)

    for task, data in team.run(tasks()):
        entries = list(entries_of(_died(task) if data is None else data))
        parts[task.key].update(zip(task.places, entries, strict=True))
        watch.done([entry.head for entry in entries], fresh=True)
        if len(parts[task.key]) == task.size:
            whole = parts.pop(task.key)
            work.write(task.key, b"".join(whole[i].data for i in range(task.size)))
            order.finished(task.key)
    if watch.stopping():
        return False
    work.prune(plan.has)
    return True


def _died(task: Task) -> bytes:
    """The entries of inputs that cost workers their lives."""
    return encode(task.inputs, [Failure(item.source, DIED, DIED_REMEDY) for item in task.inputs])


class _InOrder:
    """Gives shards to a sink in the order of the plan, each once it and all before it are finished."""

    def __init__(self, plan: Plan, work: Work, sink: Sink) -> None:
        self._shards = plan.shards()
        self._next = next(self._shards, None)
        self._work = work
        self._sink = sink
        self._finished: set[str] = set()

    def finished(self, key: str) -> None:
        self._finished.add(key)
        while self._next is not None and self._next.key in self._finished:
            self._finished.remove(self._next.key)
            self._sink.take(self._next, list(entries_of(self._work.read(self._next.key))))
            self._next = next(self._shards, None)


def _known(shard: Shard, work: Work, sink: Sink, retry: bool) -> dict[int, Entry]:
    """What need not be done of a shard, by place."""
    key = shard.key if work.has(shard.key) else work.like(shard.content) if retry else None
    if key is None:
        return {}
    entries = list(entries_of(work.read(key)))
    if len(entries) != len(shard.inputs) or not sink.holds(entries):
        return {}
    return {i: entry for i, entry in enumerate(entries) if not (retry and entry.head.state is State.FAILED)}


def _found(job: Job, work: Work, recipe: Recipe) -> Iterator[Found]:
    numbers = count(1)
    limits = recipe.limits

    def opened(path: Path, name: str) -> Iterator[Found]:
        written = copied(path) if _is_pipe(path) else None
        if path.suffix.lower() != PARQUET:
            return lines_of(path, name, limits, written)
        lines = work.scratch / f"rows-{next(numbers)}"
        try:
            rows_to_lines(written or path, name, lines)
        except InputError as error:
            return iter([Found(Input(name, error), str(path))])
        return lines_of(path, name, limits, lines)

    def copied(pipe: Path) -> Path:
        copy = work.scratch / f"pipe-{next(numbers)}"
        with pipe.open("rb") as file, copy.open("wb") as into:
            shutil.copyfileobj(file, into)
        return copy

    for path in dict.fromkeys(job.paths):
        if str(path) == STDIN:
            yield from _stdin(work.scratch / STDIN_NAME, job.stdin_rows, recipe)
            continue
        for found in find(path, limits, opened, made_by_batch):
            origin = found.item.origin
            if isinstance(origin, Path) and _is_pipe(origin):
                found = replace(found, item=replace(found.item, origin=copied(origin)))
            yield found


def _stdin(copy: Path, rows: bool, recipe: Recipe) -> Iterator[Found]:
    with copy.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    if rows:
        return lines_of(copy, STDIN_NAME, recipe.limits)
    return iter([Found(Input(STDIN_NAME, copy), STDIN_NAME)])


def _is_pipe(path: Path) -> bool:
    try:
        return path.is_fifo() or path.is_char_device()
    except (OSError, ValueError):
        return False

"""Pipelines side by side, as many as there are cores: whoever comes first is served first.

A document is never computed together with another: what a model gives depends, in its last digits, on all that it is
given at once, and the same document must always have the same labels. So what waits is done beside one another, each on
a core of its own, which also takes less than if one document after the other had all of them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from copy import deepcopy

from trendnlp.encode import cores, use_threads
from trendnlp.heap import ARENA_MAX, tell_heap
from trendnlp.pipeline import Pipeline

MOST = 8  # each has what it computes in memory, though not the weights
# Glibc gives threads heaps of their own, each of which keeps what the largest text took that its thread ever met: after
# 250 texts from 16 threads, 1.3 GB without a limit and 1.1 GB with this one.
HEAPS = 2


class Lanes:
    """Copies of a pipeline, each of which one thread uses at a time. Safe for use from several threads."""

    def __init__(self, pipeline: Pipeline, count: int | None = None) -> None:
        """``count``: how many work side by side; by default as many as there are cores, up to ``MOST``."""
        tell_heap(ARENA_MAX, HEAPS)
        self.count = min(cores(), MOST) if count is None else count
        self._free = [deepcopy(pipeline) for _ in range(self.count)]
        self._line: deque[Future[Pipeline]] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def lane(self) -> Iterator[Pipeline]:
        """A pipeline for this thread alone, waited for behind those who came before. Alone, it has all cores."""
        pipeline = self._taken()
        try:
            yield pipeline
        finally:
            self._give(pipeline)

    def _taken(self) -> Pipeline:
        place: Future[Pipeline] = Future()
        with self._lock:
            alone = len(self._free) == self.count
            if self._free:
                place.set_result(self._free.pop())
            else:
                self._line.append(place)
        pipeline = place.result()
        use_threads(cores() if alone else max(1, cores() // self.count))
        return pipeline

    def _give(self, pipeline: Pipeline) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set_result(pipeline)
            else:
                self._free.append(pipeline)

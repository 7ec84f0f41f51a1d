"""Consolidation of very many claims, of which a sample of cells is worked: seconds, and the near pairs it finds.

Vectors are planted as in scale.py, but held in half precision, for so many would not fit otherwise. Centroids, homes
and cells are those of ``trendnlp.consolidate.cells``; rows are assigned with centroids of single precision, which the
product holds in double.
"""

from __future__ import annotations

import os
import pickle
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scale import CLOSENESS, CLUSTERED, DIMENSIONS, LARGEST, NOISE, THRESHOLD, TOPIC
from threadpoolctl import threadpool_limits

from trendnlp.consolidate import CosineComparer, Spread
from trendnlp.consolidate.cells import NEAREST, SAMPLE, Cell, Centroids, asked_cells, centroids
from trendnlp.consolidate.neighbours import Indexes, Proposals, Reach

TOPICS = 500  # planted at a time
ROWS = 1_000_000  # assigned at a time
CELL = Spread(lambda pieces: iter(())).cell  # rows of a cell on average
COMPARER = CosineComparer(THRESHOLD, "synthetic")

Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was done, in CPU seconds, and counted: ``members`` are the rows of a worked cell, ``home`` those of them
    that are at home, both on average; ``near`` the planted near pairs with an end at home there, of which so many were
    ``found``. ``sending`` is the copying and pickling of the worked cells.
    """

    size: int
    cells: int
    worked: int
    home: float
    members: float
    planting: float
    centroids: float
    assigning: float
    searching: float
    sending: float
    near: int
    found: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Planted:
    """Unit vectors in a random order: the rows ``place[bounds[i]:bounds[i + 1]]`` are of the topic i."""

    vectors: Halves
    place: Indexes
    bounds: Indexes


@dataclass(frozen=True, slots=True)
class Visits:
    """The cell that each row is at home in; a row r asks in the cells ``asked[first[r]:first[r + 1]]``."""

    home: NDArray[np.int32]
    asked: NDArray[np.int32]
    first: Indexes

    def members(self, chosen: Indexes, cells: int) -> Iterator[Indexes]:
        """Of each of the ``chosen`` cells, which are in order, the rows that ask there."""
        wanted = np.zeros(cells, np.bool_)
        wanted[chosen] = True
        at = np.flatnonzero(wanted[self.asked])
        order = np.argsort(self.asked[at], kind="stable")
        rows = np.searchsorted(self.first, at[order], side="right") - 1
        return iter(np.split(rows, np.searchsorted(self.asked[at[order]], chosen[1:])))

    def asks(self, rows: Indexes, cells: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether each of ``rows`` asks in the cell at the same place."""
        found = np.zeros(len(rows), np.bool_)
        for i in range(int(np.diff(self.first).max())):
            at = self.first[rows] + i
            inside = at < self.first[rows + 1]
            found[inside] |= self.asked[at[inside]] == cells[inside]
        return found


def simulate(size: int, wanted: int, minutes: float) -> Simulated:
    """``size`` claims, of which ``wanted`` cells are worked, less where ``minutes`` are over before; raises
    MemoryError where they do not fit.
    """
    _bound_memory()
    begun = time.monotonic()
    try:
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            return _simulate(size, wanted, begun + 60 * minutes, pool)
    except MemoryError as error:
        raise MemoryError(str(error)) from None  # numpy's own does not travel between processes


def _simulate(size: int, wanted: int, until: float, pool: ThreadPoolExecutor) -> Simulated:
    begun, started = time.monotonic(), time.process_time()
    planted = plant(size, pool)
    planting = time.process_time() - started
    started = time.process_time()
    count = -(-size // CELL)
    with threadpool_limits(os.cpu_count()):
        centres = centroids(planted.vectors[: SAMPLE * count], count)  # type: ignore[arg-type]
    centring = time.process_time() - started
    visits, assigning = assign(planted.vectors, centres, pool)
    chosen = np.random.default_rng(size).choice(count, min(wanted, count), replace=False)
    order, chosen = np.argsort(np.argsort(chosen)), np.sort(chosen)
    members = list(visits.members(chosen, count))
    worked, seconds, sent = [], 0.0, 0.0
    proposals: list[Proposals] = []
    for start in range(0, len(chosen), os.cpu_count() or 1):
        if time.monotonic() > until and worked:
            break
        some = order[start : start + (os.cpu_count() or 1)].tolist()
        for found, own, sending in pool.map(lambda i: _work(planted.vectors, visits, members[i], int(chosen[i])), some):
            proposals.append(found)
            seconds, sent = seconds + own, sent + sending
        worked += some
    near, found = _recalled(planted, visits, chosen[worked], proposals)
    return Simulated(
        size=size,
        cells=count,
        worked=len(worked),
        home=float(np.isin(visits.home, chosen[worked]).sum() / len(worked)),
        members=sum(len(members[i]) for i in worked) / len(worked),
        planting=planting,
        centroids=centring,
        assigning=assigning,
        searching=seconds,
        sending=sent,
        near=near,
        found=found,
        minutes=(time.monotonic() - begun) / 60,
    )


def plant(size: int, pool: ThreadPoolExecutor) -> Planted:
    """Rows as ``scale.planted`` makes them, but from other draws: the same for the same size."""
    draw = np.random.default_rng(size)
    sizes = draw.integers(2, LARGEST + 1, int(CLUSTERED * size / 2) + 1)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), CLUSTERED * size)]
    sizes = np.concatenate([sizes, np.ones(size - int(sizes.sum()), np.int64)])  # of each cluster
    ends = np.cumsum(sizes)
    bounds = np.concatenate([[0], ends[TOPIC - 1 : -1 : TOPIC], [size]])
    place = draw.permutation(size)
    vectors = np.empty((size, DIMENSIONS), np.float16)

    def fill(first: int) -> None:
        own = np.random.default_rng((size, first))
        some = sizes[first * TOPIC : (first + TOPICS) * TOPIC]
        topic = np.repeat(own.standard_normal((TOPICS, DIMENSIONS), np.float32), TOPIC, axis=0)[: len(some)]
        near = own.uniform(*CLOSENESS, len(some)).astype(np.float32)[:, None]
        centre = np.sqrt(near) * topic + np.sqrt(1 - near) * own.standard_normal(topic.shape, np.float32)
        rows = np.repeat(centre, some, axis=0)
        rows += np.float32(NOISE) * own.standard_normal(rows.shape, np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        vectors[place[bounds[first] : bounds[first] + len(rows)]] = rows

    list(pool.map(fill, range(0, len(bounds) - 1, TOPICS)))
    return Planted(vectors, place, bounds)


def assign(vectors: Halves, centres: Centroids, pool: ThreadPoolExecutor) -> tuple[Visits, float]:
    """Where each row is at home and where it asks, as among so many rows, and the CPU seconds of it."""
    single = centres.astype(np.float32)

    def block(start: int) -> tuple[Indexes, Indexes, NDArray[np.int32], float]:
        began = time.thread_time()
        rows = np.arange(start, min(start + ROWS, len(vectors)))
        home, asking, asked = asked_cells(vectors, rows, single, THRESHOLD, min(NEAREST, len(centres)))  # type: ignore[arg-type]
        return home, np.bincount(asking, minlength=len(rows)), asked.astype(np.int32), time.thread_time() - began

    done = list(pool.map(block, range(0, len(vectors), ROWS)))
    home = np.concatenate([own for own, *_ in done]).astype(np.int32)
    first = np.concatenate([[0], np.cumsum(np.concatenate([counts for _, counts, *_ in done]))])
    asked = np.concatenate([cells for *_, cells, _ in done])
    return Visits(home, asked, first), sum(seconds for *_, seconds in done)


def _work(vectors: Halves, visits: Visits, there: Indexes, cell: int) -> tuple[Proposals, float, float]:
    """What a cell finds, and the CPU seconds of that and of sending it."""
    began = time.thread_time()
    at_home = visits.home[there] == cell
    rows = np.concatenate([there[at_home], there[~at_home]])
    piece = Cell(rows, vectors[rows].astype(np.float32), int(at_home.sum()), Reach(THRESHOLD))
    pickle.dumps(piece, pickle.HIGHEST_PROTOCOL)
    sent = time.thread_time()
    found = piece.done(COMPARER)
    return found, time.thread_time() - sent, sent - began


def _recalled(planted: Planted, visits: Visits, worked: Indexes, proposals: list[Proposals]) -> tuple[int, int]:
    """The planted near pairs with an end at home in a cell that was ``worked``, and how many of them were proposed, or
    are by the cell of their other end.
    """
    size = len(planted.place)
    inside = np.isin(visits.home, worked)
    owners, others = [planted.place[:0]], [planted.place[:0]]
    touched = np.add.reduceat(inside[planted.place], planted.bounds[:-1])
    for topic in np.flatnonzero(touched).tolist():
        rows = planted.place[planted.bounds[topic] : planted.bounds[topic + 1]]
        own = rows[inside[rows]]
        cosine = planted.vectors[own].astype(np.float32) @ planted.vectors[rows].astype(np.float32).T
        a, b = np.nonzero(cosine >= THRESHOLD)
        owners.append(own[a])
        others.append(rows[b])
    a, b = np.concatenate(owners), np.concatenate(others)
    once = (a < b) | ((a > b) & ~inside[b])  # a pair with both ends inside comes twice
    a, b = a[once], b[once]
    seen = np.concatenate([_keys(found.queries, found.others, size) for found in proposals])
    found = np.isin(_keys(a, b, size), seen) | visits.asks(a, visits.home[b])
    return len(a), int(found.sum())


def _keys(a: Indexes, b: Indexes, size: int) -> Indexes:
    return np.asarray(np.minimum(a, b) * size + np.maximum(a, b))


def _bound_memory() -> None:
    """What does not fit is a MemoryError from here on, and no reason for the system to end processes."""
    about = Path("/proc/meminfo")
    if about.is_file():
        free = next(line for line in about.read_text("ascii").splitlines() if line.startswith("MemAvailable"))
        mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (mapped + int(free.split()[1]) * 1024, hard))

"""What costs.py fits and multiplies, from given numbers, and what its simulation finds."""

from __future__ import annotations

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from trendnlp.consolidate.cells import Sizes, centroids, cut
from trendnlp.consolidate.neighbours import Reach

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def model() -> ModuleType:
    return _module("cost_model")


@pytest.fixture(scope="module")
def cells() -> ModuleType:
    return _module("cost_cells")


def _module(name: str) -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))  # they import each other
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_a_fit_finds_what_values_were_made_of_and_how_far_it_is_off(model: ModuleType) -> None:
    exact = model.fit([10, 20, 40, 80], [3 + 0.5 * n + 0.01 * n * n for n in (10, 20, 40, 80)], 2)
    assert exact.terms == pytest.approx((3, 0.5, 0.01)) and exact.error < 1e-9
    assert exact.at(1000) == pytest.approx(10503)
    falling = model.fit([1, 2], [2.0, 1.0])  # no cost falls: the mean that is relatively as near to both
    assert falling.terms == pytest.approx((1.2, 0.0)) and falling.error == pytest.approx(0.4, abs=0.01)
    assert model.fit([1, 2], [0.0, 0.0]).terms == (0.0, 0.0)


def test_the_table_multiplies_divides_what_is_shared_and_names_what_takes_longest(model: ModuleType) -> None:
    nothing = dict.fromkeys(model.Costs.__slots__, 0.0)
    given = {
        "labelling": 7.2,
        "taking": 0.036,
        "claims": 10.0,
        "stored": 1e4,
        "comparing": 0.072,
        "finding": 0.0036,
        "indexed": 1000.0,
        "cutting": 3.6e-10,
        "held": model.Fit((1e9, 1e3), 0.0),
        "memory": 8e9,
    }
    costs = model.Costs(**nothing | given)
    one, many = (model.row(costs, 100_000, machines) for machines in (1, 256))
    # 200 h of labelling, 20 h of comparing, 1 h of findings and 0.1 h of cutting, the first two on so many cores
    assert (one.labelling, one.consolidation, one.alone) == pytest.approx((100, 11.1, 1.1))
    assert (many.labelling, many.consolidation, many.alone) == pytest.approx((1, 1.1 + 20 / 512, 1.1))
    assert (one.held, one.stored, one.indexed) == pytest.approx((2e9, 1e9, 1e9))
    assert (one.bottleneck, many.bottleneck) == ("labelling (shared out)", "making findings (one process)")
    assert model.row(costs, 10**8, 256).bottleneck == (
        "memory of one process; then cutting claims into cells (one process)"
    )
    assert model.row(replace(costs, taking=0.5), 100_000, 256).bottleneck == "taking in what is labelled (one process)"
    lines = model.table(costs).splitlines()
    assert len(lines) == 11
    assert lines[2] == "| 100,000 | 1 | 100 | 11.1 | 1.1 | 111 | 2 | 1 | 1 | labelling (shared out) |"


def test_the_simulation_asks_where_the_product_does_and_counts_what_it_finds(
    cells: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CELL": 100, "ROWS": 700, "TOPICS": 7}.items():
        monkeypatch.setattr(cells, name, value)
    with ThreadPoolExecutor(2) as pool:
        planted = cells.plant(2000, pool)
        vectors = planted.vectors.astype(np.float32)
        visits, _ = cells.assign(planted.vectors, centroids(vectors[: 20 * cells.SAMPLE], 20), pool)
        made = cells._simulate(2000, 20, np.inf, pool)
    rows = np.arange(2000, dtype=np.int64)
    theirs = list(cut(vectors, rows, Reach(cells.THRESHOLD), Sizes(100, 0)))
    ours = list(visits.members(np.arange(20), 20))
    # single precision may tell two cells apart otherwise than double, once in a while
    assert sum(len(set(a.rows.tolist()) ^ set(b.tolist())) for a, b in zip(theirs, ours, strict=True)) <= 4
    assert sum(abs(cell.home - int((visits.home == i).sum())) for i, cell in enumerate(theirs)) <= 4
    near = int((np.triu(vectors @ vectors.T, 1) >= cells.THRESHOLD).sum())
    asked = {(min(a, b), max(a, b)) for there in theirs for a, b in _pairs(vectors, there, cells.THRESHOLD)}
    assert (made.worked, made.home) == (20, 100.0)
    assert (made.near, made.found) == (pytest.approx(near, abs=4), pytest.approx(len(asked), abs=4))
    assert 0.9 * near < len(asked) <= near


def _pairs(vectors: np.ndarray, cell: object, least: float) -> list[tuple[int, int]]:
    rows, home = cell.rows, cell.home  # type: ignore[attr-defined]
    query, other = np.nonzero(vectors[rows] @ vectors[rows[:home]].T >= least)
    return [(int(rows[a]), int(rows[b])) for a, b in zip(query, other, strict=True) if rows[a] != rows[b]]

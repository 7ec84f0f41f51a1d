"""Which models a workspace uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from trendnlp.errors import NotFound
from trendnlp.uses import Use, digests, models_in, named, note_use, used_folder, uses

ONE, OTHER = "a1" * 32, "a1b2" * 16


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for digest in (ONE, OTHER):
        (models_in(tmp_path) / digest).mkdir(parents=True)
    (models_in(tmp_path) / "trainings").mkdir()
    return tmp_path


def test_the_last_switch_counts_and_all_are_kept(home: Path) -> None:
    assert used_folder(home) is None and uses(home) == ()
    switches = tuple(Use(digest, f"2026-11-28T12:0{i}", "Zoë\n", "why") for i, digest in enumerate((ONE, OTHER)))
    for use in switches:
        note_use(home, use)
    assert uses(home) == switches and used_folder(home) == models_in(home) / OTHER
    note_use(home, Use("shipped", "2026-11-28T12:09", "Ann", "why"))
    assert used_folder(home) is None


def test_a_line_that_a_crash_cut_off_is_passed_over(home: Path) -> None:
    note_use(home, Use(ONE, "", "Ann", ""))
    with (models_in(home) / "uses.jsonl").open("a") as file:
        file.write('{"at": "2026", "by"')
    assert used_folder(home) == models_in(home) / ONE
    note_use(home, Use(OTHER, "", "Ann", ""))
    assert used_folder(home) == models_in(home) / OTHER


def test_a_line_cannot_lead_elsewhere(home: Path) -> None:
    note_use(home, Use("../../elsewhere", "", "Eve", ""))
    assert used_folder(home) is None


def test_models_are_named_by_how_they_begin(home: Path) -> None:
    assert digests(home) == (ONE, OTHER)
    assert [named(home, name) for name in (ONE, "a1b2", "shipped")] == [ONE, OTHER, "shipped"]
    for name in ("a1a", "a1", "zzzz", "../x"):
        with pytest.raises(NotFound, match="models list"):
            named(home, name)

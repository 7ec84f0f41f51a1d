"""What a batch reads: folders to their ends, pipes once, and never what it wrote itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from batch_fakes import Batch, make_texts, output

from trendnlp.batch import expand
from trendnlp.errors import MissingInput
from trendnlp.read import Limits
from trendnlp.types import Skipped

COUNT = 60  # reports, in more than one shard


def rows(path: Path, count: int) -> Path:
    lines = [json.dumps({"text": f"Demand for lifts {n} rises.", "source": f"row-{n}"}) for n in range(count)]
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize(
    "paths",
    [
        lambda data: [data / "**" / "*.jsonl"],
        lambda data: [data / "out" / ".."],
        lambda data: [data.parent / "link"],
        lambda data: sorted(data.iterdir()),
        lambda data: [data / "**" / "*"],
    ],
)
def test_what_it_wrote_is_no_input(tmp_path: Path, paths: Callable[[Path], list[Path]]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows(data / "rows.jsonl", 3)
    (tmp_path / "link").symlink_to(data)
    (data / "out").mkdir()
    first = Batch(paths(data), data / "out").run()
    assert first is not None and (first.done, first.failed) == (3, 0)
    before = output(data / "out")
    assert Batch(paths(data), data / "out").run() == first
    assert output(data / "out") == before


def test_a_link_to_a_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 1)
    (folder / "round").symlink_to(folder)
    (folder / "self.md").symlink_to(folder / "self.md")
    found = expand([folder])
    assert [i.source for i in found] == ["report-000.md", "round", "self.md"]
    assert found[1].origin == Skipped("round", "a link to a folder, which is not followed")
    summary = Batch([folder], tmp_path / "out").run()
    assert summary is not None and (summary.done, summary.skipped, summary.failed) == (1, 1, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads every folder")
def test_a_folder_that_cannot_be_read_fails_and_the_others_are_read(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 1)
    (folder / "locked").mkdir(mode=0)
    try:
        locked, report = expand([folder])
    finally:
        (folder / "locked").chmod(0o700)
    assert report.source == "report-000.md"
    assert isinstance(locked.origin, MissingInput)
    assert str(locked.origin) == "locked: the folder cannot be read (Permission denied). Check its permissions."


def test_lines_from_a_pipe_are_read_once_and_kept(tmp_path: Path) -> None:
    pipe = tmp_path / "rows.ndjson"
    os.mkfifo(pipe)
    content = rows(tmp_path / "plain", 3).read_bytes()
    writer = Thread(target=lambda: pipe.write_bytes(content), daemon=True)
    writer.start()
    summary = Batch([pipe], tmp_path / "out").run()
    writer.join(10)
    assert summary is not None and (summary.done, summary.failed) == (3, 0)


def test_tables_of_another_format_do_not_stay_beside_the_report(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 3)
    out = tmp_path / "out"
    (out).mkdir()
    (out / "notes.txt").write_text("mine", "utf-8")
    Batch([folder], out).run()
    Batch([folder], out, format="parquet").run()
    tables = [f"{name}.parquet" for name in ("documents", "findings", "statements")]
    assert sorted(output(out)) == sorted([*tables, "notes.txt", "report.json"])


def test_what_failed_under_another_limit_is_done_again_beside_shards_without_failures(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", COUNT)
    (folder / "large.md").write_text("# Beds\n\n" + "Beds are dear. " * 100, "utf-8")
    first = Batch([folder], tmp_path / "out", limits=Limits(max_bytes=500))
    first.run()
    assert "large.md" in first.watch.failed
    assert len(list((first.out / ".work" / "shards").iterdir())) > 1
    again = Batch([folder], first.out, retry_failed=True)
    again.run()
    assert again.pipeline.seen == ["large.md"]
    anew = Batch([folder], tmp_path / "anew")
    anew.run()
    assert output(first.out) == output(anew.out)

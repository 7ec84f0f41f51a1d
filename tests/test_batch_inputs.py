"""What a batch reads: folders to their ends, pipes once, and never what it wrote itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from batch_fakes import Batch, make_texts, output

from trendnlp.batch import Summary, expand
from trendnlp.cli.batch import run as run_batch
from trendnlp.cli.options import BatchOptions
from trendnlp.errors import MissingInput, OutputError
from trendnlp.read import Limits
from trendnlp.settings import Settings
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


def test_what_another_run_wrote_is_no_input_unless_it_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows(data / "rows.jsonl", 3)
    Batch([data], data / "former").run()
    later = Batch([data], tmp_path / "later").run()
    assert later is not None and (later.done, later.skipped, later.failed) == (3, 0, 0)
    named = Batch([data / "former" / "statements.jsonl"], tmp_path / "named").run()
    assert named is not None and (named.done, named.failed) == (3, 0)


def test_to_read_a_table_of_its_own_output_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    Batch([rows(tmp_path / "rows.jsonl", 3)], out).run()
    before, kept = output(out), sorted((out / ".work" / "shards").iterdir())
    table = out / "statements.jsonl"
    with pytest.raises(OutputError) as error:
        run_batch(Settings(), BatchOptions((tmp_path / "rows.jsonl", table), out))
    assert str(error.value) == (
        f"{table}: is to be read, and is of the output in {out}. "
        "Name what is to be read, or another folder for the output."
    )
    assert (output(out), sorted((out / ".work" / "shards").iterdir())) == (before, kept)


def test_a_folder_that_holds_only_the_output_of_another_run_says_so(tmp_path: Path) -> None:
    former = tmp_path / "former"
    Batch([rows(tmp_path / "rows.jsonl", 3)], former).run()
    for number, path in enumerate((former, former / "*.jsonl")):
        out = tmp_path / f"out{number}"
        assert Batch([path], out).run() == Summary(done=0, skipped=1, failed=0, findings=0)
        (skipped,) = json.loads((out / "report.json").read_text("utf-8"))["skipped"]
        assert skipped == {
            "source": str(path),
            "reason": "only the output of a batch is there, whose tables are read where they are named",
        }


def test_files_that_no_run_wrote_are_not_written_over(tmp_path: Path) -> None:
    mine = rows(tmp_path / "documents.jsonl", 3)
    before = mine.read_bytes()
    with pytest.raises(OutputError) as error:
        run_batch(Settings(), BatchOptions((mine,), tmp_path))
    assert str(error.value) == (
        f"{mine}: would be written over, and is not of a run that could go on. "
        "Choose another folder, or move it away; that of a run whose .work folder is gone, too."
    )
    assert list(tmp_path.iterdir()) == [mine] and mine.read_bytes() == before


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

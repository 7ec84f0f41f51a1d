"""A batch that is cut off goes on where it was, and ends in the same bytes; what has changed is done anew."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_fakes import NAMES, Batch, FakePipeline, Mortal, Seen, make_texts, matching, output
from killing import forked, starter

from trendnlp.batch import Summary, Work
from trendnlp.cli.watch import BatchWatch
from trendnlp.consolidate import incremental
from trendnlp.errors import OutputError
from trendnlp.read import Limits
from trendnlp.types import Document

COUNT = 90
KILLS = 50


def test_killed_fifty_times_at_random_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", COUNT)
    chance = random.Random(8)
    with starter("batch_fakes.py", str(folder), str(tmp_path / "whole")) as process:
        assert forked(process, str(tmp_path / "warm")) == 0
        expected = output(tmp_path / "whole")
        began = time.perf_counter()
        assert forked(process, str(tmp_path / "once")) == 0
        lasts = time.perf_counter() - began
        assert tuple(expected) == NAMES and b"Wards 3 are short of nurses." in expected["statements.jsonl"]
        killed, round = 0, 0
        while killed < KILLS:
            out = tmp_path / f"out-{round}"
            # Short lives as well as long ones: what a life does is less, the more was done before.
            status = forked(process, str(out), chance.uniform(0, lasts) * chance.choice((0.3, 1.0)))
            if os.WIFSIGNALED(status):
                killed += 1
                if chance.random() < 0.7:
                    continue
            assert forked(process, str(out)) == 0
            assert output(out) == expected
            round += 1
    assert round > 3


def test_a_finished_batch_does_nothing_again_and_a_changed_input_only_what_it_touches(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", COUNT)
    batch = Batch([folder], tmp_path / "out")
    summary = batch.run()
    assert summary is not None and summary.done + summary.skipped + summary.failed == COUNT
    first = output(batch.out)
    again = Batch([folder], batch.out)
    assert again.run() == summary
    assert (again.pipeline.seen, len(again.watch.known), output(batch.out)) == ([], COUNT, first)
    (folder / "report-041.md").write_text("# Market 41\n\nPrices fall.\n", "utf-8")
    (folder / "report-0415.md").write_text("# Market 41\n\nPrices rise.\n", "utf-8")
    changed = Batch([folder], batch.out)
    assert changed.run() is not None
    assert {"report-041.md", "report-0415.md"} <= set(changed.pipeline.seen)
    assert len(changed.pipeline.seen) < COUNT / 2
    anew = Batch([folder], tmp_path / "anew")
    anew.run()
    assert output(batch.out) == output(anew.out)
    kept = {path.name for path in (batch.out / ".work" / "shards").iterdir()}
    assert kept == {path.name for path in (anew.out / ".work" / "shards").iterdir()}


@pytest.mark.parametrize("other", [{"model": "sha256:0002"}, {"limits": Limits(max_bytes=1000)}])
def test_other_models_or_limits_start_anew(tmp_path: Path, other: dict[str, object]) -> None:
    folder = make_texts(tmp_path / "in", 20)
    Batch([folder], tmp_path / "out").run()
    batch = Batch([folder], tmp_path / "out", **other)  # type: ignore[arg-type]
    batch.run()
    assert len(batch.watch.fresh) == 20


def test_what_failed_is_done_again_when_asked_and_only_that(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 20)
    (folder / "large.md").write_text("# Beds\n\n" + "Beds are dear. " * 100, "utf-8")

    def fails(document: Document) -> None:
        if document.source == "report-003.md":
            raise RuntimeError("no luck")

    first = Batch([folder], tmp_path / "out", FakePipeline(fails), limits=Limits(max_bytes=500))
    first.run()
    assert first.watch.failed == ["large.md", "report-003.md"]
    report = json.loads((first.out / "report.json").read_text("utf-8"))
    assert [(f["source"], f["reason"]) for f in report["failed"]] == [
        ("large.md", "it is larger than 500 bytes"),
        ("report-003.md", "unexpected RuntimeError: no luck"),
    ]
    still = Batch([folder], first.out, limits=Limits(max_bytes=500))
    still.run()
    assert still.pipeline.seen == []
    again = Batch([folder], first.out, retry_failed=True)
    again.run()
    assert again.pipeline.seen == ["large.md", "report-003.md"]
    anew = Batch([folder], tmp_path / "anew")
    anew.run()
    assert output(first.out) == output(anew.out)


def test_stopped_between_shards_it_goes_on(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", COUNT)
    expected = Batch([folder], tmp_path / "whole")
    summary = expected.run()
    first = Batch([folder], tmp_path / "out", watch=Seen())
    first.watch.stop = lambda: bool(first.watch.fresh)
    assert first.run() is None
    assert output(first.out) == {}
    assert 0 < len(first.watch.fresh) < COUNT
    second = Batch([folder], first.out)
    assert second.run() == summary
    assert second.watch.known == first.watch.fresh
    assert output(first.out) == output(expected.out)


def test_stopped_among_pairs_of_statements_it_goes_on_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incremental, "AT_ONCE", 4)
    folder = make_texts(tmp_path / "in", 30)
    expected = Batch([folder], tmp_path / "whole", matching())
    summary = expected.run()
    assert (pairs := expected.watch.pairs) == expected.watch.pairs_done > 20
    first = Batch([folder], tmp_path / "out", matching())
    first.watch.stop = lambda: first.watch.pairs_done >= 8
    assert first.run() is None
    assert (first.watch.pairs_done, output(first.out)) == (8, {})
    second = Batch([folder], first.out, matching())
    assert second.run() == summary
    assert (second.watch.fresh, second.watch.pairs) == ([], pairs - 8)
    assert output(first.out) == output(expected.out)
    # what one more document brings is compared, and no pair of before
    make_texts(folder, 31)
    third = Batch([folder], first.out, matching())
    third.run()
    anew = Batch([folder], tmp_path / "anew", matching())
    anew.run()
    assert 0 < third.watch.pairs < anew.watch.pairs / 2
    assert output(first.out) == output(anew.out)


def test_what_another_rule_found_out_or_a_damaged_file_holds_is_not_used(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 30)
    batches = [Batch([folder], tmp_path / out, FakePipeline(matcher=Mortal(threshold=0.99))) for out in ("out", "new")]
    Batch([folder], batches[0].out, matching()).run()
    for batch in batches:
        batch.run()
    assert output(batches[0].out) == output(batches[1].out)
    (batches[0].out / ".work" / "verdicts").write_bytes(b"no database at all" * 99)
    again = Batch([folder], batches[0].out, matching())
    again.run()
    assert again.watch.pairs == again.watch.pairs_done > 20
    assert output(again.out) != output(batches[1].out)


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is a KeyboardInterrupt, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_once_asks_for_the_end_and_twice_is_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    with BatchWatch() as watch, watch.interruptible():
        assert not watch.stopping()
        signal.raise_signal(signal.SIGINT)
        assert watch.stopping()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert "stopping after what is in hand; Ctrl-C again stops at once" in capfd.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_ends_the_command_between_shards_and_run_again_it_goes_on(tmp_path: Path) -> None:
    folder, out = make_texts(tmp_path / "in", COUNT), tmp_path / "out"
    command = [sys.executable, "-m", "trendnlp", "batch", str(folder), "--out"]
    environment = {**os.environ, "TRENDNLP_MODEL": "fast"}
    shards = out / ".work" / "shards"
    with subprocess.Popen([*command, str(out)], stderr=subprocess.PIPE, text=True, env=environment) as process:
        while process.poll() is None and not (shards.is_dir() and any(shards.iterdir())):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        told = process.communicate()[1].splitlines()
    assert process.returncode == 130
    assert any("stopping after what is in hand; Ctrl-C again stops at once" in line for line in told)
    assert told[-1].startswith("stopped: ") and told[-1].endswith("; the same command goes on from there")
    assert output(out) == {} and any(shards.iterdir())
    for into in (out, tmp_path / "anew"):  # some of the texts are empty
        assert subprocess.run([*command, str(into)], capture_output=True, env=environment).returncode == 1
    assert output(out) == output(tmp_path / "anew") != {}


def test_how_far_the_findings_are_is_told_with_the_time_that_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    seconds = 0.0
    with BatchWatch(now=lambda: seconds) as watch:
        watch.planned(0)
        watch.comparing(1200)
        seconds = 20.0
        watch.compared(300)
    assert capfd.readouterr().err.splitlines() == [
        "0 of 0 documents, 300 of 1,200 pairs of statements compared at 15.0/s, about 1 min left"
    ]


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    folder = make_texts(tmp_path / "in", 3)
    batch = Batch([folder], tmp_path / "out")
    with Work.opened(batch.out / ".work"), pytest.raises(OutputError, match="another run works in it"):
        batch.run()
    assert batch.run() == Summary(done=3, skipped=0, failed=0, findings=5)

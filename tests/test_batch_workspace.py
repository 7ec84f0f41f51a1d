"""A batch straight into a workspace: what ingest makes of the same reports, shard by shard, and again after a stop."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_fakes import FakePipeline, Seen, make_texts
from batch_saves import Site, contents, save
from killing import forked, starter
from typer.testing import CliRunner

from trendnlp.cli import app
from trendnlp.cli.watch import BatchWatch
from trendnlp.read import read_path
from trendnlp.store import FindingFilter, PageRequest, Store

KILLS = 15


def test_saved_by_shards_and_stopped_in_between_the_store_holds_the_same(
    tmp_path: Path, new_url: Callable[[], str]
) -> None:
    folder = make_texts(tmp_path / "in", 90)
    whole, cut = Site(new_url(), tmp_path / "whole"), Site(new_url(), tmp_path / "cut")
    summary, keeper = save(folder, whole)
    assert summary is not None and summary.done == 79 == sum(keeper.saves) and len(keeper.saves) > 3
    documents, findings, run = contents(whole)
    assert [a.document.source for a in documents] == list(run.done)
    assert (len(run.skipped), len(run.failed), len(findings)) == (8, 3, summary.findings)
    watch = Seen()
    watch.stop = lambda: len(watch.fresh) > 20
    stopped, _ = save(folder, cut, watch)
    assert stopped is None
    later, keeper = save(folder, cut)
    assert later == summary
    assert 0 < sum(keeper.saves) < 79
    assert contents(cut) == (documents, findings, run)


def told(site: Site) -> str:
    return f"{site.url}\t{site.home}"


def test_killed_at_random_the_store_ends_with_the_same(tmp_path: Path, new_url: Callable[[], str]) -> None:
    folder = make_texts(tmp_path / "in", 60)
    whole = Site(new_url(), tmp_path / "whole")
    chance = random.Random(8)
    with starter("batch_saves.py", str(folder), whole.url, str(whole.home)) as process:
        for warm in (True, False):
            site = Site(new_url(), tmp_path / f"whole-{warm}")
            began = time.perf_counter()
            assert forked(process, told(site)) == 0
            lasts = time.perf_counter() - began
        expected = contents(whole)
        killed, round = 0, 0
        while killed < KILLS:
            site = Site(new_url(), tmp_path / f"home-{round}")
            while killed < KILLS and (status := forked(process, told(site), chance.uniform(0, lasts))):
                assert os.WIFSIGNALED(status)
                killed += 1
            assert forked(process, told(site)) == 0
            assert contents(site) == expected
            round += 1


def test_what_the_workspace_holds_is_not_done_again_and_what_it_lost_is(
    tmp_path: Path, new_url: Callable[[], str]
) -> None:
    folder = make_texts(tmp_path / "in", 40)
    site = Site(new_url(), tmp_path)
    summary, _ = save(folder, site)
    before = contents(site)
    watch = Seen()
    assert save(folder, site, watch)[0] == summary
    assert (watch.fresh, len(watch.known)) == ([], 40)
    lost = before[0][7].document
    with Store.open(site.url) as store:
        store.delete_document(lost.id)
    watch = Seen()
    assert save(folder, site, watch)[0] == summary
    assert lost.source in watch.fresh and len(watch.fresh) < 40
    after = contents(site)
    assert sorted(a.document.id for a in after[0]) == sorted(a.document.id for a in before[0])
    assert after[1] == before[1]


def test_an_analysis_travels_whole(tmp_path: Path, new_url: Callable[[], str]) -> None:
    folder = make_texts(tmp_path / "in", 5)
    site = Site(new_url(), tmp_path)
    save(folder, site)
    pipeline = FakePipeline()
    for analysis in contents(site)[0]:
        source = analysis.document.source
        assert analysis == pipeline.analyse(read_path(folder / source, source=source))


def test_batch_into_the_workspace_is_what_ingest_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples = str(Path(__file__).parents[1] / "samples")

    def run(home: str, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["--home", home, *arguments], catch_exceptions=False)
        assert (result.exit_code, result.stdout) == (code, "")
        return result.stderr.splitlines()[-1]

    run("a", "ingest", samples)
    with monkeypatch.context() as patch:  # as if Ctrl-C came while pairs of statements are compared
        patch.setattr(BatchWatch, "stopping", lambda watch: "compared" in watch.line())
        stopped = run("b", "batch", samples, "--workspace", code=130)
    assert stopped.startswith("stopped: 8 of 8 documents, 0 of ")
    assert stopped.endswith(" pairs of statements compared; the same command goes on from there")
    assert run("b", "batch", samples, "--workspace").startswith("8 done, 0 skipped, 0 failed; ")
    stores = [Store.open(f"sqlite:///{tmp_path}/{home}/trendnlp.sqlite") for home in ("a", "b")]
    page = PageRequest(limit=200)
    ours, theirs = ([s.analysis(d.id) for d in s.documents(page).items] for s in stores)
    assert theirs == ours and len(ours) == 8
    findings = [store.findings(FindingFilter(), page).items for store in stores]
    assert findings[0] == findings[1] != ()
    by_ingest, by_batch = (store.runs().items[0].run for store in stores)
    assert (by_batch.models, by_batch.done) == (by_ingest.models, by_ingest.done)
    assert set(by_ingest.settings) < set(by_batch.settings)
    for store in stores:
        store.close()

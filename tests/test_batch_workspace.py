"""A batch straight into a workspace: what ingest makes of the same reports, shard by shard, and again after a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from batch_fakes import FakePipeline, Seen, make_texts
from builders import make_consolidation
from typer.testing import CliRunner

from trendnlp.batch import Alone, Basis, Job, Recipe, Saving, Summary, Team, Work, make_plan, perform, salt_of
from trendnlp.cli import app
from trendnlp.cli.watch import BatchWatch
from trendnlp.consolidate import Notes
from trendnlp.read import Limits, read_path
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.types import Analysis, Finding, Run


@dataclass
class Keeper:
    """A store as what a batch saves into; ``saves`` counts what it was given at once."""

    store: Store
    saves: list[int] = field(default_factory=list)

    def known(self, documents: Iterable[str]) -> frozenset[str]:
        return self.store.stored(documents)

    def save(self, analyses: Sequence[Analysis]) -> None:
        self.saves.append(len(analyses))
        self.store.save_all(analyses)

    def conclude(self, run: Run, notes: Notes) -> int:
        self.store.replace_findings(make_consolidation(self.store.claims()))
        self.store.record_run(run, "2026-01-01", "2026-01-02")
        return self.store.counts().findings


@dataclass(frozen=True)
class Site:
    """Where a store is, and the folder of the work on it."""

    url: str
    home: Path


def save(folder: Path, site: Site, watch: Seen | None = None, retry: bool = False) -> tuple[Summary | None, Keeper]:
    """Batch ``folder`` into a store."""
    recipe = Recipe(lambda: FakePipeline(), Limits())  # type: ignore[arg-type,return-value]
    with Store.open(site.url) as store, Work.opened(site.home / "work") as work:
        keeper = Keeper(store)
        plan = make_plan(Job((folder,)), work, recipe, salt_of("m", "e", recipe))
        sink = Saving(keeper, work, plan)
        if not perform(plan, work, Team(lambda: Alone(recipe)), sink, watch or Seen(), retry):
            return None, keeper
        return sink.finish(Basis(("fake", "m"), ()), watch or Seen()), keeper


def contents(site: Site) -> tuple[list[Analysis], tuple[Finding, ...], Run]:
    """The documents in the order of adding, the findings, and the last run."""
    page = PageRequest(limit=200)
    with Store.open(site.url) as store:
        documents = [store.analysis(d.id) for d in store.documents(page).items]
        return documents[::-1], store.findings(FindingFilter(), page).items, store.runs().items[0].run


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

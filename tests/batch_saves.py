"""Batches into a store, with pipelines that need no models."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from batch_fakes import FakePipeline, Seen, forks
from builders import make_consolidation

from trendnlp.batch import Alone, Basis, Job, Recipe, Saving, Summary, Team, Work, make_plan, perform, salt_of
from trendnlp.consolidate import Notes
from trendnlp.read import Limits
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


def main() -> None:
    """Batches of the folder in the first argument, in forks that are each told a store and a folder for the work on it.
    One batch is made into the store and the folder of the other arguments beforehand, as in ``batch_fakes``.
    """
    folder = Path(sys.argv[1])

    def into(url: str, home: str) -> None:
        save(folder, Site(url, Path(home)))

    into(*sys.argv[2:])
    forks(lambda line: into(*line.split("\t")))


if __name__ == "__main__":
    main()

"""A workspace goes from one database into another, of either kind, and nothing of it is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import all_copies, make_analysis, make_claims, make_consolidation, make_document
from databases import EMPTY, Server, index_is_sound
from typer.testing import CliRunner

from trendnlp.cli import app
from trendnlp.errors import StoreError
from trendnlp.review import Action, Draft
from trendnlp.store import FindingFilter, PageRequest, ReviewFilter, Saved, StatementFilter, Store
from trendnlp.store.database import Database
from trendnlp.store.transfer import open_target, transfer
from trendnlp.types import Metadata, Run

ODD = "# Zäune\nCafé costs rise\udcff and\x00 fall. Ärzte are scarce. 中文 grows 🚀. \x10escape."
RUN = Run(("a\udcff.txt",), (), (), (), ())


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, postgres: Server) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'target.sqlite'}"
    else:
        with postgres.database(EMPTY) as created:
            yield created


def fill(store: Store) -> None:
    """Some of everything: documents that went, findings, decisions, a run, verdicts."""
    known = Metadata(title="\x10 title", market="Zäune", published="2024-03")
    analyses = [
        make_analysis(make_document(f"Report {n}. {ODD}", metadata=known), kinds=("driver", "trend")) for n in range(4)
    ]
    for analysis in analyses:
        store.save(analysis)
    store.replace_findings(make_consolidation(store.claims()), revision=store.revision())
    store.record_run(RUN, "2024-01-01", "2024-01-02")
    a, b = (c.labelled.statement.id for c in store.claims()[:2])
    store.undo_review(store.add_review(Draft(Action.MERGE, (a, b), "Ann Ö")).id, "Bob")
    store.delete_document(analyses[-1].document.id)


def everything(store: Store) -> tuple[object, ...]:
    whole = PageRequest(500)
    ids = [d.id for d in store.documents(whole).items]
    return (
        [store.analysis(id) for id in ids],
        store.documents(whole),
        store.findings(FindingFilter(), whole),
        store.reviews(ReviewFilter(), whole),
        store.runs(whole),
        [store.run_state(run.id) for run in store.runs(whole).items],
        (store.revision(), store.consolidated_revision(), all_copies(store), store.counts()),
        [store.statements(StatementFilter(q=q)) for q in ("costs", '"arzte are"')],
    )


def moved(source: str, target: str, progress: Callable[[str, int], None] = lambda table, rows: None) -> dict[str, int]:
    one, other = Database.open(source), open_target(target)
    try:
        return {copied.table: copied.rows for copied in transfer(one, other, progress)}
    finally:
        one.close()
        other.close()


def test_a_workspace_is_the_same_in_the_other_database(url: str, target: str) -> None:
    with Store.open(url) as source:
        fill(source)
        cursor = source.documents(PageRequest(1)).next_cursor
        rows = moved(url, target)
        assert {name: rows[name] for name in ("documents", "statements", "reviews", "runs")} == {
            "documents": 3, "statements": 18, "reviews": 2, "runs": 1,
        }  # fmt: skip
        with Store.open(target) as copy:
            assert everything(copy) == everything(source)
            assert index_is_sound(target)
            # a cursor of the one is good for the other, also once the newest document has gone and another has come
            newest = make_analysis("Another.", kinds=("trend",))
            for store in (source, copy):
                assert store.save(newest) is Saved.ADDED
            assert copy.documents(PageRequest(1, cursor)) == source.documents(PageRequest(1, cursor))
            assert copy.documents().items[0].id == newest.document.id


def test_a_database_with_data_is_refused(url: str, target: str) -> None:
    with Store.open(url) as source:
        fill(source)
    moved(url, target)
    with pytest.raises(StoreError, match=r"it holds data already \(\w+\). Give an empty database"):
        moved(url, target)


def test_a_transfer_that_fails_leaves_nothing_and_can_be_repeated(url: str, target: str) -> None:
    class Stopped(Exception):
        pass

    def stop(table: str, rows: int) -> None:
        if table == "members":
            raise Stopped

    with Store.open(url) as source:
        fill(source)
        with pytest.raises(Stopped):
            moved(url, target, stop)
        with Store.open(target) as copy:
            assert (copy.counts().documents, copy.revision()) == (0, 0)
        moved(url, target)
        with Store.open(target) as copy:
            assert everything(copy) == everything(source)


def test_what_comes_meanwhile_is_not_copied_in_part(url: str, target: str) -> None:
    with Store.open(url) as source:
        fill(source)
        before = everything(source)
        late = make_analysis("Came late. It did.", kinds=("driver",))

        def meddle(table: str, rows: int) -> None:
            source.save(late)

        moved(url, target, meddle)
        assert late.document.id in source.stored([late.document.id])
        with Store.open(target) as copy:
            assert everything(copy) == before


def test_the_command_says_what_it_copied(url: str, target: str, home: Path) -> None:
    with Store.open(url) as source:
        fill(source)
    done = CliRunner().invoke(app, ["--database-url", url, "copy-workspace", "--to", target])
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("documents ", "runs "))] == [
        ["documents", "3"],
        ["runs", "1"],
    ]
    assert "compared and equal" in done.stderr
    again = CliRunner().invoke(app, ["--database-url", url, "copy-workspace", "--to", target])
    assert (again.exit_code, "holds data already" in again.stderr) == (3, True)


def test_the_command_migrates_a_server(postgres: Server, home: Path) -> None:
    with postgres.database(EMPTY) as url:

        def run(*arguments: str) -> tuple[int, list[str]]:
            done = CliRunner().invoke(app, ["--database-url", url, *arguments])
            return done.exit_code, done.stdout.splitlines()

        schemas = ["current  none", "target   0016"]
        assert run("migrate", "--check") == (1, schemas)
        assert run("findings")[0] == 3
        assert run("migrate") == (0, [*schemas, "migrated to 0016"])
        assert run("migrate") == run("migrate", "--check") == (0, ["current  0016", "target   0016"])
        assert run("findings", "--format", "jsonl") == (0, [])


def test_claims_of_a_copy_make_the_same_findings(url: str, target: str) -> None:
    with Store.open(url) as source:
        analysis = make_analysis("Costs rise. Demand grows.", kinds=("driver",))
        source.save(replace(analysis, document=analysis.document))
        moved(url, target)
    with Store.open(target) as copy:
        assert copy.claims() == make_claims([analysis])

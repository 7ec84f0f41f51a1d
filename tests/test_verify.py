"""``verify`` on what the real stages make."""

from __future__ import annotations

from pathlib import Path

from builders import make_analysis, make_consolidation, make_vector
from commands import run

from trendnlp.actions import Action
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, PageRequest, Store

SAMPLES = Path(__file__).parents[1] / "samples"


def test_what_the_stages_make_of_the_sample_reports_is_sound(pipeline: Pipeline, home: Path) -> None:
    names = sorted(path for path in SAMPLES.iterdir() if "batteries" in path.name)
    with Store.open(Settings(home=home / "home").store_url) as store:
        analyses = [pipeline.analyse(read_path(path, source=path.name)) for path in names]
        store.save_all(analyses)
        early = run("verify")
        store.replace_findings(pipeline.consolidate([claim for a in analyses for claim in claims_of(a)]))
        made = store.findings(FindingFilter(), PageRequest(500)).items
    result = run("verify")
    assert run("backup", "all.tar").exit_code == run("--home", "again", "restore", "all.tar").exit_code == 0
    with Store.open(Settings(home=home / "again").store_url) as store:
        assert store.findings(FindingFilter(), PageRequest(500)).items == made
        assert [store.analysis(a.document.id) for a in analyses] == analyses
    assert len(made) > 20 and any(finding.ledger for finding in made)
    assert (early.exit_code, early.stdout) == (result.exit_code, result.stdout) == (0, "")
    assert early.stderr.splitlines()[-1].startswith("the findings are not of the documents as they are now")
    assert result.stderr.startswith("0 faults in 4 documents, ")


def test_what_people_decided_of_statements_is_no_fault(home: Path) -> None:
    decisions = (("relabel", "trend"), ("accept", None), ("reject", None), ("relabel", "driver"), ("aspect", "policy"))
    analysis = make_analysis(
        "Costs rise. Demand grows. Staff is scarce. We are experts. Beds are dear.",
        kinds=("driver", "trend", "challenge", "other", "driver"),
    )
    with Store.open(Settings(home=home / "home").store_url) as store:
        store.save(analysis)
        for labelled, (action, value) in zip(analysis.statements, decisions, strict=True):
            store.add_review(Draft(Action(action), (labelled.statement.id,), "Ann", value))
        early = run("verify")
        missing = store.claims_without_vector()
        store.add_vectors({id: make_vector(text) for id, text in missing.items()})
        store.replace_findings(make_consolidation(store.claims()))
        assert len(missing) == 1 and len(store.findings(FindingFilter()).items) == 4
    result = run("verify")
    assert (early.exit_code, early.stdout, result.exit_code, result.stdout) == (0, "", 0, "")

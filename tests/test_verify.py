"""``verify`` on what the real stages make."""

from __future__ import annotations

from pathlib import Path

from commands import run

from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path
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

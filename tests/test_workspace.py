"""The store and the models together: what comes of the same report twice, of a deletion, of broken models."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from builders import make_analysis

from trendnlp.actions import Action
from trendnlp.artefacts import default_folder, open_artefact
from trendnlp.build import CASCADE, model_digest, model_name
from trendnlp.cli.doctor import Check, checks
from trendnlp.errors import ArtefactError, EmptyInput, InputTooLarge, NotFound
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.store import Counts, FindingFilter, Saved
from trendnlp.types import Document, Format, Metadata
from trendnlp.upkeep import Upkeep
from trendnlp.workspace import Ingested, Workspace

LIFTS = """# Lift Market in Portugal

## Growth drivers

Nurses are scarce, which boosts the demand for patient lifts. {}
"""


@pytest.fixture
def workspace(tmp_path: Path, url: str) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", database_url=url, max_bytes=1000)) as workspace:
        yield workspace


def lifts(workspace: Workspace, extra: str = "", source: str = "lifts.md", given: Metadata = Metadata()) -> Document:
    return workspace.read(LIFTS.format(extra), source=source, format=Format.MARKDOWN, given=given)


def test_the_same_report_twice_changes_nothing(workspace: Workspace) -> None:
    document = lifts(workspace)
    analysis = workspace.analyse(document)
    claims = len(analysis.claims)
    assert workspace.ingest(document) == Ingested(document.id, Saved.ADDED, 1, claims, ())
    revision = workspace.store.revision()
    again = lifts(workspace, source="copy.md", given=Metadata(publisher="Atlas"))
    assert workspace.ingest(again) == Ingested(document.id, Saved.UNCHANGED, 1, claims, ())
    assert workspace.store.revision() == revision
    assert workspace.store.analysis(document.id) == analysis
    assert workspace.store.counts() == Counts(documents=1, statements=1, claims=claims, findings=claims)


def test_findings_follow_the_documents(workspace: Workspace, pipeline: Pipeline) -> None:
    first, second = lifts(workspace), lifts(workspace, "Families increasingly rent lifts.", source="second.md")
    for document in (first, second):
        workspace.ingest(document, refresh=False)
    assert workspace.store.counts().findings == 0
    workspace.refresh()
    both = pipeline.consolidate(c for d in (first, second) for c in claims_of(pipeline.analyse(d)))
    assert workspace.store.findings(FindingFilter()).items == both.findings
    workspace.delete(first.id)
    one = pipeline.consolidate(claims_of(pipeline.analyse(second)))
    assert workspace.store.findings(FindingFilter()).items == one.findings
    workspace.delete(second.id)
    assert workspace.store.counts() == Counts(0, 0, 0, 0)
    with pytest.raises(NotFound):
        workspace.delete(second.id)


def test_a_decision_that_touches_no_finding_waits_for_no_other_work(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = lifts(workspace, "Families increasingly rent lifts.")
    workspace.ingest(document)
    (first, second) = (s.statement.id for s in workspace.store.analysis(document.id).statements)
    begun, go_on, refresh = threading.Event(), threading.Event(), Upkeep.refresh

    def slow(upkeep: Upkeep, wanted: int | None = None) -> None:
        begun.set()
        go_on.wait()
        refresh(upkeep, wanted)

    monkeypatch.setattr(Upkeep, "refresh", slow)
    with ThreadPoolExecutor() as pool:
        other = pool.submit(workspace.ingest, lifts(workspace, "Rules change.", source="other.md"))
        try:
            assert begun.wait(60)
            accepted = workspace.review(Draft(Action.ACCEPT, (first,), "Ann"))
            workspace.undo(accepted.id, "Ann")
            rejected = pool.submit(workspace.review, Draft(Action.REJECT, (second,), "Ann"))
            assert not wait((rejected, other), 0.2).done
        finally:
            go_on.set()
        assert rejected.result().revision <= workspace.store.consolidated_revision()
        other.result()
    assert workspace.store.is_consolidated() and second not in workspace.store.finding_of([first, second])


def test_one_document_can_be_looked_at_without_storing_it(workspace: Workspace, pipeline: Pipeline) -> None:
    analysis = workspace.analyse(lifts(workspace))
    assert analysis == pipeline.analyse(analysis.document)
    assert workspace.consolidate_one(analysis) == pipeline.consolidate(claims_of(analysis))
    assert workspace.store.counts() == Counts(0, 0, 0, 0)


def test_the_limits_of_the_settings_hold(workspace: Workspace) -> None:
    with pytest.raises(InputTooLarge, match="it is larger than 1,000 bytes"):
        workspace.read(b"x" * 1001, source="large.txt")
    with pytest.raises(EmptyInput):
        workspace.read("", source="empty")


def test_the_model_card_is_that_of_the_manifest(workspace: Workspace) -> None:
    shipped = open_artefact(default_folder())
    card = workspace.model_card()
    name = model_name(shipped, workspace.settings)
    assert (card.name, card.digest) == (name, model_digest(shipped, name))
    assert card.kinds == shipped.manifest.kinds
    assert card.threshold == shipped.manifest.threshold == workspace.pipeline.matcher.threshold
    assert dict(card.files) == shipped.manifest.files
    scores = shipped.manifest.cascade_scores if name == CASCADE else shipped.manifest.parts[name].scores
    assert {s.kind: s.score for s in card.scores} == scores
    parts = {name: part.reliability for name, part in shipped.manifest.parts.items()}
    assert workspace.reliability() == (parts | {CASCADE: shipped.manifest.cascade_reliability})[name] != ()
    assert card.max_bytes == 1000
    assert workspace.pipeline.model.digest == card.digest == workspace.digest
    assert workspace.ready() is None


def test_models_that_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="cannot be read"):
        Workspace.open(Settings(home=tmp_path, models=tmp_path / "nowhere"))
    with Workspace.open(Settings(home=tmp_path, encoder=tmp_path / "nowhere")) as workspace:
        with pytest.raises(ArtefactError, match=r"holds no model\.safetensors"):
            workspace.analyse(lifts(workspace))
        assert workspace.ready() == (
            f"{tmp_path}/nowhere: holds no model.safetensors. Set TRENDNLP_ENCODER to a sentence-transformers folder "
            "with safetensors weights."
        )


def seen(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in checks(settings)}


def test_the_doctor_looks_at_everything(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    found = seen(settings)
    assert list(found) == ["trendnlp", "models", "extraction", "workspace", "network"]
    assert {name: check for name, check in found.items() if not check.passed} == {}
    assert found["network"].seen == "no connection was attempted"
    assert found["workspace"].seen == f"{tmp_path}: 0 documents, 0 statements, 0 findings"
    (tmp_path / "file").touch()
    broken = seen(Settings(home=tmp_path / "file", models=tmp_path / "nowhere"))
    assert {name: check.passed for name, check in broken.items()} == {
        "trendnlp": True,
        "models": False,
        "extraction": False,
        "workspace": False,
        "network": True,
    }


def test_findings_that_a_crash_left_behind_are_made_at_the_next_start(tmp_path: Path, pipeline: Pipeline) -> None:
    settings = Settings(home=tmp_path / "home")
    with Workspace.open(settings) as workspace:
        document = lifts(workspace)
        workspace.ingest(document, refresh=False)
        assert workspace.store.counts().findings == 0
    expected = pipeline.consolidate(claims_of(pipeline.analyse(document))).findings
    with Workspace.open(settings) as workspace:
        assert workspace.pipeline is not None
        assert workspace.store.findings(FindingFilter()).items == expected


def test_documents_that_other_models_labelled_are_labelled_anew(tmp_path: Path, pipeline: Pipeline) -> None:
    settings = Settings(home=tmp_path / "home")
    with Workspace.open(settings) as workspace:
        analysis = workspace.analyse(lifts(workspace))
        workspace.store.save(make_analysis(analysis.document, kinds=("challenge",)))
    with Workspace.open(settings) as workspace:
        assert workspace.pipeline is not None
        assert workspace.store.analysis(analysis.document.id) == analysis
        assert workspace.store.findings(FindingFilter()).items == pipeline.consolidate(claims_of(analysis)).findings


class _Impatient:
    """Notes that let one document be labelled anew, and then end the work."""

    left = 1

    def expect(self, pairs: int) -> None:
        if not self.left:
            raise InterruptedError
        self.left -= 1

    def add(self, verdicts: object) -> None:
        pass


def test_labelling_anew_can_be_stopped_between_documents_and_goes_on_there(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with Workspace.open(settings, refresh=False) as workspace:
        first, second = (workspace.analyse(lifts(workspace, extra)) for extra in ("", "Prices fall."))
        for analysis in (first, second):
            workspace.store.save(make_analysis(analysis.document, kinds=("challenge",)))
        workspace.notes = _Impatient()
        with pytest.raises(InterruptedError):
            workspace.refresh()
        done = [workspace.store.analysis(a.document.id) == a for a in (first, second)]
        assert sorted(done) == [False, True]
    with Workspace.open(settings, refresh=False) as workspace:
        workspace.refresh()
        assert [workspace.store.analysis(a.document.id) for a in (first, second)] == [first, second]

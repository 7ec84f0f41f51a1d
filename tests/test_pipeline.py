"""The chain with the shipped models: every statement located and labelled, and the same bytes for the same input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trendnlp
from trendnlp.errors import EmptyInput
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path, read_text
from trendnlp.records import finding_record, statement_record
from trendnlp.types import TEXT_FORMATS, Analysis, Document, Format, Reason

SAMPLES = Path(__file__).parents[1] / "samples"
REPORTS = 4  # each takes a second or two
FACES = """Lift Market 🏥 — 市場

Drivers:\r\n- Ageing: homes need lifts, nai\u0308ve or not.\r
- 高齢化が進む。 Wards buy 🏥 lifts.\r\n
Challenges

The price of €4,000 keeps “small” clinics from buying. Approval takes a year.
"""


@pytest.fixture(scope="module")
def analyses(pipeline: Pipeline) -> tuple[Analysis, ...]:
    """Some of the sample reports, of one market as far as there are."""
    paths = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".txt", ".md", ".html"))[:REPORTS]
    return tuple(pipeline.analyse(read_path(p, source=p.name)) for p in paths)


def assert_whole(analysis: Analysis) -> None:
    """Every statement is where it says, in order, labelled, and has a vector when it is a claim."""
    document = analysis.document
    end = 0
    for found in analysis.statements:
        statement, label = found.statement, found.label
        assert end <= statement.start < statement.end
        assert document.text[statement.start : statement.end] == statement.text
        assert statement.document == document.id == Document.id_of(document.text, document.format)
        assert (found.vector is None) == (label.kind == "other") == (label.aspect is None)
        if found.vector is not None:
            assert np.linalg.norm(np.frombuffer(found.vector, "<f4")) == pytest.approx(1.0, abs=1e-5)
        end = statement.end


def exported(pipeline: Pipeline, analyses: tuple[Analysis, ...]) -> bytes:
    """The bytes of all records: findings in their order, statements by id."""
    consolidation = pipeline.consolidate(claim for analysis in analyses for claim in claims_of(analysis))
    statements = [statement_record(s, a.document.source) for a in analyses for s in a.statements]
    statements.sort(key=lambda r: str(r["id"]))
    return json.dumps([[finding_record(f) for f in consolidation.findings], statements]).encode()


def test_every_statement_of_the_samples_is_located_and_labelled(
    pipeline: Pipeline, analyses: tuple[Analysis, ...]
) -> None:
    assert analyses
    for analysis in analyses:
        assert_whole(analysis)
        statements = pipeline.segmenter.segment(analysis.document)
        assert tuple(s.statement for s in analysis.statements) == statements
        assert len(statements) > 10
        assert {s.label.model for s in analysis.statements} == {pipeline.model.digest}


def test_the_china_report(pipeline: Pipeline, china: Path) -> None:
    analysis = pipeline.analyse(read_path(china))
    assert_whole(analysis)
    assert len(analysis.statements) == 115
    metadata = analysis.document.metadata
    assert (metadata.market, metadata.geography) == ("China Medical Imaging", "China")
    findings = pipeline.consolidate(claims_of(analysis)).findings
    members = sorted(m.statement for f in findings for m in f.members)
    assert members == sorted(c.statement.id for c in analysis.claims)


def test_hostile_characters_keep_their_places(pipeline: Pipeline) -> None:
    analysis = pipeline.analyse(FACES)
    assert_whole(analysis)
    assert [s.statement.text for s in analysis.statements] == [
        "Ageing: homes need lifts, nai\u0308ve or not.",
        "高齢化が進む。",
        "Wards buy 🏥 lifts.",
        "The price of €4,000 keeps “small” clinics from buying.",
        "Approval takes a year.",
    ]


@settings(max_examples=15, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab. \n-:#é市🏥\ud800\x00\r"), max_size=80), st.sampled_from(TEXT_FORMATS))
def test_any_text_is_located_and_labelled(pipeline: Pipeline, text: str, format: Format) -> None:
    try:
        document = read_text(text, format=format)
    except EmptyInput:
        return
    assert_whole(pipeline.analyse(document))


def test_the_same_documents_in_any_order_and_company_give_the_same_bytes(
    pipeline: Pipeline, analyses: tuple[Analysis, ...]
) -> None:
    first = exported(pipeline, analyses)
    again = tuple(pipeline.analyse(a.document) for a in analyses[:1:-1])
    assert exported(pipeline, (*again, *analyses[1::-1])) == first


def test_findings_hold_each_claim_once_under_its_head(pipeline: Pipeline, analyses: tuple[Analysis, ...]) -> None:
    claims = [claim for analysis in analyses for claim in claims_of(analysis)]
    consolidation = pipeline.consolidate(claims)
    assert consolidation.model == pipeline.matcher.digest
    members = [m.statement for f in consolidation.findings for m in f.members]
    assert sorted(members) == sorted(c.labelled.statement.id for c in claims)
    for finding in consolidation.findings:
        assert (finding.members[0].statement, finding.members[0].reason) == (finding.head, Reason.HEAD)
        assert finding.members[0].similarity == 1.0
        assert finding.documents == len({m.document for m in finding.members})
        assert finding.sources <= finding.documents
        assert finding.title and "\n" not in finding.title


def test_a_text_without_sentences_has_no_statements(pipeline: Pipeline) -> None:
    document = read_text("# One\n\n## Two\n", format=Format.MARKDOWN)
    analysis = pipeline.analyse(document)
    assert analysis == Analysis(document, ())
    assert pipeline.consolidate(claims_of(analysis)).findings == ()


def test_the_three_lines_of_the_readme(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRENDNLP_HOME", "TRENDNLP_MODELS"):
        monkeypatch.delenv(name, raising=False)
    text = "Hospitals buy lifts because nurses are scarce."
    analysis = trendnlp.load().analyse(text)
    assert [s.statement.text for s in analysis.statements] == [text]
    assert analysis == pipeline.analyse(text)
    with pytest.raises(AttributeError, match="module 'trendnlp' has no attribute 'analyze'"):
        trendnlp.analyze  # noqa: B018

"""Independent sources in a batch: copies among its documents count once, in files and in a workspace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from batch_fakes import Batch, output
from builders import all_copies, make_analysis, make_document
from pyarrow import parquet

from trendnlp.batch import FINDINGS, Entry, Input, encode, entries_of
from trendnlp.pipeline import claims_of
from trendnlp.read import read_text
from trendnlp.store import Store
from trendnlp.syndication import copies_among
from trendnlp.types import Analysis, Metadata

CLAIM = "Costs are high."
RELEASE = (
    "Atlas Lifts of Porto said on Monday that it will make twelve thousand patient lifts a year in a new hall near the "
    "harbour, that hospitals in Spain have ordered half of them, and that it looks for eighty welders and fitters. "
)
OWN = "Wards in Lisbon have waited for lifts since spring, and nurses there told us what that means at night. "
ROWS = [
    {"text": f"{CLAIM} {RELEASE}", "source": "release", "publisher": "Atlas"},
    {"text": f"{CLAIM} {OWN}{RELEASE.replace('Monday', 'Tuesday')}", "source": "copied", "publisher": "Daily"},
    {"text": f"{CLAIM} {OWN}Nobody orders more than one.", "source": "own", "publisher": "Beira Ltd"},
    {"text": f"{CLAIM} Beds are dear too.", "source": "also", "publisher": "BEIRA"},
]


def documents(rows: list[dict[str, str]]) -> dict[str, str]:
    """Their ids, by source."""
    return {row["source"]: read_text(row["text"], source=row["source"]).id for row in rows}


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_copies_among_the_documents_of_a_batch_are_one_source(format: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    batch = Batch([rows], tmp_path / "out", format=format)
    batch.run()
    if format == "jsonl":
        findings = [json.loads(line) for line in output(batch.out)["findings.jsonl"].splitlines()]
    else:
        findings = parquet.read_table(batch.out / f"{FINDINGS}.parquet").to_pylist()
    (found,) = (f for f in findings if f["title"] == CLAIM)
    assert (found["documents"], found["publishers"], found["sources"]) == (4, 3, 2)
    ids = documents(ROWS)
    by_publisher, by_copy = found["joined"]
    assert {by_publisher["a"], by_publisher["b"]} == {ids["own"], ids["also"]}
    assert (by_publisher["ground"], by_publisher["reason"]) == ("same_publisher", "same publisher")
    assert {by_copy["a"], by_copy["b"]} == {ids["release"], ids["copied"]}
    (copy,) = copies_among(read_text(row["text"], source=row["source"]) for row in ROWS)
    assert (by_copy["ground"], by_copy["share"]) == ("copy", copy.share)
    assert by_copy["share"] > 0.8


def test_a_claim_knows_of_its_document_what_findings_are_made_from() -> None:
    known = Metadata(publisher="Atlas", published="2024-05", market="lifts", geography="Portugal")
    analysis = make_analysis(make_document(f"{CLAIM} {OWN}", metadata=known))
    (entry,) = entries_of(encode([Input("report.txt", Path("report.txt"))], [analysis]))
    assert isinstance(entry, Entry)
    (claim,) = claims_of(analysis)
    label = replace(claim.labelled.label, scores=())
    assert list(entry.claims()) == [replace(claim, labelled=replace(claim.labelled, label=label))]
    assert entry.document() == analysis.document


def test_saved_together_documents_are_compared_and_noted_as_when_saved_one_by_one(tmp_path: Path) -> None:
    analyses: list[Analysis] = [
        make_analysis(make_document(row["text"], source=row["source"], metadata=Metadata(publisher=row["publisher"])))
        for row in ROWS
    ]
    with Store.open(f"sqlite:///{tmp_path}/one.sqlite") as one, Store.open(f"sqlite:///{tmp_path}/all.sqlite") as all:
        for analysis in analyses:
            one.save(analysis)
        all.save_all(analyses)
        assert all_copies(all) == all_copies(one) != ()
        assert all.changes(0) == one.changes(0)
        assert all.save_all(analyses) == ("unchanged",) * 4
        assert all.revision() == one.revision()

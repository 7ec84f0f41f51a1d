"""From blocks to statements: units, lead-ins, headings, datelines, and the sentence boundaries of business English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy

from trendnlp.read import read_path, read_text
from trendnlp.segment import (
    LabelSpan,
    Segmenter,
    lead_in,
    register_component,
    sentence_spans,
    span_group,
)
from trendnlp.types import Format, Statement

SHARED = Path(__file__).parents[2] / "shared"
CHINA = SHARED / "reports" / "china-medical-imaging-market.txt"
GOLDEN = SHARED / "bench" / "golden_rules" / "golden_rules.json"
GOLDEN_FLOOR = 43  # of 48: what sentencex reaches alone


def statements(text: str, format: Format = Format.TEXT) -> tuple[Statement, ...]:
    return Segmenter().segment(read_text(text, format=format))


def units(text: str, format: Format = Format.TEXT) -> list[str]:
    return [" ".join(s.text.split()) for s in statements(text, format)]


@pytest.mark.skipif(not CHINA.exists(), reason=f"the sample report is not at {CHINA}")
def test_the_sample_report() -> None:
    found = Segmenter().segment(read_path(CHINA))
    paths = {s.lead_in: s.headings[1:] for s in found if s.lead_in}
    assert len(found) == 115
    assert found[-1].text == "Contact us -  sales@mobilityforesights.com"
    assert found[0].headings == (
        "China Medical Imaging Market 2024-2030 Size, Growth, Share, Demand, Trend and outlook",
    )
    assert paths["X-ray Imaging"] == ("Market Segmentation", "By Technology")
    assert paths["AI-Enhanced Diagnostics"] == ("Trends", "Integration of Artificial Intelligence (AI)")
    assert paths["High Equipment Costs"] == ("Challenges",)
    assert paths["Healthcare Reforms"] == ("Outlook", "Future Opportunities")
    assert paths["Health Screenings"] == ("Increased Emphasis on Preventive Healthcare",)


def test_an_item_of_several_sentences_is_several_units_under_its_headings() -> None:
    text = """\
Tug Market

Challenges

Key obstacles include:
- High cost: a tug costs
  €40,000. Leases are rare.
- War wording. New clauses exclude attacks.
- shortage of drivers;
2) Rules differ.
"""
    path = ("Tug Market", "Challenges")
    assert [(s.text, s.lead_in, s.headings) for s in statements(text)] == [
        ("Key obstacles include:", None, path),
        ("High cost: a tug costs\n  €40,000.", "High cost", path),
        ("Leases are rare.", None, path),
        ("War wording. New clauses exclude attacks.", "War wording", path),
        ("shortage of drivers;", None, path),
        ("Rules differ.", None, path),
    ]


def test_headings_lose_marks_numbers_and_colons() -> None:
    text = (
        "# Pump Market 2024\n\n## 2.1 What sells, and why:\n\n"
        "**By Region:**\n\nAsia leads.\n\n**Q3 2022 in 3D**\n\nIt sold."
    )
    assert [s.headings for s in statements(text, Format.MARKDOWN)] == [
        ("Pump Market 2024", "What sells, and why", "By Region"),
        ("Pump Market 2024", "What sells, and why", "Q3 2022 in 3D"),
    ]


def test_tables_links_and_datelines_are_no_units() -> None:
    text = """\
Home > News

PUNE, India, March 3, 2024 (Wire) -- The pump market grows. It will last.

Year   Units   Share
2023   120     4 %
2024   150     5 %

Read more https://news.example/pumps

Budapest (AK) – Beekeepers agree.
"""
    assert units(text) == ["The pump market grows.", "It will last.", "Beekeepers agree."]


def test_lead_ins() -> None:
    texts = [
        "Aging Population: China's population ages.",
        "3D and 4D Imaging: the adoption grows.",
        "**Cheap panels:** they cost half.",
        "The answer: nobody knows.",
        "He said: buy now.",
        "Trains leave at 10:30 and 11:30.",
        "See https://x.example/a for more.",
        "one thing: cost.",
        "A name that is far too long to be a lead-in of anything: words.",
        "2024: a good year.",
    ]
    assert [lead_in(text) for text in texts] == [
        "Aging Population",
        "3D and 4D Imaging",
        "Cheap panels",
        *[None] * 7,
    ]


def test_a_list_on_one_line_is_no_menu() -> None:
    items = ["Nurses are scarce", "People grow old", "Laws demand lifts"]
    for text in (f"Key drivers\n\n• {' • '.join(items)}", f"Key drivers\n\n{' • '.join(items)}"):
        assert " ".join(units(text)).count("Nurses are scarce") == 1, text
    assert units("Home | Nurses | Lifts\n\nLifts sell well.") == ["Lifts sell well."]


def test_units_after_a_figure_end_a_sentence() -> None:
    for text in ("The lifts reach 300 ft. Demand is rising.", "The trip takes 30 min. Growth is rising."):
        assert len(units(text)) == 2, text
    assert len(units("A min. order of ten is asked. Prices rise.")) == 2


@pytest.mark.parametrize(
    "expected",
    [
        ["The value was approx. $40 million in Q2.", "It rose to 3.5 bn. in 2024."],
        ["U.S. Federal rules apply.", "See No. 5 for more.", "No.", "It is over."],
        ["Costs fell, e.g. for steel, vs. a rise in 2021.", "J. R. Smith of Acme Inc. said so."],
        ["Prices fell…", "But not all.", "Volumes rose 2.5% to 1,200.50 t."],
        ['"We sell out," said Ms. Menon.', '"Tomorrow too."', "Others wait (see p. 5)."],
        ["He called it “a triumph.”", "The bank disagreed."],
        ["It fell to $3bn. in May.", "He left at 5 p.m. on Jan. 5.", "She lives in the U.S.", "They know."],
        ["Imports doubled in 2024.³", "Exports did not.¹² ¹⁴", "Rules for 5 m² differ."],
        ["Imports doubled.[3]", "Exports did not.12", "Rules differ."],
        ["Three things count: 1) price, 2) speed; and 3) trust.", "Nothing else does."],
        ["It opened in 2024.", "5 firms followed.", "Really?!", "Yes!"],
        ["Siemens Corp. and Kuka Ltd. compete.", "They grew 4 p.c. in Q1."],
        ["日本語です。", "次の文。", "Größe zählt."],
    ],
)
def test_sentences(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [text[s.start : s.end] for s in sentence_spans(text)] == expected


def test_two_megabytes_on_one_line() -> None:
    sentence = "The market is worth approx. $4.5 bn. in total, says Dr. A. B. Chen of Acme Inc. of Ohio. "
    text = sentence * (2_000_000 // len(sentence))
    assert {s.text for s in statements(text)} == {sentence.strip()}


@pytest.mark.skipif(not GOLDEN.exists(), reason=f"the golden rules are not at {GOLDEN}")
def test_the_golden_rules_are_kept_as_well_as_sentencex_keeps_them() -> None:
    kept = 0
    for case in json.loads(GOLDEN.read_text("utf-8")):
        text = case["text"]
        found = [" ".join(text[s.start : s.end].split()) for s in sentence_spans(text)]
        kept += found == [" ".join(part.split()) for part in case["expected"]]
    assert kept >= GOLDEN_FLOOR


def test_other_components_and_span_groups_can_be_registered() -> None:
    register_component(
        "trendnlp_test_marker", lambda nlp, name: lambda doc: span_group(doc, "marks", [LabelSpan(0, 6, "driver")])
    )
    nlp = spacy.blank("en")
    nlp.add_pipe("trendnlp_test_marker")
    doc = nlp("Demand rises.")
    assert [(span.text, span.label_) for span in doc.spans["marks"]] == [("Demand", "driver")]

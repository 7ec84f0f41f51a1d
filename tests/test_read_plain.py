"""Plain text: which lines are headings, items, rows, links; how deep the headings lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from trendnlp.read import read_path, read_text
from trendnlp.types import BlockKind, Document

CHINA = Path(__file__).parents[2] / "shared" / "reports" / "china-medical-imaging-market.txt"

REPORT = """\
# Peru Solar Pump Market 2023-2029 Size, Share and Outlook
The solar pump market in Peru grows quickly. Farmers replace diesel.

Download free PDF Sample https://reports.example/sample?id=7

Market Size
Current Size (2023): The market is valued at $X million.
Drivers
Cheap Panels: Panels cost half of what they did.
Market Segmentation
By Type:
Surface Pumps: Used on the coast.
By End-user:
Farms: Most of the demand.
Trends
Remote Control
Phone Apps: Owners start the pump from town. They like it.
Leasing of Pumps
Monthly Plans: Banks offer them.
Challenges
High Cost: A pump costs a year's income.

# Consumer trends in the Peru Solar Pump Market
1. Trust in Local Fitters
Word of Mouth: Neighbours decide.
2. Interest in Storage
Tanks: Water is stored instead of power.

Find Trending Reports:

Chile Solar Pump Market 2023-2029 https://reports.example/chile-solar-pump/

About Inti Insights,
We are a small research firm. Write to us at hello@inti.example
"""


def outline(document: Document) -> list[str]:
    """Headings and links, one a line, indented by level."""
    lines = []
    for block in document.blocks:
        words = document.text[block.content : block.end]
        if block.kind is BlockKind.HEADING:
            lines.append("  " * (block.level - 1) + words)
        elif block.kind is BlockKind.NAVIGATION:
            lines.append("> " + words.split(" http")[0])
    return lines


def kinds(text: str) -> list[str]:
    """Kind and first words of every block."""
    document = read_text(text)
    return [f"{b.kind}: {' '.join(document.text[b.content : b.end].split()[:3])}" for b in document.blocks]


def test_a_report_with_lead_ins_and_numbered_headings() -> None:
    assert outline(read_text(REPORT)) == [
        "Peru Solar Pump Market 2023-2029 Size, Share and Outlook",
        "> Download free PDF Sample",
        "  Market Size",
        "  Drivers",
        "  Market Segmentation",
        "    By Type:",
        "    By End-user:",
        "  Trends",
        "    Remote Control",
        "    Leasing of Pumps",
        "  Challenges",
        "Consumer trends in the Peru Solar Pump Market",
        "  Trust in Local Fitters",
        "  Interest in Storage",
        "> Find Trending Reports:",
        "> Chile Solar Pump Market 2023-2029",
        "  About Inti Insights,",
    ]


@pytest.mark.skipif(not CHINA.exists(), reason=f"the sample report is not at {CHINA}")
def test_the_sample_report() -> None:
    document = read_path(CHINA)
    counts = {
        "titles": sum(b.kind is BlockKind.HEADING and b.level == 1 for b in document.blocks),
        "headings": sum(b.kind is BlockKind.HEADING and b.level > 1 for b in document.blocks),
        "numbered": sum(b.kind is BlockKind.HEADING and document.text[b.start].isdigit() for b in document.blocks),
        "links": sum(b.kind is BlockKind.NAVIGATION for b in document.blocks),
    }
    assert counts == {"titles": 3, "headings": 47, "numbered": 24, "links": 6}


def test_hard_wrapped_paragraphs_are_one_block_each() -> None:
    text = """\
2.1   Material

For the first time since the survey began the availability of
parts has overtaken the cost of labour as the main concern. In
Europe operators turn to used parts.

Retirements are at a
ten-year low.
"""
    assert kinds(text) == ["heading: Material", "paragraph: For the first", "paragraph: Retirements are at"]


def test_lists_with_and_without_markers() -> None:
    text = """\
Stakeholders

Software vendors
Chip manufacturers
System integrators

The following groups gain:
- importers;
- clinics
(a) insurers
1. Patients wait less.
2. Doctors see more.
"""
    assert kinds(text) == [
        "heading: Stakeholders",
        "list_item: Software vendors",
        "list_item: Chip manufacturers",
        "list_item: System integrators",
        "paragraph: The following groups",
        "list_item: importers;",
        "list_item: clinics",
        "list_item: insurers",
        "list_item: Patients wait less.",
        "list_item: Doctors see more.",
    ]


def test_tables_links_addresses_and_disclaimers() -> None:
    text = """\
Home > Reports > Energy

Grid Batteries

Demand doubled within a year.

USD m        2021   2022
Sales         318    402
Profit         41     38

| Region | Share |
|--------|-------|
| Asia   | 54 %  |

Read more: https://news.example/grid

Acme Research Ltd
12 Mill Street, Leeds
Phone: +44 113 496 0000

Forward-looking statements: this text contains expectations.
© 2024 Acme. All rights reserved.
"""
    assert kinds(text) == [
        "navigation: Home > Reports",
        "heading: Grid Batteries",
        "paragraph: Demand doubled within",
        "table: USD m 2021",
        "table: | Region |",
        "navigation: Read more: https://news.example/grid",
        "address: Acme Research Ltd",
        "address: 12 Mill Street,",
        "address: Phone: +44 113",
        "disclaimer: Forward-looking statements: this",
        "disclaimer: © 2024 Acme.",
    ]


def test_questions_above_answers_are_headings_and_in_a_row_they_are_items() -> None:
    text = """\
Pumps in ten questions

How large is the market?

It came to $2 billion in 2024.

Why do farmers buy?

Because diesel is dear.

Key Questions Answered

Who leads?
What limits growth?
"""
    assert kinds(text) == [
        "heading: Pumps in ten",
        "heading: How large is",
        "paragraph: It came to",
        "heading: Why do farmers",
        "paragraph: Because diesel is",
        "heading: Key Questions Answered",
        "list_item: Who leads?",
        "list_item: What limits growth?",
    ]


def test_underlined_bold_and_capital_headings() -> None:
    text = "Title of it\n===========\n\nIntro text.\n\n**Drivers**\n\nOne.\n\nOUTLOOK AND RISKS\n\nTwo."
    assert kinds(text) == [
        "heading: Title of it",
        "paragraph: Intro text.",
        "heading: Drivers**",
        "paragraph: One.",
        "heading: OUTLOOK AND RISKS",
        "paragraph: Two.",
    ]


def test_drivers_and_restraints_lie_below_market_dynamics() -> None:
    text = (
        "Stapler Market\n\nMarket Dynamics\n\nDrivers\n\nDemand grows.\n\nRestraints\n\nCost hurts.\n\nOutlook\n\nGood."
    )
    assert outline(read_text(text)) == [
        "Stapler Market",
        "  Market Dynamics",
        "    Drivers",
        "    Restraints",
        "  Outlook",
    ]


def test_a_single_line_is_a_statement_not_a_title() -> None:
    assert kinds("High cost of scanners") == ["paragraph: High cost of"]

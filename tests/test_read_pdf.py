"""PDF: lines, paragraphs, columns, headings, tables, what repeats on pages, and places."""

from __future__ import annotations

import pytest
from files import Printed, paragraph, printed_pdf

from trendnlp.errors import InputTooLarge
from trendnlp.read import Limits, read_bytes
from trendnlp.segment import Segmenter
from trendnlp.types import Box, Document, Format

LIFTS = "Nurses are scarce, so hospitals buy lifts that spare their backs, and the wards with the oldest patients buy."
HOMES = "An ageing population is raising the demand for lifts at home, where carers have no second pair of hands."
RENTS = "Rental offers could open the segment to makers that have never sold to families, as insurers pay by month."


def read(data: bytes, limits: Limits = Limits()) -> Document:
    return read_bytes(data, source="report.pdf", limits=limits)


def shown(document: Document) -> list[str]:
    return [
        f"{b.page} {b.kind}{b.level or ''} | " + document.text[b.content : b.end].replace("\n", "/").replace("\t", "~")
        for b in document.blocks
    ]


def test_a_page_with_headings_paragraphs_and_items() -> None:
    page = [
        Printed("Lifts in Portugal", 60, 780, 20),
        Printed("1. Key drivers", 60, 740, 12, True),
        *paragraph(LIFTS, 60, 720),
        *paragraph(HOMES, 60, 680),
        Printed("Challenges", 60, 640, 12, True),
        Printed("• High costs keep small clinics from buying.", 70, 620),
        Printed("• Approval takes two years.", 70, 606),
    ]
    document = read(printed_pdf(page))
    assert document.format is Format.PDF and document.metadata.title == "Lifts in Portugal"
    assert shown(document) == [
        "1 heading1 | Lifts in Portugal",
        "1 heading2 | Key drivers",
        f"1 paragraph | {LIFTS}",
        f"1 paragraph | {HOMES}",
        "1 heading2 | Challenges",
        "1 list_item | High costs keep small clinics from buying.",
        "1 list_item | Approval takes two years.",
    ]
    first = document.blocks[0].box
    assert first is not None and 59 < first.left < 63 and 35 < first.top < 62 < first.bottom < 72


def test_two_columns_are_read_one_after_the_other() -> None:
    page = [
        Printed("Lifts in Portugal and in Spain, a report on the market in both countries", 60, 780, 14),
        *paragraph(f"{LIFTS} {HOMES}", 60, 740, 44),
        *paragraph(f"{RENTS} {LIFTS}", 320, 740, 44),
    ]
    texts = [s.text for s in Segmenter().segment(read(printed_pdf(page)))]
    assert texts == [LIFTS, HOMES, RENTS, LIFTS]


def test_three_columns_are_read_one_after_the_other() -> None:
    columns = [paragraph(text, left, 740, 30) for text, left in ((LIFTS, 40), (HOMES, 215), (RENTS, 390))]
    page = [line for lines in zip(*columns, strict=False) for line in lines]
    page += [line for lines in columns for line in lines if line not in page]
    texts = [s.text for s in Segmenter().segment(read(printed_pdf(page)))]
    assert texts == [LIFTS, HOMES, RENTS]


def test_a_heading_below_two_columns_comes_after_both() -> None:
    page = [
        *paragraph(f"{LIFTS} {HOMES}", 60, 740, 44),
        *paragraph(f"{RENTS} {LIFTS}", 320, 740, 44),
        Printed("Challenges", 60, 650, 10, True),
        *paragraph(f"{HOMES} {RENTS}", 60, 630, 100),
    ]
    found = [(s.text, s.headings) for s in Segmenter().segment(read(printed_pdf(page)))]
    below = ("Challenges",)
    assert found == [(LIFTS, ()), (HOMES, ()), (RENTS, ()), (LIFTS, ()), (HOMES, below), (RENTS, below)]


def test_a_paragraph_goes_on_over_columns_and_pages() -> None:
    """Its part on each page has a place of its own, and heads, feet and page numbers do not stand in it."""
    lines = paragraph(f"{LIFTS} {HOMES} {RENTS}", 60, 130)
    first, second = lines[:3], [Printed(line.text, 60, 740 - 12.5 * n) for n, line in enumerate(lines[3:])]
    frame = [Printed("Lift Monitor 2024", 60, 815, 8)]
    pages = [
        [*frame, *paragraph(LIFTS, 60, 700), *first, Printed("1", 300, 30, 8)],
        [*frame, *second, Printed("2", 300, 30, 8)],
    ]
    document = read(printed_pdf(*pages))
    assert shown(document) == [
        f"1 paragraph | {LIFTS}",
        f"1 paragraph | {LIFTS} {HOMES} {RENTS}",
        "1 navigation | Lift Monitor 2024",
        "1 navigation | 1",
        "2 navigation | Lift Monitor 2024",
        "2 navigation | 2",
    ]
    block = document.blocks[1]
    assert [place.page for place in block.places] == [1, 2]
    assert document.text[block.places[1].start :].startswith(lines[3].text)
    assert [s.page for s in Segmenter().segment(document)] == [1, 1, 1, 2]


def test_a_title_and_numbered_headings_are_no_running_heads() -> None:
    """Nor are lines that differ in a number alone, where that does not count the pages."""
    pages = [
        [
            Printed("Lifts in Portugal", 60, 810, 9 if n else 20),
            Printed(f"Trend {n + 1}", 60, 770, 14, True),
            *paragraph((LIFTS, HOMES, RENTS)[n], 60, 740),
            Printed(f"Ward {(8, 31, 57)[n]} has one lift.", 60, 40),
            Printed(f"Lift Monitor 2024 | {n + 7}", 60, 20, 8),
        ]
        for n in range(3)
    ]
    found = shown(read(printed_pdf(*pages)))
    headings = [line for line in found if "heading" in line]
    aside = [line for line in found if "navigation" in line]
    assert headings == ["1 heading1 | Lifts in Portugal", *(f"{n} heading2 | Trend {n}" for n in (1, 2, 3))]
    assert aside == [
        "1 navigation | Lift Monitor 2024 | 7",
        "2 navigation | Lifts in Portugal",
        "2 navigation | Lift Monitor 2024 | 8",
        "3 navigation | Lifts in Portugal",
        "3 navigation | Lift Monitor 2024 | 9",
    ]


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("The demand for hospi-", "tal lifts rises. Every hospital buys them.", "hospital lifts"),
        ("Makers of low-", "cost lifts gain. A low price helps, the cost falls.", "low-cost lifts"),
        ("Sales of two-", "and three-motor lifts rise.", "two- and three-motor"),
    ],
)
def test_hyphens_at_line_ends(above: str, below: str, joined: str) -> None:
    page = [Printed(above, 60, 700), Printed(below, 60, 687.5)]
    assert joined in read(printed_pdf(page)).text


def test_rows_are_a_table() -> None:
    rows = [("Year", "Lifts", "Price"), ("2023", "900", "4,100"), ("2024", "1,150", "3,900")]
    cells = [
        Printed(cell, 60 + 120 * column, 650 - 14 * row)
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
    ]
    document = read(printed_pdf([*paragraph(LIFTS, 60, 720), *cells, *paragraph(HOMES, 60, 560)]))
    assert shown(document) == [
        f"1 paragraph | {LIFTS}",
        "1 table | Year~Lifts~Price/2023~900~4,100/2024~1,150~3,900",
        f"1 paragraph | {HOMES}",
    ]


def test_footnotes_and_captions_give_no_statements() -> None:
    page = [
        *paragraph(LIFTS, 60, 720),
        Printed("Figure 3: Lifts sold in Portugal by year", 60, 600),
        *paragraph(HOMES, 60, 560),
        Printed("1 Without the islands, where other rules hold.", 60, 80, 7),
    ]
    document = read(printed_pdf(page))
    assert [s.text for s in Segmenter().segment(document)] == [LIFTS, HOMES]
    assert "Figure 3: Lifts sold in Portugal by year" in document.text and "Without the islands" in document.text


def test_marks_of_notes_are_raised_figures() -> None:
    """ "in 2024" with the mark 3 is not the year 20243."""
    page = [
        Printed("The lift market reached USD 4.2 billion in 2024", 60, 700),
        Printed("3", 266.8, 703.5, 6),
        Printed("and nurses are scarce.", 273, 700),
    ]
    document = read(printed_pdf(page))
    assert document.text == "The lift market reached USD 4.2 billion in 2024³ and nurses are scarce."
    assert [(fact.text, fact.year) for fact in document.facts] == [("USD 4.2 billion in 2024", 2024)]


def test_an_initial_over_several_lines_begins_its_word() -> None:
    first, *others = paragraph(LIFTS, 60, 720)
    page = [Printed("N", 60, 709, 28), Printed(first.text[1:], 81, 720), Printed(others[0].text, 81, 707.5)]
    assert read(printed_pdf(page)).text == LIFTS


def test_a_table_of_contents_gives_no_statements() -> None:
    lines = [Printed(f"{n} Part of the report " + ". " * 30 + str(3 * n), 60, 700 - 14 * n) for n in range(1, 5)]
    document = read(printed_pdf([*lines, *paragraph(LIFTS, 60, 400)]))
    assert [s.text for s in Segmenter().segment(document)] == [LIFTS]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_it_is_shown(turn: int) -> None:
    """A turned page shows its words turned: they are kept, but are no lines."""
    document = read(printed_pdf([*paragraph(LIFTS, 60, 720)], rotate=turn))
    kinds = {block.kind.value for block in document.blocks}
    assert kinds == ({"paragraph"} if turn == 0 else {"navigation"})
    if turn == 0:
        box = document.blocks[0].box
        assert box is not None and box.left == pytest.approx(60, abs=2) and box.top == pytest.approx(112, abs=4)


def test_limits_on_pages_and_characters() -> None:
    data = printed_pdf(*[paragraph(LIFTS, 60, 700)] * 3)
    assert len(read(data, Limits(max_pages=3, max_characters=400)).blocks) == 3
    with pytest.raises(InputTooLarge, match=r"it has 3 pages, more than 2.*TRENDNLP_MAX_PAGES"):
        read(data, Limits(max_pages=2))
    with pytest.raises(InputTooLarge, match=r"longer than 300 characters.*TRENDNLP_MAX_CHARACTERS"):
        read(data, Limits(max_characters=300))


def test_the_same_file_gives_the_same_document() -> None:
    data = printed_pdf(paragraph(LIFTS, 60, 700))
    assert read(data) == read(data)
    assert isinstance(read(data).blocks[0].box, Box)

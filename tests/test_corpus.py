"""Labelled texts: marks become units with exact offsets, and faults name the text and the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from trendnlp.corpus import (
    LabelledText,
    LabelledUnit,
    Reading,
    digest,
    parse,
    read_corpus,
    split_of,
    statements_of,
)
from trendnlp.errors import CorpusError
from trendnlp.segment import Segmenter
from trendnlp.types import Block, BlockKind, Document, Format, Metadata

CORPUS = Path(__file__).parents[1] / "corpus"

LIFTS = """@market Patient lifts, Portugal
@publisher Atlas Research
@date 2024-03
@style landing page
@register plain

Home > Reports

# Patient Lifts ⟦h1⟧

Drivers: ⟦h2⟧

Nurses are scarce, so wards order lifts. ⟦d/c eco #lifts⟧ A lift
costs €4,000. ⟦x/d⟧
1) Ageing: homes follow 🏥. ⟦t con⟧
- Rental could open homes. ⟦o⟧

Risks ⟦h2⟧

Approval takes a year. ⟦c reg⟧
"""


def test_a_marked_text_becomes_units_under_their_headings() -> None:
    found = parse(LIFTS, "lifts")
    drivers, risks = ("Patient Lifts", "Drivers"), ("Patient Lifts", "Risks")
    assert [(found.text[u.start : u.end], u.kind, u.alt, u.aspect, u.claim, u.headings) for u in found.units] == [
        ("Nurses are scarce, so wards order lifts.", "driver", "challenge", "economic", "lifts", drivers),
        ("A lift\ncosts €4,000.", "other", "driver", None, None, drivers),
        ("Ageing: homes follow 🏥.", "trend", None, "consumer", None, drivers),
        ("Rental could open homes.", "opportunity", None, None, None, drivers),
        ("Approval takes a year.", "challenge", None, "regulatory", None, risks),
    ]
    assert found.metadata == Metadata(market="Patient lifts, Portugal", publisher="Atlas Research", published="2024-03")
    assert (found.name, found.style, found.market) == ("lifts", "landing page", "Patient lifts, Portugal")
    assert "⟦" not in found.text and found.text.startswith("Home > Reports\n\n# Patient Lifts\n")


def test_units_are_the_statements_that_reading_gives() -> None:
    text = parse(LIFTS, "lifts")
    found = [(s.text, s.headings) for s in statements_of(text)]
    assert found == [(text.text[u.start : u.end], u.headings) for u in text.units]
    whole = parse("Wards order lifts. ⟦d⟧ They cost €4,000. ⟦x⟧", "two")
    block = Block(0, len(whole.text), BlockKind.PARAGRAPH)
    document = Document(Document.id_of(whole.text, Format.TEXT), "two", Format.TEXT, whole.text, (block,))
    assert statements_of(whole) == Segmenter().segment(document)


def test_windows_line_ends_and_no_header() -> None:
    assert parse("Wards order lifts. ⟦d⟧\r\nHomes follow. ⟦t⟧\r\n", "plain") == LabelledText(
        name="plain",
        text="Wards order lifts.\nHomes follow.",
        metadata=Metadata(),
        style=None,
        units=(LabelledUnit(0, 18, "driver"), LabelledUnit(19, 32, "trend")),
    )


def test_a_label_set_of_ones_own() -> None:
    found = parse("Wards order lifts. ⟦demand/price-rise⟧ It rains. ⟦x⟧", "own")
    assert [(u.kind, u.alt) for u in found.units] == [("demand", "price-rise"), ("other", None)]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("Wards order lifts. ⟦d eco", "bad mark near 'Wards order lifts. ⟦d eco'. Write marks as"),
        ("Wards order lifts. ⟦d⟧ Yes. ⟦⟧", "bad mark near 'Wards order lifts. Yes. ⟦⟧'. Write marks as"),
        ("Wards order lifts. ⟦d wat⟧", "unknown aspect 'wat'. Use one of tec, con, eco, reg, env."),
        ("Wards order lifts. ⟦d⟧ ⟦t⟧", "no words before the mark near 'Wards order lifts.'. Put the mark after"),
    ],
)
def test_a_fault_names_the_text_and_the_place(raw: str, message: str) -> None:
    with pytest.raises(CorpusError) as error:
        parse(raw, "pages/lifts")
    assert str(error.value).startswith(f"pages/lifts: {message}")


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/one.txt", "a.txt", "b.txt", "b/notes.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Wards order lifts. ⟦d⟧", "utf-8")
    texts = read_corpus(tmp_path)
    assert [t.name for t in texts] == ["a", "b", "b/one"]
    (tmp_path / "b" / "one.txt").write_text("Wards order lifts. ⟦t⟧", "utf-8")
    assert digest(read_corpus(tmp_path)) != digest(texts)


def test_a_second_reading_stands_beside_the_texts(tmp_path: Path) -> None:
    (tmp_path / "lifts.txt").write_text("Wards order lifts. ⟦d/t eco⟧ They are dear. ⟦c eco⟧", "utf-8")
    alone = read_corpus(tmp_path)
    reading = tmp_path / "second_reading.tsv"
    reading.write_text("lifts\t0\ttrend\tdriver\teconomic\n", "utf-8")
    (text,) = read_corpus(tmp_path)
    assert [u.second for u in text.units] == [Reading("trend", "driver", "economic"), None]
    assert digest((text,)) != digest(alone)


@pytest.mark.parametrize("line", ["lifts\t2\ttrend", "beds\t0\ttrend", "lifts\t0", "lifts\tone\ttrend"])
def test_a_second_reading_of_no_unit_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "lifts.txt").write_text("Wards order lifts. ⟦d⟧ They are dear. ⟦c⟧", "utf-8")
    (tmp_path / "second_reading.tsv").write_text(f"lifts\t0\ttrend\t-\t-\n{line}\n", "utf-8")
    with pytest.raises(CorpusError, match=r"second_reading\.tsv: line 2 names no unit of the corpus: .*Write text, un"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("line", ["d", "drivr", "driver\ttrnd", "driver\t-\teco"])
def test_a_second_reading_of_no_known_kind_or_aspect_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "lifts.txt").write_text("Wards order lifts. ⟦d eco⟧", "utf-8")
    (tmp_path / "second_reading.tsv").write_text(f"lifts\t0\t{line}\n", "utf-8")
    with pytest.raises(CorpusError, match=r"second_reading\.tsv: line 1 has a kind or an aspect that nobody knows"):
        read_corpus(tmp_path)


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "lifts.txt").write_text("@market lifts\n\nWards order lifts. ⟦d⟧", "utf-8-sig")
    (text,) = read_corpus(tmp_path)
    assert (text.market, text.text) == ("lifts", "Wards order lifts.")


def test_texts_without_labels_are_no_labelled_texts(tmp_path: Path) -> None:
    (tmp_path / "lifts.txt").write_text("Wards order lifts. ⟦d⟧", "utf-8")
    (tmp_path / "unlabelled").mkdir()
    (tmp_path / "unlabelled" / "beds.txt").write_text("Wards order beds.", "utf-8")
    assert [text.name for text in read_corpus(tmp_path)] == ["lifts"]


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no labelled \*\.txt file\. Name a folder of labelled texts\."):
        read_corpus(tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"Wards order lifts \xff")
    with pytest.raises(CorpusError, match=r"bad\.txt: .*UTF-8"):
        read_corpus(tmp_path)


def test_a_market_stays_on_its_side_when_others_are_added() -> None:
    markets = [f"Market {i}" for i in range(2000)]
    sides = [split_of(m, dev=0.1, test=0.2) for m in markets]
    assert [split_of(m, dev=0.1, test=0.2) for m in reversed(markets)] == sides[::-1]
    assert {side: round(sides.count(side) / 2000, 1) for side in ("train", "dev", "test")} == {
        "train": 0.7,
        "dev": 0.1,
        "test": 0.2,
    }


def test_the_shipped_corpus_parses() -> None:
    texts = read_corpus(CORPUS)
    assert len(texts) >= 900
    units = [u for t in texts for u in t.units]
    assert len(units) >= 16_000
    assert sum(u.second is not None for u in units) >= 0.9 * len(units)
    assert {u.kind for t in texts for u in t.units} == {"driver", "trend", "challenge", "opportunity", "other"}
    for text in texts:
        ends = [0, *(u.end for u in text.units)]
        assert all(end <= u.start < u.end for end, u in zip(ends, text.units, strict=False)), text.name
        assert all(text.text[u.start : u.end] == text.text[u.start : u.end].strip() for u in text.units), text.name


def test_a_mistyped_mark_is_an_error_and_no_new_kind() -> None:
    with pytest.raises(CorpusError, match=r"unknown kind 'dd' near 'Nurses are scarce\.'"):
        parse("Nurses are scarce. ⟦dd eco⟧", "typing")

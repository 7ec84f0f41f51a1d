"""What comes in: files that cannot be read, encodings, binary data, limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendnlp.errors import EmptyInput, InputError, InputTooLarge, MissingInput, NotText, UnsupportedFormat
from trendnlp.read import SUFFIXES, Limits, format_of, normalised, read_bytes, read_path, read_text
from trendnlp.types import Format, Metadata


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_bytes(data, source="in.dat")
    return f"{type(caught.value).__name__}: {caught.value.reason}"


def test_binary_data_is_refused_with_its_name() -> None:
    assert [
        refusal(d) for d in (b"%PDF-1.7\n", b"PK\x03\x04\x14", b"\x89PNG\r\n", bytes(range(256)) * 4, b" \n\t", b"")
    ] == [
        "DamagedInput: it is cut off: its end is missing",
        "DamagedInput: its table of contents is missing or damaged",
        "UnsupportedFormat: this is a PNG image",
        "NotText: this is binary data, not text",
        "EmptyInput: it holds nothing but white space",
        "EmptyInput: it holds nothing but white space",
    ]
    assert issubclass(UnsupportedFormat, InputError) and issubclass(NotText, InputError)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_one_text_in_every_encoding(encoding: str) -> None:
    text = "Prices rose “sharply” – by 5 € a tonne.\nDemand fell."
    document = read_bytes(text.encode(encoding), source="prices.txt")
    assert document.text == text
    assumed = {"cp1252": 1, "utf-16-le": 1, "utf-16-be": 1}
    assert len(document.warnings) == assumed.get(encoding, 0)


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_32_is_told_from_utf_16(order: str) -> None:
    data = "\ufeffLifts 🏥 sell.".encode(f"utf-32-{order}")
    document = read_bytes(data, source="lifts.txt")
    assert (document.text, document.warnings) == ("Lifts 🏥 sell.", ())


def test_a_few_bad_bytes_do_not_spoil_the_rest() -> None:
    document = read_bytes("Größe, Fläche und Höhe: ".encode() + b"\xff.", source="a.txt")
    assert document.text == "Größe, Fläche und Höhe: \ufffd."
    assert document.warnings == ("1 invalid UTF-8 sequences were replaced by U+FFFD",)


def test_line_ends_nuls_and_surrogates_are_normalised() -> None:
    document = read_text("\ufeffOne.\r\nTwo\u00a0and.\rThree\0.\ud800")
    assert document.text == "One.\nTwo\u00a0and.\nThree\ufffd.\ufffd"
    assert len(document.warnings) == 2


def test_an_html_page_in_a_text_file_is_read_as_html_in_its_declared_encoding() -> None:
    page = '<!doctype html><meta charset="iso-8859-15"><p>Preis: 5 €.'.encode("iso-8859-15")
    document = read_bytes(page, source="page.txt")
    assert (document.format, document.text) == (Format.HTML, "Preis: 5 €.")


def test_the_name_decides_where_the_content_does_not() -> None:
    names = ["a.md", "a.MARKDOWN", "a.txt", "a", "https://x.example/a.html?b=c.md"]
    formats = [read_bytes(b"Words.", source=name).format for name in names]
    assert formats == [Format.MARKDOWN, Format.MARKDOWN, Format.TEXT, Format.TEXT, Format.HTML]


FRAGMENT = "<{0}>Lifts <b>sell</b>.</{0}>"


@pytest.mark.parametrize("tag", ["div", "p", "h1", "h6", "ul", "table", "article", "section", "body"])
def test_a_fragment_of_html_in_a_text_file_is_html(tag: str) -> None:
    text = "\n " + FRAGMENT.format(tag)
    assert [format_of(t, "a.txt") for t in (text, "\ufeff" + text, text.replace(">Lifts", " class='x'>Lifts"))] == [
        Format.HTML
    ] * 3
    assert read_bytes(text.encode(), source="a.txt").text == "Lifts sell."
    assert format_of(text, "a.md") == (Format.HTML if tag == "body" else Format.MARKDOWN)


def test_words_about_tags_are_text() -> None:
    texts = ["<p> opens a paragraph.", "<paragraph>x</p>", "Use <p>x</p>.", "<5 % of wards</p>", "< p>x</p>"]
    assert [format_of(text, "a.txt") for text in texts] == [Format.TEXT] * len(texts)


def test_the_suffixes_of_reports() -> None:
    texts = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
    assert frozenset((*texts, ".pdf", ".docx", ".docm", ".pptx", ".pptm")) == SUFFIXES
    assert format_of("Words.", "a.xhtml") is Format.HTML


@given(st.lists(st.sampled_from(["\r", "\n", "\ufeff", "\0", "\ud800", "a", "🏥", " "])).map("".join))
def test_normalised_offsets_lead_back_to_the_original(original: str) -> None:
    found = normalised(original)
    assert found.text == read_text(f"{original} .").text[:-2]
    for start in range(len(found.text)):
        for end in range(start + 1, len(found.text) + 1):
            part = original[found.original(start, end)]
            assert normalised(f"x{part}").text == f"x{found.text[start:end]}"


def test_files_with_odd_names_can_be_read(tmp_path: Path) -> None:
    for name in ("with space.txt", "quo'te\".txt", "line\nbreak.txt", "größe.txt"):
        path = tmp_path / name
        path.write_text("Demand rises.", "utf-8")
        assert read_path(path).text == "Demand rises."


def test_missing_files_say_why(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")
    reasons = []
    for path in (tmp_path / "gone.txt", tmp_path, tmp_path / "link.txt", tmp_path / "a\0b"):
        with pytest.raises(MissingInput) as caught:
            read_path(path)
        reasons.append(caught.value.reason)
    assert reasons == [
        "no such file",
        "this is a folder, not a file",
        "this link points to nothing",
        "it cannot be read (embedded null byte)",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("Demand rises.", "utf-8")
    path.chmod(0)
    with pytest.raises(MissingInput, match="permission"):
        read_path(path)


def test_limits(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Demand rises.", "utf-8")
    assert read_path(path, limits=Limits(max_bytes=13, max_characters=13)).text == "Demand rises."
    with pytest.raises(InputTooLarge, match=r"12 bytes.*TRENDNLP_MAX_BYTES"):
        read_path(path, limits=Limits(max_bytes=12))
    with pytest.raises(InputTooLarge, match=r"12 characters.*TRENDNLP_MAX_CHARACTERS"):
        read_path(path, limits=Limits(max_characters=12))


def test_an_html_page_without_visible_text_is_empty() -> None:
    with pytest.raises(EmptyInput, match="no visible text"):
        read_bytes(b"<html><head><title>T</title></head><body><script>x</script></body></html>", source="p.html")


def test_what_the_caller_knows_wins_field_by_field() -> None:
    document = read_text(
        "China Tea Market 2024-2030\n\nIt grows.", given=Metadata(market="Green tea", published="2024")
    )
    assert document.metadata == Metadata(
        title="China Tea Market 2024-2030",
        market="Green tea",
        geography="China",
        period="2024-2030",
        published="2024",
    )


def test_the_same_text_has_the_same_id_under_every_name() -> None:
    assert read_text("A b.", source="x").id == read_bytes(b"A b.", source="y.txt").id
    assert read_text("A b.").id != read_text("A b.", format=Format.MARKDOWN).id


def test_huge_texts_are_read() -> None:
    line = "Demand rises because clinics buy. " * 60_000
    headings = "\n\n".join(f"Heading number {i}" for i in range(10_000))
    assert [len(read_text(t, format=f).text) for t in (line, headings) for f in (Format.TEXT, Format.MARKDOWN)] == [
        len(line),
        len(line),
        len(headings),
        len(headings),
    ]

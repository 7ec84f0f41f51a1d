"""Hostile files: each ends in a typed error or a whole result, within its limits, and the next file is read as ever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from files import WORDS, Printed, docx, members, packed, paragraph, pdf, pptx, printed_pdf, stream
from test_read_invariants import check

from trendnlp.errors import (
    DamagedInput,
    EmptyInput,
    EncryptedInput,
    InputError,
    InputTooLarge,
    NoTextLayer,
    ReadingStopped,
    UnsupportedFormat,
)
from trendnlp.read import Limits, read_bytes, read_text, sandbox
from trendnlp.read.decode import format_of
from trendnlp.read.intake import IN_PROCESS, READERS
from trendnlp.read.parsed import Parsed
from trendnlp.read.reading import Reading
from trendnlp.read.wire import Message, reading_fields, reading_of
from trendnlp.types import Block, BlockKind, Document, Fact, FactKind, Format, Metadata

DATA = Path(__file__).parent / "data"
MIB = 1024 * 1024
SMALL = Limits(seconds=120, memory=512 * MIB)  # time enough for a machine that does other things as well
PAGE = printed_pdf(paragraph(WORDS, 60, 700))
BOMB = zlib.compress(b"BT /R 9 Tf (lift lift) Tj ET\n" * 4_000_000, 9)  # 112 MB of drawing in 0.2
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
LEAF = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>"
PIXEL = stream(b"\0", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8")


def read(data: bytes, *, limits: Limits = SMALL, password: str | None = None) -> Document:
    return read_bytes(data, source="in.dat", limits=limits, password=password)


def refusal(data: bytes, *, limits: Limits = SMALL, password: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(data, limits=limits, password=password)
    error = caught.value
    assert error.subject == "in.dat" and error.remedy.endswith(".") and str(error).startswith("in.dat: ")
    return f"{type(error).__name__}: {error.reason}"


@pytest.fixture(autouse=True)
def _the_next_file_is_read() -> Iterator[None]:
    yield
    assert read(PAGE).text == WORDS


def one_page(content: bytes) -> bytes:
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf({1: CATALOGUE, 2: pages, 3: LEAF, 4: content, 5: PIXEL})


def test_a_decompression_bomb_ends_at_a_limit() -> None:
    data = one_page(stream(BOMB, b"/Filter /FlateDecode"))
    assert len(data) < MIB
    assert refusal(data, limits=Limits(seconds=5, memory=512 * MIB)).startswith(("ReadingStopped: ", "NoTextLayer: "))


def test_a_pdf_of_a_million_objects() -> None:
    objects = b"".join(b"%d 0 obj\nnull\nendobj\n" % number for number in range(100, 1_000_100))
    data = PAGE.replace(b"\nxref\n", b"\n" + objects + b"xref\n", 1)
    with suppress(ReadingStopped, DamagedInput):
        assert read(data).text == WORDS


def test_a_cyclic_page_tree() -> None:
    cycle = {1: CATALOGUE, 2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 /Parent 3 0 R >>"}
    data = pdf({**cycle, 3: b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"})
    assert refusal(data).startswith(("DamagedInput: ", "NoTextLayer: "))


def test_an_encrypted_pdf() -> None:
    data = (DATA / "encrypted.pdf").read_bytes()
    assert refusal(data) == "EncryptedInput: it is encrypted"
    assert refusal(data, password="wrong") == "EncryptedInput: it is encrypted with another password"
    assert read(data, password="lift").text == WORDS
    assert read(PAGE, password="not needed").text == WORDS


def test_a_scanned_pdf_says_that_it_has_no_text() -> None:
    data = one_page(stream(b"q 595 0 0 842 0 0 cm /I Do Q"))
    assert refusal(data) == "NoTextLayer: no text layer on its 1 page: pictures, or nothing"
    half = printed_pdf(paragraph(WORDS, 60, 700), [])
    assert read(half).warnings == ("of its 2 pages, 1 without a text layer",)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("make", [lambda: PAGE, docx, pptx], ids=["pdf", "docx", "pptx"])
def test_a_file_that_is_cut_off(make: Callable[[], bytes], share: float) -> None:
    data = make()
    assert refusal(data[: int(len(data) * share)]).startswith("DamagedInput: ")


def test_packages_that_are_no_documents() -> None:
    odt = packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})
    sheet = members(docx())["[Content_Types].xml"].replace(b"wordprocessingml.document", b"spreadsheetml.sheet")
    assert [
        refusal(data).split(" (")[0]
        for data in (
            packed({"a.txt": b"Words."}),
            odt,
            packed({"[Content_Types].xml": sheet}),
            packed({"[Content_Types].xml": members(docx())["[Content_Types].xml"]}),
            b"PK\x05\x06" + b"\0" * 18,
            b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        )
    ] == [
        "UnsupportedFormat: this is a ZIP archive",
        "UnsupportedFormat: this is an OpenDocument file",
        "UnsupportedFormat: this is an Office file that holds no text",
        "DamagedInput: its parts are not those of a Word document",
        "UnsupportedFormat: this is an empty ZIP archive",
        "EncryptedInput: it is an Office file with a password",
    ]


def test_a_package_that_unpacks_to_too_much() -> None:
    data = packed({**members(docx()), "word/media/bomb.bin": b"\0" * (60 * MIB)}, 9)
    assert len(data) < MIB
    limits = Limits(max_expanded=50 * MIB)
    assert refusal(data, limits=limits) == "InputTooLarge: it would unpack to more than 52,428,800 bytes"
    many = packed((f"word/{number}.xml", b"") for number in range(10_001))
    assert refusal(many) == "InputTooLarge: it has more than 10,000 parts"


def word(body: str, head: str = "") -> bytes:
    """A DOCX with this XML in its body."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = f'<?xml version="1.0"?>{head}<w:document {space}><w:body>{body}</w:body></w:document>'
    return packed({**members(docx()), "word/document.xml": xml.encode()})


def run(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The password is lift.")
    head = f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    with suppress(DamagedInput):
        assert "password" not in read(word(run("Prices rise.") + run("&e;"), head)).text
    page = f"{head}<html><body><p>Prices rise. &e;</p></body></html>"
    assert "password" not in read_text(page, format=Format.HTML).text


def test_entities_that_multiply() -> None:
    names = "abcdefghij"
    entities = '<!ENTITY a "lift lift lift lift ">' + "".join(
        f'<!ENTITY {name} "{f"&{names[n]};" * 10}">' for n, name in enumerate(names[1:])
    )
    with suppress(DamagedInput):
        assert len(read(word(run("Prices rise.") + run("&j;"), f"<!DOCTYPE d [{entities}]>")).text) < 1000


def test_tags_nested_ten_thousand_deep() -> None:
    deep = 10_000
    assert refusal(word("<w:sdt>" * deep + run("x") + "</w:sdt>" * deep)).startswith("DamagedInput: ")
    for tag in ("div", "ul", "table", "b", "font", "section"):
        page = f"<html><body>{f'<{tag}>' * deep}<p>Prices rise.</p></body></html>".encode()
        try:
            check(read(page))
        except InputError as error:
            assert "nested too deeply" in error.reason


def test_a_polyglot_is_what_it_starts_as() -> None:
    assert read(PAGE + docx()).text == WORDS
    script = b"%PDF-1.7\n<html><script>alert(1)</script><p>Prices rise.</p></html>\n%%EOF"
    assert refusal(script).startswith("DamagedInput: ")
    page = b"<!doctype html><p>Prices rise. %PDF-1.7 PK\x03\x04</p>"
    assert read(page).format is Format.HTML


ODD = "Prices \u202erise\u202c again\u2066.\u2069 Costs \x07fall\x1b[31m. Lifts\x00 sell\ufeff. 🏥 e\u0301 \ufffe"


def test_control_and_bidi_characters() -> None:
    for format in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        check(read_text(f"{ODD}\ud800.", format=format))
    allowed = "".join(c for c in ODD if c >= " " and c != "\ufffe")
    document = read(word(run(allowed)))
    check(document)
    assert "\u202erise\u202c" in document.text
    check(read(printed_pdf([Printed("Prices \x07rise\x1b[31m. Costs\x00 fall.", 60, 700)])))


def test_names_are_hostile_too() -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(PAGE[:300], source="a\nb\x1b[31m\ud800.pdf", limits=SMALL)
    assert str(caught.value).isprintable()


@pytest.fixture
def _own_workers() -> Iterator[None]:
    sandbox.close()
    yield
    sandbox.close()


class Slow:
    """A reader's process that is stopped while it reads."""

    def __init__(self, act: signal.Signals) -> None:
        self._act = act

    def __enter__(self) -> None:
        read(PAGE)
        (worker,) = sandbox._POOL._waiting
        self._process: subprocess.Popen[bytes] = worker._process
        os.kill(self._process.pid, self._act)

    def __exit__(self, *_: object) -> None:
        assert self._process.poll() is not None


@pytest.mark.usefixtures("_own_workers")
def test_a_reader_that_hangs_is_killed() -> None:
    start = time.monotonic()
    with Slow(signal.SIGSTOP):
        reason = "ReadingStopped: reading it takes more than 1 seconds"
        assert refusal(PAGE, limits=Limits(seconds=1)) == reason
    assert time.monotonic() - start < 60


@pytest.mark.usefixtures("_own_workers")
def test_a_reader_that_dies_is_replaced() -> None:
    with Slow(signal.SIGKILL):
        assert refusal(PAGE) == "ReadingStopped: its reader crashed, or had no memory left"


@pytest.mark.usefixtures("_own_workers")
def test_too_little_memory_is_an_error() -> None:
    assert refusal(docx(), limits=Limits(memory=30 * MIB)).startswith("ReadingStopped: ")


@pytest.mark.usefixtures("_own_workers")
def test_threads_read_at_once() -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(read(PAGE).text)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [WORDS] * 6
    assert 1 <= len(sandbox._POOL._waiting) <= sandbox.WARM


SIZED = Reading(
    Format.PDF,
    Parsed("Lifts: USD 5 million.", (Block(0, 21, BlockKind.PARAGRAPH),)),
    Metadata(title="Lifts"),
    (Fact(FactKind.SIZE, 7, 20, "USD 5 million", 5.0, None, 10**6, "USD"),),
)


def test_an_answer_comes_back_whole() -> None:
    assert reading_of(json.loads(json.dumps(reading_fields(SIZED)))) == SIZED


@pytest.mark.usefixtures("_own_workers")
def test_an_answer_that_is_none_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    proper = reading_fields(SIZED)
    answers = [
        {},
        proper | {"format": "exe"},
        proper | {"blocks": [[0, 99, "paragraph", 0, 0, []]]},
        proper | {"found": {}},
        proper | {"facts": [proper["facts"][0] | {"end": 99}]},
        proper | {"facts": [proper["facts"][0] | {"start": -14}]},
        proper | {"facts": [proper["facts"][0] | {"amount": float("inf")}]},
        proper | {"facts": [proper["facts"][0] | {"subject": 5}]},
        {"error": "SystemExit", "reason": "x", "remedy": "y"},
        {"error": "StoreError", "reason": "x", "remedy": "y"},
    ]
    for answer in answers:
        with monkeypatch.context() as patch:
            patch.setattr(sandbox._Worker, "ask", lambda *_, answer=answer: Message(answer))
            assert refusal(PAGE) == "ReadingStopped: its reader gave no proper answer"


def test_errors_of_reading_are_input_errors() -> None:
    kinds = (DamagedInput, EncryptedInput, NoTextLayer, ReadingStopped, EmptyInput, InputTooLarge, UnsupportedFormat)
    assert all(issubclass(kind, InputError) for kind in kinds)


REPORT = """---
title: Patient lifts in Japan
date: 2024-03-12
---
# Patient lifts

## Drivers

- Ageing: the patient lift market was worth ¥5 billion¹ in 2023 and grows at a CAGR of 5.5% to 2030. 🏥
- Base year: 2023

| Year | Lifts |
| --- | --- |
| 2024 | 900 |
"""


@pytest.mark.parametrize("geography", [None, "China"])
@pytest.mark.parametrize("format", READERS)
def test_a_text_is_the_same_read_here_or_apart(format: Format, geography: str | None) -> None:
    here = Reading.of(format, READERS[format](REPORT), geography)
    assert [fact.currency for fact in here.facts if fact.amount == 5] == ["CNY" if geography else "JPY"]
    assert sandbox.read_apart(format, REPORT.encode(), "in.dat", SMALL, geography) == here


def test_a_long_text_is_read_whole() -> None:
    text = f"{REPORT}\n{WORDS}\n" * (IN_PROCESS // len(REPORT))
    assert len(text) > IN_PROCESS
    for format in READERS:
        document = read_text(text, format=format, limits=SMALL)
        check(document)
        assert (document.text, document.metadata.geography, document.metadata.language) == (text, "Japan", "en")
        assert {fact.currency for fact in document.facts} == {"JPY", None}


@pytest.mark.parametrize(
    ("format", "unit"),
    [
        (Format.TEXT, "a\n\n"),
        (Format.TEXT, "2024-2030 CAGR 5% "),
        (Format.MARKDOWN, "a: b\n"),
        (Format.HTML, "<p>a"),
        (Format.HTML, "2024-2030 CAGR 5% "),
    ],
)
def test_a_text_that_takes_too_long_is_stopped(format: Format, unit: str) -> None:
    text = "---\n" + unit * (3_000_000 // len(unit))
    with pytest.raises(ReadingStopped, match="reading it takes more than 1 seconds"):
        read_text(text, format=format, limits=Limits(seconds=1))


@pytest.mark.parametrize(
    "unit", ["<!---->", "<!--", "<!-- a\n", "<a ", "[a]: b\n", f"a:{' ' * 1900}b\n", "> ", "- ", "["]
)
def test_short_texts_of_shapes_that_backtrack_are_read(unit: str) -> None:
    text = f"---\n{unit * (IN_PROCESS // len(unit) // 2)}\n---\n{unit * (IN_PROCESS // len(unit) // 2)}"[:IN_PROCESS]
    for format in READERS:
        check(read_text(text, format=format, given=Metadata(language="en")))
    assert format_of(text.removeprefix("---\n"), "in.dat") in READERS

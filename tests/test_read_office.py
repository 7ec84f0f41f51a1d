"""DOCX and PPTX: document order, styles, tables, text boxes, notes, tracked changes, slides."""

from __future__ import annotations

import io

from docx import Document as new_docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from files import WORDS, docx, members, packed, pptx
from pptx import Presentation
from pptx.util import Pt

from trendnlp.read import read_bytes
from trendnlp.types import Document, Format, Metadata

TRACKED = (
    "<w:p {0}><w:r><w:t>Prices </w:t></w:r><w:del><w:r><w:delText>fall</w:delText></w:r></w:del>"
    "<w:ins><w:r><w:t>rise</w:t></w:r></w:ins><w:hyperlink><w:r><w:t> again</w:t></w:r></w:hyperlink>"
    "<w:r><w:t>.</w:t></w:r></w:p>"
)
CONTROL = "<w:sdt {0}><w:sdtContent><w:p><w:r><w:t>Insurers pay by month.</w:t></w:r></w:p></w:sdtContent></w:sdt>"


def shown(document: Document) -> list[str]:
    return [
        f"{b.kind}{b.level or ''} | " + document.text[b.content : b.end].replace("\n", "/").replace("\t", "~")
        for b in document.blocks
    ]


def report() -> bytes:
    word = new_docx()
    word.core_properties.title = "Lift Monitor"
    word.sections[0].header.paragraphs[0].text = "Lift Monitor | 2024"
    word.add_heading("Lifts in Portugal", 0)
    word.add_heading("Key drivers", 2)
    word.add_paragraph(WORDS)
    word.add_paragraph("Grants: Towns pay half of each lift.", style="List Bullet")
    word.add_paragraph("2.2 million patients live at home.", style="List Number")
    word.add_paragraph().add_run("What holds it back").bold = True
    word.add_paragraph("Approval takes two years.")
    table = word.add_table(2, 2)
    for cell, text in zip(table._cells, ("Year", "Lifts", "2024", "900"), strict=True):
        cell.text = text
    body = word.element.body
    for xml in (TRACKED, CONTROL):
        body.insert(len(body) - 1, parse_xml(xml.format(nsdecls("w"))))
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def test_a_word_document() -> None:
    document = read_bytes(report(), source="lifts.docx")
    assert document.format is Format.DOCX
    assert shown(document) == [
        "navigation | Lift Monitor | 2024",
        "heading1 | Lifts in Portugal",
        "heading2 | Key drivers",
        f"paragraph | {WORDS}",
        "list_item | Grants: Towns pay half of each lift.",
        "list_item | 2.2 million patients live at home.",
        "heading2 | What holds it back",
        "paragraph | Approval takes two years.",
        "table | Year~Lifts/2024~900",
        "paragraph | Prices rise again.",
        "paragraph | Insurers pay by month.",
    ]
    assert document.metadata == Metadata(title="Lifts in Portugal", geography="Portugal", language="en")


def body(*elements: str) -> bytes:
    word = new_docx()
    for xml in elements:
        word.element.body.insert(len(word.element.body) - 1, parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1)))
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def row(*cells: str, properties: str = "") -> str:
    written = "".join(f"<w:tc><w:p>{cell}</w:p></w:tc>" for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{written}</w:tr>"


def test_hidden_text_and_deleted_rows_and_line_ends_are_left_out() -> None:
    deleted = '<w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
    gone = row(run("1999"), run("12"), properties='<w:del w:id="2"/>')
    long = row(run("Wards"), run(WORDS * 3))
    data = body(
        f"<w:p>{run('Prices rise because ')}{run('SECRET ', '<w:vanish/>')}{run('lifts are scarce.')}</w:p>",
        f"<w:p>{deleted}{run('Insurers pay ')}</w:p>",
        f"<w:p>{run('by month.')}</w:p>",
        f"<w:tbl>{row(run('Year'), run('Lifts'))}{gone}{row(run('2024'), run('900'))}</w:tbl>",
        f"<w:p>{deleted}{run('Grants end.')}</w:p>",
        f"<w:tbl>{gone}{long}</w:tbl>",
    )
    assert read_bytes(data, source="a.docx").text.split("\n\n") == [
        "Prices rise because lifts are scarce.",
        "Insurers pay by month.",
        "Year\tLifts\n2024\t900",
        "Grants end.",
        "Wards",
        WORDS * 3,
    ]


def test_a_box_in_a_cell_is_read_once() -> None:
    box = f"<w:txbxContent><w:p>{run('per ward')}</w:p></w:txbxContent>"
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = f'<mc:AlternateContent xmlns:mc="{space}"><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    data = body(f"<w:tbl>{row(run('Year'), run('Lifts') + f'<w:r>{both}</mc:AlternateContent></w:r>')}</w:tbl>")
    assert read_bytes(data, source="a.docx").text == "Year\tLifts per ward"


def test_a_subtitle_is_a_heading_and_a_company_the_publisher() -> None:
    word = new_docx()
    for text, style in (("Lifts in Portugal", "Title"), ("Where wards buy", "Subtitle"), (WORDS, "Normal")):
        word.add_paragraph(text, style)
    file = io.BytesIO()
    word.save(file)
    parts = members(file.getvalue())
    parts["docProps/app.xml"] = b"<Properties><Company>Smith &amp; Sons</Company></Properties>"
    document = read_bytes(packed(parts), source="a.docx")
    assert shown(document)[:2] == ["heading1 | Lifts in Portugal", "heading2 | Where wards buy"]
    assert document.metadata.publisher == "Smith & Sons"


def test_the_content_says_what_a_file_is() -> None:
    names = ["a.txt", "a.pdf", "a.html", "a"]
    assert {read_bytes(docx(), source=name).format for name in names} == {Format.DOCX}
    assert {read_bytes(pptx(), source=name).format for name in names} == {Format.PPTX}


def test_a_document_with_macros_is_read_without_them() -> None:
    parts = members(docx())
    kind = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = parts["[Content_Types].xml"].replace(plain, kind)
    data = packed({**parts, "[Content_Types].xml": types, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})
    assert WORDS in read_bytes(data, source="macro.docm").text


def test_a_presentation() -> None:
    document = read_bytes(pptx(), source="lifts.pptx")
    assert [(block.page, line) for block, line in zip(document.blocks, shown(document), strict=True)] == [
        (1, "heading1 | Lifts in Portugal"),
        (1, f"paragraph | {WORDS}"),
        (1, "table | Year~Lifts/2024~900"),
        (1, "paragraph | Rental offers could open the home care segment."),
    ]
    assert document.blocks[2].box is not None and document.blocks[2].box.left == 72


def test_shapes_of_a_group_lie_where_the_group_was_moved() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Pt(10), Pt(300), Pt(200), Pt(30)).text_frame.text = "Costs hold buyers back."
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Pt(10), Pt(500), Pt(200), Pt(30)).text_frame.text = "Demand for lifts is rising."
    group.top = Pt(50)
    file = io.BytesIO()
    deck.save(file)
    document = read_bytes(file.getvalue(), source="lifts.pptx")
    assert document.text.split("\n\n") == ["Demand for lifts is rising.", "Costs hold buyers back."]
    box = document.blocks[0].box
    assert box is not None
    assert (box.left, box.top, box.bottom) == (10, 50, 80)

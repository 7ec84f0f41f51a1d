"""Files of every format, made byte by byte or by the formats' own libraries, for tests of reading."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docx import Document as new_docx
from pptx import Presentation as new_pptx
from pptx.util import Inches

WORDS = "Nurses are scarce, so hospitals buy lifts. An ageing population is raising the demand for lifts at home."
TOKENS = (b"<<", b">>", b"obj", b"endobj", b"stream", b"0 R", b"/Kids", b"/Count -1", b"9" * 20, b"<w:p>", b"</w:p>")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of text on a page: its left edge, and its distance from the lower edge, in points."""

    text: str
    left: float
    up: float
    size: float = 10
    bold: bool = False


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects, of which 1 is the catalogue."""
    data, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        data += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(objects) + 1
    data += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(data)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), extra, content)


def printed_pdf(*pages: Sequence[Printed], rotate: int = 0) -> bytes:
    """A PDF of A4 pages with these lines, in Helvetica."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * n) for n in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(pages)),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    }
    fonts = b"/Resources << /Font << /R 3 0 R /B 4 0 R >> >>"
    for number, lines in enumerate(pages):
        page, content = 10 + 2 * number, 11 + 2 * number
        shape = b"/MediaBox [0 0 595 842] /Rotate %d" % rotate
        objects[page] = b"<< /Type /Page /Parent 2 0 R %b %b /Contents %d 0 R >>" % (shape, fonts, content)
        objects[content] = stream(b"\n".join(map(_shown, lines)))
    return pdf(objects)


def _shown(line: Printed) -> bytes:
    escaped = re.sub(rb"([\\()])", rb"\\\1", line.text.encode("cp1252"))
    font = b"B" if line.bold else b"R"
    return b"BT /%b %.1f Tf %.1f %.1f Td (%b) Tj ET" % (font, line.size, line.left, line.up, escaped)


def paragraph(text: str, left: float, up: float, characters: int = 60, size: float = 10) -> list[Printed]:
    """``text`` broken into lines of up to so many characters."""
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) + 1 > characters:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [Printed(part, left, up - 1.25 * size * n, size) for n, part in enumerate([*lines, line])]


def docx(*paragraphs: str, heading: str = "Lifts in Portugal") -> bytes:
    document = new_docx()
    document.add_heading(heading, 1)
    for text in paragraphs or (WORDS,):
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pptx() -> bytes:
    show = new_pptx()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Lifts in Portugal"
    slide.placeholders[1].text = WORDS
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for number, text in enumerate(("Year", "Lifts", "2024", "900")):
        table.cell(number // 2, number % 2).text = text
    slide.notes_slide.notes_text_frame.text = "Rental offers could open the home care segment."
    file = io.BytesIO()
    show.save(file)
    return file.getvalue()


def packed(members: Mapping[str, bytes] | Iterable[tuple[str, bytes]], level: int = 6) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data)
    return file.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mutant(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to five faults; of a package, half of them inside its parts."""
    if data.startswith(b"PK") and chance.random() < 0.5:
        parts = members(data)
        name = chance.choice(sorted(parts))
        return packed({**parts, name: _faulty(parts[name], chance)}, 1)
    return _faulty(data, chance)


def _faulty(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at, end = sorted((chance.randrange(len(found) + 1), chance.randrange(len(found) + 1)))
        end = min(end, at + 200)
        match chance.randrange(7):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end]
            case 3:
                found[at:at] = chance.choice(TOKENS)
            case 4:
                found[at:end] = chance.randbytes(end - at)
            case 5:
                number = re.compile(rb"\d+").search(found, at)
                if number:
                    found[number.start() : number.end()] = b"%d" % chance.choice((0, 1, -1, 2**31, 2**63, 99))
            case _:
                del found[max(at, len(found) // 2) :]
    return bytes(found)

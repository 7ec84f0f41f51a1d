"""PDF: PDFium gives every character with its font and box; geometry makes lines of them, and lines make paragraphs.

PDFium is not thread-safe, and its input is hostile: this runs in a process of its own.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from trendnlp.errors import DamagedInput, EncryptedInput, InputTooLarge, NoTextLayer
from trendnlp.read.columns import Gutter
from trendnlp.read.flow import Outline, paragraphs_of
from trendnlp.read.limits import Limits
from trendnlp.read.lines import SUPERSCRIPTS
from trendnlp.read.page import INITIAL, OVERLAP, Line, Sheet, Span, lines_of
from trendnlp.read.paragraphs import assemble, clean
from trendnlp.read.parsed import Parsed, title_in_properties
from trendnlp.types import Box, Metadata

END_MARK = b"%%EOF"
TRAILER = 65_536  # bytes after the end mark that careless programs leave behind
LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+(\d{1,12})\b", re.DOTALL)
AGAIN = "Fetch or save it again."
BOLD_WEIGHT = 600
BOLD_NAME = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
FORCE_BOLD = 1 << 18  # of a font descriptor's flags (ISO 32000-1, table 123)
GAP = 1.5  # ems; a wider gap parts columns or cells, the spaces of justified text stay below
UPRIGHT = 0.1  # radians
QUARTER = 90
LINE_END_HYPHENS = ("\x02", "\xad")  # how PDFium and typesetters mark a word that goes on below
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
SYMBOLS = str.maketrans({"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓", "\uf02d": "-", "\u2028": " "})
RAISED = {str(number): sign for number, sign in enumerate(SUPERSCRIPTS)}
SMALL = 0.8  # of the size of its line, of a raised figure
RAISE = 0.1  # ems by which a raised figure ends above its line; hanging figures end below
MAX_OUTLINE = 5000
MAX_OBJECTS = 20_000  # looked at on a page; maps have more, lists fewer
MAX_DOTS = 300
DOT_MIN, DOT_MAX = 1.0, 8.0  # points


@dataclass(frozen=True, slots=True)
class _Face:
    """Size in points as printed, and whether bold, of the characters of one text object."""

    size: float
    bold: bool


@dataclass(slots=True)
class _Run:
    """The characters of one stretch of a line, as they come."""

    text: list[str]
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: int = 0
    count: int = 0

    def takes(self, left: float, top: float, right: float, bottom: float, size: float) -> bool:
        """Whether a character belongs to the run: on its line, and neither far behind nor before its end."""
        shared = min(self.bottom, bottom) - max(self.top, top)
        low = min(self.bottom - self.top, bottom - top)
        em = max(self.size, size)
        if len(self.text) == 1 and self.size >= INITIAL * size:
            return False
        return shared >= OVERLAP * low and -em / 2 <= left - self.right <= GAP * em and right > self.left


def read_pdf(data: bytes, limits: Limits, password: str | None) -> Parsed:
    """Blocks of a PDF with their pages and boxes; raises DamagedInput, EncryptedInput, NoTextLayer, InputTooLarge."""
    _refuse_cut_off(data)
    document = _open(data, password)
    try:
        count = len(document)
        if count > limits.max_pages:
            reason = f"it has {count:,} pages, more than {limits.max_pages:,}"
            raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_PAGES.")
        sheets, warnings = _sheets(document, limits)
        written = assemble(paragraphs_of(sheets, _outline(document)))
        return Parsed(written.text, written.blocks, _stated(document), warnings)
    finally:
        document.close()


def _refuse_cut_off(data: bytes) -> None:
    """PDFium opens a file whose end is missing, and shows fewer pages than it had."""
    declared = LINEARIZED.search(data[:2048])
    if data.rfind(END_MARK, max(0, len(data) - TRAILER)) < 0 or (declared and int(declared[1]) > len(data)):
        raise DamagedInput("", "it is cut off: its end is missing", AGAIN)


def _open(data: bytes, password: str | None) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(data, password=password)
        if len(document) == 0:
            raise DamagedInput("", "it has no page that can be read", AGAIN)
    except pypdfium2.PdfiumError:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
            reason = "it is encrypted" if password is None else "it is encrypted with another password"
            remedy = "Give its password, which POST /v1/documents takes, or save it without one."
            raise EncryptedInput("", reason, remedy) from None
        raise DamagedInput("", "it is no PDF that can be read", AGAIN) from None
    return document


def _sheets(document: pypdfium2.PdfDocument, limits: Limits) -> tuple[list[Sheet], tuple[str, ...]]:
    """The lines of every page, and what is wrong with some."""
    sheets: list[Sheet] = []
    known: list[Gutter] = []
    broken = blank = length = 0
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        width, height = page.get_size()
        aside: list[str] = []
        lines = _lines(page, number, aside, known)
        page.close()
        blank += not lines and not aside
        length += sum(len(line.text) for line in lines) + sum(map(len, aside))
        if length > limits.max_characters:
            reason = f"its text is longer than {limits.max_characters:,} characters"
            raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_CHARACTERS.")
        sheets.append(Sheet(number, width, height, tuple(lines), tuple(aside)))
    pages = f"{len(document):,} page{'s' * (len(document) > 1)}"
    if broken == len(document):
        raise DamagedInput("", "it has no page that can be read", AGAIN)
    if not length:
        reason = f"no text layer on its {pages}: pictures, or nothing"
        raise NoTextLayer("", reason, "Run it through text recognition (OCR) first.")
    counts = ((blank, "without a text layer"), (broken, "unreadable"))
    return sheets, tuple(f"of its {pages}, {number:,} {what}" for number, what in counts if number)


def _lines(page: pypdfium2.PdfPage, number: int, aside: list[str], known: list[Gutter]) -> list[Line]:
    """The lines of a page; words that do not stand upright, in the margin or as a watermark, go to ``aside``."""
    text = page.get_textpage()
    turned: list[str] = []
    try:
        return lines_of(list(_spans(page, text, turned)), _dots(page), number, known)
    finally:
        text.close()
        if words := clean("".join(turned)):
            aside.append(" ".join(words.split()))


def _spans(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, turned: list[str]) -> Iterator[Span]:
    """The stretches of text of a page in the order in which they are drawn, cut at the ends of lines and wide gaps."""
    raw = text.raw
    turn, frame = page.get_rotation(), page.get_bbox()
    box, faces = pdfium.FS_RECTF(), {}
    run: _Run | None = None
    space = False
    for index in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        char = chr(code) if 0 < code < 0x110000 else "\ufffd"
        if char in " \t\r\n\u00a0" or (char < " " and char != "\x02"):
            space = True
            if turned:
                turned.append(" ")
            continue
        if not pdfium.FPDFText_GetLooseCharBox(raw, index, box):
            continue
        handle = pdfium.FPDFText_GetTextObject(raw, index)
        address = ctypes.addressof(handle.contents) if handle else 0
        if address not in faces:
            faces[address] = _face(raw, index, turn)
        face = faces[address]
        if face is None:
            turned.append(char)
            continue
        left, top, right, bottom = _turned(box, frame, turn)
        if run is None or not run.takes(left, top, right, bottom, face.size):
            if run is not None:
                yield _span(run)
            run = _Run([], left, top, right, bottom, face.size)
        elif space:
            run.text.append(" ")
        space = False
        _extend(run, char, face, (left, top), (right, bottom))
    if run is not None:
        yield _span(run)


def _dots(page: pypdfium2.PdfPage) -> list[Box]:
    """Small drawings about as wide as high, of which some are bullets: browsers draw theirs."""
    turn, frame = page.get_rotation(), page.get_bbox()
    dots: list[Box] = []
    sides = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium.FPDFPage_CountObjects(page.raw), MAX_OBJECTS)):
        drawn = pdfium.FPDFPage_GetObject(page.raw, index)
        if pdfium.FPDFPageObj_GetType(drawn) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        if not pdfium.FPDFPageObj_GetBounds(drawn, *sides):
            continue
        left, bottom, right, top = (side.value for side in sides)
        if DOT_MIN <= right - left <= DOT_MAX and abs((right - left) - (top - bottom)) <= DOT_MIN:
            dots.append(Box(*_turned(pdfium.FS_RECTF(left, top, right, bottom), frame, turn)))
    return dots[:MAX_DOTS]


def _extend(run: _Run, char: str, face: _Face, upper: tuple[float, float], lower: tuple[float, float]) -> None:
    if char in RAISED and face.size <= SMALL * run.size and lower[1] <= run.bottom - RAISE * run.size:
        char = RAISED[char]  # the mark of a note: "in 2024³" is not the year 20243
    run.text.append(char)
    run.left, run.top = min(run.left, upper[0]), min(run.top, upper[1])
    run.right, run.bottom = max(run.right, lower[0]), max(run.bottom, lower[1])
    run.size = max(run.size, face.size)
    run.bold += face.bold
    run.count += 1


def _span(run: _Run) -> Span:
    hyphen = run.text[-1] in LINE_END_HYPHENS
    text = "".join(run.text).translate(LIGATURES).translate(SYMBOLS)
    for sign in LINE_END_HYPHENS:
        text = text.replace(sign, "")
    text = clean(text).replace("\n", " ") + "-" * hyphen
    bold = run.bold * 10 >= run.count * 9
    left, top, right, bottom = (round(side, 2) for side in (run.left, run.top, run.right, run.bottom))
    return Span(text, left, top, right, bottom, run.size, bold, hyphen)


def _face(raw: pdfium.FPDF_TEXTPAGE, index: int, turn: int) -> _Face | None:
    """How the character at ``index`` is set; None for one that does not stand upright on the page as it is shown."""
    angle = pdfium.FPDFText_GetCharAngle(raw, index)
    off = (angle + math.radians(turn)) % (2 * math.pi)
    if angle >= 0 and min(off, 2 * math.pi - off) > UPRIGHT:
        return None
    matrix = pdfium.FS_MATRIX()
    scale = 1.0
    if pdfium.FPDFText_GetMatrix(raw, index, matrix):
        scale = math.hypot(matrix.c, matrix.d) or 1.0
    size = pdfium.FPDFText_GetFontSize(raw, index) * scale
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(256)
    length = pdfium.FPDFText_GetFontInfo(raw, index, name, 256, flags)
    named = name.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "replace")
    heavy = pdfium.FPDFText_GetFontWeight(raw, index) >= BOLD_WEIGHT
    return _Face(round(size, 1), bool(heavy or BOLD_NAME.search(named) or flags.value & FORCE_BOLD))


def _turned(box: pdfium.FS_RECTF, frame: tuple[float, float, float, float], turn: int) -> tuple[float, ...]:
    """``box`` in points from the upper left corner of the page as it is shown: left, top, right, bottom."""
    left, bottom, right, top = frame
    if turn == QUARTER:
        return box.bottom - bottom, box.left - left, box.top - bottom, box.right - left
    if turn == 2 * QUARTER:
        return right - box.right, box.bottom - bottom, right - box.left, box.top - bottom
    if turn == 3 * QUARTER:
        return top - box.top, right - box.right, top - box.bottom, right - box.left
    return box.left - left, top - box.top, box.right - left, top - box.bottom


def _outline(document: pypdfium2.PdfDocument) -> tuple[Outline, ...]:
    """The bookmarks; a cycle among them ends where PDFium's own limit does."""
    found = []
    try:
        for item in document.get_toc(max_depth=6):
            title = clean(item.get_title() or "")
            target = item.get_dest()
            page = target.get_index() if target else None
            if title and page is not None:
                found.append(Outline(title, min(item.level + 1, 6), page + 1))
            if len(found) >= MAX_OUTLINE:
                break
    except (pypdfium2.PdfiumError, ValueError, UnicodeDecodeError):
        return ()
    return tuple(found)


def _stated(document: pypdfium2.PdfDocument) -> Metadata:
    """The title of the file's own properties. Its dates say when the file was made, not when it was published."""
    try:
        title = clean(document.get_metadata_value("Title"))
    except UnicodeDecodeError:
        title = ""
    return Metadata(title=title_in_properties(title))

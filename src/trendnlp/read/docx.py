"""DOCX: body, tables, text boxes and notes in document order; styles and numbering say what each paragraph is.

Macros are not run, what a document links to is not fetched, entities are not expanded. Deleted text of tracked changes
and hidden text are left out, inserted text stands.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.package import OpcPackage
from docx.opc.part import PartFactory
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart

from trendnlp.errors import DamagedInput, InputTooLarge
from trendnlp.read.layout import NO_HINT, Hint
from trendnlp.read.limits import Limits
from trendnlp.read.lines import is_terminated
from trendnlp.read.paragraphs import CELL_LIMIT, Paragraph, assemble, clean
from trendnlp.read.parsed import Parsed, title_in_properties
from trendnlp.types import BlockKind, Metadata

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MS_WORD = "application/vnd.ms-word."
MAIN_TYPES = (  # a document, a template, and either with macros
    f"{WORD}document.main+xml",
    f"{WORD}template.main+xml",
    f"{MS_WORD}document.macroEnabled.main+xml",
    f"{MS_WORD}template.macroEnabledTemplate.main+xml",
)
MAX_DEPTH = 60  # of tables and boxes in each other; real documents have four
MAX_STYLES = 50  # of styles that a style is based on, one after the other
BOLD_HEADING_WORDS = 15
BODY_LEVEL = 9  # outline level of body text, counted from 0
HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
TITLES = {"title": 1, "subtitle": 2}  # styles, with the levels of the headings they are
CONTENTS = re.compile(
    r"(?:toc|table of (?:figures|authorities)|index) ?\d*|caption|header|footer|(?:foot|end)note text", re.IGNORECASE
)
LIST_STYLE = re.compile(r"list (?:bullet|number|paragraph)|(?:bullet|numbered) list", re.IGNORECASE)
SKIPPED = (
    *map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:rPr", "w:pPr")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "\u2011"}
NAVIGATION = Hint(BlockKind.NAVIGATION)
NOTES = ("footnotes", "endnotes")
PROPERTIES = re.compile(r"<(?:\w+:)?Company>([^<]{1,200})</")

P, TBL, TR, TC, SDT, BOX = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:txbxContent"))
T, R, VAL = map(qn, ("w:t", "w:r", "w:val"))


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says of its paragraphs: its name, heading level (0 for none), whether they are items, are bold."""

    name: str = ""
    level: int = 0
    item: bool = False
    bold: bool = False


@dataclass(slots=True)
class _Writer:
    """Collects paragraphs; gives up where their text grows over the limit."""

    longest: int
    looks: dict[str, Look]
    default: Look
    paragraphs: list[Paragraph] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, hint: Hint) -> None:
        text = clean(text)
        if not text:
            return
        self.length += len(text)
        if self.length > self.longest:
            reason = f"its text is longer than {self.longest:,} characters"
            raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_CHARACTERS.")
        self.paragraphs.append(Paragraph(text, hint))


def read_docx(data: bytes, limits: Limits) -> Parsed:
    """Blocks of a Word document, whose package has been checked; raises DamagedInput, InputTooLarge."""
    document = _open(data)
    looks = _looks(document)
    writer = _Writer(limits.max_characters, looks, looks.get("", Look()))
    _write_margins(document, writer)
    _write_story(document.element.body, writer, 0)
    for part in _notes(document):
        for note in part:
            if note.get(qn("w:type")) is None:  # the others are the lines that set notes apart
                writer.add(" ".join(_runs(paragraph) for paragraph in note.iter(P)), NAVIGATION)
    written = assemble(writer.paragraphs)
    return Parsed(written.text, written.blocks, _stated(document))


def _open(data: bytes) -> WordDocument:
    for kind in MAIN_TYPES:
        PartFactory.part_type_for[kind] = DocumentPart
    try:
        part = Package.open(io.BytesIO(data)).main_document_part
        document: WordDocument = part.document
        assert document.element.body is not None
    except Exception as error:  # python-docx lets through whatever its XML and ZIP libraries raise
        reason = f"its parts are not those of a Word document ({type(error).__name__})"
        raise DamagedInput("", reason, "Save it again.") from None
    return document


def _looks(document: WordDocument) -> dict[str, Look]:
    """The styles by id; "" is that of paragraphs that name none."""
    elements = {style.get(qn("w:styleId"), ""): style for style in document.styles.element.iter(qn("w:style"))}
    looks = {id: _look(id, elements) for id in elements}
    default = [s for s in elements.values() if s.get(qn("w:default")) == "1" and s.get(qn("w:type")) == "paragraph"]
    if default:
        looks[""] = looks[default[0].get(qn("w:styleId"), "")]
    return looks


def _look(id: str, elements: dict[str, Any]) -> Look:
    """What a style says, or those that it is based on."""
    name, level, item, bold = "", None, False, None
    for _ in range(MAX_STYLES):
        style = elements.get(id)
        if style is None:
            break
        own = _value(style, "w:name") or ""
        name = name or own
        found = HEADING.fullmatch(own)
        outline = _value(style, "w:pPr/w:outlineLvl")
        titled = TITLES.get(own.casefold())
        if level is None and (found or outline is not None or titled):
            level = int(found[1]) if found else titled if outline is None else _outline(outline)
        item = item or style.find(_path("w:pPr/w:numPr")) is not None or bool(LIST_STYLE.match(own))
        bold = _switch(style, "w:rPr/w:b") if bold is None else bold
        id = _value(style, "w:basedOn") or ""
    return Look(name, min(level or 0, 6), item, bool(bold))


def _outline(value: str) -> int:
    return int(value) + 1 if value.isdecimal() and int(value) < BODY_LEVEL else 0


def _path(path: str) -> str:
    return "/".join(map(qn, path.split("/")))


def _value(element: Any, path: str) -> str | None:
    found = element.find(_path(path))
    return None if found is None else found.get(VAL)


def _switch(element: Any, path: str) -> bool | None:
    found = element.find(_path(path))
    return None if found is None else found.get(VAL, "1") not in ("0", "false", "off", "none")


def _write_story(element: Any, writer: _Writer, depth: int) -> None:
    """The paragraphs and tables below ``element``, in order."""
    if depth > MAX_DEPTH:
        raise DamagedInput("", f"its tables are nested more than {MAX_DEPTH} deep", "Export it as plain text.")
    begun = ""
    for child in element:
        if child.tag == P:
            text = begun + _runs(child)
            begun = text if _goes_on(child) else ""
            if not begun:
                writer.add(text, _hint(child, writer))
            for box in _boxes(child):
                _write_story(box, writer, depth + 1)
        elif child.tag == TBL:
            _write_table(child, writer, depth)
        elif child.tag not in SKIPPED and isinstance(child.tag, str):  # content controls, custom XML, tracked inserts
            _write_story(child, writer, depth + 1)


def _goes_on(paragraph: Any) -> bool:
    """Whether a tracked change has deleted the end of the paragraph, so that the next one continues it."""
    below = paragraph.getnext()
    return below is not None and below.tag == P and paragraph.find(_path("w:pPr/w:rPr/w:del")) is not None


def _write_table(table: Any, writer: _Writer, depth: int) -> None:
    """A table of data as rows; one that lays out the page, with a table or long texts in its cells, as paragraphs."""
    rows = [[_cell(cell) for cell in row.iter(TC)] for row in table.iter(TR) if _stands(row)]
    lays_out = max(map(len, rows), default=0) < 2 or any(len(cell) > CELL_LIMIT for row in rows for cell in row)
    if lays_out or table.find(f".//{TC}//{TBL}") is not None:
        for cell in (cell for row in _children(table, TR) if _stands(row) for cell in _children(row, TC)):
            _write_story(cell, writer, depth + 1)
        return
    lines = ("\t".join(row).strip() for row in rows)
    writer.add("\n".join(line for line in lines if line), Hint(BlockKind.TABLE))


def _cell(cell: Any) -> str:
    """The words of a cell on one line, those of its boxes once."""
    copies = {paragraph for skipped in cell.iter(*SKIPPED) for paragraph in skipped.iter(P)}
    return " ".join(" ".join(_runs(paragraph) for paragraph in cell.iter(P) if paragraph not in copies).split())


def _stands(row: Any) -> bool:
    """Whether a tracked change has not deleted the row."""
    return row.find(_path("w:trPr/w:del")) is None


def _children(element: Any, tag: str) -> Iterator[Any]:
    """The nearest elements below ``element`` with that tag, in content controls too."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag == SDT or child.tag == qn("w:sdtContent"):
            yield from _children(child, tag)


def _runs(element: Any) -> str:
    """The text of a paragraph, without that of the boxes anchored in it."""
    parts: list[str] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == T:
            parts.append(child.text or "")
        elif child.tag in SIGNS:
            parts.append("" if child.get(qn("w:type")) in ("page", "column") else SIGNS[child.tag])
        elif isinstance(child.tag, str) and child.tag not in SKIPPED and child.tag != BOX and not _is_hidden(child):
            stack.append(iter(child))
    return re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]{2,}|\t", " ", "".join(parts)))


def _is_hidden(element: Any) -> bool:
    return element.tag == R and bool(_switch(element, "w:rPr/w:vanish"))


def _boxes(paragraph: Any) -> Iterator[Any]:
    """The text boxes anchored in a paragraph, once each: a drawing has a copy for older programs."""
    for box in paragraph.iter(BOX):
        above = list(box.iterancestors())
        outer = any(a.tag in SKIPPED or a.tag == BOX for a in above[: above.index(paragraph)])
        if not outer:
            yield box


def _hint(paragraph: Any, writer: _Writer) -> Hint:
    look = writer.looks.get(_value(paragraph, "w:pPr/w:pStyle") or "", writer.default)
    outline = _value(paragraph, "w:pPr/w:outlineLvl")
    level = _outline(outline) if outline is not None else look.level
    if CONTENTS.fullmatch(look.name):
        return NAVIGATION
    if level:
        return Hint(BlockKind.HEADING, min(level, 6))
    number = _value(paragraph, "w:pPr/w:numPr/w:numId")
    if number != "0" and (number is not None or look.item):
        return Hint(item=True)
    return Hint(BlockKind.HEADING) if _is_bold_line(paragraph, look) else NO_HINT


def _is_bold_line(paragraph: Any, look: Look) -> bool:
    """A short line without an end, all in bold: how headings look where no heading style is used."""
    words = _runs(paragraph).strip()
    if not words or len(words.split()) > BOLD_HEADING_WORDS or is_terminated(words) or words[-1] in ":;,":
        return False
    runs = [run for run in paragraph.iter(R) if any((t.text or "").strip() for t in run.iter(T))]
    bold = [look.bold if (own := _switch(run, "w:rPr/w:b")) is None else own for run in runs]
    return bool(bold) and all(bold)


def _write_margins(document: WordDocument, writer: _Writer) -> None:
    """What stands above and below every page, once each."""
    seen: dict[str, None] = {}
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/header", "/footer")):
            root = _root(relation.target_part)
            seen.update(dict.fromkeys(clean(_runs(paragraph)) for paragraph in root.iter(P)))
    for text in seen:
        writer.add(text, NAVIGATION)


def _notes(document: WordDocument) -> Iterator[Any]:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(tuple(f"/{name}" for name in NOTES)):
            yield _root(relation.target_part)


def _root(part: Any) -> Any:
    try:
        return part.element if hasattr(part, "element") else parse_xml(part.blob)
    except Exception as error:  # as in _open
        raise DamagedInput("", f"one of its parts cannot be read ({type(error).__name__})", "Save it again.") from None


def _stated(document: WordDocument) -> Metadata:
    """Title and company of the document's properties. Its dates say when the file was made, not when published."""
    try:
        title = clean(document.core_properties.title)
    except Exception:  # a part with XML that is none
        title = ""
    return Metadata(title=title_in_properties(title), publisher=_company(document.part.package))


def _company(package: OpcPackage | None) -> str | None:
    for relation in package.rels.values() if package else ():
        if not relation.is_external and relation.reltype.endswith("/extended-properties"):
            found = PROPERTIES.search(relation.target_part.blob[:65_536].decode("utf-8", "replace"))
            if found:
                return clean(html.unescape(found[1])) or None
    return None

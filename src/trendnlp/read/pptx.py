"""PPTX: slide by slide, its shapes from top to bottom, then its notes; titles are headings, tables are tables."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pptx.opc.package import PartFactory
from pptx.package import Package
from pptx.parts.presentation import PresentationPart

from trendnlp.errors import DamagedInput, InputTooLarge
from trendnlp.read.layout import NO_HINT, Hint
from trendnlp.read.limits import Limits
from trendnlp.read.lines import is_terminated
from trendnlp.read.paragraphs import Paragraph, assemble, clean
from trendnlp.read.parsed import Parsed, title_in_properties
from trendnlp.types import BlockKind, Box, Metadata, Place

POWERPOINT = "application/vnd.ms-powerpoint."
OFFICE = "application/vnd.openxmlformats-officedocument.presentationml."
MAIN_TYPES = (
    f"{OFFICE}presentation.main+xml",
    f"{OFFICE}template.main+xml",
    f"{OFFICE}slideshow.main+xml",
    f"{POWERPOINT}presentation.macroEnabled.main+xml",
    f"{POWERPOINT}template.macroEnabled.main+xml",
    f"{POWERPOINT}slideshow.macroEnabled.main+xml",
)
EMU = 12_700  # English Metric Units a point
MAX_DEPTH = 30  # of groups in groups
TITLES = ("TITLE", "CENTER_TITLE", "VERTICAL_TITLE")
FURNITURE = ("DATE", "FOOTER", "HEADER", "SLIDE_NUMBER")
BODIES = ("BODY", "OBJECT", "VERTICAL_BODY")
DAMAGED = "its parts are not those of a presentation"
TITLE_LEVEL, SLIDE_LEVEL = 1, 2
NAVIGATION = Hint(BlockKind.NAVIGATION)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where what a group tells of its shapes lies on the slide: a scale and a shift each way, shifts in EMU."""

    wide: float = 1.0
    high: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def across(self, x: float) -> float:
        return self.left + self.wide * x

    def down(self, y: float) -> float:
        return self.top + self.high * y

    def inside(self, group: Any) -> Frame:
        """The frame of the shapes of ``group``, which itself is told in this one."""
        found = {part.tag.rpartition("}")[2]: part.attrib for part in group.element.grpSpPr.iterfind(".//{*}xfrm/*")}
        if not {"off", "ext", "chOff", "chExt"} <= found.keys():
            return self
        x, y, child_x, child_y = (float(found[part][side]) for part in ("off", "chOff") for side in ("x", "y"))
        wide, high = (
            float(found["ext"][side]) / (float(found["chExt"][side]) or 1.0) if found["ext"][side] != "0" else 1.0
            for side in ("cx", "cy")
        )
        return Frame(
            self.wide * wide,
            self.high * high,
            self.across(x - wide * child_x),
            self.down(y - high * child_y),
        )


SLIDE = Frame()


@dataclass(slots=True)
class _Writer:
    longest: int
    paragraphs: list[Paragraph] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, hint: Hint, place: Place) -> None:
        text = clean(text)
        self.length += len(text)
        if self.length > self.longest:
            reason = f"its text is longer than {self.longest:,} characters"
            raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_CHARACTERS.")
        if text:
            self.paragraphs.append(Paragraph(text, hint, (place,)))


def read_pptx(data: bytes, limits: Limits) -> Parsed:
    """Blocks of a presentation, whose package has been checked; raises DamagedInput, InputTooLarge."""
    try:
        for kind in MAIN_TYPES:
            PartFactory.part_type_for[kind] = PresentationPart
        presentation = Package.open(io.BytesIO(data)).presentation_part.presentation
        slides = list(presentation.slides)
    except Exception as error:  # python-pptx lets through whatever its XML and ZIP libraries raise
        raise DamagedInput("", f"{DAMAGED} ({type(error).__name__})", "Save it again.") from None
    if len(slides) > limits.max_pages:
        reason = f"it has more than {limits.max_pages:,} slides"
        raise InputTooLarge("", reason, "Split it, or raise TRENDNLP_MAX_PAGES.")
    writer = _Writer(limits.max_characters)
    for number, slide in enumerate(slides, 1):
        try:
            _write_slide(slide, number, writer)
        except (AttributeError, KeyError, ValueError, TypeError) as error:
            raise DamagedInput("", f"{DAMAGED} ({type(error).__name__})", "Save it again.") from None
    written = assemble(writer.paragraphs)
    title = clean(str(presentation.core_properties.title or ""))
    return Parsed(written.text, written.blocks, Metadata(title=title_in_properties(title)))


def _write_slide(slide: Any, number: int, writer: _Writer) -> None:
    for shape, frame in sorted(_shapes(slide.shapes, 0), key=lambda found: _order(*found)):
        place = Place(0, number, _box(shape, frame))
        role = _role(shape)
        if getattr(shape, "has_table", False):
            rows = ("\t".join(" ".join(cell.text_frame.text.split()) for cell in row.cells) for row in shape.table.rows)
            writer.add("\n".join(row.strip() for row in rows if row.strip()), Hint(BlockKind.TABLE), place)
        elif getattr(shape, "has_text_frame", False):
            if role in TITLES:
                level = TITLE_LEVEL if number == 1 else SLIDE_LEVEL
                writer.add(" ".join(shape.text_frame.text.split()), Hint(BlockKind.HEADING, level), place)
                continue
            for paragraph in shape.text_frame.paragraphs:
                writer.add(paragraph.text, _hint(role, paragraph.text), place)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            writer.add(paragraph.text, NO_HINT, Place(0, number))


def _shapes(shapes: Any, depth: int, frame: Frame = SLIDE) -> Iterator[tuple[Any, Frame]]:
    """The shapes, those in groups too, each with the frame that its measures are told in."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            if depth < MAX_DEPTH:
                yield from _shapes(shape.shapes, depth + 1, frame.inside(shape))
        else:
            yield shape, frame


def _role(shape: Any) -> str:
    return shape.placeholder_format.type.name if shape.is_placeholder and shape.placeholder_format.type else ""


def _hint(role: str, text: str) -> Hint:
    if role in FURNITURE:
        return NAVIGATION
    return Hint(item=True) if role in BODIES and not is_terminated(text) else NO_HINT


def _order(shape: Any, frame: Frame) -> tuple[bool, float, float]:
    """Titles first, then from top to bottom."""
    return _role(shape) not in TITLES, frame.down(shape.top or 0), frame.across(shape.left or 0)


def _box(shape: Any, frame: Frame) -> Box | None:
    sides = (shape.left, shape.top, shape.width, shape.height)
    if any(side is None for side in sides):
        return None
    left, top, width, height = sides
    ends = (frame.across(left), frame.down(top), frame.across(left + width), frame.down(top + height))
    return Box(*(round(end / EMU, 1) for end in ends))

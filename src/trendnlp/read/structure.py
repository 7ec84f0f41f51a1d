"""From pieces to blocks: which pieces are headings, items, rows, links, and how deep each heading lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from trendnlp.read.layout import Hint, Piece, pieces_of
from trendnlp.read.levels import is_section, levels_of
from trendnlp.read.lines import (
    LONG_LINE,
    Shape,
    cells_of,
    figure_share,
    is_address,
    is_caps,
    is_disclaimer,
    is_navigation,
    is_row,
    is_terminated,
)
from trendnlp.types import Block, BlockKind

NO_HINTS: Mapping[int, Hint] = {}
MAX_NAMES = 5  # lines above the first phone number of an address
MAX_CHAIN = 3  # headings without text between them; more fragments in a row are a list
TITLE_WORDS = 30  # the longest heading of the corpus has 19 words; titles of press releases run longer
LEAD_HEADING_WORDS = 14
SHORT_HEADING_WORDS = 4
DASHES = ("–", "—")  # before a line of a conversation
FIGURES = 0.5  # share of figure columns from which on a single line is a row
FRAGMENTS = (Shape.FRAGMENT, Shape.COLON, Shape.QUESTION)
FIGURE = re.compile(r"(?<!\S)[^\w\s]?\d")
CONTENTS = re.compile(r"(?:table of )?contents?\W*$", re.IGNORECASE)
KIND_LABEL = re.compile(
    r"(?:driver|restraint|challenge|opportunity|trend|threat|factor|risk|part|step|chapter|section)\b", re.IGNORECASE
)
SPEC = re.compile(r"[^\d.:]{2,30} \S{0,3}\d[\d.,\u00a0 ]*\S{0,6}(?: \S{1,6})?$")
BODY = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.DISCLAIMER, BlockKind.TABLE)


def blocks_of(text: str, hints: Mapping[int, Hint] = NO_HINTS) -> tuple[Block, ...]:
    """The blocks of ``text`` in order: every character that is no white space is in exactly one of them."""
    pieces = pieces_of(text, hints)
    kinds = _Kinds(pieces).decide()
    headings = [i for i, kind in enumerate(kinds) if kind is BlockKind.HEADING]
    levels = levels_of(pieces, kinds)
    level_of = dict(zip(headings, levels, strict=True))
    blocks: list[Block] = []
    for i, (piece, kind) in enumerate(zip(pieces, kinds, strict=True)):
        in_text = kind in (BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.PARAGRAPH, BlockKind.DISCLAIMER)
        block = Block(piece.start, piece.end, kind, level_of.get(i, 0), piece.content if in_text else piece.start)
        above = blocks[-1] if blocks else None
        if above and kind is above.kind is BlockKind.TABLE and pieces[i - 1].group == piece.group:
            blocks[-1] = replace(above, end=block.end)
        else:
            blocks.append(block)
    return tuple(blocks)


class _Kinds:
    """The kind of every piece: first what a piece says alone, then what its neighbours say of it."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.kinds: list[BlockKind | None] = [self._alone(piece) for piece in pieces]

    def decide(self) -> list[BlockKind]:
        self._rows()
        self._contact_lines()
        self._numbered()
        self._lead_headings()
        self._fragments()
        self._title()
        self._disclaimers()
        return [kind or self._body(piece) for kind, piece in zip(self.kinds, self.pieces, strict=True)]

    def _alone(self, piece: Piece) -> BlockKind | None:
        if piece.hint.kind:
            return piece.hint.kind
        if piece.rule:
            return BlockKind.NAVIGATION
        if not piece.words:
            return BlockKind.NAVIGATION
        if piece.hashes:
            return BlockKind.HEADING
        if len(piece.words) > LONG_LINE:
            return BlockKind.DISCLAIMER if is_disclaimer(piece.words) else self._body(piece)
        if is_address(piece.words):
            return BlockKind.ADDRESS
        if is_navigation(piece.words) and not (piece.marker.depth and not piece.marker.bullet):
            return BlockKind.NAVIGATION
        if (
            piece.bold
            and not piece.marker.bullet
            and len(piece.words.split()) <= TITLE_WORDS
            and piece.words[-1] not in ".;"
        ):
            return BlockKind.HEADING
        if is_disclaimer(piece.words):
            return BlockKind.HEADING if piece.shape in FRAGMENTS and len(piece.words) < 40 else BlockKind.DISCLAIMER
        return None

    def _body(self, piece: Piece) -> BlockKind:
        item = piece.marker.end or piece.hint.item or (piece.shape is Shape.LEAD and not piece.hint.kind)
        return BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH

    def _rows(self) -> None:
        """Two rows below each other are a table, or one with figures; a caption without end above them belongs in."""
        rows = [
            is_row(p.words) and not p.marker.end and self.kinds[i] in (None, BlockKind.NAVIGATION) and not p.hint.kind
            for i, p in enumerate(self.pieces)
        ]
        for i, row in enumerate(rows):
            if not row:
                continue
            near = [j for j in (i - 1, i + 1) if 0 <= j < len(rows) and self.pieces[j].group == self.pieces[i].group]
            columns = len(cells_of(self.pieces[i].words))
            paired = any(rows[j] and (columns >= 3 or figure_share(self.pieces[j].words) > 0) for j in near)
            if paired or (columns >= 3 and figure_share(self.pieces[i].words) >= FIGURES) or self._piped(i):
                self.kinds[i] = BlockKind.TABLE
            elif self.kinds[i] is None:
                self.kinds[i] = BlockKind.TABLE if ":" in self.pieces[i].words else BlockKind.NAVIGATION

    def _piped(self, i: int) -> bool:
        return self.pieces[i].words.startswith("|")

    def _contact_lines(self) -> None:
        """In a group with a phone number or street, the other lines without an end are its names and towns."""
        groups: dict[int, list[int]] = {}
        for i, piece in enumerate(self.pieces):
            groups.setdefault(piece.group, []).append(i)
        for members in groups.values():
            contact = sum(self.kinds[i] is BlockKind.ADDRESS for i in members)
            loose = [i for i in members if self.kinds[i] is None and self.pieces[i].shape is Shape.FRAGMENT]
            if contact and contact + len(loose) == len(members):
                for i in loose:
                    self.kinds[i] = BlockKind.ADDRESS
            if contact and self.kinds[members[0]] is BlockKind.ADDRESS:
                self._names_above(members[0])
            specs = sum(bool(SPEC.match(self.pieces[i].words)) for i in loose)
            if len(loose) >= 3 and len(loose) == len(members) and specs * 2 > len(members):
                for i in loose:
                    self.kinds[i] = BlockKind.TABLE

    def _names_above(self, i: int) -> None:
        """Lines of a name, a street and a town between blank lines above a phone number belong to its address."""
        start = i
        while start > max(0, i - MAX_NAMES) and self._is_loose(start - 1) and self._alone_in_group(start - 1):
            start -= 1
        if i - start < 2:
            return
        if not (start and (self.pieces[start - 1].bold or self.pieces[start - 1].hashes)):
            start += 1  # the uppermost is the heading of the address
        for j in range(start, i):
            self.kinds[j] = BlockKind.ADDRESS

    def _numbered(self) -> None:
        """A numbered fragment is a heading where text or a deeper number follows, and an item among its like."""
        contents = False
        for i, piece in enumerate(self.pieces):
            if CONTENTS.match(piece.words):
                contents = True
                continue
            if not piece.marker.depth or self.kinds[i] or piece.hint.item:
                contents = contents and self.kinds[i] is not None
                continue
            if contents and piece.shape in FRAGMENTS:
                self.kinds[i] = BlockKind.NAVIGATION
            elif piece.shape in FRAGMENTS and not self._among_items(i):
                self.kinds[i] = BlockKind.HEADING

    def _among_items(self, i: int) -> bool:
        piece = self.pieces[i]
        after = self._next(i)
        if after is None:
            return True
        below = self.pieces[after]
        if below.marker.style == piece.marker.style and below.marker.depth == piece.marker.depth:
            return not (is_caps(piece.words) and len(piece.words.split()) > 1)
        above = self.pieces[i - 1] if i else None
        if above is None or above.marker.style != piece.marker.style or above.marker.depth < piece.marker.depth:
            return False
        return self.kinds[i - 1] is not BlockKind.HEADING

    def _lead_headings(self) -> None:
        """``Driver: Attacks that stop production`` alone between paragraphs is a heading, not an item."""
        for i, piece in enumerate(self.pieces):
            if self.kinds[i] or piece.shape is not Shape.LEAD or piece.marker.end or piece.words[-1] in ".!?;:":
                continue
            after = self._next(i)
            if after is None or not self._alone_in_group(i) or len(piece.words.split()) > LEAD_HEADING_WORDS:
                continue
            below = self.pieces[after]
            before = self.pieces[i - 1] if i else None
            like = any(p is not None and p.shape is Shape.LEAD and not _is_prose(p) for p in (below, before))
            named = KIND_LABEL.match(piece.words) or not FIGURE.search(piece.words)
            if not like and _is_prose(below) and named:
                self.kinds[i] = BlockKind.HEADING

    def _fragments(self) -> None:
        i = 0
        while i < len(self.pieces):
            if not self._is_loose(i):
                i += 1
                continue
            end = i
            while end < len(self.pieces) and self._is_loose(end) and self.pieces[end].group == self.pieces[i].group:
                end += 1
            if self._is_whole_group(i, end) and end - i == 1:
                i = self._chain(i)
            else:
                self._run(i, end)
                i = end

    def _run(self, start: int, end: int) -> None:
        """Fragments below each other: headings where text follows at once, else items under the first."""
        run = range(start, end)
        followed = end < len(self.pieces) and self.pieces[end].group == self.pieces[start].group
        body = self._is_body_at(end)
        above = self.pieces[start - 1] if start else None
        under = above is not None and self.kinds[start - 1] is BlockKind.HEADING and self._starts_group(start)
        stem = above is not None and above.shape is Shape.STEM and above.group == self.pieces[start].group
        if (under and len(run) > 1) or stem:
            titled = self.pieces[start].shape is Shape.COLON or is_section(self.pieces[start].words)
            headings = [start] if titled and not stem else []
        elif followed and body and len(run) <= MAX_CHAIN and not self._mostly_questions(run):
            headings = list(run)
        elif followed and body:
            headings = [start, end - 1] if is_section(self.pieces[start].words) else [end - 1]
        elif (
            (len(run) == 1 and body and not self._is_mere_item(start))
            or is_section(self.pieces[start].words)
            or self.pieces[start].shape is Shape.COLON
        ):
            headings = [start]
        elif self._is_first(start):
            headings = [start, start + 1] if len(run) == 2 and body else [start]
        elif len(run) == 2 and body and self._is_whole_group(start, end):
            headings = list(run)
        else:
            headings = []
        for i in run:
            self.kinds[i] = BlockKind.HEADING if i in headings else BlockKind.LIST_ITEM

    def _chain(self, start: int) -> int:
        """Single fragments between blank lines: headings where text follows; returns the first piece after them."""
        end = start
        while end < len(self.pieces) and self._is_loose(end) and self._alone_in_group(end):
            end += 1
        chain = range(start, end)
        if self._is_body_at(end):
            headings = set(chain) if len(chain) <= MAX_CHAIN else {start, end - 1}
            if len(chain) > 1 and self._mostly_questions(chain):
                headings = {end - 1}
        else:
            headings = {i for i in chain if is_section(self.pieces[i].words) or self.pieces[i].shape is Shape.COLON}
            if len(chain) > 1 and (self._is_first(start) or self._heads(start)):
                headings.add(start)
        for i in chain:
            if i in headings:
                self.kinds[i] = BlockKind.HEADING
            else:
                self.kinds[i] = BlockKind.LIST_ITEM if len(chain) > 1 else BlockKind.PARAGRAPH
        return end

    def _heads(self, i: int) -> bool:
        """Whether a short fragment stands above a much longer one."""
        words, below = self.pieces[i].words.split(), self.pieces[i + 1].words.split()
        return len(words) <= SHORT_HEADING_WORDS and len(below) >= 2 * len(words)

    def _title(self) -> None:
        """The first piece that is no navigation, where it has no end and text follows."""
        for i, kind in enumerate(self.kinds):
            if kind in (BlockKind.NAVIGATION, BlockKind.ADDRESS):
                continue
            piece = self.pieces[i]
            if kind not in (None, BlockKind.PARAGRAPH) or piece.hint.kind or piece.marker.end:
                return
            open_end = piece.words[-1] not in ".!:;,?" and piece.shape is not Shape.LOWER
            alone = self._alone_in_group(i) and len(self.pieces) > i + 1
            leads = piece.shape is Shape.LEAD and self._is_open_lead(i + 1)
            if open_end and alone and not leads and len(piece.words.split()) <= TITLE_WORDS:
                self.kinds[i] = BlockKind.HEADING
            return

    def _disclaimers(self) -> None:
        """Paragraphs below a heading that says so are disclaimers, up to the next heading."""
        inside = False
        for i, piece in enumerate(self.pieces):
            if self.kinds[i] is BlockKind.HEADING:
                inside = is_disclaimer(piece.words)
            elif inside and self.kinds[i] in (None, BlockKind.PARAGRAPH) and not piece.marker.end:
                self.kinds[i] = BlockKind.DISCLAIMER

    def _is_loose(self, i: int) -> bool:
        piece = self.pieces[i]
        spoken = piece.shape is Shape.QUESTION and piece.marker.style in DASHES and self._alone_in_group(i)
        unmarked = not piece.marker.end or spoken
        return self.kinds[i] is None and piece.shape in FRAGMENTS and unmarked and not piece.hint.item

    def _is_first(self, i: int) -> bool:
        return all(k in (BlockKind.NAVIGATION, BlockKind.ADDRESS) for k in self.kinds[max(0, i - 8) : i]) and i <= 8

    def _is_mere_item(self, i: int) -> bool:
        """A last line without an end below other lines of its group that are items of their own."""
        above = self.pieces[i - 1] if i else None
        return above is not None and above.group == self.pieces[i].group and bool(above.marker.end)

    def _is_open_lead(self, i: int) -> bool:
        return i < len(self.pieces) and self.pieces[i].shape is Shape.LEAD and not is_terminated(self.pieces[i].words)

    def _mostly_questions(self, run: range) -> bool:
        return sum(self.pieces[i].shape is Shape.QUESTION for i in run) * 2 > len(run) and len(run) > 1

    def _next(self, i: int) -> int | None:
        """The next piece that is no navigation or address."""
        for j in range(i + 1, min(i + 5, len(self.pieces))):
            if self.kinds[j] not in (BlockKind.NAVIGATION, BlockKind.ADDRESS):
                return j
        return None

    def _is_body_at(self, i: int, depth: int = MAX_CHAIN) -> bool:
        """Whether text or a list follows from ``i`` on, navigation and ``depth`` more headings between left aside."""
        after = self._next(i - 1)
        if after is None:
            return False
        kind = self.kinds[after]
        if kind is None and self._is_loose(after):
            listed = not self._alone_in_group(after)
            return listed if depth == 0 else listed or self._is_body_at(after + 1, depth - 1)
        return kind is None or kind in BODY or kind is BlockKind.HEADING

    def _alone_in_group(self, i: int) -> bool:
        return self._is_whole_group(i, i + 1)

    def _starts_group(self, i: int) -> bool:
        return i == 0 or self.pieces[i - 1].group != self.pieces[i].group

    def _is_whole_group(self, start: int, end: int) -> bool:
        group = self.pieces[start].group
        return self._starts_group(start) and (end == len(self.pieces) or self.pieces[end].group != group)


def _is_prose(piece: Piece) -> bool:
    return (
        piece.shape is Shape.PROSE or len(piece.words) > LONG_LINE or len(piece.words.split()) > 2 * LEAD_HEADING_WORDS
    )

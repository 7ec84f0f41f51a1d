"""How deep each heading lies: marks say it outright; otherwise style, known section names and neighbours do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trendnlp.read.layout import Piece
from trendnlp.read.lines import Shape, is_caps
from trendnlp.types import BlockKind

DEEPEST = 6  # as in HTML and Markdown
SECTION = re.compile(
    r"(?:the |key |major |main |primary |top |recent |future |global |industry |report |research |executive |overall )*"
    r"(?:market |industry |growth |business |sector )?"
    r"(?:drivers?|restraints?|challenges?|opportunit(?:y|ies)|trends?|outlook|dynamics|overview|summary|introduction"
    r"|segmentation|segments?|size(?: and growth)?|landscape|players|companies|competitors|conclusions?|insights?"
    r"|analysis|background|methodology|findings|takeaways|highlights|scope|developments?|forecasts?|risks|threats"
    r"|limitations|resources|contacts?|events|restraining factors|growth factors|driving factors|constraints"
    r"|competition|competitive (?:landscape|"
    r"analysis|environment|scenario)|regional (?:analysis|insights?|outlook|overview)|segment(?:al|ation) (?:analysis|"
    r"overview|insights?)|(?:emerging|technology|technological|consumer|market|industry) trends|faqs?|frequently asked "
    r"questions|(?:table of )?contents|recommendations|growth drivers|market definition|opportunities and challenges|"
    r"drivers and (?:restraints|challenges)|challenges and (?:restraints|opportunities|risks)|risks and challenges)"
    r"(?: (?:overview|analysis|and outlook|and forecasts?|and trends|and challenges|and opportunities|and growth))?",
    re.IGNORECASE,
)
ABOUT = re.compile(r"about\b", re.IGNORECASE)
GROUP = re.compile(r"\b(?:dynamics|swot)\b", re.IGNORECASE)
PART = re.compile(
    r"\b(?:drivers?|restraints?|challenges?|opportunit\w+|trends?|threats?|constraints|risks)\b", re.IGNORECASE
)
RANKS = ("section", "caps", "bold", "plain", "question", "colon")


@dataclass(frozen=True, slots=True)
class Open:
    """A heading above the current place."""

    style: str
    level: int
    section: bool
    groups: bool = False  # "Market Dynamics", of which "Drivers" and "Restraints" are parts


def is_section(words: str) -> bool:
    """Whether a heading is one of the names under which reports group their parts ("Key Drivers", "Challenges")."""
    bare = words.strip(" \t:,.*_").replace("&", "and")
    return bool(SECTION.fullmatch(bare)) or bool(ABOUT.match(bare) and len(bare.split()) <= 6)


def levels_of(pieces: Sequence[Piece], kinds: Sequence[BlockKind]) -> list[int]:
    """The level of every heading, in order: 1 for titles, at most 6."""
    levels: list[int] = []
    path: list[Open] = []
    previous = -2
    first = True
    for i, kind in enumerate(kinds):
        if kind is not BlockKind.HEADING:
            first = first and kind not in TEXT
            continue
        adjacent = previous >= 0 and not any(k in TEXT for k in kinds[previous + 1 : i])
        heading = _open(pieces[i], path, adjacent, first)
        path = [above for above in path if above.level < heading.level] + [heading]
        levels.append(heading.level)
        previous, first = i, False
    return levels


TEXT = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.DISCLAIMER, BlockKind.TABLE)


def _open(piece: Piece, path: Sequence[Open], adjacent: bool, first: bool) -> Open:
    style = style_of(piece)
    section = is_section(piece.words)
    if piece.hint.level:
        return Open(style, piece.hint.level, section)
    if piece.hashes:
        return Open(style, piece.hashes, section)
    title = [above for above in path if above.style == "title" or above.style.startswith("hash")]
    base = title[-1].level + 1 if title else 2
    if first:
        is_title = not section and not style.startswith("number") and style != "colon"
        return Open("title", 1, section) if is_title else Open(style, 2, section)
    groups = section and bool(GROUP.search(piece.words))
    group = [above for above in path if above.groups]
    if section and group and not groups and PART.search(piece.words):
        return Open(style, min(group[-1].level + 1, DEEPEST), True)
    if section and style not in ("colon", "question") and not style.startswith("number"):
        return Open(style, min(base, DEEPEST), True, groups)
    return Open(style, max(base, min(_below(style, path, adjacent, base), DEEPEST)), section)


def _below(style: str, path: Sequence[Open], adjacent: bool, base: int) -> int:
    """The level of an unmarked heading: that of its like above it, else one below what outranks it."""
    if not path:
        return base
    last = path[-1]
    like = [above for above in path if above.style == style and not (above.section and adjacent)]
    if style.startswith("number"):
        if like:
            return like[-1].level
        shallower = [above for above in path if above.style.startswith("number") and above.style < style]
        if shallower:
            return shallower[-1].level + 1
        return last.level + 1 if adjacent or last.section else base
    if adjacent:
        level = last.level if last.style == style and style in ("question", "caps") else last.level + 1
        return min(level, max(base + 2, last.level))  # a row of headings without text does not lead ever deeper
    if like:
        return like[-1].level
    outranking = [above for above in path if _rank(above.style) < _rank(style)]
    return outranking[-1].level + 1 if outranking else base


def _rank(style: str) -> int:
    if style == "title" or style.startswith("hash"):
        return -1
    return RANKS.index(style) if style in RANKS else 1


def style_of(piece: Piece) -> str:
    """A name for the look of a heading: headings of one look lie at one depth."""
    if piece.hashes:
        return f"hash{piece.hashes}"
    if piece.marker.depth:
        return f"number{piece.marker.depth}{piece.marker.style}"
    if is_caps(piece.words):
        return "caps"
    if piece.bold:
        return "bold"
    if piece.shape is Shape.COLON:
        return "colon"
    return "question" if piece.shape is Shape.QUESTION else "plain"

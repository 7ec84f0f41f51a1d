"""Columns of prose on a page: where the gutter is, and what is read before and after what runs over both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol, TypeVar

MIN_COLUMN_LINES = 4  # lines that a column of prose must have to be found
MIN_COLUMN_EMS = 8  # narrower columns are those of tables
MIN_GUTTER = 0.5  # ems
PROSE_WORDS = 3  # of the usual line of a column
FILLED = 0.75  # share of the column's width that a full line takes
FULL_LINES = 0.5  # share of full lines in a column of prose; the cells of tables are ragged
ALIKE_FULL = 0.3  # the same where the columns are alike, as those of a page are and those of a table are not
ALIKE = 0.85  # share of the wider column's width that the narrower has then
KNOWN_FILLED = 0.5  # share of the column's width that one line takes, where the gutter is known already
TRIED = 8  # left edges that most lines share
RUN_ON = 1.7  # ems; the distance up to which a short line still belongs to the wide one above it
SAME_EDGE = 2  # points
INDENT = 3  # ems; lines that start further from the edge of their column are in another one
HEADING_SIZE = 1.08  # of the usual size, in the columns or of the body
MAX_DEPTH = 4  # columns in columns


class Placed(Protocol):
    """What stands on a page, in points from its upper left corner."""

    @property
    def text(self) -> str: ...
    @property
    def left(self) -> float: ...
    @property
    def top(self) -> float: ...
    @property
    def right(self) -> float: ...
    @property
    def bottom(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def bold(self) -> bool: ...


Item = TypeVar("Item", bound=Placed)


@dataclass(frozen=True, slots=True)
class Gutter:
    """What parts two columns, and how wide these are."""

    x: float
    left: float
    right: float


def regions(items: Sequence[Item], known: list[Gutter], depth: int = 0) -> list[list[Item]]:
    """``items`` by column, in reading order. A gutter that is found is added to ``known``, for the pages after it."""
    if not items:
        return []
    found = _find(items) if depth < MAX_DEPTH else None
    if found is not None and depth == 0 and all(abs(found.x - gutter.x) > SAME_EDGE for gutter in known):
        known.append(found)
    for gutter in (found, *(known if depth == 0 else ())):
        if gutter is None:
            continue
        parted = list(_parted(items, gutter))
        if len(parted) > 1:
            return [region for part in parted for region in regions(part, known, depth + 1)]
    return [list(items)]


def _parted(items: Sequence[Item], gutter: Gutter) -> Iterator[list[Item]]:
    """The stretches of a page from top to bottom; one with two columns gives its left, then its right column."""
    wide: list[Item] = []
    for stretch, over in _stretches(items, gutter.x):
        above, between, below = ([], [], stretch) if over else _without_headings(stretch)
        left = [item for item in between if item.right <= gutter.x]
        right = [item for item in between if item.left >= gutter.x]
        wide += above
        if not (_has_full(left, gutter.left) and _has_full(right, gutter.right)):
            wide += between + below
            continue
        if wide:
            yield wide
        yield left
        yield right
        wide = below
    if wide:
        yield wide


def _without_headings(stretch: list[Item]) -> tuple[list[Item], list[Item], list[Item]]:
    """The headings that open a stretch, what is between, and the headings that end it: nothing stands beside these, so
    they belong to both columns or to what follows, however short they are."""
    usual = median(item.size for item in stretch)
    first, last = 0, len(stretch)
    while first < last and _is_heading(stretch[first], stretch, usual):
        first += 1
    while first < last and _is_heading(stretch[last - 1], stretch, usual):
        last -= 1
    return stretch[:first], stretch[first:last], stretch[last:]


def _is_heading(item: Placed, stretch: Sequence[Placed], usual: float) -> bool:
    larger = item.bold or item.size >= HEADING_SIZE * usual
    return larger and not any(o is not item and o.top < item.bottom and o.bottom > item.top for o in stretch)


def _has_full(items: Sequence[Placed], width: float) -> bool:
    return any(item.right - item.left >= KNOWN_FILLED * width for item in items)


def _stretches(items: Sequence[Item], x: float) -> Iterator[tuple[list[Item], bool]]:
    """``items`` from top to bottom, in runs that do or do not reach over ``x``."""
    run: list[Item] = []
    over = False
    ordered = sorted(items, key=lambda item: (item.top, item.left))
    for number, item in enumerate(ordered):
        reaches = item.left < x < item.right or (over and _ends(run[-1], item, ordered[number + 1 : number + 6]))
        if run and reaches != over:
            yield run, over
            run = []
        run.append(item)
        over = reaches
    if run:
        yield run, over


def _ends(above: Placed, item: Placed, after: Sequence[Placed]) -> bool:
    """Whether ``item`` is the short last line of the wide one ``above``: set alike, and nothing stands beside it."""
    alike = abs(item.size - above.size) < 0.5 and abs(item.left - above.left) < SAME_EDGE
    near = 0 < item.bottom - above.bottom <= RUN_ON * item.size
    return alike and near and not any(other.top < item.bottom and other.bottom > item.top for other in after)


def _find(items: Sequence[Placed]) -> Gutter | None:
    """The gutter that parts most lines of prose, None where there is one column."""
    if len(items) < 2 * MIN_COLUMN_LINES:
        return None
    start = min(item.left for item in items)
    edges: dict[int, int] = {}
    for item in items:
        if item.left > start + MIN_COLUMN_EMS * item.size:
            edges[round(item.left)] = edges.get(round(item.left), 0) + 1
    best, most = None, 0
    for edge, count in sorted(edges.items(), key=lambda found: (-found[1], found[0]))[:TRIED]:
        if count < MIN_COLUMN_LINES:
            break
        for stretch, over in _stretches(items, edge - 1):
            gutter = None if over or len(stretch) <= most else _gutter(stretch, edge - 1)
            if gutter is not None:
                best, most = gutter, len(stretch)
    return best


def _gutter(stretch: Sequence[Placed], x: float) -> Gutter | None:
    """The gutter at ``x``, where the lines on both sides look like prose."""
    left, right = [s for s in stretch if s.right <= x], _next_to([s for s in stretch if s.left >= x])
    if not left or not right:
        return None
    widths = [max(s.right for s in side) - min(s.left for s in side) for side in (left, right)]
    full = ALIKE_FULL if min(widths) >= ALIKE * max(widths) else FULL_LINES
    if not (_is_prose(left, full) and _is_prose(right, full)):
        return None
    first, last = min(s.left for s in right), max(s.right for s in left)
    wide = first - last >= MIN_GUTTER * median(s.size for s in left)
    return Gutter((first + last) / 2, widths[0], widths[1]) if wide else None


def _next_to(items: Sequence[Placed]) -> list[Placed]:
    """Those of the ``items`` right of a gutter that stand in the column beside it, and not in one further right."""
    start = min((item.left for item in items), default=0.0)
    end = max((item.right for item in items if item.left - start <= INDENT * item.size), default=0.0)
    return [item for item in items if item.left < end]


def _is_prose(items: Sequence[Placed], full: float) -> bool:
    """Whether the items look like the lines of a column: many, of several words, and a share of ``full`` fill it."""
    if len(items) < MIN_COLUMN_LINES:
        return False
    width = max(item.right for item in items) - min(item.left for item in items)
    filled = sum(item.right - item.left >= FILLED * width for item in items)
    words = median(len(item.text.split()) for item in items)
    wide = width >= MIN_COLUMN_EMS * median(item.size for item in items)
    return wide and filled >= full * len(items) and words >= PROSE_WORDS

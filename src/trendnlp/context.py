"""What an encoder reads at once: windows of a document, in which each statement stands among its neighbours.

The statements of a window follow one another in text order, each under its headings where these change. A statement's
vector is made of its own tokens, which have seen all others of the window (as in Cohan et al. 2019, "Pretrained
language models for sequential sentence classification"). So a statement costs its own length and not its context's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """A statement as an encoder's token ids: its own words, and the headings above it (empty for none)."""

    words: tuple[int, ...]
    headings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a statement's own words stand in its window, end exclusive."""

    statement: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids that are encoded together, and the statements to read off them."""

    tokens: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """``size``: tokens of the statements to read off a window, headings included; at least one statement is taken.
    ``before`` and ``after``: at most so many tokens of neighbours that are read along and belong to other windows.
    """

    size: int = 160
    before: int = 64
    after: int = 32


@dataclass(frozen=True, slots=True)
class Marks:
    """The token ids that begin a window and that end a statement or heading."""

    begin: int
    end: int


def windows(
    statements: Sequence[Tokens],
    wanted: Sequence[int],
    options: WindowOptions,
    marks: Marks,
    first_size: int | None = None,
) -> tuple[Window, ...]:
    """Windows that hold each of the ``wanted`` statements (ascending indices) once, in order.

    ``first_size`` replaces the size of the first window: with another one, all windows fall elsewhere.
    """
    found = []
    rest = list(wanted)
    size = options.size if first_size is None else first_size
    while rest:
        taken = _fitting(statements, rest, size, options.after)
        low, high = _reach(statements, rest[0], rest[taken - 1], options)
        found.append(_window(statements, range(low, high), set(rest[:taken]), marks))
        rest = rest[taken:]
        size = options.size
    return tuple(found)


def pair_window(a: tuple[int, ...], b: tuple[int, ...], marks: Marks) -> Window:
    """Two texts in one window: spans 0 and 1."""
    middle = len(a) + 2
    tokens = (marks.begin, *a, marks.end, *b, marks.end)
    return Window(tokens, (Span(0, 1, len(a) + 1), Span(1, middle, middle + len(b))))


def _fitting(statements: Sequence[Tokens], wanted: Sequence[int], size: int, gap: int) -> int:
    """How many of the ``wanted`` fit in one window: none is further than ``gap`` tokens from the one before."""
    used = _cost(statements, wanted[0], fresh=True)
    for taken in range(1, len(wanted)):
        between = sum(_cost(statements, i) for i in range(wanted[taken - 1] + 1, wanted[taken]))
        used += between + _cost(statements, wanted[taken])
        if between > gap or used > size:
            return taken
    return len(wanted)


def _reach(statements: Sequence[Tokens], first: int, last: int, options: WindowOptions) -> tuple[int, int]:
    """The range of statements of a window: from ``first`` to ``last``, with the neighbours that are read along."""
    low, left = first, options.before
    while low and (left := left - _cost(statements, low - 1)) >= 0:
        low -= 1
    high, left = last + 1, options.after
    while high < len(statements) and (left := left - _cost(statements, high)) >= 0:
        high += 1
    return low, high


def _cost(statements: Sequence[Tokens], i: int, fresh: bool = False) -> int:
    """Tokens that statement ``i`` takes in a window, with its headings where they are new there."""
    shown = fresh or i == 0 or statements[i].headings != statements[i - 1].headings
    return len(statements[i].words) + 1 + (len(statements[i].headings) + 1 if shown and statements[i].headings else 0)


def _window(statements: Sequence[Tokens], shown: range, wanted: set[int], marks: Marks) -> Window:
    tokens = [marks.begin]
    spans = []
    for i, piece in _pieces(statements, shown):
        if i in wanted:
            spans.append(Span(i, len(tokens), len(tokens) + len(piece)))
        tokens += [*piece, marks.end]
    return Window(tuple(tokens), tuple(spans))


def _pieces(statements: Sequence[Tokens], shown: range) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The headings (as statement -1) and words of a window in order; a heading again only after another."""
    above: tuple[int, ...] = ()
    for i in shown:
        if statements[i].headings and statements[i].headings != above:
            yield -1, statements[i].headings
        above = statements[i].headings
        yield i, statements[i].words

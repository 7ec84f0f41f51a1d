"""Windows: every statement once, among its neighbours, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trendnlp.context import Marks, Span, Tokens, Window, WindowOptions, windows

MARKS = Marks(begin=-1, end=-2)


def tokens(*statements: tuple[str, str]) -> list[Tokens]:
    """Statements of words and headings, each letter a token."""
    return [Tokens(tuple(map(ord, words)), tuple(map(ord, above))) for words, above in statements]


def shown(window: Window) -> str:
    """The window's tokens as letters, ``[`` where it begins and ``|`` where a statement or heading ends."""
    return "".join({-1: "[", -2: "|"}.get(token) or chr(token) for token in window.tokens)


def test_a_window_shows_headings_where_they_change() -> None:
    statements = tokens(("ab", "H"), ("cd", "H"), ("ef", "G"), ("gh", ""))
    (window,) = windows(statements, range(4), WindowOptions(), MARKS)
    assert shown(window) == "[H|ab|cd|G|ef|gh|"
    assert window.spans == (Span(0, 3, 5), Span(1, 6, 8), Span(2, 11, 13), Span(3, 14, 16))


def test_windows_overlap_by_the_neighbours_that_are_read_along() -> None:
    statements = tokens(*((letter * 3, "") for letter in "abcdef"))
    found = windows(statements, range(6), WindowOptions(size=8, before=4, after=4), MARKS)
    assert [shown(w) for w in found] == ["[aaa|bbb|ccc|", "[bbb|ccc|ddd|eee|", "[ddd|eee|fff|"]
    assert [[s.statement for s in w.spans] for w in found] == [[0, 1], [2, 3], [4, 5]]


def test_only_wanted_statements_are_read_off() -> None:
    statements = tokens(*((letter * 3, "") for letter in "abcdef"))
    options = WindowOptions(size=100, before=4, after=4)
    assert [shown(w) for w in windows(statements, [0, 5], options, MARKS)] == ["[aaa|bbb|", "[eee|fff|"]
    near = windows(statements, [0, 2], options, MARKS)
    assert [(shown(w), [s.statement for s in w.spans]) for w in near] == [("[aaa|bbb|ccc|ddd|", [0, 2])]
    assert windows(statements, [], options, MARKS) == ()
    assert windows([], [], options, MARKS) == ()


def test_another_first_size_moves_every_window() -> None:
    statements = tokens(*((letter * 3, "") for letter in "abcdef"))
    options = WindowOptions(size=8, before=0, after=0)
    found = windows(statements, range(6), options, MARKS, first_size=4)
    assert [shown(w) for w in found] == ["[aaa|", "[bbb|ccc|", "[ddd|eee|", "[fff|"]


def test_a_statement_longer_than_a_window_has_one_of_its_own() -> None:
    statements = tokens(("a", ""), ("b" * 50, "H"), ("c", ""))
    found = windows(statements, range(3), WindowOptions(size=8, before=2, after=2), MARKS)
    assert [shown(w) for w in found] == ["[a|", "[a|H|" + "b" * 50 + "|c|", "[c|"]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["", "H", "GG"])), max_size=30),
    st.sets(st.integers(0, 29)),
    st.builds(WindowOptions, st.integers(1, 60), st.integers(0, 30), st.integers(0, 30)),
)
def test_each_wanted_statement_stands_once_and_whole(
    lengths: list[tuple[int, str]], chosen: set[int], options: WindowOptions
) -> None:
    statements = tokens(*((chr(200 + i) * length, above) for i, (length, above) in enumerate(lengths)))
    wanted = sorted(i for i in chosen if i < len(statements))
    found = windows(statements, wanted, options, MARKS)
    assert [s.statement for w in found for s in w.spans] == wanted
    for window in found:
        for span in window.spans:
            assert window.tokens[span.start : span.end] == statements[span.statement].words
        longest = max(len(t.words) for t in statements) + 4
        assert len(window.tokens) <= 1 + max(options.size, longest) + options.before + options.after + 4

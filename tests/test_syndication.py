"""Copies between documents: found whole, edited and inside longer texts, and not where there are none."""

from __future__ import annotations

from pathlib import Path

from builders import make_document
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.backing import Copy
from trendnlp.read import read_bytes
from trendnlp.syndication import COPIED_WORDS, WINDOW, copies_among, copy_of, shingles, sketch, words
from trendnlp.types import Document

REPORTS = Path(__file__).parent / "data" / "reports"


def numbered(first: int, last: int, name: str = "w") -> str:
    """Words that stand nowhere twice, so that shares can be counted by hand."""
    return " ".join(f"{name}{n}" for n in range(first, last))


def pair(a: Document, b: Document) -> tuple[str, str]:
    low, high = sorted((a.id, b.id))
    return low, high


def test_words_are_folded() -> None:
    assert words("The MARKET’s “growth” is 4.5%: ﬁne—Straße") == [
        *("the", "market", "s", "growth", "is", "4", "5", "fine", "strasse"),
    ]


def test_shares_are_counted_over_runs_of_five_words() -> None:
    # 100 words have 96 runs. Of the 60 that both texts open with, 56.
    one = make_document(numbered(0, 100))
    other = make_document(numbered(0, 60) + " " + numbered(0, 80, "x"))
    assert copies_among([one, other]) == (Copy(*pair(one, other), round(56 / 96, 4), round(56 / (96 + 136 - 56), 4)),)
    less = make_document(numbered(0, 50) + " " + numbered(0, 90, "y"))
    assert copies_among([one, less]) == ()  # 46 of 96 are less than half


def test_a_release_inside_a_long_page_is_found() -> None:
    release = numbered(0, 60)
    page = f"# {numbered(0, 30, 'h')}\n{numbered(0, 4000, 'x')}\n{release.upper()}\n{numbered(0, 4000, 'y')}"
    one, other = make_document(release), make_document(page)
    (found,) = copies_among([one, other])
    assert found == Copy(*pair(one, other), 1.0, round(56 / (4000 + 60 + 4000 - 4), 4))


def test_an_edited_copy_is_found_by_what_was_kept() -> None:
    text = numbered(0, 200).split()
    edited = [word if n % 40 else f"{word}s" for n, word in enumerate(text)]  # one word in forty is another one
    one, other = make_document(" ".join(text)), make_document(" ".join(edited))
    (found,) = copies_among([one, other])
    assert (found.share, found.jaccard) == (round((196 - 21) / 196, 4), round(175 / (196 + 21), 4))


def test_short_texts_and_headings_are_no_copies() -> None:
    said = numbered(0, COPIED_WORDS - 1)
    assert copies_among([make_document(said), make_document(said + "\n\n")]) == ()
    long = numbered(0, COPIED_WORDS)
    assert len(copies_among([make_document(long), make_document(long + "\n\n")])) == 1
    headed = [make_document(f"# {long}\n{numbered(0, 60, name)}") for name in "ab"]
    assert copies_among(headed) == ()


def test_the_same_report_in_several_formats_is_a_copy_and_other_reports_are_not() -> None:
    names = ("syndicated-italy-kitchen", "italy-home-batteries-corvella", "japan-cleaning-robots-halvern")
    read = {
        (name, ending): read_bytes((REPORTS / f"{name}.{ending}").read_bytes(), source=f"{name}.{ending}")
        for name in names
        for ending in ("md", "html", "docx")
    }
    found = {(copy.a, copy.b): copy.share for copy in copies_among(read.values())}
    same = {pair(read[name, a], read[name, b]) for name in names for a, b in (("md", "html"), ("md", "docx"))}
    same |= {pair(read[name, "html"], read[name, "docx"]) for name in names}
    assert set(found) == same
    assert min(found.values()) > 0.9


texts = st.lists(st.sampled_from("abcdefghijklmnopqrst"), max_size=60)


@given(texts, texts, texts, st.integers(0, 2))
@settings(deadline=None)
def test_texts_with_25_words_in_common_share_a_fingerprint(
    before: list[str], after: list[str], other: list[str], more: int
) -> None:
    run = [f"r{n}" for n in range(COPIED_WORDS + more)]
    one = sketch(shingles(make_document(" ".join([*before, *run, *after]))))
    two = sketch(shingles(make_document(" ".join([*other, *run, *before]))))
    assert set(one.fingerprints) & set(two.fingerprints)


@given(st.lists(texts.map(lambda t: t * 3), max_size=5), st.randoms())
@settings(deadline=None)
def test_copies_do_not_hang_on_the_order(made: list[list[str]], random: object) -> None:
    documents = [make_document(" ".join(text)) for text in made]
    found = copies_among(documents)
    random.shuffle(documents)  # type: ignore[attr-defined]
    assert copies_among(documents) == found
    for copy in found:
        assert copy.a < copy.b and 0.5 <= copy.share <= 1 and 0 < copy.jaccard <= copy.share
    by_id = {document.id: shingles(document) for document in documents}
    whole = [
        copy_of(a, by_id[a], b, by_id[b])
        for a in sorted(by_id)
        for b in sorted(by_id)
        if a < b and min(len(by_id[a]), len(by_id[b])) >= WINDOW
    ]
    assert set(found) <= {copy for copy in whole if copy}

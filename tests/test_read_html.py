"""HTML as it comes: names of classes, hidden parts, forged marks, deep nesting, and pages that are mostly menus."""

from __future__ import annotations

import pytest

from trendnlp.errors import InputError
from trendnlp.read import read_bytes, read_text
from trendnlp.types import BlockKind, Document, Format

PROSE = "<p>Hospitals buy more lifts because nurses are scarce this year.</p>"
WORDS = "Hospitals buy more lifts because nurses are scarce this year."


def page(text: str) -> Document:
    return read_text(text, format=Format.HTML)


def kinds(text: str) -> list[BlockKind]:
    return [block.kind for block in page(text).blocks]


@pytest.mark.parametrize(
    "name",
    [
        "content-sidebar-wrap",
        "has-sidebar",
        "site-content no-sidebar",
        "market-share",
        "share-of-market",
        "key-trends-social",
        "cookies-market",
    ],
)
def test_a_class_that_only_holds_the_word_is_no_navigation(name: str) -> None:
    assert kinds(f'<div class="{name}" id="{name}">{PROSE}</div>') == [BlockKind.PARAGRAPH]


@pytest.mark.parametrize("name", ["share", "wide Sidebar", "breadcrumb", "social", "cookie-banner", "site-footer"])
def test_a_class_that_names_navigation(name: str) -> None:
    assert kinds(f'<div class="{name}"><div>{PROSE}</div></div>{PROSE}') == [
        BlockKind.NAVIGATION,
        BlockKind.PARAGRAPH,
    ]


def test_an_id_names_navigation_unless_a_report_has_such_sections() -> None:
    assert kinds(f'<div id="sidebar">{PROSE}</div>') == [BlockKind.NAVIGATION]
    assert kinds(f'<section id="share">{PROSE}</section>') == [BlockKind.PARAGRAPH]


def test_the_main_part_and_articles_end_the_navigation_around_them() -> None:
    sidebar = '<div class="sidebar"><p>Find us.</p>{}<p>Call us.</p></div>'
    around = [BlockKind.NAVIGATION, BlockKind.PARAGRAPH, BlockKind.NAVIGATION]
    for inner in ("<main>{}</main>", "<article>{}</article>", '<div role="main">{}</div>'):
        assert kinds(sidebar.format(inner.format(PROSE))) == around
    assert kinds(f"<aside><main>{PROSE}</main></aside>") == [BlockKind.PARAGRAPH]
    teasers = [
        f"<aside><article>{PROSE}</article></aside>",
        f'<footer><div class="share"><article>{PROSE}</article></div></footer>',
    ]
    assert [kinds(text) for text in teasers] == [[BlockKind.NAVIGATION]] * 2
    assert kinds(f"<main><nav><p>Find us.</p></nav>{PROSE}</main>") == around[:2]


def test_a_page_that_is_mostly_navigation_says_so() -> None:
    text = f'<div class="sidebar"><h1>Lifts</h1>{PROSE * 3}</div>'
    warning = "31 of the 33 words of the page stand in navigation and give no statements"
    assert page(text + "<p>It rains.</p>").warnings == (warning,)
    assert read_bytes(text.encode() + b"<p>It rains.</p>", source="lifts.html").warnings == (warning,)
    assert page(text + PROSE * 4).warnings == ()
    assert page("<nav><p>Home</p><p>We use cookies.</p></nav><p>Lifts</p>").warnings == ()


def test_places_where_a_word_may_be_cut_are_no_part_of_it() -> None:
    text = "<p>Hospi&shy;tals buy con&#8203;tracts for life<wbr>time.</p><table><tr><td>Li&shy;fts<td>9</table>"
    assert page(text).text == "Hospitals buy contracts for lifetime.\n\nLifts\t9"


@pytest.mark.parametrize(
    "banner",
    [
        '<div id="onetrust-consent-sdk"><div>{}</div></div>',
        '<div id="CybotCookiebotDialog" class="CybotEdge">{}</div>',
        '<div class="cky-consent-container cky-box">{}</div>',
        "<dialog open>{}</dialog>",
        "<figure><figcaption>{}</figcaption></figure>",
    ],
)
def test_consent_banners_and_captions_give_no_statements(banner: str) -> None:
    assert kinds(banner.format(PROSE) + PROSE) == [BlockKind.NAVIGATION, BlockKind.PARAGRAPH]
    bare = banner.format("We use cookies on this site.") + PROSE
    assert kinds(bare) == [BlockKind.NAVIGATION, BlockKind.PARAGRAPH]


def test_a_dialog_that_is_not_open_is_hidden() -> None:
    assert page(f"<dialog>{PROSE}</dialog><p>It rains.</p>").text == "It rains."


def test_hidden_parts_of_cells_do_not_show() -> None:
    inner = "<script>var x = 1;</script><i hidden>no</i><b style='display:none'>no</b>"
    row = f"<tr><td>Poland{inner}</td><td>12{inner}<em>0</em> 000</td><td>2<br>lifts</td></tr>"
    hidden = "<tr hidden><td>Spain</td><td>7</td></tr><tr><td>Italy</td><td hidden>8</td><td>3</td></tr>"
    document = page(f"<table>{row * 200}{hidden}</table>")
    assert document.text == "\n".join(["Poland\t120 000\t2 lifts"] * 200 + ["Italy\t\t3"])
    assert [block.kind for block in document.blocks] == [BlockKind.TABLE]


def test_an_attribute_of_the_page_changes_nothing() -> None:
    plain = f"<nav><p>Home</p></nav>{PROSE}<div><a>One</a><pre>a  b</pre></div>{PROSE}"
    forged = plain
    for tag in ("nav", "p", "div", "a", "pre"):
        forged = forged.replace(f"<{tag}>", f'<{tag} trendnlp-dropped="1">')
    assert page(forged) == page(plain)


@pytest.mark.parametrize("tag", ["span", "div", "b", "ul", "blockquote", "nav"])
def test_deep_nesting_is_read_in_full_or_refused(tag: str) -> None:
    def nested(depth: int, inner: str) -> str:
        return PROSE + f"<{tag}>" * depth + inner + f"</{tag}>" * depth + PROSE

    inner = "<i hidden>no</i>Deep text."
    assert page(nested(1_500, inner)).text.replace("\n\n", "|") == f"{WORDS}|Deep text.|{WORDS}"
    cell = f"<table><tr><td>{nested(1_500, inner)}</td><td>1</td></tr></table>"
    assert page(cell).text.split() == [*WORDS.split(), "Deep", "text.", *WORDS.split(), "1"]
    for depth in (5_000, 10_000):
        with pytest.raises(InputError, match=r"deep\.html: its tags are nested too deeply"):
            read_bytes(nested(depth, inner).encode(), source="deep.html")

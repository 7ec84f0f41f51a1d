"""What holds for any text in any format: blocks cover it, statements are cut from it verbatim."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.errors import EmptyInput
from trendnlp.read import read_bytes, read_text
from trendnlp.segment import Segmenter
from trendnlp.types import TEXT_FORMATS, BlockKind, Document, Format, Metadata

ENGLISH = Metadata(language="en")  # as asked for: what is drawn may look like any language

PARTS = st.sampled_from(
    [
        "Key Drivers",
        "# Title",
        "## ",
        "1. First item",
        "- item;",
        "• ",
        "Lead-in: words follow.",
        "It grew 5 %.",
        "approx. $40 bn. in",
        "| a | b |",
        "a\tb\t1",
        "---",
        "===",
        "```",
        "> quoted",
        "**Bold**",
        "http://x.example/y",
        "Home > Reports",
        "Phone: 12345678",
        "© 2024 A.",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        " ",
        "\u00a0",
        "\f",
        "\u2028",
        "😀",
        "👩‍👩‍👧",
        "e\u0301",
        "日本語です。",
        "中文",
        "\u202e",
        "ﬁ",
        "<p>",
        "</p>",
        "<br>",
        "<table><tr><td>",
        "<ul><li>",
        "<h2>",
        "<script>",
        "<!--",
        "&amp;",
        "&#0;",
        "&nbsp;",
        "<nav>",
        "<pre>",
        '"Quoted." he said',
        "(Aside.)",
        "U.S. Federal",
        "e.g. x",
        "...",
        "…",
        "?",
        "!",
        "No. 5",
        "\x1b",
        "\0",
        "\ud800",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(PARTS, max_size=25).map("".join), st.lists(PARTS, max_size=25).map("\n".join)
)


def check(document: Document) -> None:
    text, position = document.text, 0
    for block in document.blocks:
        assert position <= block.start <= block.content <= block.end and block.start < block.end
        assert not text[position : block.start].strip()
        assert (block.level > 0) == (block.kind is BlockKind.HEADING)
        places = [place.start for place in block.places]
        assert places == sorted(places) and (not places or block.start == places[0] <= places[-1] < block.end)
        position = block.end
    assert not text[position:].strip()
    end = 0
    for statement in Segmenter().segment(document):
        block = document.blocks[statement.block]
        assert end <= statement.start < statement.end
        assert block.content <= statement.start and statement.end <= block.end
        assert block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.DISCLAIMER)
        assert text[statement.start : statement.end] == statement.text == statement.text.strip()
        assert all(h and h == h.strip() for h in statement.headings)
        end = statement.end


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(TEXT_FORMATS))
def test_blocks_cover_the_text_and_statements_are_verbatim(text: str, format: Format) -> None:
    try:
        document = read_text(text, format=format, given=ENGLISH)
    except EmptyInput:
        return
    check(document)
    assert document == read_text(text, format=format, given=ENGLISH)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_decoding_gives_the_text_back(text: str, encoding: str) -> None:
    clean = "Words 日本. " + text.encode("utf-8", "replace").decode().replace("\0", "").replace("\ufeff", "")
    clean = "".join(c for c in clean if c in "\n\t" or unicodedata.category(c) != "Cc")
    document = read_bytes(clean.encode(encoding), source="x", format=Format.TEXT, given=ENGLISH)
    assert document.text == clean

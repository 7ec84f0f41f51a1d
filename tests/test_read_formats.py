"""Markdown and HTML: what their marks and tags say of a text."""

from __future__ import annotations

from trendnlp.read import read_text
from trendnlp.types import Document, Format, Metadata

PAGE = """<!DOCTYPE html><html><head><title>Heat pumps | Acme</title>
<meta property="og:site_name" content="Acme Insights">
<meta property="article:published_time" content="2024-03-12T08:00:00Z">
<style>p { color: red }</style><script>var x = "Not text.";</script></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/r">Reports</a></li></ul></nav></header>
<div class="cookie-banner"><p>We use cookies.</p><button>Accept all</button></div>
<main><h1>Heat pumps in <em>Poland</em></h1>
<p>Sales   rose by <b>5&nbsp;%</b>, driven by&#32;subsid<i>ies</i>.<br>Prices fell.</p>
<h2>Drivers</h2>
<ul><li>Cheap <a href="/p">power</a>: tariffs fell.<ul><li>Night rates</li></ul></li><li><p>Grants.</p></li></ul>
<table><tr><th>Year</th><th>Units</th></tr><tr><td>2023</td><td>120&nbsp;000</td></tr></table>
<p hidden>Secret.</p><p style="display: none">Hidden.</p>
<dl><dt>What is it?</dt><dd>A machine that moves heat.</dd></dl>
<blockquote>"We sell out," said a fitter.</blockquote>
</main><footer><p>About us</p><p>© 2024 Acme. All rights reserved.</p></footer></body></html>"""


def shown(document: Document) -> list[str]:
    return [
        f"{b.kind}{b.level or ''} | " + document.text[b.content : b.end].replace("\n", "/").replace("\t", "~")
        for b in document.blocks
    ]


def test_an_html_page() -> None:
    document = read_text(PAGE, format=Format.HTML)
    assert shown(document) == [
        "navigation | Home",
        "navigation | Reports",
        "navigation | We use cookies.",
        "navigation | Accept all",
        "heading1 | Heat pumps in Poland",
        "paragraph | Sales rose by 5\u00a0%, driven by subsidies.",
        "paragraph | Prices fell.",
        "heading2 | Drivers",
        "list_item | Cheap power: tariffs fell.",
        "list_item | Night rates",
        "list_item | Grants.",
        "table | Year~Units/2023~120\u00a0000",
        "heading3 | What is it?",
        "paragraph | A machine that moves heat.",
        'paragraph | "We sell out," said a fitter.',
        "navigation | About us",
        "navigation | © 2024 Acme. All rights reserved.",
    ]
    assert document.metadata == Metadata(
        title="Heat pumps in Poland",
        geography="Poland",
        publisher="Acme Insights",
        published="2024-03-12",
        language="en",
    )


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    pages = [
        "<p>One.<p>Two.<div>Three.</p></div>Four.",
        "Just text, 3 < 4.",
        "<ul><li>One<li>Two</ul>",
        "<b>One.</i> Two.</b>",
    ]
    assert [read_text(page, format=Format.HTML).text for page in pages] == [
        "One.\n\nTwo.\n\nThree.\n\nFour.",
        "Just text, 3 < 4.",
        "One\n\nTwo",
        "One. Two.",
    ]


def test_front_matter_states_what_a_report_is_about() -> None:
    lines = ("title: Outlook", "market: Honey", "geography: 'Canada'", "period: 2024-2030", "publisher: Ortano")
    document = read_text(
        "\n".join(("---", *lines, "date: 2025-03", "---", "# Bees", "", "Hives are dear.")), format=Format.MARKDOWN
    )
    stated = document.metadata
    assert (stated.market, stated.geography, stated.period) == ("Honey", "Canada", "2024-2030")
    assert (stated.publisher, stated.published) == ("Ortano", "2025-03")


def test_markdown_keeps_its_source_as_text() -> None:
    source = """\
---
title: Pumps
date: 2023-05-01
---
# Solar pumps

The **market** grows, see [the data](https://x.example/d).

## Drivers ##

* **Cheap panels:** they cost half.
* Grants
  from the state.

1. First, farms switch.
2. Then, towns do.

| Year | Units |
| ---- | ----- |
| 2023 | 12    |

```
# no heading
```

Outlook
-------

Good.

[the data]: https://x.example/d
"""
    document = read_text(source, format=Format.MARKDOWN)
    assert document.text == source
    assert shown(document) == [
        "navigation | ---",
        "navigation | title: Pumps",
        "navigation | date: 2023-05-01",
        "navigation | ---",
        "heading1 | Solar pumps",
        "paragraph | The **market** grows, see [the data](https://x.example/d).",
        "heading2 | Drivers ##",
        "list_item | **Cheap panels:** they cost half.",
        "list_item | Grants/  from the state.",
        "list_item | First, farms switch.",
        "list_item | Then, towns do.",
        "table | | Year | Units |/| ---- | ----- |/| 2023 | 12    |",
        "table | ```/# no heading/```",
        "heading2 | Outlook/-------",
        "paragraph | Good.",
        "navigation | [the data]: https://x.example/d",
    ]
    assert document.metadata == Metadata(title="Solar pumps", published="2023-05-01", language="en")

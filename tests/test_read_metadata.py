"""What a document is found to say of itself, and that it is nothing where it says nothing."""

from __future__ import annotations

import json

import pytest

from trendnlp.read import read_text
from trendnlp.types import Format, Metadata

BODY = "\n\nDemand is rising in most segments, and producers plan to add lines.\n"


@pytest.mark.parametrize(
    ("title", "market", "geography", "period"),
    [
        ("China Medical Imaging Market 2024-2030 Size, Growth", "China Medical Imaging", "China", "2024-2030"),
        ("The European Heat Pump Market: Outlook", "European Heat Pump", "Europe", None),
        ("Global Staplers Market - Forecast, 2023 to 2030", "Staplers", "Global", "2023-2030"),
        ("India Online Tutoring Market FY2022–FY2027", "India Online Tutoring", "India", "2022-2027"),
        ("Notes from the fair", None, None, None),
        ("How a bakery stopped hiring", None, None, None),
        ("Steel in South Korea, from 2019 to 2024", None, "South Korea", "2019-2024"),
        ("Coal in North Korea", None, "North Korea", None),
        ("Wind in the Gulf of Mexico", None, "Gulf of Mexico", None),
        ("Dairies of Northern Ireland", None, "United Kingdom", None),
        ("Pumps to reach US$ 5 billion", None, None, None),
    ],
)
def test_titles(title: str, market: str | None, geography: str | None, period: str | None) -> None:
    assert read_text(title + BODY).metadata == Metadata(title=title, market=market, geography=geography, period=period)


@pytest.mark.parametrize(
    ("text", "publisher"),
    [
        ("We count pumps.\n\nAbout Inti Insights,\nWe are a firm.", "Inti Insights"),
        ("We count pumps.\n\nAbout us\n\nWe are a firm.", None),
        ("We count pumps.\n\nAbout the report\n\nIt is long.", None),
        ("The report, published by Halden Data, counts pumps.", "Halden Data"),
        ("Pumps sell well.\n\nPublisher: Agrar Monitor\n\nMore follows here.", "Agrar Monitor"),
        ("Pumps sell well.\n\nSOURCE: Agrar Monitor", "Agrar Monitor"),
        ("Half of all wards have a pump.\n\nSource: World Bank.\n\nMore follows here.", None),
        ("Pumps sell well, says a study by Brightfield, a market research firm.", "Brightfield"),
        ("Pumps sell well, said Anna Meier.", None),
    ],
)
def test_publishers(text: str, publisher: str | None) -> None:
    assert read_text(text).metadata.publisher == publisher


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Published: 12 March 2024\n\nPumps sell well.", "2024-03-12"),
        ("Pumps\n\nPublished: December 2022 · 148 slides\n\nThey sell well.", "2022-12"),
        ("LIMA, March 12, 2024 (Wire) -- Pumps sell well.", "2024-03-12"),
        ("Pune, Feb. 3, 2024 – Pumps sell well.", "2024-02-03"),
        ("AUSTIN, Texas – May 14, 2024\n\nPumps sell well.", "2024-05-14"),
        ("Last published date: 2022-10-03\n\nPumps sell well.", "2022-10-03"),
        ("On March 12, 2024 the rule came into force.", None),
        ("Pumps sell well since May 2020.", None),
        ("Pumps – Market 2025\n\nPumps sell well.", None),
        ("Pumps, Market 2024-2030\n\nPumps sell well.", None),
        ("3 May 2025\n\nA report published in March 2019 found that pumps sell well.", "2025-05-03"),
        ("Pumps sell well.\n\nTrial cut-off date: 31 December 2021.", None),
        ("Growth of pumps is up to date March 2023 figures.", None),
        ("This report was published in March 2024.", "2024-03"),
        ("By Ann Lee. Published on 3 May 2025", "2025-05-03"),
    ],
)
def test_dates(text: str, published: str | None) -> None:
    assert read_text(text).metadata.published == published


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("2024", "2024"),
        ("2024-02", "2024-02"),
        ("2024-02-29", "2024-02-29"),
        ("2024-99-99", None),
        ("2024-31-12", None),
        ("2024-02-31", None),
        ("2023-02-29", None),
        ("2024-00", None),
        ("0000", None),
        ("٢٠٢٤", None),
    ],
)
def test_only_dates_of_the_calendar_are_kept(date: str, published: str | None) -> None:
    page = f'<html><head><meta name="date" content="{date}"></head><body><p>Pumps sell.</p></body></html>'
    assert read_text(page, format=Format.HTML).metadata.published == published
    front = f"---\ndate: {date}\n---\n\nPumps sell."
    assert read_text(front, format=Format.MARKDOWN).metadata.published == published
    if len(date) > 4:  # a year alone is no date in running text
        assert read_text(f"Published: {date}\n\nPumps sell well.").metadata.published == published


def test_a_date_that_the_calendar_lacks_is_none() -> None:
    texts = ["Published: 31 February 2024\n\nPumps sell.", "LIMA, June 31, 2024 (Wire) -- Pumps sell well."]
    assert [read_text(text).metadata.published for text in texts] == [None, None]


def test_the_first_date_of_a_page_that_the_calendar_has() -> None:
    metas = '<meta property="article:published_time" content="2024-02-31"><meta name="date" content="2024-03-01T09:00">'
    page = f"<html><head>{metas}</head><body><p>Pumps sell.</p></body></html>"
    assert read_text(page, format=Format.HTML).metadata.published == "2024-03-01"


def test_the_dominant_place_of_the_text_where_the_title_names_none() -> None:
    text = (
        "Pumps\n\nPolish farms buy. In Poland grants pay half. Poland exports few. German makers watch Poland closely."
    )
    assert read_text(text).metadata.geography == "Poland"


def test_two_places_that_balance_are_no_geography() -> None:
    assert read_text(
        "Pumps\n\nPoland buys. Spain buys. Poland sells. Spain sells. Poland waits. Spain waits."
    ).metadata == Metadata(title="Pumps")


def test_placeholders_are_no_figures() -> None:
    text = "Pumps\n\nThe forecast is ¥X billion, a CAGR of XX%, over the period 20XX-20XX."
    assert read_text(text).metadata == Metadata(title="Pumps")


def page(head: str, body: str = "<h1>Pumps</h1><p>Pumps sell.</p>") -> Metadata:
    return read_text(f"<html><head>{head}</head><body>{body}</body></html>", format=Format.HTML).metadata


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Heat Pump Market in Poland &amp; Beyond",
    "datePublished": "2024-03-12T08:00:00+01:00",
    "publisher": {"@type": "Organization", "name": "Halden Data"},
    "inLanguage": "en-GB",
}
DECLARED = Metadata(
    title="Heat Pump Market in Poland & Beyond",
    market="Heat Pump",
    geography="Poland",
    publisher="Halden Data",
    published="2024-03-12",
    language="en",
)


@pytest.mark.parametrize(
    "data",
    [
        ARTICLE,
        [{"@type": "BreadcrumbList", "name": "Home"}, ARTICLE],
        {"@graph": [{"@type": "WebPage", "name": "Site", "datePublished": "2001"}, ARTICLE]},
        {"@type": "WebPage", "name": "Site", "mainEntity": {**ARTICLE, "@type": ["Thing", "http://schema.org/Report"]}},
        {
            "@graph": [
                {**ARTICLE, "publisher": {"@id": "#firm"}},
                {"@type": "Organization", "@id": "#firm", "name": "Halden Data"},
            ]
        },
        {**ARTICLE, "publisher": [{"name": "Halden Data"}], "inLanguage": {"@type": "Language", "alternateName": "en"}},
        {**ARTICLE, "headline": None, "name": "Heat Pump Market in Poland & Beyond | Halden Data"},
    ],
)
def test_what_json_ld_says_of_a_report(data: object) -> None:
    metas = '<meta property="og:site_name" content="Site"><meta name="date" content="2020-01-01"><title>Site</title>'
    assert page(metas + linked(data), "<p>Pumps sell.</p>") == DECLARED


def test_what_meta_elements_say_of_a_report() -> None:
    metas = (
        '<meta property="og:title" content="Pump Market in Chile - Halden Data"><title>Halden | Pumps</title>'
        '<meta name="citation_publisher" content="Halden Data"><meta name="citation_publication_date" '
        'content="2024/03/12"><meta property="og:locale" content="en_US">'
    )
    known = Metadata("Pump Market in Chile", "Pump", "Chile", None, "Halden Data", "2024-03-12", "en")
    assert page(metas, "<p>Pumps sell.</p>") == known
    assert page('<meta itemprop="datePublished" content="March 12, 2024">').published == "2024-03-12"
    assert page("", '<h1>Pumps</h1><time datetime="2024-03-12T10:00">12 March</time><p>Pumps sell.</p>').published == (
        "2024-03-12"
    )


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[" * 100_000,
        "null",
        '[1, [2, {}], "x"]',
        json.dumps({"@type": 3, "headline": ["x"], "publisher": 5, "datePublished": {}, "inLanguage": []}),
        json.dumps({"@type": "Article", "headline": "x" * 501, "publisher": {"name": "https://example.org"}}),
        json.dumps({"@type": "Article", "headline": " \x00 ", "datePublished": "soon", "inLanguage": "klingon"}),
    ],
)
def test_json_ld_that_says_nothing_of_use_is_left(script: str) -> None:
    found = page(f'<script type="application/ld+json">{script}</script>')
    assert found == Metadata(title="Pumps")


def test_json_ld_with_line_breaks_in_its_texts_is_read() -> None:
    script = json.dumps(ARTICLE).replace("Market in", "Market\nin")
    assert page(f'<script type="application/ld+json">{script}</script>').publisher == DECLARED.publisher


def test_the_caller_s_values_win() -> None:
    given = Metadata("T", "M", "G", "P", "Q", "2001", "en")
    text = f"<html><head>{linked(ARTICLE)}</head><body><p>Pumps sell.</p></body></html>"
    assert read_text(text, format=Format.HTML, given=given).metadata == given


def test_a_heading_that_is_the_publisher_s_name_is_no_title() -> None:
    assert page(linked(ARTICLE), "<h1>Halden Data</h1><p>Pumps sell.</p>").title == DECLARED.title

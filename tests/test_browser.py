"""The pages in a browser: by keyboard, by ear, in both colour schemes, with hostile documents, and what they renew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import Reader, reading, served
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from test_browser_review import PAGES
from unloaded import Unloaded, add_key, unloaded
from web_client import REPORT, connected, put

from trendnlp.access import Role
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, Store
from trendnlp.types import Metadata
from trendnlp.web.app import create_app
from trendnlp.web.keys import KEYS, PLACES
from trendnlp.web.learning_routes import STARTED, TRAINING

REVIEW = (*PAGES, "/review/findings/find_0", "/review/statements/st_0")  # have a test of their own
HOSTILE = """# <img src=https://evil.example/a.png onerror=alert(1)>

<script>alert(2)</script> drives demand for "lifts". <iframe src=//evil.example></iframe> costs money.

- {{ 7 * 7 }} ${7 * 7} <style>body{display:none}</style> opens a market.
"""
EVIL = "<img src=//evil.example/b.png onerror=alert(3)>"
LIFTS = Metadata(publisher="Example Research", published="2024-05", market="lifts", geography="Portugal")
LONG = "\n\n".join(f"## Part {n}\n\nPart {n} is about lifts and what they cost in clinics." for n in range(1500))


@dataclass(frozen=True)
class Site:
    """The application at ``origin``, with a report, a hostile document and a long one."""

    origin: str
    app: FastAPI
    store: Store
    report: str
    hostile: str
    long: str

    def finding(self, document: str) -> str:
        return self.store.findings(FindingFilter(documents=(document,))).items[0].id

    def paths(self) -> tuple[str, ...]:
        """Every page but the API's documentation, most of which is another project's."""
        found = [f"/findings/{self.finding(document)}" for document in (self.report, self.hostile)]
        return (
            *("/", "/findings", "/findings?kind=driver&sort=recent&from=2024", "/findings?q=zzz", "/statements"),
            *("/documents", "/documents?q=zzz", "/upload", "/model", "/settings", "/help"),
            *(f"/documents/{self.report}", f"/documents/{self.hostile}", *found),
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    with connected(create_app(Settings(home=home), Unloaded.open)) as client:
        note_trainings(home)
        report = put(client, REPORT, source="lifts.md", metadata=LIFTS)
        known = Metadata(title=EVIL, market=EVIL, geography="<b>g</b>", publisher=EVIL, published="2023-11")
        kinds = ("driver", "challenge", "opportunity")
        hostile = put(client, HOSTILE, kinds=kinds, source=f"{EVIL}.md", metadata=known)
        long = put(client, LONG, kinds=("other",), source="long.md")
        with served(client.app, running=True) as origin:
            app: FastAPI = client.app  # type: ignore[assignment]
            yield Site(origin, app, app.state.workspace.store, report, hostile, long)


@pytest.fixture
def reader(browser: Browser, site: Site) -> Iterator[Reader]:
    with reading(browser, site.origin, viewport={"width": 1280, "height": 900}) as reader:
        yield reader


def note_trainings(home: Path) -> None:
    """One training of each kind, for the page of the model."""
    folder = home / "models" / "trainings"
    folder.mkdir(parents=True)
    failed = {**STARTED, "state": "failed", "by": EVIL, "reason": f"it failed at {EVIL}"}
    for id, told in (("20261128-a", TRAINING), ("20261128-b", failed), ("20261128-c", {**STARTED, "total": 86})):
        (folder / f"{id}.json").write_text(json.dumps({**told, "id": id}), "utf-8")


def titles(page: Page) -> list[str]:
    return page.locator(".card h2").all_inner_texts()


def settled(page: Page) -> None:
    """Wait until no part of the page is being renewed."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.id"))


def test_every_page_passes_axe_in_both_schemes_and_does_nothing_that_no_page_may_do(reader: Reader, site: Site) -> None:
    found = {path: reader.in_both_schemes(path) for path in site.paths()}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_first_page_of_an_empty_workspace_and_those_of_a_service_with_keys_pass_axe(
    browser: Browser, tmp_path: Path
) -> None:
    with unloaded(tmp_path) as client, served(client.app, running=True) as origin, reading(browser, origin) as reader:
        found = [reader.in_both_schemes(path) for path in ("/", "/findings", "/documents", "/review", "/review/many")]
        key = add_key(client, "Ann", Role.REVIEW)
        found.append(reader.in_both_schemes("/login"))
        reader.page.locator("#key").fill(key)
        reader.page.get_by_role("button", name="Sign in").click()
        expect(reader.page.get_by_role("button", name="Sign out")).to_be_visible()
        found.append(reader.in_both_schemes("/help"))
        reader.page.goto(f"{origin}/findings/none")
        expect(reader.page.locator("h1")).to_have_text("Not found")
        found.append(reader.violations())
        reader.faults.clear()  # the browser's own line about the 404
    assert [lines for lines in found if lines] == []


def test_each_page_that_there_is_is_checked_in_both_schemes(site: Site) -> None:
    included = [getattr(route, "original_router", None) for route in site.app.routes]
    routes = [route for router in included if router is not None for route in router.routes]
    pages = {route.path for route in routes if "GET" in route.methods and not route.include_in_schema}
    checked = {re.sub(r"/(doc|find|st)_\w+", "/{}", path).partition("?")[0] for path in (*site.paths(), *REVIEW)}
    assert {re.sub(r"{\w+}", "{}", path) for path in pages} - checked == {
        "/metrics",
        *("/docs", "/login", "/jobs/{}"),  # most of the first is another project's; the others have tests of their own
        *("/review/progress", "/review/items/{}", "/review/source/{}"),  # parts of /review
        *("/review/exchange/judged.csv", "/review/exchange/training.jsonl", "/review/exchange/decisions.jsonl"),
    }


def test_no_page_scrolls_sideways_at_200_percent_or_on_a_narrow_screen(browser: Browser, site: Site) -> None:
    wide = []
    for width in (640, 320):
        with reading(browser, site.origin, viewport={"width": width, "height": 600}) as reader:
            for path in site.paths():
                page = reader.open(path)
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wide.append((width, path))
    assert wide == []


def test_the_documentation_of_the_api_needs_nothing_from_elsewhere(reader: Reader) -> None:
    expect(reader.open("/docs").locator(".opblock").first).to_be_visible(timeout=60_000)


def test_nothing_of_a_document_becomes_markup_in_the_browser(reader: Reader, site: Site) -> None:
    page = reader.open(f"/documents/{site.hostile}")
    expect(page.locator("h1")).to_have_text(EVIL)
    assert page.locator("main img, main iframe, main script, main style").count() == 0
    expect(page.locator(".report")).to_contain_text("{{ 7 * 7 }} ${7 * 7} <style>body{display:none}</style>")
    page = reader.open("/findings")
    page.get_by_label(EVIL).first.check()  # the filter goes through the script, too
    settled(page)
    expect(page.locator(".chips li").first).to_contain_text(EVIL)
    assert page.locator("main img").count() == 0


def test_a_list_is_worked_with_the_keyboard_alone(reader: Reader, site: Site) -> None:
    page = reader.open("/findings")
    page.keyboard.press("Tab")
    assert focused(page) == "#main"
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("lifts")
    expect(page).to_have_url(re.compile(r"/findings\?q=lifts$"))
    settled(page)
    assert focused(page) == "q"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Tab")
    links = [link.get_attribute("href") for link in page.locator("[data-main]").all()]
    assert len(links) > 1
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == links[1]
    page.keyboard.press("k")
    assert focused(page) == links[0]
    page.wait_for_timeout(500)
    assert asked == []  # whoever leaves the field has the list already, and it is not put in its place again
    page.keyboard.press("Enter")
    expect(page).to_have_url(site.origin + str(links[0]))
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(r"/documents/doc_\w+#st_\w+$"))


def test_the_sheet_shows_the_keys_of_the_table_and_closes_again(reader: Reader) -> None:
    page = reader.open("/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    rows = [row.inner_text().split("\t") for row in sheet.locator("tr").all()]
    assert rows == [[key.label, key.words] for where in PLACES for key in KEYS if key.where is where]
    assert reader.violations() == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(sheet).to_be_visible()
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()


def test_keys_are_letters_in_a_field_and_nothing_where_they_are_switched_off(reader: Reader) -> None:
    page = reader.open("/findings")
    page.locator("#q").click()
    page.keyboard.type("?j/o")
    expect(page.locator("#q")).to_have_value("?j/o")
    expect(page.locator("#keys")).to_be_hidden()

    page = reader.open("/settings")
    page.get_by_label("Single keys").uncheck()
    page.get_by_label("Under which").fill("Ann O’Neill; é")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Single keys")).not_to_be_checked()
    expect(page.get_by_label("Under which")).to_have_value("Ann O’Neill; é")
    page = reader.open("/findings")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    assert focused(page) == ""
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_text("They are switched off.")).to_be_visible()


def test_a_reader_chooses_the_colours(browser: Browser, site: Site) -> None:
    with reading(browser, site.origin, color_scheme="light") as reader:
        page = reader.open("/settings")
        page.get_by_label("dark").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        expect(page.locator("body")).to_have_css("background-color", "rgb(21, 24, 28)")
        expect(reader.open("/docs").locator("html.dark-mode")).to_have_count(1)


def test_filters_renew_the_list_and_live_in_the_address(reader: Reader, site: Site) -> None:
    page = reader.open("/findings")
    every = titles(page)
    box = page.locator("label:has(input[name=kind][value=challenge])")
    count = int(box.locator(".count").inner_text().strip(" ,"))
    box.click()
    expect(page).to_have_url(f"{site.origin}/findings?kind=challenge")
    settled(page)
    shown = titles(page)
    assert (len(shown), set(page.locator(".card .badge").all_inner_texts())) == (count, {"challenge"})
    expect(page.locator("#live")).to_have_text(f"{count} findings")
    expect(page.locator("input[name=kind][value=challenge]")).to_be_focused()
    page.get_by_label("Order").select_option("recent")
    expect(page).to_have_url(f"{site.origin}/findings?sort=recent&kind=challenge")
    settled(page)
    assert sorted(titles(page)) == sorted(shown)

    assert titles(reader.open("/findings?kind=challenge")) == shown  # the address alone says it
    page.get_by_role("link", name="Remove the filter Kind: challenge").click()
    expect(page).to_have_url(f"{site.origin}/findings")
    assert titles(page) == every
    page.go_back()
    expect(page).to_have_url(f"{site.origin}/findings?kind=challenge")
    assert titles(page) == shown


def test_a_bar_leads_to_the_findings_that_it_counts(reader: Reader) -> None:
    page = reader.open("/")
    bars = page.locator(".bars a")
    told = [(bar.get_attribute("href"), bar.locator("title").text_content()) for bar in bars.all()]
    assert len(told) >= 6
    numbers = {link.get_attribute("href"): link.text_content() for link in page.locator(".numbers a").all()}
    assert numbers == {href: str(title).split(": ")[1] for href, title in told}
    for href, title in told:
        page = reader.open(str(href))
        assert str(page.locator(".lead").text_content()).split()[0] == str(title).split(": ")[1]


def test_a_kind_that_is_not_ticked_is_not_marked(reader: Reader, site: Site) -> None:
    page = reader.open(f"/documents/{site.report}")
    mark, tag = page.locator("mark.k-driver").first, page.locator(".tag.k-driver").first
    clear, background = "rgba(0, 0, 0, 0)", "e => getComputedStyle(e).backgroundColor"
    assert mark.evaluate(background) != clear
    page.locator("label.k-driver").click()
    assert mark.evaluate(background) == clear
    expect(tag).to_be_hidden()
    expect(mark).to_be_visible()
    assert page.locator("mark.k-challenge").first.evaluate(background) != clear


def test_a_link_into_a_long_document_leads_to_its_place(reader: Reader, site: Site) -> None:
    last = site.store.analysis(site.long).statements[-1].statement.id
    page = reader.open(f"/documents/{site.long}#{last}")
    expect(page.locator(f"#{last}")).to_be_in_viewport()
    sheets = page.locator(".sheet")
    assert sheets.count() > 50
    # what is out of sight is not laid out
    assert sheets.first.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})") is True
    assert page.locator("#b0").evaluate("e => e.checkVisibility({contentVisibilityAuto: true})") is False

"""The review in a browser: every key, decisions that outlive a lost connection, two people at once, readers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Reader, reading
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from review_page import current_id, forgive, name, queue, saved
from review_site import Site, opened

PAGES = (
    *("/review", "/review?status=pending&kind=driver&order=newest", "/review?q=zzz", "/review/many", "/review/sure"),
    *("/review/threshold", "/review/threshold?threshold=0.95", "/review/threshold?threshold=0.3", "/review/readers"),
    *("/review/exchange", "/review?reading=final", "/review?reading=blind"),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(tmp_path_factory.mktemp("home")) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Iterator[Site]:
    """The service, with all decisions of a test taken back after it."""
    yield shared
    shared.forget()


@pytest.fixture
def ann(browser: Browser, site: Site) -> Iterator[Reader]:
    with reading(browser, site.origin, viewport={"width": 1280, "height": 900}) as reader:
        name(reader, "Ann")
        yield reader


def test_each_key_of_the_table_decides_and_the_next_statement_has_the_focus(ann: Reader, site: Site) -> None:
    page = ann.page
    ids = queue(page)
    assert current_id(page) == ids[0]
    expected = {}
    for place, (key, status) in enumerate(
        [("a", "accepted"), ("x", "rejected"), (" ", "skipped")] + [(key, "corrected") for key in "12340"]
    ):
        before = site.status(ids[place]).split()[1]
        page.keyboard.press(key)
        kind = {"1": "trend", "2": "driver", "3": "challenge", "4": "opportunity", "0": "other", "x": "other"}
        given = kind.get(key, before)
        status = "accepted" if given == before and key in "12340" else status
        saved(page, ids[place], status)
        expected[ids[place]] = f"{status} {given} by Ann"
        assert current_id(page) == ids[place + 1]
        expect(page.locator(f"#item-{ids[place + 1]}")).to_be_focused()
    assert {id: site.status(id) for id in expected} == expected
    expect(page.locator("#progress")).to_contain_text("8 decisions today")
    page.keyboard.press("z")
    saved(page, ids[7], "pending")
    assert site.status(ids[7]).startswith("pending")
    expect(page.locator(f"#item-{ids[7]}")).to_be_focused()
    page.keyboard.press("k")
    assert current_id(page) == ids[6]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert current_id(page) == ids[8]
    expect(page.locator("#here")).to_have_text(site.texts()[ids[8]])
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("axz1")  # letters in a field decide nothing
    assert len(site.reviews()) == 7


def test_who_decides_without_a_name_is_asked_for_it_first(browser: Browser, site: Site) -> None:
    with reading(browser, site.origin) as reader:
        page = reader.open("/review?q=High+purchase")
        first = queue(page)[0]
        page.keyboard.press("a")
        expect(page.locator("#live")).to_have_text("Say first under which name you decide.")
        expect(page.get_by_label("Under which name do you decide?")).to_be_focused()
        page.keyboard.type("Dee")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Under which name do you decide?")).to_have_count(0)
        page.wait_for_load_state()
        assert site.reviews() == []
        page.keyboard.press("a")
        saved(page, first, "accepted")
        assert site.status(first).endswith("by Dee")


def test_keys_that_are_pressed_fast_count_in_their_order(ann: Reader, site: Site) -> None:
    page = ann.page
    first, second, third = queue(page)[:3]
    page.keyboard.press("x")
    saved(page, first, "rejected")
    expect(page.locator("#progress")).to_contain_text("1 done")
    for key in "xxz":  # the last one takes back what is still being saved
        page.keyboard.press(key)
    expect(page.locator("#live")).to_have_text("Taken back.")
    expect(page.locator(f"#item-{third}")).to_be_focused()
    assert [site.status(id).split()[0] for id in (first, second, third)] == ["rejected", "rejected", "pending"]
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(page.locator(f"#item-{first}")).to_be_focused()
    assert [site.status(id).split()[0] for id in (first, second, third)] == ["pending", "pending", "pending"]


def test_the_keys_of_the_drawer_merge_split_and_take_back(ann: Reader, site: Site) -> None:
    costs = site.statements("High purchase costs")
    assert len(set(site.workspace.store.finding_of(costs).values())) == 1
    page = ann.open("/review?q=High+purchase")
    page.keyboard.press("d")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name="Says the same")).to_be_visible()
    assert ann.violations() == []
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("#live")).to_have_text("Saved.")
    assert len(set(site.workspace.store.finding_of(costs).values())) == 2
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.keyboard.press("m")
    drawer.get_by_label("Words of its title").fill("High purchase costs")
    drawer.get_by_role("button", name="Find").click()
    expect(drawer.locator("[id^=n-find]").first).to_be_focused()
    page.keyboard.press("m")
    expect(drawer.locator("#members + ol > li")).to_have_count(2)
    assert len(set(site.workspace.store.finding_of(costs).values())) == 1
    assert [review.action for review in site.reviews()] == ["merge", "split"]
    newest = drawer.locator("[id^=rev_]").first
    newest.focus()
    page.keyboard.press("z")
    expect(newest.get_by_text("taken back")).to_be_visible()
    assert [review.action for review in site.reviews()] == ["split"]
    newest.get_by_role("button", name="Make it again").click()
    expect(newest.get_by_text("taken back")).to_have_count(0)
    assert len(set(site.workspace.store.finding_of(costs).values())) == 1
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(r"/documents/doc_\w+#st_\w+$"))


def test_title_head_tags_aspect_and_notes_are_edited_and_taken_back(ann: Reader, site: Site) -> None:
    page = ann.open(f"/review/findings/{site.finding('High purchase')}")
    page.get_by_label("Title", exact=True).fill("Lifts cost too much")
    page.get_by_role("button", name="Set the title").click()
    expect(page.get_by_role("heading", name="Lifts cost too much")).to_be_visible()
    page.get_by_label("Tag").fill("prices")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_role("button", name="Remove the tag prices")).to_be_visible()
    other = page.locator(".members li").nth(1).get_attribute("id")
    page.get_by_role("button", name="Make it the head").click()
    expect(page.locator(".members li").first).to_have_attribute("id", str(other))
    page.get_by_role("button", name="Hide it here").last.click()
    expect(page.get_by_role("heading", name="Hidden by a person")).to_be_visible()
    page.get_by_role("button", name="Show it again").click()
    expect(page.get_by_role("heading", name="Hidden by a person")).to_have_count(0)
    page = ann.open(f"/review/statements/{site.statement('Rental offers')}")
    page.get_by_label("Aspect").select_option("economic")
    page.get_by_role("button", name="Set the aspect").click()
    expect(page.locator(".aspect")).to_have_text("economic")
    page.get_by_label("Note").fill("Look at <b>this</b> again\nin May")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("ol.members")).to_contain_text("<b>this</b> again")
    assert ann.violations() == []
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(".aspect")).to_have_text("technology")
    page.get_by_role("button", name="Make it again").click()
    expect(page.locator(".aspect")).to_have_text("economic")


def test_a_decision_outlives_a_lost_connection_and_a_new_page(ann: Reader, site: Site) -> None:
    page = ann.page
    first, second, third = queue(page)[:3]
    ann.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator("#unsent")).to_contain_text("The service cannot be reached.")
    assert current_id(page) == second  # the others of this page can be decided all the same
    page.keyboard.press("x")
    expect(page.locator("#unsent li")).to_have_count(2)
    assert ann.violations() == []
    page.keyboard.press("z")  # what is not saved is only forgotten
    expect(page.locator("#unsent li")).to_have_count(1)
    assert site.reviews() == []
    ann.context.set_offline(False)
    saved(page, first, "accepted")
    expect(page.locator("#unsent")).to_be_hidden()
    assert site.status(second).startswith("pending")
    ann.context.set_offline(True)
    page.locator(f"#item-{third}").focus()
    page.keyboard.press("x")
    expect(page.locator("#unsent li")).to_have_count(1)
    ann.context.set_offline(False)
    ann.open("/review?status=rejected&status=pending")
    expect(page.locator("#unsent")).to_be_hidden()
    saved(page, third, "rejected")
    assert site.status(third) == "rejected other by Ann"
    forgive(ann, "ERR_INTERNET_DISCONNECTED")


def test_an_answer_that_was_lost_is_no_decision_made_twice(ann: Reader, site: Site) -> None:
    page = ann.page
    first = queue(page)[0]
    lost: list[object] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())  # the service answers, and nobody hears it
        route.abort()

    page.route("**/review/decide*", lose)
    page.keyboard.press("a")
    expect(page.locator("#unsent")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    saved(page, first, "accepted")
    assert [review.action for review in site.reviews()] == ["accept"]
    forgive(ann, "ERR_FAILED")


def test_two_people_at_once_see_each_others_decisions(ann: Reader, browser: Browser, site: Site) -> None:
    with reading(browser, site.origin) as bob:
        name(bob, "Bob")
        first = queue(ann.page)[0]
        assert current_id(bob.page) == first
        ann.page.keyboard.press("a")
        saved(ann.page, first, "accepted")
        bob.page.keyboard.press("x")
        expect(bob.page.locator("#unsent")).to_contain_text("changed since you read it, by Ann (accepted)")
        expect(bob.page.locator(f"#item-{first}")).to_contain_text("accepted by Ann")
        assert site.status(first).endswith("by Ann")
        bob.page.get_by_role("button", name="Retry").click()
        saved(bob.page, first, "rejected")
        assert site.status(first) == "rejected other by Bob"
        forgive(bob, "412")


def test_all_that_match_are_decided_on_at_once_and_taken_back_at_once(ann: Reader, site: Site) -> None:
    page = ann.open("/review?kind=challenge")
    page.get_by_role("link", name=re.compile("^All ")).click()
    number = len([id for id in site.texts() if site.status(id) == "pending challenge"])
    expect(page.get_by_role("heading", name=f"{number} statements match")).to_be_visible()
    page.get_by_label("Decide on all of them").select_option("relabel trend")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview li")).to_have_count(number)
    assert ann.violations() == [] and site.reviews() == []
    page.get_by_role("button", name=f"Apply to {number}").click()
    expect(page.locator(".saved")).to_contain_text(f"kind of the statement set: trend, {number} statements")
    assert len([id for id in site.texts() if site.status(id) == "corrected trend by Ann"]) == number
    page.wait_for_load_state()  # the script that heeds keys comes with it
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name=f"{number} statements match")).to_be_visible()
    assert site.reviews() == []


def test_a_day_from_upload_to_export(ann: Reader, site: Site, tmp_path: Path) -> None:
    page = ann.open("/upload")
    text = "# Ovens in Peru\n\nElectricity prices in Peru hold back the sale of ovens. Bakeries in Peru ask for ovens."
    report = FilePayload(name="peru.md", mimeType="text/markdown", buffer=text.encode())
    page.locator("input[type=file]").set_input_files([report])
    expect(page).to_have_url(re.compile(r"/findings\?document=doc_\w+$"), timeout=60_000)
    document = page.url.partition("=")[2]
    ann.open(f"/review?document={document}")
    statement, other = queue(page)
    page.keyboard.press("4")
    expect(page.locator(f"#item-{statement}")).not_to_have_attribute("data-status", "pending")
    page.keyboard.press("x")
    expect(page.locator("#progress")).to_contain_text("2 done, 0 left")
    page.get_by_role("link", name="Import and export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="judged.csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    told = {row["id"]: (row["source"], row["kind"], row["by"]) for row in rows if row["document"] == document}
    assert told == {statement: ("peru.md", "opportunity", "Ann"), other: ("peru.md", "other", "Ann")}
    with page.expect_download() as download:
        page.get_by_role("link", name="decisions.jsonl").click()
    page.get_by_label("Log of decisions").set_input_files(download.value.path())
    page.get_by_role("button", name="Take it over").click()
    expect(page.locator(".saved")).to_contain_text("0 decisions added")
    site.forget()
    site.workspace.delete(document)


def test_a_second_reader_is_blind_and_disagreements_are_settled(ann: Reader, browser: Browser, site: Site) -> None:
    first = queue(ann.page)[0]
    ann.page.keyboard.press("3")
    saved(ann.page, first, "corrected")
    with reading(browser, site.origin) as bob:
        name(bob, "Bob")
        page = bob.open("/review/readers")
        page.get_by_role("link", name="1").first.click()
        assert queue(page) == [first]
        expect(page.locator("#queue")).not_to_contain_text("Ann")
        expect(page.locator("#queue")).not_to_contain_text("challenge,")
        assert bob.violations() == []
        page.keyboard.press("x")
        expect(page.locator(f"#item-{first} .saving")).to_have_count(0)
    assert site.status(first) == "corrected challenge by Ann"
    page = ann.open("/review/readers")
    assert [cell.inner_text() for cell in page.locator("tbody tr td").all()][:2] == ["1", "0.00"]
    assert ann.violations() == []
    ann.open("/review?reading=final")
    expect(page.locator("#queue .verdict")).to_have_text(["Ann: challenge", "Bob, blind: rejected"])
    page.keyboard.press("2")
    expect(page.locator(f"#item-{first} .saving")).to_have_count(0)
    expect(page.locator("#live")).to_have_text("Saved: driver.")
    assert site.status(first) == "corrected driver by Ann"
    expect(ann.open("/review?reading=final").locator(".empty")).to_have_text("Readers agree on all that they read.")


def test_what_the_model_is_sure_of_is_accepted_and_taken_back(ann: Reader, site: Site) -> None:
    page = ann.open("/review/sure")
    page.get_by_role("button", name="from 0.90").click()
    expect(page.locator(".saved")).to_contain_text("Done: accepted, 1 statement.")
    assert site.status(site.statement("The market was worth")) == "accepted other by Ann"
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.get_by_role("button", name="from 0.90")).to_be_visible()
    assert site.reviews() == []


def test_every_page_passes_axe_shows_no_fault_and_fits_at_200_percent(browser: Browser, site: Site) -> None:
    paths = (*PAGES, f"/review/findings/{site.finding('High')}", f"/review/statements/{site.statement('Spare')}")
    found = {}
    with reading(browser, site.origin) as reader:
        for path in paths:
            reader.open(path)
            found[path] = reader.violations()
    with reading(browser, site.origin, color_scheme="dark", viewport={"width": 640, "height": 600}) as reader:
        for path in paths:
            page = reader.open(path)
            found[path] += reader.violations("color-contrast")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > 640:
                found[path].append(f"is {wide} wide")
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_nothing_of_a_document_becomes_markup(ann: Reader, site: Site) -> None:
    hostile = site.statement("<script>")
    for path in (f"/review?q=drives&item={hostile}", f"/review/statements/{hostile}", "/review?order=newest"):
        page = ann.open(path)
        expect(page.locator("main")).to_contain_text("<script>alert(2)</script> drives demand for {{ 7 * 7 }} lifts.")
        assert page.locator("main :is(img, script, form[action*=evil])").count() == 0
    page.keyboard.press("d")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.locator("dialog :is(img, script)").count() == 0


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Click the button that is to be seen, once the style sheet says which are, and wait for the page it leads to."""
    page.wait_for_load_state()
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


def test_the_forms_decide_without_a_script(browser: Browser, site: Site) -> None:
    with reading(browser, site.origin, java_script_enabled=False) as reader:
        page = name(reader, "Cy")
        first, second = queue(page)[:2]
        press(page, re.compile("^Accept"))
        assert (site.status(first).split()[0], current_id(page)) == ("accepted", second)
        press(page, "Skip")
        assert site.status(second).startswith("skipped")
        press(page, "Undo")
        assert (site.status(second).split()[0], current_id(page)) == ("pending", second)
        page.locator(f"#item-{first} .text a").click()
        press(page, "Back to pending")
        assert site.status(first).startswith("pending")
        page.locator("summary").click()
        page.locator("input[name=kind][value=trend]").check()
        press(page, "Filter")
        assert {site.status(id) for id in queue(page)} == {"pending trend"}

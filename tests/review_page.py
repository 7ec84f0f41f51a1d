"""The review page in a browser, as its tests handle it."""

from __future__ import annotations

from browser import Reader
from playwright.sync_api import Locator, Page, expect


def name(reader: Reader, who: str) -> Page:
    page = reader.open("/review")
    page.get_by_label("Under which name do you decide?").fill(who)
    with page.expect_navigation(wait_until="load"):  # between two pages there is neither the field nor a queue
        page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_label("Under which name do you decide?")).to_have_count(0)
    return page


def current(page: Page) -> Locator:
    return page.locator("#queue > [aria-current=true]")


def current_id(page: Page) -> str:
    return str(current(page).get_attribute("data-id"))


def queue(page: Page) -> list[str]:
    return [str(item.get_attribute("data-id")) for item in page.locator("#queue > li").all()]


def saved(page: Page, statement: str, status: str) -> None:
    """Wait until the page tells that a decision is saved."""
    item = page.locator(f"#item-{statement}")
    expect(item).to_have_attribute("data-status", status)
    expect(item.locator(".saving, .fault")).to_have_count(0)


def forgive(reader: Reader, words: str) -> None:
    """A browser writes to the console of every answer that is no success, and of every request without one."""
    assert reader.faults, "nothing went wrong"
    reader.faults[:] = [fault for fault in reader.faults if words not in fault]

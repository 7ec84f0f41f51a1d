"""Adding documents in a browser, with the models that read them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Reader, reading, served
from playwright.sync_api import Browser, Route, expect
from web_client import serving

from trendnlp.web.page_queries import MAX_VALUES


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("home")) as client, served(client.app, running=True) as origin:
        yield origin


@pytest.fixture
def reader(browser: Browser, origin: str) -> Iterator[Reader]:
    with reading(browser, origin) as reader:
        yield reader


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_files_are_added_one_by_one_each_with_what_became_of_it(reader: Reader, tmp_path: Path) -> None:
    good = write(tmp_path, "wards <b>.md", "# Ward lifts\n\nNurses are scarce, so wards order more patient lifts.\n")
    bad = write(tmp_path, "empty.txt", " \n")
    page = reader.open("/upload")
    # the refusal of a file is an answer of 422, which the browser puts on its console
    page.locator("input[type=file]").set_input_files([good, bad])
    expect(page.locator("#live")).to_have_text("1 of 2 files were not added.", timeout=60_000)
    assert page.locator(".outcome bdi").all_inner_texts() == ["wards <b>.md", "empty.txt"]
    expect(page.locator(".outcome.bad .state")).to_contain_text("not added: ")
    expect(page.locator(".outcome.bad .state")).to_contain_text("empty.txt")
    page.get_by_role("link", name="Findings of the one that was added").click()
    expect(page).to_have_url(re.compile(r"/findings\?document=doc_\w+$"))
    expect(page.locator(".chips li").first).to_contain_text("wards <b>.md")
    assert [fault for fault in reader.faults if "422" not in fault] == []
    reader.faults.clear()


def test_dropped_files_lead_to_their_findings(reader: Reader, tmp_path: Path) -> None:
    page = reader.open("/upload")
    text = "# Dropped\n\nHigh purchase costs keep small clinics from buying lifts.\n"
    drop = page.evaluate_handle(
        "text => {const d = new DataTransfer(); d.items.add(new File([text], 'dropped.md')); return d}", text
    )
    page.dispatch_event("#upload", "drop", {"dataTransfer": drop})
    expect(page).to_have_url(re.compile(r"/findings\?document=doc_\w+$"), timeout=60_000)
    expect(page.locator(".chips li").first).to_contain_text("dropped.md")


def test_more_files_than_an_address_names_lead_to_the_documents(reader: Reader) -> None:
    page = reader.open("/upload")
    # what the service answers, so that the models need not read as many
    numbers = itertools.count()

    def answer(route: Route) -> None:
        told = {"document": {"id": f"doc_{next(numbers)}"}, "claims": 1, "duplicate_of": None}
        route.fulfill(status=201, json=told)

    page.route("**/v1/documents", answer)
    count = MAX_VALUES + 1
    files: Any = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"Costs rise."} for n in range(count)]
    page.locator("input[type=file]").set_input_files(files)
    expect(page).to_have_url(re.compile(r"/documents$"), timeout=60_000)


def test_everything_works_without_a_script(browser: Browser, origin: str, tmp_path: Path) -> None:
    with reading(browser, origin, java_script_enabled=False) as reader:
        page = reader.open("/upload")
        text = "# Plain\n\nAn ageing population is raising the demand for lifts at home.\n"
        page.locator("input[type=file]").set_input_files(write(tmp_path, "plain.md", text))
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page).to_have_url(re.compile(r"/findings\?document=doc_\w+$"), timeout=60_000)
        page = reader.open("/findings")
        page.locator("input[name=kind][value=challenge]").check()
        page.get_by_role("button", name="Filter", exact=True).click()
        assert set(page.locator(".card .badge").all_inner_texts()) == {"challenge"}

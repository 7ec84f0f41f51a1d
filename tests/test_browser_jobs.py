"""Archives in a browser: read in the background, watched, stopped, and what is shown of them then."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Reader, reading, served
from job_site import HELD, Gate, fast_worker
from playwright.sync_api import Browser, FilePayload, Page, expect
from unloaded import Unloaded
from web_client import connected

from trendnlp.settings import Settings
from trendnlp.web.app import create_app

JOB = re.compile(r"/jobs/job_\w+$")
FINDINGS = re.compile(r"/findings\?job=job_\w+$")
CREPT = "../../<b>crept</b>.txt"


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[str]:
    """A service whose worker is real, and analyses fast."""
    app = create_app(Settings(home=tmp_path_factory.mktemp("home")), Unloaded.open, fast_worker(gate))
    with connected(app) as client, served(client.app, running=True) as origin:
        yield origin


@pytest.fixture
def reader(browser: Browser, origin: str) -> Iterator[Reader]:
    with reading(browser, origin) as reader:
        yield reader


def archive(*members: tuple[str, str]) -> FilePayload:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, text in members:
            file.writestr(name, text)
    return FilePayload(name="Reports <i>.ZIP", mimeType="application/zip", buffer=data.getvalue())


def choose(page: Page, *files: FilePayload) -> None:
    page.locator("input[type=file]").set_input_files(list(files))


def test_an_archive_is_read_as_its_documents_and_leads_to_all_their_findings(reader: Reader, gate: Gate) -> None:
    page = reader.open("/upload")
    gate.opened.clear()
    loose = FilePayload(name="loose.txt", mimeType="text/plain", buffer=b"Demand for beds rises.")
    choose(page, archive((CREPT, "Demand for lifts rises."), ("b/held.txt", f"{HELD} It is held.")), loose)
    expect(page).to_have_url(JOB)
    expect(page.get_by_label("1 of 3 documents")).to_be_visible()
    watched = page.url
    assert reader.in_both_schemes(watched.removeprefix(reader.origin)) == []
    listed = reader.open("/upload").locator("[aria-labelledby=background] li").first
    expect(listed).to_contain_text("being read")
    listed.get_by_role("link").click()
    expect(page).to_have_url(watched)
    gate.opened.set()
    expect(page).to_have_url(FINDINGS)
    expect(page.locator(".chips li").first).to_contain_text("Upload: 3 documents")
    expect(page.locator(".card")).to_have_count(3)
    titles = ["Demand for beds rises.", "Demand for lifts rises.", "Stands still."]
    assert sorted(page.locator(".card h2").all_inner_texts()) == titles
    page.locator("label:has(input[name=kind])").first.click()
    expect(page).to_have_url(re.compile(r"kind=\w+&job=job_\w+$|job=job_\w+&kind=\w+$"))
    assert page.locator("main :is(b, i)").count() == 0
    page = reader.open("/documents")
    expect(page.locator("main tbody")).to_contain_text("<b>crept</b>.txt")
    expect(page.locator("main tbody")).not_to_contain_text("..")


def test_what_fails_of_an_archive_is_named_with_the_reason(reader: Reader) -> None:
    page = reader.open("/upload")
    choose(page, archive(("<b>empty</b>.txt", " "), ("table.xyz", "x"), ("good.txt", "Demand for chairs rises.")))
    expect(page).to_have_url(JOB)
    expect(page.locator("main")).to_contain_text("1 document was added, 2 were not.")
    assert page.locator(".outcome bdi:first-child").all_inner_texts()[::2] == ["<b>empty</b>.txt", "table.xyz"]
    expect(page.locator(".outcome").first).to_contain_text("it holds nothing but white space")
    assert reader.in_both_schemes(page.url.removeprefix(reader.origin)) == []
    assert reader.in_both_schemes("/upload") == []
    page.go_back()
    page.get_by_role("link", name="Its findings").click()
    expect(page).to_have_url(FINDINGS)
    expect(page.locator(".card")).to_have_count(1)


def test_what_is_no_archive_is_told_at_once(reader: Reader) -> None:
    page = reader.open("/upload")
    choose(page, FilePayload(name="broken.zip", mimeType="application/zip", buffer=b"PK\x03\x04 broken"))
    expect(page).to_have_url(JOB)
    expect(page.locator(".outcome")).to_contain_text("broken.zip")


def test_an_upload_in_the_background_is_stopped(reader: Reader, gate: Gate) -> None:
    page = reader.open("/upload")
    gate.opened.clear()
    gate.reached.clear()
    members = [(f"{n}.txt", f"Demand for chair {n} rises.") for n in range(9)]
    choose(page, archive(("held.txt", f"{HELD} Stop it."), *members))
    expect(page).to_have_url(JOB)
    assert gate.reached.wait(60)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("main")).to_contain_text("It is being stopped")
    gate.opened.set()
    expect(page.locator("main")).to_contain_text("left out because it was stopped")


def test_an_archive_is_read_without_a_script(browser: Browser, origin: str, tmp_path: Path, gate: Gate) -> None:
    gate.opened.set()
    with reading(browser, origin, java_script_enabled=False) as reader:
        page = reader.open("/upload")
        choose(page, archive(("ramps.txt", "Demand for ramps rises.")))
        page.get_by_role("button", name="Add in the background").click()
        expect(page).to_have_url(FINDINGS)
        expect(page.locator(".chips li").first).to_contain_text("Upload: 1 document")
        expect(page.locator(".card h2")).to_have_count(1)


def test_the_findings_of_an_unknown_upload_are_not_an_empty_list(reader: Reader) -> None:
    answer = reader.page.goto(f"{reader.origin}/findings?job=job_0")
    assert answer is not None and answer.status == 404
    expect(reader.page.locator("main")).to_contain_text("no such job")
    reader.faults.clear()  # the browser's own line about the 404

"""A browser on the real application, served by uvicorn: a page that fails a test on what no page may do.

A page opened here fails its test where it writes an error to the console, breaks its content security policy, or asks
another origin for anything.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PATIENCE = 45_000  # milliseconds; a busy machine is no fault of a page
AXE = Path(__file__).parent / "data" / "axe" / "axe.min.js"
expect.set_options(timeout=PATIENCE)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
STARTING_SECONDS = 60
DARK = "rgb(21, 24, 28)"  # the ground of all pages in dark colours


def executable() -> str:
    """Where a Chromium is; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser is here: install one of {', '.join(BROWSERS)}")
    return found


@contextmanager
def served(app: Any, *, running: bool = False) -> Iterator[str]:
    """The application on a free port of this machine: its origin. One that is ``running`` is not started again."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off" if running else "on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + STARTING_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "the service did not start"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(STARTING_SECONDS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser; skips where there is none."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Reader:
    """A reader with a browser of their own at ``origin``. ``faults`` is what pages did that no page may do."""

    context: BrowserContext
    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)

    def in_both_schemes(self, path: str) -> list[str]:
        """Opens a page: what axe finds on it in light colours, and of its contrast in dark ones."""
        page = self.page
        page.emulate_media(color_scheme="light")
        found = self.open(path) and self.violations()
        page.emulate_media(color_scheme="dark")
        expect(page.locator("body")).to_have_css("background-color", DARK)
        return found + [f"in the dark: {line}" for line in self.violations("color-contrast")]

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.origin + path)
        assert answer is not None and answer.status < 400, f"{path} answers {answer and answer.status}"
        return self.page

    def violations(self, *rules: str) -> list[str]:
        """What axe finds on the page by some rules, by default all of WCAG 2.2 AA: a line for each rule and element."""
        # evaluated in the page by the debugger, which its content security policy does not bind
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
        found = self.page.evaluate("async runOnly => (await axe.run(document, {runOnly})).violations", only)
        return [
            f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]
        ]


@contextmanager
def reading(browser: Browser, origin: str, **options: Any) -> Iterator[Reader]:
    """A fresh reader (``options`` are those of the browser's context); asserts at the end that no page had a fault."""
    context = browser.new_context(**options)
    reader = Reader(context, context.new_page(), origin)
    context.set_default_timeout(PATIENCE)
    host = urlsplit(origin).netloc
    page, faults = reader.page, reader.faults
    page.on("request", lambda r: urlsplit(r.url).netloc in (host, "") or faults.append(f"asks for {r.url}"))
    page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    page.on("dialog", lambda d: (faults.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("pageerror", lambda e: faults.append(f"script: {e}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective}`))"
    )
    try:
        yield reader
        assert faults == []
    finally:
        context.close()

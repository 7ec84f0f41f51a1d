"""Findings by whether something speaks against them: over HTTP, in the page, as a file, on the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from builders import MODEL, make_analysis, make_consolidation
from commands import records, run
from fastapi.testclient import TestClient
from lxml import html
from unloaded import unloaded

from trendnlp.client import Client
from trendnlp.read import read_text
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import Finding, Format, Metadata

# What stands near a finding, each a sentence of its own; the first two contest it.
RELATIONS = {
    "Costs rise.": (Relation.DISTINCT, Relation.CONTRADICTS),
    "Rents rise.": (Relation.DIFFERS_IN, Relation.DIFFERS_IN),
    "Sales rise.": (Relation.DISTINCT,),
    "Wages rise.": (),
}
CONTESTED, QUIET = {"Costs rise.", "Rents rise."}, {"Sales rise.", "Wages rise."}


@dataclass(frozen=True)
class Site:
    """A service, and the workspace that it serves as the command line is told it."""

    http: TestClient
    workspace: tuple[str, ...]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[Site]:
    home, url = tmp_path_factory.mktemp("home"), new_url()
    with Store.open(Settings(home=home, database_url=url).store_url) as store:
        known = Metadata(market="Lifts", language="en")
        document = read_text(" ".join(RELATIONS), source="lifts.md", format=Format.MARKDOWN, given=known)
        store.save(make_analysis(document, kinds=("driver", "trend")))
        made = make_consolidation(store.claims())
        store.replace_findings(replace(made, findings=tuple(near(made.findings))))
    with unloaded(home, database_url=url) as client:
        yield Site(client, ("--home", str(home), "--database-url", url))


def near(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """The findings, and what their ledgers hold of other statements."""
    for finding in findings:
        others = [other.head for other in findings if other is not finding]
        yield replace(
            finding,
            apart=tuple(
                LedgerEntry(finding.head, other, Verdict(relation, Ground.JUDGE, Band.MIDDLE, 0.9, 0.1, 0.5), MODEL)
                for relation, other in zip(RELATIONS[finding.title], others, strict=False)
            ),
        )


@pytest.mark.parametrize(("contested", "titles"), [("true", CONTESTED), ("false", QUIET)])
def test_the_list_and_its_export_hold_those_that_are_asked_for(site: Site, contested: str, titles: set[str]) -> None:
    asked = {"contested": contested}
    answer = site.http.get("/v1/findings", params=asked).json()
    assert (answer["total"], {finding["title"] for finding in answer["items"]}) == (2, titles)
    exported = site.http.get("/v1/export", params={**asked, "of": "findings", "format": "jsonl"})
    assert records(exported.text) == answer["items"]
    rows = csv.DictReader(io.StringIO(site.http.get("/v1/export", params={**asked, "of": "findings"}).text))
    assert {row["title"] for row in rows} == titles
    assert [f.title for f in Client(http=site.http).findings(contested=contested == "true")] == [
        finding["title"] for finding in answer["items"]
    ]


def test_it_holds_beside_other_filters_and_from_page_to_page(site: Site) -> None:
    assert site.http.get("/v1/findings").json()["total"] == len(RELATIONS)
    (costs,) = site.http.get("/v1/findings?contested=true&kind=driver&market=Lifts").json()["items"]
    assert costs["title"] == "Costs rise."
    first = site.http.get("/v1/findings?contested=false&limit=1")
    second = site.http.get(first.links["next"]["url"]).json()
    assert {first.json()["items"][0]["title"], second["items"][0]["title"]} == QUIET
    assert second["next_cursor"] is None
    cursor = first.json()["next_cursor"]
    assert site.http.get("/v1/findings", params={"contested": "true", "cursor": cursor}).status_code == 400


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/v1/findings?contested=perhaps", "boolean"),
        ("/v1/export?of=statements&contested=false", "goes with of=findings"),
        ("/v1/statements?contested=true", "not permitted"),
    ],
)
def test_what_would_do_nothing_is_refused(site: Site, path: str, says: str) -> None:
    answer = site.http.get(path)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"].split("/")[-1]) == (422, "?contested")
    assert says in fault["detail"]


@pytest.mark.parametrize(
    ("query", "titles", "checked"),
    [
        ("", CONTESTED | QUIET, []),
        ("?contested=yes", CONTESTED, ["yes"]),
        ("?contested=no", QUIET, ["no"]),
        ("?contested=no&contested=yes&contested=", CONTESTED | QUIET, ["yes", "no"]),
        ("?contested=false&kind=trend", {"Wages rise."}, ["no"]),
    ],
)
def test_the_page_offers_both_with_their_counts(site: Site, query: str, titles: set[str], checked: list[str]) -> None:
    page = html.document_fromstring(site.http.get(f"/findings{query}").text)
    assert {title.text_content() for title in page.cssselect(".card h2")} == titles
    boxes = page.cssselect("input[name=contested]")
    each = 1 if "kind" in query else 2
    assert [" ".join(box.getparent().text_content().split()) for box in boxes] == [
        f"contested , {each}",
        f"not contested , {each}",
    ]
    assert [box.get("value") for box in boxes if box.get("checked") is not None] == checked


def test_the_commands_list_and_export_them(site: Site) -> None:
    for option, titles in (("--contested", CONTESTED), ("--not-contested", QUIET)):
        listed = run(*site.workspace, "findings", option, "--format", "jsonl")
        assert (listed.exit_code, {finding["title"] for finding in records(listed.stdout)}) == (0, titles)
        exported = run(*site.workspace, "export", "--of", "findings", option, "--format", "jsonl")
        assert (exported.exit_code, exported.stdout) == (0, listed.stdout)
    wrong = run(*site.workspace, "export", "--not-contested")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "--contested" in wrong.stderr and "goes with --of findings" in wrong.stderr

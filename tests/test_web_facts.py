"""Market facts and languages over HTTP and on the page of a document. No models are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from builders import make_analysis
from fastapi.testclient import TestClient
from lxml import html
from unloaded import Unloaded
from web_client import connected

from trendnlp.consolidate import consolidate
from trendnlp.read import read_text
from trendnlp.records import fact_record
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import Document, Format, Metadata
from trendnlp.web.app import create_app

LIFTS = """# Patient Lift Market in Portugal

The patient lift market was worth EUR 41 million in 2023 and should reach EUR 60 million by 2030. It is to grow at a
CAGR of 5.6 % from 2024 to 2030. Another house expects the market to reach EUR 75 million by 2030. Base year: 2023.
"""
GERMAN = (
    "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen bezahlen inzwischen die "
    "Hälfte des Preises für jedes neue Gerät, das auf einer Station eingebaut wird."
)


class StoreAlone(Unloaded):
    """A workspace that takes documents, and reads them."""

    def ready(self) -> None:
        return None


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url=new_url())
    app = create_app(settings, StoreAlone.open)
    with connected(app) as client:
        yield client


@pytest.fixture(scope="module")
def report(client: TestClient) -> Document:
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    given = Metadata(publisher="Atlas", published="2024-05")
    document = read_text(LIFTS, source="lifts.md", format=Format.MARKDOWN, given=given)
    store.save(make_analysis(document))
    other = read_text(LIFTS.replace("Lift", "Bed"), source="<b>beds</b>.md", format=Format.MARKDOWN)
    store.save(make_analysis(replace(other, facts=(replace(other.facts[0], subject="<i>bed</i> market"),))))
    return document


def test_a_document_carries_its_facts(client: TestClient, report: Document) -> None:
    shown = client.get(f"/v1/documents/{report.id}").json()
    assert shown["language"] == "en"
    assert shown["facts"] == [fact_record(fact) for fact in report.facts]
    assert [shown["text"][fact["start"] : fact["end"]] for fact in shown["facts"]] == [
        "EUR 41 million in 2023",
        "EUR 60 million by 2030",
        "CAGR of 5.6 % from 2024 to 2030",
        "EUR 75 million by 2030",
        "Base year: 2023",
    ]


def test_facts_of_a_market_are_listed(client: TestClient, report: Document) -> None:
    def listed(**params: str | list[str]) -> list[dict[str, Any]]:
        answer = client.get("/v1/facts", params=params).json()
        assert answer["total"] == len(answer["items"])
        return list(answer["items"])

    assert len(listed()) == 6
    forecasts = listed(market="patient lift", kind="forecast")
    assert [(fact["amount"], fact["year"]) for fact in forecasts] == [(60.0, 2030), (75.0, 2030)]
    assert {(f["document"], f["source"], f["publisher"], f["published"], f["geography"]) for f in forecasts} == {
        (report.id, "lifts.md", "Atlas", "2024-05", "Portugal")
    }
    assert (listed(market="lorries"), len(listed(kind=["size", "base_year"]))) == ([], 3)
    assert client.get("/v1/facts", params={"kind": "revenue"}).status_code == 422
    assert client.get("/v1/facts", params={"cursor": "x"}).status_code == 400


def test_the_page_shows_the_forecasts_side_by_side(client: TestClient, report: Document) -> None:
    shown = html.document_fromstring(client.get(f"/documents/{report.id}").text)
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in shown.cssselect(".figures tbody tr")]
    assert rows == [
        ["Size", "EUR 41 million", "2023", "patient lift market", "EUR 41 million in 2023"],
        ["Forecast", "EUR 60 million", "2030", "patient lift market", "EUR 60 million by 2030"],
        ["Forecast", "EUR 75 million", "2030", "–", "EUR 75 million by 2030"],
        ["Compound growth", "5.6 %", "2024–2030", "–", "CAGR of 5.6 % from 2024 to 2030"],
        ["Base year", "–", "2023", "–", "Base year: 2023"],
    ]
    for link in shown.cssselect(".figures a"):
        words = " ".join(link.text_content().split())
        target = shown.get_element_by_id(link.get("href").removeprefix("#"))
        assert words in " ".join(target.text_content().split())


def test_the_page_of_a_finding_shows_what_several_reports_forecast_for_its_market(client: TestClient) -> None:
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]

    def save(words: str, publisher: str) -> None:
        text = f"# Stretcher Market in Chile\n\n{words}\n"
        given = Metadata(publisher=publisher, published="2025-01")
        store.save(make_analysis(read_text(text, source=publisher, format=Format.MARKDOWN, given=given)))

    def shown() -> list[list[str]]:
        made = consolidate(store.claims(), 0.999, "encoder")
        store.replace_findings(made)
        finding = next(finding.id for finding in made.findings if finding.market == "Stretcher")
        page = html.document_fromstring(client.get(f"/findings/{finding}").text)
        return [[" ".join(cell.text_content().split()) for cell in row] for row in page.cssselect(".figures tbody tr")]

    save("Wards ask for lighter frames. The market should reach EUR 60 million by 2030, at a CAGR of 5.6 %.", "Atlas")
    assert shown() == []  # of one report alone
    save("Army depots renew theirs. The market should reach EUR 52 million by 2030.", "<b>Boreal</b>")
    assert shown() == [
        ["Forecast", "EUR 52 million", "2030", "–", "<b>Boreal</b>", "2025-01"],
        ["Forecast", "EUR 60 million", "2030", "–", "Atlas", "2025-01"],
        ["Compound growth", "5.6 %", "–", "–", "Atlas", "2025-01"],
    ]


def test_nothing_of_a_fact_becomes_markup(client: TestClient, report: Document) -> None:
    beds = client.get("/v1/facts", params={"market": "bed"}).json()["items"][0]["document"]
    shown = html.document_fromstring(client.get(f"/documents/{beds}").text)
    assert shown.cssselect(".figures i, .figures b") == []
    assert "<i>bed</i> market" in shown.cssselect(".figures")[0].text_content()


@pytest.mark.parametrize("path", ["/v1/analyze", "/v1/documents"])
def test_a_text_that_is_not_in_english_is_a_problem_of_its_own(client: TestClient, path: str) -> None:
    answer = client.post(path, json={"text": GERMAN})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "urn:trendnlp:problem:foreign-language"
    assert problem["detail"].startswith("request: written in German (de), only English is read.")
    assert "language=en in a row, in JSON or with POST /v1/documents" in problem["detail"]
    assert (
        client.post(path, json={"text": GERMAN, "language": "English"}).json()["errors"][0]["pointer"] == "#/language"
    )

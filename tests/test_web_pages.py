"""The pages as a reader meets them, parsed as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from web_client import REPORT, connected, put, serving

from trendnlp.cards import ModelCard
from trendnlp.momentum import State
from trendnlp.selectors import quote
from trendnlp.types import Metadata
from trendnlp.web.answers import HERE
from trendnlp.web.passages import around
from trendnlp.workspace import Workspace

HOSTILE = """<script>alert(1)</script> raises the demand for "lifts" & more. <img src=x onerror=alert(2)> costs money.

- {{ 7 * 7 }} drives demand for lifts.
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="module")
def report(client: TestClient) -> str:
    known = Metadata(publisher="Example Research", published="2024-05")
    return put(client, REPORT, source="lifts.md", metadata=known)


@pytest.fixture(scope="module")
def hostile(client: TestClient) -> str:
    known = Metadata(title="<script>alert(3)</script>", market="<i>a</i>", publisher="<b>p</b>")
    return put(client, HOSTILE, kinds=("driver",), source="<b>x</b>\n'\".txt", metadata=known)


def page(client: TestClient, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_findings_page_lists_each_finding_in_words(client: TestClient, report: str) -> None:
    findings = client.get("/v1/findings", params={"limit": 25}).json()["items"]
    cards = page(client, "/findings").cssselect(".card")

    assert [card.cssselect("h2 a")[0].get("href") for card in cards] == [f"/findings/{f['id']}" for f in findings]
    for card, finding in zip(cards, findings, strict=True):
        assert card.cssselect(".badge")[0].text == finding["kind"]
        assert words(card.cssselect("h2")[0]) == " ".join(finding["title"].split())
        facts = words(card.cssselect(".facts")[0])
        assert f"{len(finding['members'])} place" in facts and "score 0." in facts


def test_the_filter_of_the_findings_page_lives_in_the_address(client: TestClient, report: str) -> None:
    kind = client.get("/v1/findings").json()["items"][0]["kind"]
    shown = page(client, f"/findings?kind={kind}&q=&from=&tag=&utm_source=mail")

    assert {badge.text for badge in shown.cssselect(".card .badge")} == {kind}
    assert [box.get("value") for box in shown.cssselect("input[checked]")] == [kind]
    assert "No finding matches this filter" in words(page(client, "/findings?q=zzzz+qqqq"))


def test_a_finding_page_shows_each_place_and_links_to_it(client: TestClient, report: str) -> None:
    id = client.get("/v1/findings", params={"document": report}).json()["items"][0]["id"]
    finding = client.get(f"/v1/findings/{id}").json()
    places = page(client, f"/findings/{id}").cssselect(".place")

    assert [
        (place.cssselect(".source a")[0].get("href"), place.cssselect("mark")[0].text_content()) for place in places
    ] == [(f"/documents/{m['document']}#{m['statement']}", m["record"]["text"]) for m in finding["members"]]
    assert "the statement nearest to all the others" in words(places[0])
    for place in places:
        target = urlsplit(place.cssselect(".source a")[0].get("href"))
        assert page(client, target.path).get_element_by_id(target.fragment) is not None


def test_a_document_page_holds_the_whole_text_with_every_statement(client: TestClient, report: str) -> None:
    shown = page(client, f"/documents/{report}")
    statements = client.get(f"/v1/documents/{report}/statements").json()["items"]

    by_id = [shown.get_element_by_id(statement["id"]) for statement in statements]
    assert [element.text_content() for element in by_id] == [statement["text"] for statement in statements]
    assert [(e.tag, e.get("class")) for e in by_id] == [
        ("bdi", None) if s["kind"] == "other" else ("mark", f"k-{s['kind']}") for s in statements
    ]
    for tag in shown.cssselect(".report .tag"):
        tag.drop_tree()
    assert "".join(shown.cssselect(".report")[0].text_content().split()) == "".join(REPORT.split())
    targets = [link.get("href").removeprefix("#") for link in shown.cssselect(".outline a")]
    assert [words(shown.get_element_by_id(target)).lstrip("# ") for target in targets] == [
        "Hospital Lift Market in Portugal 2024-2030",
        "Key drivers",
        "Challenges",
        "Outlook",
    ]
    about = words(shown.cssselect("aside dl")[0])
    assert all(part in about for part in ("lifts.md", "Example Research", "2024-05"))


def test_nothing_of_a_document_becomes_markup(client: TestClient, hostile: str) -> None:
    finding = client.get("/v1/findings", params={"document": hostile}).json()["items"][0]["id"]
    for path in ("/", "/findings", "/statements", "/documents", f"/documents/{hostile}", f"/findings/{finding}"):
        shown = page(client, path)
        assert shown.cssselect("script:not([src^='/static/']), img, b, i, style, [style], [onerror]") == []
    shown = page(client, f"/documents/{hostile}")
    assert words(shown.cssselect("h1")[0]) == "<script>alert(3)</script>"
    assert words(shown.cssselect("aside dd")[0]) == "<b>x</b>\\n'\".txt"
    assert "{{ 7 * 7 }} drives demand" in words(shown)


def test_no_control_character_of_a_document_turns_the_page_around_it(client: TestClient) -> None:
    turns = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    text = f"# {turns}Title\n\n## {turns}Part\n\n{turns}Lifts{turns} sell{turns}. {turns}Prices{turns} rise{turns}.\n"
    known = Metadata(title=f"{turns}Title", market=f"{turns}m", publisher=f"{turns}p", geography=f"{turns}g")
    id = put(client, text, kinds=("driver", "other"), source=f"{turns}.md", metadata=known)
    finding = client.get("/v1/findings", params={"document": id}).json()["items"][0]["id"]

    for path in (
        f"/findings?document={id}",
        "/",
        "/statements",
        "/documents",
        f"/documents/{id}",
        f"/findings/{finding}",
    ):
        shown = page(client, path)
        loose = [(e.tag, e.text) for e in shown.iter("*") if e.tag != "bdi" and set(e.text or "") & set(turns)]
        trailing = [(e.tag, e.tail) for e in shown.iter("*") if set(e.tail or "") & set(turns)]
        assert (loose, trailing) == ([], [])
        # what a box to tick stands for is sent, and never shown
        seen = [e for e in shown.iter("*") if e.get("type") not in ("checkbox", "hidden")]
        attributes = [v for e in seen for k, v in e.items() if set(v) & set(turns)]
        assert attributes == []
        assert [e.text for e in shown.iter("bdi") if set(e.text or "") & set(turns)] != []


def test_every_page_is_whole_by_itself_and_can_be_walked_by_ear(client: TestClient, report: str) -> None:
    finding = client.get("/v1/findings").json()["items"][0]["id"]
    lists = ("/", "/findings", "/statements", "/documents", f"/documents/{report}", f"/findings/{finding}")
    for path in (*lists, "/model", "/settings", "/help", "/docs"):
        shown = page(client, path)
        assert [len(shown.cssselect(tag)) for tag in ("main", "h1")] == [1, 0 if path == "/docs" else 1]
        assert shown.get("lang") == "en"
        assert shown.cssselect("a.skip")[0].get("href") == "#main"
        assert len(shown.cssselect("nav [aria-current=page]")) == 1
        ids = shown.xpath("//@id")
        assert len(ids) == len(set(ids))
        labelled = {label.get("for") for label in shown.cssselect("label")}
        for field in shown.cssselect("input:not([type=hidden]), select"):
            assert field.get("id") in labelled or field.getparent().tag == "label"
        for address in shown.xpath("//link/@href | //script/@src"):
            assert client.get(address).status_code == 200 and address.startswith("/static/")
        assert [script.text for script in shown.cssselect("script") if script.text] == []


def test_scores_whose_reliability_was_not_measured_are_not_drawn(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(page(client, "/model").cssselect("svg.kept rect")) > 3
    monkeypatch.setattr(Workspace, "reliability", lambda self: ())
    shown = page(client, "/model")
    assert shown.cssselect("svg.kept") == []
    assert "This was not measured for these models." in shown.text_content()


def test_a_dead_link_shows_a_page_to_a_reader_and_a_problem_to_a_program(client: TestClient) -> None:
    answer = client.get("/documents/doc_x", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert words(html.document_fromstring(answer.text).cssselect("h1")[0]) == "Not found"
    assert client.get("/documents/doc_x").headers["content-type"] == "application/problem+json"


def test_long_lists_go_on_at_the_next_page(client: TestClient, report: str) -> None:
    for number in range(30):
        put(client, f"Report number {number} says nothing.", kinds=("other",), source=f"{number}.txt")
    first = page(client, "/documents")
    second = page(client, first.cssselect("a[rel=next]")[0].get("href"))

    links = [a.get("href") for shown in (first, second) for a in shown.cssselect("tbody th a")]
    total = client.get("/v1/documents").json()["total"]
    assert len(links) == len(set(links)) == min(total, 50)


def test_a_document_of_many_blocks_is_shown_whole(client: TestClient) -> None:
    text = "\n\n".join(f"## Part {n}\n\nPart {n} is about lifts." for n in range(3000))
    shown = page(client, f"/documents/{put(client, text)}")

    assert (len(shown.cssselect(".report h3")), len(shown.cssselect(".report p"))) == (3000, 3000)
    assert words(shown.cssselect("aside .note")[0]) == "2 600 further headings are left out here."


def test_the_service_can_be_mounted_under_a_path(client: TestClient, report: str) -> None:
    mounted = connected(client.app, root_path="/trends")
    shown = page(mounted, "/trends/documents")
    addresses = [address for address in shown.xpath("//@href | //@action") if not address.startswith("#")]
    assert [address for address in addresses if not address.startswith("/trends/")] == []


class Retrained(Workspace):
    """A workspace whose models tell other kinds and aspects."""

    def model_card(self) -> ModelCard:
        return replace(super().model_card(), kinds=("risk", "other", "trend", "a b"), aspects=("supply", "economic"))


def test_kinds_that_only_the_models_know_are_shown_and_filtered(tmp_path: Path) -> None:
    with serving(tmp_path, Retrained.open) as client:
        id = put(client, "Lifts may break. Lifts sell well. Lifts are lifts.", kinds=("risk", "trend", "a b"))

        boxes = [box.get("value") for box in page(client, "/findings").cssselect("input[type=checkbox]")]
        assert boxes == ["trend", "a b", "risk", "economic", "supply", *State, "yes", "no"]
        shown = page(client, "/findings?kind=risk")
        assert [words(card) for card in shown.cssselect(".card h2")] == ["Lifts may break."]
        assert [(b.text, b.get("class")) for b in shown.cssselect(".card .badge")] == [("risk", "badge k-unknown")]

        document = page(client, f"/documents/{id}")
        assert [words(badge) for badge in document.cssselect(".counts .badge")] == ["1 trend", "1 a b", "1 risk"]
        assert [m.get("class") for m in document.cssselect("mark")] == ["k-unknown", "k-trend", "k-unknown"]

        lists = ("/v1/findings", f"/v1/documents/{id}/statements")
        assert [client.get(path, params={"kind": "risk"}).json()["total"] for path in lists] == [1, 1]
        assert [client.get(path, params={"kind": "driver"}).status_code for path in lists] == [422, 422]
        assert [client.get(path, params={"aspect": "consumer"}).status_code for path in lists] == [422, 422]
        others = [client.get(path, params={"kind": "other"}).status_code for path in lists]
        assert others == [422, 200]
    assert ".k-unknown {" in (HERE / "static" / "trendnlp.css").read_text("utf-8")


@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.integers(0, 60))
def test_the_words_around_a_place_are_the_text_itself(text: str, start: int, length: int, width: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))

    near = around(text, start, end, width)
    assert near.before + near.exact + near.after == text[near.start : near.end]
    assert near.exact == text[start:end]
    assert len(near.before) <= width and len(near.after) <= width
    assert (near.cut_before, near.cut_after) == (near.start > 0, near.end < len(text))
    selector = quote(text, start, end)
    assert selector.prefix + selector.exact + selector.suffix in text

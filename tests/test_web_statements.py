"""Statements of all documents over HTTP: filters, places in both units, selectors, context."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from builders import MODEL, all_copies, make_analysis, make_consolidation
from fastapi.testclient import TestClient
from web_client import connected

from trendnlp.actions import Action
from trendnlp.read import read_text
from trendnlp.review import Draft
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import Format, Metadata
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

SAID = "Nurses 👩‍⚕️ are scarce 🏥."
WRITTEN = {
    "lifts.md": ("Lifts", "Portugal", "Atlas", "2023-11-02", f"{SAID} Rents rise. Costs fall."),
    "beds.md": ("Beds", "Spain", "Beta", "2024-05", f"Beds 🛏 sell well.\n\n{SAID}"),
    "bed-rents.md": ("Beds", "Portugal", "Atlas", "2024", f"{SAID} Rents rise slowly."),
    "undated.md": (None, None, None, None, "Nothing is known of it."),
}


class Unloaded(Workspace):
    """A workspace that leaves its models alone: nothing here needs them."""

    def _load(self, refresh: bool) -> None:
        pass


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with connected(create_app(settings, Unloaded.open)) as client:
        store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
        for number, (name, (market, geography, publisher, published, text)) in enumerate(WRITTEN.items()):
            known = Metadata("Report", market, geography, None, publisher, published, language="en")
            document = read_text(text, source=name, format=Format.MARKDOWN, given=known)
            store.save(make_analysis(document, kinds=("driver", "trend", "other"), score=0.6 + number / 10))
        store.replace_findings(make_consolidation(store.claims(), copies=all_copies(store)))
        yield client


def items(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["total"] == len(found["items"])
    return list(found["items"])


def texts(client: TestClient, **query: Any) -> list[str]:
    return [item["text"] for item in items(client, "/v1/statements", **query)]


def test_statements_of_all_documents_stand_in_the_order_of_adding_and_of_the_text(client: TestClient) -> None:
    found = items(client, "/v1/statements")
    assert [(item["source"], item["text"]) for item in found] == [
        ("lifts.md", SAID),
        ("lifts.md", "Rents rise."),
        ("lifts.md", "Costs fall."),
        ("beds.md", "Beds 🛏 sell well."),
        ("beds.md", SAID),
        ("bed-rents.md", SAID),
        ("bed-rents.md", "Rents rise slowly."),
        ("undated.md", "Nothing is known of it."),
    ]
    for item in found:
        assert client.get(f"/v1/statements/{item['id']}").json() == item
    walked, address = [], "/v1/statements?limit=3&kind=driver&kind=trend"
    while address:
        answer = client.get(address)
        walked += answer.json()["items"]
        address = answer.links.get("next", {}).get("url", "")
    assert walked == [item for item in found if item["kind"] != "other"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "rents"}, ["Rents rise.", "Rents rise slowly."]),
        ({"q": '"rise slowly"'}, ["Rents rise slowly."]),
        ({"market": "Lifts"}, [SAID, "Rents rise.", "Costs fall."]),
        (
            {"market": ["Lifts", "Beds"], "geography": "Portugal", "kind": "trend"},
            ["Rents rise.", "Rents rise slowly."],
        ),
        ({"source": "beds.md"}, ["Beds 🛏 sell well.", SAID]),
        ({"source": "Atlas", "kind": ["other", "trend"]}, ["Rents rise.", "Costs fall.", "Rents rise slowly."]),
        ({"min_score": 0.85}, ["Nothing is known of it."]),
        ({"from": "2024-06"}, [SAID, "Rents rise slowly."]),
        ({"from": "2024-05-20", "to": "2024-05"}, ["Beds 🛏 sell well.", SAID, SAID, "Rents rise slowly."]),
        ({"to": "2023-11-02"}, [SAID, "Rents rise.", "Costs fall."]),
        ({"to": "2023-11-01"}, []),
        ({"to": "2023", "aspect": "technology"}, [SAID, "Rents rise."]),
        ({"document": "doc_00000000000000000000"}, []),
        ({"market": "nothing"}, []),
    ],
)
def test_filters_bar_what_does_not_pass_them_all(
    client: TestClient, query: dict[str, Any], expected: list[str]
) -> None:
    assert texts(client, **query) == expected


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ({"market": "Lifts"}, [{"lifts.md"}]),  # of as many documents about beds as about lifts, beds come first
        ({"market": "Lifts", "min_score": 0.75}, []),
        ({"geography": "Spain", "sort": "recent"}, [{"beds.md"}, {"beds.md"}]),
        ({"from": "2024-06", "kind": "trend"}, [{"bed-rents.md"}]),
        ({"source": "undated.md"}, [{"undated.md"}]),
    ],
)
def test_findings_pass_by_what_they_are_about_and_by_one_of_their_members(
    client: TestClient, query: dict[str, Any], sources: list[set[str]]
) -> None:
    found = items(client, "/v1/findings", **query)
    assert [{member["source"] for member in finding["members"]} for finding in found] == sources


def test_statements_tell_and_are_listed_by_where_they_stand_in_review(client: TestClient) -> None:
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    id = items(client, "/v1/statements")[0]["id"]
    before = client.get("/v1/statements")
    review = store.add_review(Draft(Action.RELABEL, (id,), "Ann", "challenge"))
    try:
        found = items(client, "/v1/statements", status="corrected")
        said = {"kind": "driver", "score": 0.6, "aspect": "technology", "model": MODEL}
        told = {"status": "corrected", "version": 1, "by": "Ann", "at": review.at, "tags": [], "said": said}
        assert [(s["id"], s["kind"], s["judgement"]) for s in found] == [(id, "challenge", told)]
        changed = client.get("/v1/statements", headers={"If-None-Match": before.headers["etag"]})
        assert (changed.status_code, changed.json()["items"][0]) == (200, found[0])
        query = {"of": "statements", "format": "jsonl", "status": ["corrected", "rejected"]}
        assert [json.loads(line) for line in client.get("/v1/export", params=query).text.splitlines()] == found
        assert client.get("/v1/export", params={"of": "findings", "status": "corrected"}).status_code == 422
        assert items(client, "/v1/statements", status="accepted") == []
    finally:
        store.undo_review(review.id, "Ann")
    pending = items(client, "/v1/statements", status="pending")
    assert (pending[0]["judgement"]["status"], len(pending)) == ("pending", before.json()["total"])


def test_findings_can_be_sorted_by_sources_and_by_date(client: TestClient) -> None:
    by_sources = [finding["sources"] for finding in items(client, "/v1/findings", sort="sources")]
    by_date = [finding["last_seen"] or "" for finding in items(client, "/v1/findings", sort="recent")]
    assert (by_sources, by_date) == (sorted(by_sources, reverse=True), sorted(by_date, reverse=True))
    first = client.get("/v1/findings", params={"sort": "recent", "limit": 1}).json()
    rest = client.get("/v1/findings", params={"sort": "recent", "cursor": first["next_cursor"]}).json()["items"]
    assert first["items"] + rest == items(client, "/v1/findings", sort="recent")
    assert client.get("/v1/findings", params={"cursor": first["next_cursor"]}).status_code == 400


def test_a_findings_statements_are_listed_head_first(client: TestClient) -> None:
    finding = items(client, "/v1/findings")[0]
    found = items(client, f"/v1/findings/{finding['id']}/statements")
    assert [item["id"] for item in found] == [member["statement"] for member in finding["members"]]
    assert {item["finding"] for item in found} == {finding["id"]}
    (one,) = items(client, f"/v1/findings/{finding['id']}/statements", market="Lifts")
    assert (one["source"], one in found) == ("lifts.md", True)
    assert client.get("/v1/findings/find_00000000000000000000/statements").status_code == 404


def test_offsets_in_utf16_cut_the_text_as_a_browser_does(client: TestClient) -> None:
    plain = items(client, "/v1/statements")
    browser = items(client, "/v1/statements", offset_unit="utf16")
    for one, other in zip(plain, browser, strict=True):
        text = client.get(f"/v1/documents/{one['document']}").json()["text"]
        units = text.encode("utf-16-le")
        assert text[one["start"] : one["end"]] == one["text"]
        assert units[2 * other["start"] : 2 * other["end"]].decode("utf-16-le") == one["text"]
        assert {**other, "start": one["start"], "end": one["end"]} == one
        assert client.get(f"/v1/statements/{one['id']}", params={"offset_unit": "utf16"}).json() == other
    assert sum(one["start"] != other["start"] for one, other in zip(plain, browser, strict=True)) == 4


def test_selectors_find_the_statement_again(client: TestClient) -> None:
    for item in items(client, "/v1/statements"):
        text = client.get(f"/v1/documents/{item['document']}").json()["text"]
        quote, position = item["selector"]
        assert text.count(quote["prefix"] + quote["exact"] + quote["suffix"]) == 1
        assert (quote["type"], quote["exact"]) == ("TextQuoteSelector", item["text"])
        assert position == {"type": "TextPositionSelector", "start": item["start"], "end": item["end"]}


@pytest.mark.parametrize("unit", ["codepoint", "utf16"])
def test_a_context_has_the_neighbours_and_a_window_of_the_text(client: TestClient, unit: str) -> None:
    inside = items(client, "/v1/statements", source="lifts.md", offset_unit=unit)
    path = f"/v1/statements/{inside[1]['id']}/context"
    found = client.get(path, params={"neighbours": 1, "characters": 6, "offset_unit": unit}).json()
    assert (found["before"], found["statement"], found["after"]) == (inside[:1], inside[1], inside[2:])
    assert found["passage"]["text"] == " 🏥. Rents rise. Costs"
    alone = client.get(path, params={"neighbours": 0}).json()
    assert (alone["before"], alone["after"]) == ([], [])
    first = client.get(f"/v1/statements/{inside[0]['id']}/context", params={"offset_unit": unit}).json()
    assert (first["before"], first["after"]) == ([], inside[1:])


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/v1/statements?cursor=Zm9yZ2Vk", 400, "bad-cursor"),
        ("/v1/statements?limit=501", 422, "invalid"),
        ("/v1/statements?kind=fashion", 422, "invalid"),
        ("/v1/statements?from=2024-13", 422, "invalid"),
        ("/v1/statements?since=2024", 422, "invalid"),
        ("/v1/statements?offset_unit=bytes", 422, "invalid"),
        ("/v1/findings?sort=size", 422, "invalid"),
        ("/v1/statements/st_00000000000000000000", 404, "not-found"),
        ("/v1/statements/st_00000000000000000000/context?neighbours=51", 422, "invalid"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: TestClient, path: str, status: int, slug: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:trendnlp:problem:{slug}")

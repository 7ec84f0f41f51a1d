"""Independent sources, copies and timelines as a client and a reader meet them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from builders import all_copies, make_analysis, make_consolidation
from fastapi.testclient import TestClient
from lxml import html
from web_client import connected

from trendnlp.read import read_text
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import Format, Metadata
from trendnlp.web.app import create_app
from trendnlp.workspace import Workspace

RELEASE = " ".join(f"word{n}" for n in range(60))
SAID = "Nurses are scarce."


class Unloaded(Workspace):
    """A workspace that leaves its models alone: nothing here needs them."""

    def _load(self, refresh: bool) -> None:
        pass


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url=new_url())
    with connected(create_app(settings, Unloaded.open)) as client:
        yield client


@pytest.fixture(scope="module")
def ids(client: TestClient) -> dict[str, str]:
    """Documents by name. All say the same; two are of Atlas, one holds the wire's text."""
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    written = {
        "wire": (f"{SAID}\n\n{RELEASE}.\n", Metadata(published="2023-11-02")),
        "<b>copy</b>": (f"{SAID}\n\n{RELEASE} and {RELEASE.upper()} here.\n", Metadata(published="2024-02")),
        "atlas": (f"{SAID}\n\nAtlas.\n", Metadata(publisher="Atlas Ltd.", published="2024-02-09")),
        "atlas again": (f"{SAID}\n\nAtlas again.\n", Metadata(publisher="ATLAS", published="2024")),
    }
    found = {}
    for name, (text, known) in written.items():
        given = replace(known, language="en")
        document = read_text(text, source=name, format=Format.MARKDOWN, given=given)
        store.save(make_analysis(document, kinds=("driver", "other")))
        found[name] = document.id
    store.replace_findings(make_consolidation(store.claims(), copies=all_copies(store)))
    return found


def finding_of(client: TestClient) -> dict[str, object]:
    (found,) = client.get("/v1/findings").json()["items"]
    return dict(found)


def test_a_finding_counts_documents_publishers_and_sources_apart(client: TestClient, ids: dict[str, str]) -> None:
    listed = finding_of(client)
    assert (listed["documents"], listed["publishers"], listed["sources"]) == (4, 1, 2)
    assert listed["state"] == "insufficient evidence"
    atlas, copied = sorted((ids["atlas"], ids["atlas again"])), sorted((ids["wire"], ids["<b>copy</b>"]))
    joined = {(join["a"], join["b"]): join for join in listed["joined"]}  # type: ignore[attr-defined]
    assert joined == {
        tuple(atlas): {
            **{"a": atlas[0], "b": atlas[1], "ground": "same_publisher", "reason": "same publisher"},
            **{"share": None, "words": None},
        },
        tuple(copied): {
            **{"a": copied[0], "b": copied[1], "ground": "copy", "reason": "copy: 1.00 of the shorter text"},
            **{"share": 1.0, "words": None},
        },
    }
    full = client.get(f"/v1/findings/{listed['id']}").json()
    assert (full["publishers"], full["sources"], full["joined"], full["state"]) == (
        *(1, 2, listed["joined"], "insufficient evidence"),
    )


def test_a_document_lists_its_copies(client: TestClient, ids: dict[str, str]) -> None:
    wire = client.get(f"/v1/documents/{ids['wire']}").json()["copies"]
    assert [(copy["document"], copy["source"], copy["share"]) for copy in wire] == [
        (ids["<b>copy</b>"], "<b>copy</b>", 1.0)
    ]
    assert client.get(f"/v1/documents/{ids['atlas']}").json()["copies"] == []
    shown = html.document_fromstring(client.get(f"/documents/{ids['wire']}").text)
    (item,) = shown.cssselect(".copies li")
    assert " ".join(item.text_content().split()) == "<b>copy</b>: 1.00 of the shorter text"
    assert item.cssselect("a")[0].get("href") == f"/documents/{ids['<b>copy</b>']}"


def test_a_timeline_tells_periods_and_momentum(client: TestClient, ids: dict[str, str]) -> None:
    address = f"/v1/findings/{finding_of(client)['id']}/timeline"
    counts = ("documents", "publishers", "sources", "corpus")
    by_month = client.get(address).json()
    assert [(p["period"], *(p[c] for c in counts)) for p in by_month["periods"]] == [
        ("2023-11", 1, 0, 1, 1),
        ("2023-12", 0, 0, 0, 0),
        ("2024-01", 0, 0, 0, 0),
        ("2024-02", 2, 1, 2, 2),
    ]
    assert by_month["undated"] == dict(zip(counts, (1, 1, 1, 1), strict=True))
    assert by_month["momentum"]["recent"] == {"first": "2023-03", "last": "2024-02", "sources": 2, "corpus": 3}
    assert by_month["momentum"]["before"]["corpus"] == 0
    assert (by_month["momentum"]["state"], by_month["momentum"]["ratio"]) == ("insufficient evidence", None)
    assert "Clopper-Pearson" in by_month["momentum"]["formula"]
    by_quarter = client.get(address, params={"by": "quarter"}).json()
    assert [(p["period"], p["sources"]) for p in by_quarter["periods"]] == [("2023-Q4", 1), ("2024-Q1", 2)]
    assert client.get(address, params={"by": "week"}).status_code == 422
    assert client.get("/v1/findings/find_none/timeline").status_code == 404


def test_findings_are_filtered_by_state(client: TestClient, ids: dict[str, str]) -> None:
    def total(*states: str) -> int:
        return int(client.get("/v1/findings", params={"state": list(states)}).json()["total"])

    assert (total("insufficient evidence"), total("new", "rising"), total("steady", "insufficient evidence")) == (
        1,
        0,
        1,
    )
    assert client.get("/v1/findings", params={"state": "soaring"}).status_code == 422
    shown = html.document_fromstring(client.get("/findings?state=rising").text)
    assert shown.cssselect(".card") == []
    assert [box.get("value") for box in shown.cssselect("input[checked]")] == ["rising"]


def test_the_page_of_a_finding_shows_the_sources_and_the_time(client: TestClient, ids: dict[str, str]) -> None:
    shown = html.document_fromstring(client.get(f"/findings/{finding_of(client)['id']}").text)

    def words(selector: str) -> list[str]:
        return [" ".join(element.text_content().split()) for element in shown.cssselect(selector)]

    assert words(".facts")[0].startswith("4 documents 1 publisher 2 independent sources")
    assert sorted(text.split(": ", 1)[1] for text in words(".joins li")) == [
        "copy: 1.00 of the shorter text",
        "same publisher",
    ]
    assert {a.get("href") for a in shown.cssselect(".joins a")} == {f"/documents/{id}" for id in ids.values()}
    note = "Independent sources per quarter, 2023-Q4 to 2024-Q1; a full bar is 2. A bar leads to its places."
    assert note in words(".time .note")
    assert words(".chart a title") == ["2023-Q4: 1", "2024-Q1: 2"]
    assert " ".join(words(".time tbody th, .time tbody td")) == "2023-Q4 1 0 1 1 2024-Q1 2 1 2 2 undated 1 1 1 1"
    assert "insufficient evidence" in words(".time p")[0]
    assert shown.cssselect("b, script:not([src]), style, [style]") == []


def test_each_bar_of_a_finding_leads_to_what_was_said_then(client: TestClient) -> None:
    finding = finding_of(client)["id"]

    def said(query: str) -> list[str]:
        shown = html.document_fromstring(client.get(f"/findings/{finding}{query}").text)
        assert shown.cssselect("#places")
        return [a.get("href").partition("#")[0].rpartition("/")[2] for a in shown.cssselect(".place .source a")]

    page = html.document_fromstring(client.get(f"/findings/{finding}").text)
    bars = [a.get("href") for a in page.cssselect(".chart a")]
    assert bars == ["?period=2023-Q4#places", "?period=2024-Q1#places"]
    rows = [a.get("href") for a in page.cssselect(".time td a")]
    assert rows == [*bars, "?period=undated#places"]
    told = [said(address.partition("#")[0]) for address in rows]
    assert [len(set(documents)) for documents in told] == [1, 2, 1]
    assert sorted(document for documents in told for document in documents) == sorted(said(""))
    assert said("?period=1999-Q1") == []
    assert client.get(f"/findings/{finding}?period=%3Cscript%3E").status_code == 422

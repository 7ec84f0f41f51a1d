"""The JSON routes of findings, over documents whose labels are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import MODEL, make_claims
from fastapi.testclient import TestClient
from web_client import REPORT, put, serving

from trendnlp.consolidate import consolidate

SENTENCE = "An ageing population is raising the demand for lifts at home."
SPAIN = f"Lifts in Spain sell well. {SENTENCE} That costs money.\n"
FLAT = "Prices are flat.\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), database_url=new_url()) as client:
        yield client


@pytest.fixture(scope="module")
def texts(client: TestClient) -> dict[str, str]:
    """Document id to text. The ageing population is a trend in both of the first two."""
    flat = put(client, FLAT, kinds=("challenge",))
    return {put(client, REPORT): REPORT, put(client, SPAIN, kinds=("other", "trend")): SPAIN, flat: FLAT}


def test_a_finding_holds_its_statements_with_quotes_that_find_them(client: TestClient, texts: dict[str, str]) -> None:
    findings = client.get("/v1/findings").json()["items"]
    assert (findings[0]["title"], findings[0]["documents"]) == (SENTENCE, 2)

    for listed in findings:
        finding = client.get(f"/v1/findings/{listed['id']}").json()
        assert [finding.pop(key) for key in ("contested", "split_into", "history")] == [[], [], []]
        assert finding.pop("kinds") == {finding["kind"]: len(finding["members"])}
        short = [{key: member[key] for key in listed["members"][0]} for member in finding["members"]]
        assert {**finding, "members": short} == listed
        for member in finding["members"]:
            quote, record = member["quote"], member["record"]
            assert (quote["type"], quote["exact"]) == ("TextQuoteSelector", record["text"])
            assert quote["prefix"] + quote["exact"] + quote["suffix"] in texts[member["document"]]
            assert (record["id"], record["finding"]) == (member["statement"], finding["id"])


def test_findings_can_be_filtered(client: TestClient, texts: dict[str, str]) -> None:
    everything = client.get("/v1/findings").json()["items"]
    _, spain, flat = texts

    def titles(**params: str | list[str]) -> list[str]:
        answer = client.get("/v1/findings", params=params).json()
        assert answer["total"] == len(answer["items"])
        return [finding["title"] for finding in answer["items"]]

    assert titles(kind=["trend", "driver"]) == [f["title"] for f in everything if f["kind"] in ("trend", "driver")]
    assert (titles(document=spain), titles(document=flat)) == ([SENTENCE], ["Prices are flat."])
    assert titles(q="ageing population") == [SENTENCE]
    assert titles(aspect="technology") == titles()
    assert (titles(aspect="consumer"), titles(q='"zzz" OR *'), titles(document="doc_x")) == ([], [], [])


def test_findings_can_be_walked_page_by_page(client: TestClient, texts: dict[str, str]) -> None:
    walked, address = [], "/v1/findings?kind=trend&kind=driver&limit=1"
    while address:
        answer = client.get(address)
        walked += answer.json()["items"]
        address = answer.links.get("next", {}).get("url", "")
    assert walked == client.get("/v1/findings", params={"kind": ["trend", "driver"]}).json()["items"]
    assert len(walked) > 1


def test_a_finding_says_of_how_many_members_each_kind_is(tmp_path: Path, new_url: Callable[[], str]) -> None:
    with serving(tmp_path, database_url=new_url()) as client:
        put(client, SPAIN, kinds=("other", "trend"))
        put(client, f"{SENTENCE} Homes are small.\n", kinds=("driver", "other"))
        put(client, f"{SENTENCE} Stairs are steep.\n", kinds=("driver", "other"))
        store = client.app.state.workspace.store  # type: ignore[attr-defined]
        claims = make_claims(store.analysis(item.id) for item in store.documents().items)
        store.replace_findings(consolidate(claims, 0.75, MODEL))
        (listed,) = client.get("/v1/findings").json()["items"]
        assert client.get(f"/v1/findings/{listed['id']}").json()["kinds"] == {"trend": 1, "driver": 2}
        assert "3 places: 2 as driver, 1 as trend" in client.get(f"/findings/{listed['id']}").text

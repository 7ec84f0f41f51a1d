"""Tags of findings and the comparison of runs over HTTP and on the pages, over documents whose labels are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from builders import make_claims, make_consolidation
from fastapi.testclient import TestClient
from lxml import html
from web_client import REPORT, put, serving

from trendnlp.store import Store
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import Run

TAGS = (Tag("home <b>care</b> & more", TagOrigin.TAXONOMY, 1.0), Tag("ageing population", TagOrigin.THEME, 0.5))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), database_url=new_url()) as client:
        yield client


@pytest.fixture(scope="module")
def store(client: TestClient) -> Store:
    """Of one report, whose first finding has tags."""
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    report = put(client, REPORT)
    first, *others = make_consolidation(make_claims([store.analysis(report)])).findings
    tagged = replace(first, tags=TAGS, market="lifts", geography="Portugal")
    made = make_consolidation(store.claims())
    store.replace_findings(replace(made, findings=(tagged, *others)))
    return store


def test_findings_have_tags_and_can_be_asked_for_by_them(client: TestClient, store: Store) -> None:
    (found,) = client.get("/v1/findings", params={"tag": ["Ageing Populations"]}).json()["items"]
    assert (found["market"], found["geography"]) == ("lifts", "Portugal")
    assert found["tags"] == [
        {"name": "home <b>care</b> & more", "origin": "taxonomy", "score": 1.0},
        {"name": "ageing population", "origin": "theme", "score": 0.5},
    ]
    assert client.get(f"/v1/findings/{found['id']}").json()["tags"] == found["tags"]
    totals = {
        tags: client.get("/v1/findings", params={"tag": list(tags)}).json()["total"]
        for tags in (("none",), ("none", "ageing population"), ("",), ("ageing",))
    }
    assert totals == {
        ("none",): 0,
        ("none", "ageing population"): 1,
        ("",): client.get("/v1/findings").json()["total"],
        ("ageing",): 0,
    }


def test_the_pages_show_tags_that_lead_to_their_findings(client: TestClient, store: Store) -> None:
    (found,) = client.get("/v1/findings", params={"tag": "ageing population"}).json()["items"]
    for path in (f"/findings/{found['id']}", "/findings?tag=none&tag=Ageing+Populations&tag="):
        shown = html.document_fromstring(client.get(path).text)
        (about,) = shown.cssselect(".about")
        assert " ".join(about.text_content().split()) == (
            "market lifts geography Portugal home <b>care</b> & more (taxonomy) ageing population"
        )
        assert about.cssselect("b") == []
        for link, tag in zip(about.cssselect("a[href*='?tag=']"), TAGS, strict=True):
            page = html.document_fromstring(client.get(link.get("href")).text)
            assert [a.get("href") for a in page.cssselect(".card h2 a")] == [f"/findings/{found['id']}"]
            assert [field.get("value") for field in page.cssselect("input[name=tag][checked]")] == [tag.name]


def test_two_runs_can_be_compared(client: TestClient, store: Store) -> None:
    run = Run(("report.md",), (), (), (("fast", "digest"),), (("threshold", "0.75"),))
    first = store.record_run(run, "2024-01-01T00:00:00+00:00", "2024-01-01T00:01:00+00:00")
    added = put(client, "Prices are flat.\n", kinds=("challenge",))
    second = store.record_run(run, "2024-01-02T00:00:00+00:00", "2024-01-02T00:01:00+00:00")

    listed = client.get("/v1/runs", params={"limit": 1})
    assert listed.json()["items"] == [
        {
            "id": second,
            "started": "2024-01-02T00:00:00+00:00",
            "finished": "2024-01-02T00:01:00+00:00",
            "done": 1,
            "skipped": 0,
            "failed": [],
            "models": {"fast": "digest"},
            "settings": {"threshold": "0.75"},
        }
    ]
    following = client.get(listed.links["next"]["url"]).json()
    assert ([item["id"] for item in following["items"]], following["total"]) == ([first], 2)

    found = client.get(f"/v1/runs/{first}/diff/{second}").json()
    (appeared,) = (change for change in found["findings"] if change["change"] == "appeared")
    assert (found["added"], found["deleted"], found["labels_total"]) == ([added], [], 0)
    assert [ref["title"] for ref in appeared["after"]] == ["Prices are flat."]
    assert [said["text"] for said in appeared["joined"]] == ["Prices are flat."]
    assert appeared["causes"] == ["new document"]
    cut = client.get(f"/v1/runs/{second}/diff/{first}", params={"limit": 1}).json()
    assert (len(cut["findings"]), cut["findings_total"]) == (1, found["findings_total"])
    missing = client.get(f"/v1/runs/{first}/diff/run_x")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")

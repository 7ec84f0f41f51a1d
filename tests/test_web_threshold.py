"""The page of another threshold: what it knows, what it does not, and the pairs at the border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import changed_models, make_claims, make_consolidation
from fastapi.testclient import TestClient
from lxml import html
from unloaded import store_of, unloaded
from web_client import put

from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict

TEXT = "**High cost:** lifts are dear.\n\nLifts cost <b>much</b>.\n\nBeds sell well.\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Two findings apart at 0.6, and one that holds by a pair at 0.8."""
    with unloaded(tmp_path, models=changed_models(tmp_path / "models", without_judges)) as client:
        document = put(client, TEXT, kinds=("driver",), source="lifts.md")
        store = store_of(client)
        made = make_consolidation(make_claims([store.analysis(document)]))
        one, two, three = made.findings
        held = LedgerEntry(one.head, two.head, Verdict(Relation.SAME, Ground.COSINE, Band.MIDDLE, 0.8, None, 0.75), "m")
        near = LedgerEntry(
            one.head, three.head, Verdict(Relation.DISTINCT, Ground.COSINE, Band.MIDDLE, 0.6, None, 0.75), "m"
        )
        first = replace(one, ledger=(held,), apart=(near,))
        store.replace_findings(replace(made, findings=(first, two, three)))
        yield client


def without_judges(manifest: dict[str, Any]) -> None:
    manifest["judges"] = {}


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_pair_at_the_border_is_shown_with_both_texts_and_both_findings(client: TestClient) -> None:
    page = html.document_fromstring(client.get("/review/threshold?threshold=0.9").text)
    told = words(page.cssselect("#browse")[0])
    assert "1 pair that stand together would part, in 1 finding of 3." in told
    assert "This page knows the pairs that the ledger keeps, not all there are" in told
    (pair,) = page.cssselect(".pairs li")
    texts = {words(p) for p in pair.cssselect("p")[1:]}
    assert texts <= {"High cost: lifts are dear.", "Lifts cost <b>much</b>.", "Beds sell well."} and len(texts) == 2
    links = [a.get("href") for a in pair.cssselect("a")]
    assert len(links) == 2 and all(client.get(link).status_code == 200 for link in links)
    assert pair.cssselect("b, script") == []


def test_what_a_lower_threshold_would_merge_is_not_known_without_a_judge(client: TestClient) -> None:
    page = html.document_fromstring(client.get("/review/threshold?threshold=0.4").text)
    told = words(page.cssselect("#browse")[0])
    assert "What would merge at a lower threshold is not known here." in told
    assert "nothing is kept of pairs below 0.75" in told

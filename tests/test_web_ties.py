"""With which other member a statement stands in its finding, on the finding's page. No models are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from builders import make_analysis, make_label
from fastapi.testclient import TestClient
from lxml import html
from unloaded import Unloaded
from web_client import connected

from trendnlp.consolidate import consolidate
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.types import LabelledStatement, Statement
from trendnlp.web.app import create_app
from trendnlp.web.contests import Tie

HOSTILE = "<b>Costs</b> keep clinics & homes away from lifts that they would like to buy for their wards."


@pytest.fixture
def client(home: object, new_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(Settings(home=tmp_path_factory.mktemp("home"), database_url=new_url()), Unloaded.open)
    with connected(app) as client:
        yield client


def test_the_page_says_with_which_other_member_a_statement_is_the_same(client: TestClient) -> None:
    store: Store = client.app.state.workspace.store  # type: ignore[attr-defined]
    texts = ("High costs keep clinics away.", HOSTILE, "Strict rules delay sales.")
    store.save_all([make_analysis(text, kinds=("driver",)) for text in texts])
    found = consolidate(store.claims(), -1.0, "encoder")
    (made,) = found.findings
    others = sorted(member.statement for member in made.members if member.statement != made.head)
    judged = Verdict(Relation.SAME, Ground.JUDGE, Band.MIDDLE, 0.6, 0.91, 0.7)
    ties = (LedgerEntry(others[0], made.head, judged, "j"), LedgerEntry(others[1], others[0], judged, "j"))
    store.replace_findings(replace(found, findings=(replace(made, ledger=ties),)))
    page = html.document_fromstring(client.get(f"/findings/{made.id}").text)
    shown = [" ".join(why.text_content().split()) for why in page.cssselect(".why")]
    assert sum("judged the same: same 0.91, needed 0.70, with the head" in why for why in shown) == 1
    (link,) = page.cssselect(".why a")
    assert link.get("href").endswith(f"#{others[0]}")
    whole = store.statement(others[0]).statement.text
    words = link.text_content().strip("“”").removesuffix("…")
    assert words and whole.startswith(words)
    assert page.cssselect(".why b, .apart b") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("Costs rise.", "Costs rise."), ("x" * 90, "x" * 60), ("Costs " + "rise " * 30, "Costs " + "rise " * 9 + "rise…")],
)
def test_the_other_is_named_by_its_first_words(text: str, words: str) -> None:
    statement = Statement("st_1", "doc_1", 0, len(text), text, 0)
    assert Tie("judged the same", LabelledStatement(statement, make_label("driver"), None)).words == words

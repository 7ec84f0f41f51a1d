"""Full text means the same on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import make_analysis
from databases import Server
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.store import PageRequest, StatementFilter, Store

SENTENCES = (
    "The costs of heat pumps rise.",
    "Rising cost-plus prices, 3.5 % in 2024, hold back the café.",
    "Cafe\u0301s and CAFÉS in Österreich grow; so do naïve œuvres.",
    "It is what it is, the state-of-the-art pump_house.",
    "Ärzte & Pflegekräfte are scarce – “nurses” too.",
    "中文 grows and 東京 sells CO2 pumps of 10 m².",
    "Regulations, regulators and regulating: regulation x-ray 1e5 v2.0 a.b@c.de http://x.de/y.",
    "Generalizations of organizational universities ponies flies dying.",
)
WORDS = (
    *("costs", "cost", "RISE", "the", "it", "is", "café", "cafes", "Osterreich", "ÖSTERREICH", "naive", "œuvre"),
    *("cost-plus", "plus", "3.5", "2024", "%", "–", "pump_house", "state-of-the-art", "art", "arzte", "&", "nurse"),
    *(
        "中文",
        "東京",
        "co2",
        "m²",
        "regulation",
        "regulate",
        "x-ray",
        "1e5",
        "v2.0",
        "a.b@c.de",
        "x.de/y",
        "organization",
    ),
    *("university", "pony", "fly", "die", "OR", "NOT", "*", "(", "'", ":", "!", "|", "<->", "\\", "\x00", "\udcff"),
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[tuple[Store, Store]]:
    """The same sentences in a database of either kind."""
    with (
        postgres.database() as url,
        Store.open(f"sqlite:///{tmp_path_factory.mktemp('search') / 's.sqlite'}") as one,
        Store.open(url) as other,
    ):
        for store in (one, other):
            for sentence in SENTENCES:
                store.save(make_analysis(sentence))
        yield one, other


def found(store: Store, q: str) -> list[str]:
    return [s.statement.text for s in store.statements(StatementFilter(q=q), PageRequest(500)).items]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), min_size=1, max_size=3), st.data())
def test_a_query_finds_the_same(stores: tuple[Store, Store], terms: list[list[str]], data: st.DataObject) -> None:
    query = " ".join(f'"{" ".join(t)}"' if data.draw(st.booleans()) else " ".join(t) for t in terms)
    one, other = (found(store, query) for store in stores)
    assert one == other


@pytest.mark.parametrize("word", WORDS)
def test_a_word_finds_the_same(stores: tuple[Store, Store], word: str) -> None:
    one, other = (found(store, word) for store in stores)
    assert one == other


def test_every_word_and_phrase_counts_and_none_is_left_out(stores: tuple[Store, Store]) -> None:
    for store in stores:
        assert found(store, "the cost") == [SENTENCES[0]]
        assert found(store, '"it is"') == [SENTENCES[3]]
        assert found(store, '"costs of heat"') == [SENTENCES[0]]
        assert found(store, '"costs heat"') == []
        assert found(store, "cafe osterreich") == [SENTENCES[2]]


def test_a_statement_of_any_length_is_stored_and_found_by_how_it_begins(postgres: Server, tmp_path: Path) -> None:
    long = "Pumps " + "".join(f" w{n}" for n in range(200_000)) + " " + "x" * 3000
    with postgres.database() as url, Store.open(url) as store:
        analysis = make_analysis(long)
        store.save(analysis)
        assert store.analysis(analysis.document.id) == analysis
        assert found(store, "pump w1") == [long]

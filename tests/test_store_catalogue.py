"""What the pages filter, order and count findings and documents by: counts are those of the lists that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import MODEL, make_analysis, make_claims, make_consolidation, make_document

from trendnlp.momentum import State, momentum
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.store import (
    Catalogue,
    DocumentFilter,
    FindingFilter,
    FindingOrder,
    Page,
    PageRequest,
    QuarterCount,
    Store,
    ValueCount,
)
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import Consolidation, Finding, Metadata

AGAINST = Verdict(Relation.CONTRADICTS, Ground.JUDGE, Band.MIDDLE, 0.9, 0.8, 0.5)
YEARS = (("2022", 6), ("2024", 20), ("2025", 20))


def texts() -> Iterator[tuple[str, Metadata]]:
    """Reports of three years; ever more of them say that costs rise."""
    for year, count in YEARS:
        for n in range(count):
            told = "Costs rise." if year == "2025" or n == 0 else f"Demand is flat in place {n}."
            market = ("lifts", "beds")[n % 2]
            known = Metadata(
                f"Report {n} of {year}", market, "Chile", None, f"House {n} Ltd.", f"{year}-{n % 12 + 1:02}"
            )
            yield f"{told} Sales grew by {n} percent in {year}.", known
    yield "Lifts sell well.", Metadata(None, None, None, None, None, None)


def contested(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """The findings, with tags; something stands against the first."""
    for number, finding in enumerate(findings):
        entry = LedgerEntry(finding.head, findings[(number + 1) % len(findings)].head, AGAINST, MODEL)
        tags = (Tag(finding.title.split()[0], TagOrigin.THEME, 0.5),)
        market = "lifts" if number % 2 else "beds"
        yield replace(finding, apart=() if number else (entry,), tags=tags, market=market, geography="Chile")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store') / 's.sqlite'}") as store:
        for n, (text, known) in enumerate(texts()):
            document = make_document(text, source=f"{n}.txt", metadata=known)
            store.save(make_analysis(document, kinds=("driver", "trend")))
        store.replace_findings(made(store))
        yield store


def made(store: Store) -> Consolidation:
    ids = [item.id for item in store.documents(PageRequest(500)).items]
    found = make_consolidation(make_claims(store.analysis(id) for id in ids))
    return replace(found, findings=tuple(contested(found.findings)))


def all_of(store: Store, filter: FindingFilter) -> tuple[Finding, ...]:
    """The list, read page by page."""
    found: list[Finding] = []
    page = Page((), None, 0)  # type: Page[Finding]
    while not found or page.next_cursor:
        page = store.findings(filter, PageRequest(4, page.next_cursor))
        found += page.items
        if not page.items:
            break
    assert len(found) == page.total
    return tuple(found)


@pytest.mark.parametrize(
    "filter",
    [
        FindingFilter(),
        FindingFilter(kinds=("driver",)),
        FindingFilter(states=(State.RISING, State.NEW)),
        FindingFilter(markets=("lifts",), q="sales"),
        FindingFilter(sources=("house 1 ltd", "0.txt"), contested=False),
        FindingFilter(since="2024", until="2024-02"),
        FindingFilter(contested=True),
    ],
    ids=str,
)
def test_every_count_is_that_of_the_list_it_leads_to(store: Store, filter: FindingFilter) -> None:
    facets = Catalogue(store.database).finding_facets(filter)

    def total(**changes: object) -> int:
        return store.findings(replace(filter, **changes), PageRequest(1)).total  # type: ignore[arg-type]

    assert [c.count for c in facets.kinds] == [total(kinds=(c.value,)) for c in facets.kinds]
    assert [c.count for c in facets.aspects] == [total(aspects=(c.value,)) for c in facets.aspects]
    assert [c.count for c in facets.states] == [total(states=(State(c.value),)) for c in facets.states]
    assert [c.count for c in facets.tags] == [total(tags=(c.value,)) for c in facets.tags]
    assert [c.count for c in facets.markets] == [total(markets=(c.value,)) for c in facets.markets]
    assert [c.count for c in facets.geographies] == [total(geographies=(c.value,)) for c in facets.geographies]
    assert [c.count for c in facets.sources] == [total(sources=(c.value,)) for c in facets.sources]
    assert (facets.contested, facets.uncontested) == (total(contested=True), total(contested=False))
    assert sum(c.count for c in facets.states) == total(states=())


def test_filters_choose_by_what_stands_behind_a_finding(store: Store) -> None:
    everything = all_of(store, FindingFilter())
    documents = {item.id: item for item in store.documents(PageRequest(500)).items}

    def chosen(filter: FindingFilter) -> set[str]:
        return {finding.id for finding in all_of(store, filter)}

    def behind(finding: Finding) -> list[Metadata]:
        return [documents[b.document].metadata for b in finding.backing]

    def ids(wanted: object) -> set[str]:
        return {f.id for f in everything if wanted(f)}  # type: ignore[operator]

    assert chosen(FindingFilter(sources=("HOUSE 2",))) == ids(
        lambda f: any(m.publisher == "House 2 Ltd." for m in behind(f))
    )
    assert chosen(FindingFilter(since="2024-02", until="2025-01-31")) == ids(
        lambda f: any("2024-02" <= (m.published or "") <= "2025-01" for m in behind(f))
    )
    assert chosen(FindingFilter(markets=("beds",))) == ids(lambda f: f.market == "beds")
    assert chosen(FindingFilter(contested=True)) == ids(lambda f: bool(f.contested)) != set()
    assert chosen(FindingFilter(contested=False)) == ids(lambda f: not f.contested)
    some = (everything[0].members[0].document, everything[-1].members[0].document)
    assert chosen(FindingFilter(documents=some)) == ids(lambda f: any(m.document in some for m in f.members))


def test_findings_come_in_the_order_that_is_asked_for(store: Store) -> None:
    corpus = store.publication_months()
    everything = all_of(store, FindingFilter())

    def rank(finding: Finding) -> float:
        found = momentum(finding.backing, corpus)
        ratio = found and (found.overall if found.state is State.NEW else found.ratio)
        return ratio.low if ratio else -1

    recent = all_of(store, FindingFilter(order=FindingOrder.RECENT))
    assert [f.last_seen or "" for f in recent] == sorted((f.last_seen or "" for f in everything), reverse=True)
    surest = all_of(store, FindingFilter(order=FindingOrder.MOMENTUM))
    assert [rank(f) for f in surest] == sorted(map(rank, everything), reverse=True)
    assert surest[0].title == "Costs rise."
    assert {f.id for f in recent} == {f.id for f in surest} == {f.id for f in everything}


def test_a_date_to_come_makes_no_finding_recent(tmp_path: Path) -> None:
    said = {"Costs rise.": ("2024-05-02", "2031-01"), "Demand grows.": ("2025-03",), "Sales fall.": ("2029",)}
    with Store.open(f"sqlite:///{tmp_path / 's.sqlite'}", now=lambda: datetime(2026, 2, 1, tzinfo=UTC)) as store:
        for n, (text, date) in enumerate((text, date) for text, dates in said.items() for date in dates):
            document = make_document(f"{text} No. {n}", source=str(n), metadata=Metadata(published=date))
            store.save(make_analysis(document, kinds=("driver",)))
        store.replace_findings(made(store))
        recent = [f.title for f in all_of(store, FindingFilter(order=FindingOrder.RECENT))]
    assert [title for title in recent if title in said] == ["Demand grows.", "Costs rise.", "Sales fall."]


def test_states_heed_a_newer_month_before_and_after_the_findings_do(tmp_path: Path) -> None:
    def now() -> datetime:
        return datetime(2027, 2, 1, tzinfo=UTC)

    with Store.open(f"sqlite:///{tmp_path / 's.sqlite'}", now=now) as store:
        for text, known in texts():
            store.save(make_analysis(make_document(text, source=text, metadata=known)))
        store.replace_findings(made(store))

        def told() -> dict[str, int]:
            return {c.value: c.count for c in Catalogue(store.database, now).finding_facets(FindingFilter()).states}

        def true() -> dict[str, int]:
            corpus, found = store.publication_months(), all_of(store, FindingFilter())
            states = [state.state.value for f in found if (state := momentum(f.backing, corpus))]
            return {value: states.count(value) for value in (s.value for s in State) if value in states}

        before = told()
        assert before == true()
        later = make_document("Prices fall.", source="later", metadata=Metadata(published="2027-01"))
        store.save(make_analysis(later))
        assert told() == true() != before
        store.replace_findings(made(store))
        assert told() == true()
        store.delete_document(later.id)
        store.replace_findings(made(store))
        assert told() == true() == before


def test_findings_are_counted_quarter_by_quarter(store: Store) -> None:
    counts = Catalogue(store.database).kinds_by_quarter()
    assert [c for c in counts if c.quarter == "2025-Q1"] == [
        QuarterCount("driver", "2025-Q1", 1),
        QuarterCount("trend", "2025-Q1", 6),
    ]
    for count in counts:
        first = f"{count.quarter[:4]}-{int(count.quarter[-1]) * 3 - 2:02}"
        last = f"{count.quarter[:4]}-{int(count.quarter[-1]) * 3:02}"
        assert store.findings(FindingFilter(kinds=(count.value,), since=first, until=last)).total == count.findings


def test_documents_are_found_by_words_and_properties(store: Store) -> None:
    catalogue = Catalogue(store.database)

    def titles(**filter: object) -> list[str | None]:
        return [i.metadata.title for i in catalogue.documents(DocumentFilter(**filter)).items]  # type: ignore[arg-type]

    assert titles(q="REPORT 2022 1") == ["Report 1 of 2022"]
    assert titles(q="46.txt") == [None]
    assert titles(q="100%") == []
    assert titles(publishers=("House 2 Ltd.",)) == ["Report 2 of 2025", "Report 2 of 2024", "Report 2 of 2022"]
    assert titles(since="2022-05", until="2022") == ["Report 5 of 2022", "Report 4 of 2022"]
    facets = catalogue.document_facets(DocumentFilter(since="2022", until="2022-03"))
    assert facets.markets == (ValueCount("lifts", 2), ValueCount("beds", 1))
    assert catalogue.independent_sources() == 21

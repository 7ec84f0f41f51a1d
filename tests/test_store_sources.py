"""The store finds copies as documents come, keeps what is behind findings, and lists findings by their state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import permutations

import pytest
from builders import all_copies, make_analysis, make_claims, make_consolidation, make_document
from databases import connected
from sqlalchemy import text

from trendnlp.backing import Copy
from trendnlp.momentum import State, state
from trendnlp.periods import MonthCount, newest
from trendnlp.store import Catalogue, FindingFilter, FindingOrder, PageRequest, Saved, Store
from trendnlp.syndication import copies_among
from trendnlp.types import Document, Metadata

RELEASE = " ".join(f"w{n}" for n in range(80))
PAGES = (
    make_document(f"{RELEASE}. Prices rise."),
    make_document(
        "First. " + " ".join(f"x{n}" for n in range(900)) + f"\n\n{RELEASE}. Prices rise.", source="page.txt"
    ),
    make_document(f"{RELEASE.replace('w40', 'other')}. Prices fall."),
    make_document("Prices rise. " + " ".join(f"y{n}" for n in range(300))),
)


def by_share(copies: tuple[Copy, ...]) -> list[Copy]:
    return sorted(copies, key=lambda copy: (-copy.share, copy.a, copy.b))


def test_copies_are_found_as_documents_come_in_any_order(new_url: Callable[[], str]) -> None:
    expected = by_share(copies_among(PAGES))
    assert {(copy.a, copy.b) for copy in expected} == {
        tuple(sorted((a.id, b.id))) for a in PAGES[:3] for b in PAGES[:3] if a.id != b.id
    }
    for order in list(permutations(PAGES))[::7]:
        with Store.open(new_url()) as store:
            for document in order:
                store.save(make_analysis(document))
            assert list(all_copies(store)) == expected
            first = PAGES[0].id
            assert list(store.copies_of(first)) == [copy for copy in expected if first in (copy.a, copy.b)]
            two = {PAGES[1].id, PAGES[2].id}
            many = (*(page.id for page in PAGES), *(f"doc_{n}" for n in range(1000)))
            assert list(store.copies_among(many)) == expected
            assert list(store.copies_among(two)) == [copy for copy in expected if {copy.a, copy.b} == two]
            assert store.source_names([PAGES[1].id, "doc_none"]) == {PAGES[1].id: "page.txt"}


def test_copies_go_with_their_document_and_come_again(url: str) -> None:
    with Store.open(url) as store:
        for document in PAGES:
            store.save(make_analysis(document))
        expected = all_copies(store)
        store.delete_document(PAGES[1].id)
        assert all_copies(store) == tuple(copy for copy in expected if PAGES[1].id not in (copy.a, copy.b))
        store.save(make_analysis(PAGES[1]))
        assert all_copies(store) == expected
        # What changes but the words changes no copy, and is not told twice.
        renewed = make_document(PAGES[0].text, metadata=Metadata(publisher="Atlas"))
        assert store.save(make_analysis(renewed)) is Saved.UPDATED
        assert all_copies(store) == expected
        store.delete_document(PAGES[0].id)
        for document in PAGES[1:]:
            store.delete_document(document.id)
    with connected(url) as connection:
        tables = ("sketches", "fingerprints", "copies")
        left = [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]
    assert left == [0, 0, 0]


def test_documents_of_an_earlier_version_are_compared_once(url: str) -> None:
    with Store.open(url) as store:
        for document in PAGES:
            store.save(make_analysis(document))
        expected = all_copies(store)
    with connected(url) as connection:
        for table in ("sketches", "fingerprints", "copies"):
            connection.execute(text(f"DELETE FROM {table}"))
    with Store.open(url) as store:
        revision = store.revision()
        assert (all_copies(store), store.sketch_missing(), all_copies(store)) == ((), 4, expected)
        assert (store.sketch_missing(), store.revision() > revision) == (0, True)


def report(said: str, n: int, published: str | None, publisher: str | None = None) -> Document:
    known = Metadata(publisher=publisher, published=published)
    return make_document(f"{said}\n\n# Report {n}", metadata=known)


@pytest.fixture(scope="module")
def dated(new_url: Callable[[], str]) -> Iterator[Store]:
    """As many documents in each of the last two years: what rises, what fades, what is new, and what cannot be told."""
    said = {
        "Costs rise.": (2, 12),
        "Demand falls.": (12, 2),
        "Lifts are new.": (0, 6),
        "Rules change.": (2, 2),
        "Beds sell.": (0, 0),
    }
    store = Store.open(new_url())
    n = 0
    for words, counts in said.items():
        for year, count in zip(("2023", "2024"), counts, strict=True):
            for month in range(count):
                n += 1
                store.save(make_analysis(report(words, n, f"{year}-{month % 12 + 1:02}-15"), kinds=("driver",)))
    for n, published in enumerate(("2024-12", *["2023-06"] * 7), 70):
        store.save(make_analysis(report("Costs stand.", n, published), kinds=("other",)))
    store.save(make_analysis(report("Beds sell.", 99, "2024"), kinds=("driver",)))
    store.save(make_analysis(report("Beds sell.", 100, "2999-01"), kinds=("driver",)))
    claims = store.claims()
    store.replace_findings(make_consolidation(claims, copies=all_copies(store)))
    yield store
    store.close()


def test_months_are_counted_up_to_the_present_one(dated: Store) -> None:
    months = dated.publication_months()
    assert (months[0], months[-2], months[-1]) == (
        MonthCount("2023-01", 3),
        MonthCount("2024-12", 2),
        MonthCount(None, 2),
    )
    assert sum(count.documents for count in months) == 48 == dated.counts().documents


def test_findings_are_listed_by_state(dated: Store) -> None:
    everything = dated.findings(FindingFilter()).items
    corpus = dated.publication_months()
    states = {finding.title: state(finding.backing, corpus) for finding in everything}
    assert states == {
        "Costs rise.": State.RISING,
        "Demand falls.": State.FADING,
        "Lifts are new.": State.NEW,
        "Rules change.": State.INSUFFICIENT,
        "Beds sell.": State.INSUFFICIENT,
    }
    for chosen in ((), (State.NEW,), (State.INSUFFICIENT,), (State.RISING, State.INSUFFICIENT), tuple(State)):
        page = dated.findings(FindingFilter(states=chosen))
        wanted = [finding for finding in everything if not chosen or states[finding.title] in chosen]
        assert (list(page.items), page.total) == (wanted, len(wanted))
    assert dated.findings(FindingFilter(states=(State.STEADY,))).total == 0
    walked = dated.findings(FindingFilter(states=(State.RISING, State.FADING)), PageRequest(1))
    rest = dated.findings(FindingFilter(states=(State.RISING, State.FADING)), PageRequest(1, walked.next_cursor))
    assert {f.title for f in (*walked.items, *rest.items)} == {"Costs rise.", "Demand falls."}


def test_what_is_dated_ahead_counts_once_its_month_has_begun(url: str) -> None:
    days = [datetime(2024, 12, 31, 23, tzinfo=UTC)]
    with Store.open(url, now=lambda: days[-1]) as store:
        for n in range(30):
            words = "Costs rise." if n < 6 else "Rules change."
            store.save(make_analysis(report(words, n, f"2024-{n % 12 + 1:02}"), kinds=("driver",)))
        for n, published in enumerate(["2026-01"] * 12, 30):
            store.save(make_analysis(report("Costs rise.", n, published), kinds=("driver",)))
        store.save(make_analysis(report("Beds sell.", 50, "2026-01-05"), kinds=("driver",)))
        made = make_consolidation(store.claims(), copies=all_copies(store))

        def told() -> tuple[str | None, dict[str, State], tuple[str, ...]]:
            """The newest month, what is listed as being in each state, and the order by momentum."""
            corpus = store.publication_months()
            listed = {f.title: s for s in State for f in store.findings(FindingFilter(states=(s,))).items}
            assert listed == {f.title: state(f.backing, corpus) for f in store.findings(FindingFilter()).items}
            counted = Catalogue(store.database, lambda: days[-1]).finding_facets(FindingFilter()).states
            assert {c.value: c.count for c in counted} == Counter(s.value for s in listed.values())
            order = FindingFilter(order=FindingOrder.MOMENTUM)
            return newest(corpus), listed, tuple(f.title for f in store.findings(order).items)

        store.replace_findings(made)
        assert (told()[0], told()[1]["Costs rise."]) == ("2024-12", State.INSUFFICIENT)
        days.append(datetime(2026, 1, 1, tzinfo=UTC))
        begun = told()
        assert (begun[0], begun[1]["Costs rise."], begun[2][0]) == ("2026-01", State.RISING, "Costs rise.")
        store.replace_findings(made)  # what is kept is made anew
        assert told() == begun


def test_without_dates_the_evidence_of_every_finding_is_insufficient(url: str) -> None:
    with Store.open(url) as store:
        store.save(make_analysis(report("Costs rise.", 1, None), kinds=("driver",)))
        store.replace_findings(make_consolidation(make_claims([store.analysis(store.documents().items[0].id)])))
        assert store.findings(FindingFilter(states=(State.INSUFFICIENT,))).total == 1
        assert store.findings(FindingFilter(states=(State.NEW, State.RISING))).total == 0


def test_what_is_behind_a_finding_comes_back_and_a_changed_date_changes_it(url: str) -> None:
    with Store.open(url) as store:
        for document in PAGES:
            store.save(make_analysis(document, kinds=("driver",)))
        made = make_consolidation(store.claims(), copies=all_copies(store))
        store.replace_findings(made)
        rise = next(f for f in made.findings if f.title == "Prices rise.")
        assert (rise.documents, rise.sources, len(rise.joins), len(rise.backing)) == (3, 2, 1, 3)
        assert store.finding(rise.id) == rise
        dated = make_document(PAGES[3].text, metadata=Metadata(published="2024-03"))
        store.save(make_analysis(dated, kinds=("driver",)))
        again = make_consolidation(store.claims(), copies=all_copies(store))
        store.replace_findings(again)
        months = {behind.document: behind.month for behind in store.finding(rise.id).backing}
        assert months == {PAGES[0].id: None, PAGES[1].id: None, PAGES[3].id: "2024-03"}

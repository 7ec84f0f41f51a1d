"""The store keeps what it is given, exactly, and pages through it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import make_analysis, make_claims, make_consolidation, make_document
from databases import index_is_sound, writes_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trendnlp.errors import BadCursor, NotFound, StoreError
from trendnlp.relations import Band, Ground, GuardResult, LedgerEntry, Relation, Verdict
from trendnlp.store import (
    ConsolidationInfo,
    Counts,
    DocumentSummary,
    FactFilter,
    FindingFilter,
    PageRequest,
    RecordedRun,
    ReviewFilter,
    Saved,
    StatementFilter,
    Store,
)
from trendnlp.types import Analysis, Box, Consolidation, Fact, FactKind, Failure, Metadata, Place, Run, Skipped

NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)
KNOWN = Metadata("Heat pumps", "Heat pump", "Europe", "2024-2030", "Example Research", "2024-03", "en")
FACTS = (
    Fact(FactKind.SIZE, 2, 9, "Drivers", 4.2, 4.5, 10**9, "EUR", None, 2024, "heat pump market"),
    Fact(FactKind.CAGR, 10, 15, "Costs", -7.1, None, 1, None, 2024, 2030),
    Fact(FactKind.BASE_YEAR, 16, 20, "fall", year=2023),
)
TEXT = "# Drivers\nCosts fall quickly. Demand: grows 🚀 in Österreich.\n# Challenges\nRegulation is slow. 中文 also."


@pytest.fixture
def store(url: str):
    with Store.open(url, now=lambda: NOON) as store:
        yield store


def test_an_analysis_comes_back_as_it_was_saved(store: Store) -> None:
    analysis = make_analysis(make_document(TEXT, metadata=KNOWN, warnings=("read as windows-1252",), facts=FACTS))
    assert store.save(analysis) is Saved.ADDED
    assert store.analysis(analysis.document.id) == analysis
    assert store.document(analysis.document.id) == analysis.document
    assert store.statement(analysis.statements[1].statement.id) == analysis.statements[1]
    ids = [s.statement.id for s in reversed(analysis.statements)]
    assert store.statements_by_id(ids) == tuple(reversed(analysis.statements))
    assert store.claims() == make_claims([analysis])


def test_places_on_paper_come_back(store: Store) -> None:
    document = make_document(TEXT)
    first, *rest = document.blocks
    boxes = (Box(57.25, 86.0, 425.5, 109.75), None)
    places = tuple(Place(first.start + n, n + 1, box) for n, box in enumerate(boxes))
    placed = make_analysis(replace(document, blocks=(replace(first, places=places), *rest)))
    statements = tuple(
        replace(s, statement=replace(s.statement, page=2, box=boxes[n % 2])) for n, s in enumerate(placed.statements)
    )
    analysis = replace(placed, statements=statements)
    store.save(analysis)
    assert store.analysis(document.id) == analysis
    assert store.save(analysis) is Saved.UNCHANGED


def test_saving_says_what_changed(store: Store, url: str) -> None:
    analysis = make_analysis(TEXT)
    store.save(analysis)
    with writes_of(url) as version:
        before, revision = version(), store.revision()
        assert store.save(analysis) is Saved.UNCHANGED
        assert store.save(make_analysis(make_document(TEXT, source="copy of it.txt"))) is Saved.UNCHANGED
        assert (version(), store.revision()) == (before, revision)

    relabelled = make_analysis(TEXT, kinds=("trend", "opportunity", "other"), model="sha256:0002")
    assert store.save(relabelled) is Saved.RELABELLED
    assert store.analysis(analysis.document.id) == relabelled
    assert store.claims() == make_claims([relabelled])

    known = replace(relabelled, document=make_document(TEXT, metadata=KNOWN))
    assert store.save(known) is Saved.UPDATED
    assert store.analysis(analysis.document.id) == known

    fewer = replace(known, statements=known.statements[1:])
    assert store.save(fewer) is Saved.UPDATED
    assert store.analysis(analysis.document.id) == fewer
    assert store.counts() == Counts(1, 3, 2, 0)
    assert store.statements(StatementFilter(q="costs")).items == ()
    assert store.revision() == revision + 3
    assert index_is_sound(url)


def test_numbers_of_one_model_that_differ_in_the_last_digit_are_no_change(store: Store) -> None:
    analysis = make_analysis(TEXT)
    store.save(analysis)
    elsewhere = make_analysis(TEXT, score=0.8126)
    assert store.save(elsewhere) is Saved.UNCHANGED
    assert store.analysis(analysis.document.id) == analysis


def test_statements_of_another_document_are_refused(store: Store) -> None:
    mixed = Analysis(make_document("One."), make_analysis("Two.").statements)
    with pytest.raises(StoreError, match="another document's"):
        store.save(mixed)
    doubled = make_analysis("One.")
    with pytest.raises(StoreError, match="share an id"):
        store.save(replace(doubled, statements=doubled.statements * 2))
    assert store.counts() == Counts(0, 0, 0, 0)


def test_deleting_a_document_leaves_nothing_of_it(store: Store, url: str) -> None:
    gone, stays = make_analysis("Costs rise. Bye.", kinds=("driver",)), make_analysis("Costs rise. Demand grows.")
    store.save(gone)
    store.save(stays)
    store.replace_findings(make_consolidation(store.claims()))
    assert store.counts() == Counts(2, 4, 3, 2)
    store.delete_document(gone.document.id)
    assert store.counts() == Counts(1, 2, 1, 0)
    assert store.claims() == make_claims([stays])
    assert [s.statement.text for s in store.statements(StatementFilter(q="costs rise")).items] == ["Costs rise."]
    assert index_is_sound(url)
    for missing in (store.document, store.analysis, store.delete_document):
        with pytest.raises(NotFound, match="no such document"):
            missing(gone.document.id)
    with pytest.raises(NotFound, match="no such statement"):
        store.statement(gone.statements[0].statement.id)
    with pytest.raises(NotFound, match="no such finding"):
        store.finding("fi_\x00\udcff")


def test_documents_come_newest_first(store: Store) -> None:
    first, second, third = (make_analysis(make_document(f"Report {n}.", metadata=KNOWN)) for n in range(3))
    for analysis in (first, second, third):
        store.save(analysis)
    page = store.documents(PageRequest(2))
    assert page.items == (summary_of(third), summary_of(second))
    assert page.total == 3
    # What comes or goes between two pages neither repeats nor hides a document.
    store.save(make_analysis("A fourth."))
    store.delete_document(second.document.id)
    last = store.documents(PageRequest(2, page.next_cursor))
    assert (last.items, last.next_cursor, last.total) == ((summary_of(first),), None, 3)


def summary_of(analysis: Analysis) -> DocumentSummary:
    document = analysis.document
    added = "2024-03-12T12:00:00+00:00"
    return DocumentSummary(document.id, document.source, document.metadata, 1, 1, len(document.text), added)


def test_statements_are_filtered_and_in_text_order(store: Store) -> None:
    one = make_analysis("Costs fall. Regulations tighten. Prices of pumps rise.", kinds=("driver", "challenge"))
    two = make_analysis("The regulation helps. Café sales grow.", kinds=("opportunity", "other"), score=0.5)
    store.save(one)
    store.save(two)

    def texts(filter: StatementFilter) -> list[str]:
        return [s.statement.text for s in store.statements(filter).items]

    everything = [s.statement.text for s in (*one.statements, *two.statements)]
    assert texts(StatementFilter()) == everything
    assert texts(StatementFilter(document=two.document.id)) == everything[3:]
    assert texts(StatementFilter(kinds=("challenge", "other"))) == [everything[1], everything[4]]
    assert texts(StatementFilter(aspects=("technology",), min_score=0.6)) == everything[:3]
    assert texts(StatementFilter(q="regulation")) == ["Regulations tighten.", "The regulation helps."]
    assert texts(StatementFilter(q="CAFE grow")) == ["Café sales grow."]
    assert texts(StatementFilter(q='"pumps rise"')) == ["Prices of pumps rise."]
    assert texts(StatementFilter(q='"rise pumps"')) == []
    assert texts(StatementFilter(q="  ")) == everything


HOSTILE = ('"', '""', "*", "a OR b", "NOT", "text:costs", "(", "NEAR(", "'; DROP", "\x00", "\udcff")


@pytest.mark.parametrize("q", HOSTILE)
def test_search_takes_words_literally(store: Store, q: str) -> None:
    store.save(make_analysis("Costs fall."))
    assert store.statements(StatementFilter(q=q)).items == ()
    assert store.findings(FindingFilter(q=q)).items == ()


@pytest.mark.parametrize("name", ["\x00", "\udcff", "a\x00b", "\x10", "%", "\\", "'"])
def test_names_that_nothing_has_find_nothing(store: Store, name: str) -> None:
    store.save(make_analysis(make_document("Costs fall.", metadata=KNOWN, facts=FACTS)))
    store.record_run(Run((), (), (), (), ()), "2024-01-01", "2024-01-02")
    assert store.facts(FactFilter(market=name, kinds=(name,))).items == ()
    assert store.facts(FactFilter(market=name)).items == ()
    assert store.statements(StatementFilter(document=name, kinds=(name,), aspects=(name,))).items == ()
    assert store.findings(FindingFilter(documents=(name,), kinds=(name,), tags=(name,))).items == ()
    assert store.reviews(ReviewFilter(statement=name)).items == ()
    assert (store.stored([name]), store.split_into(name), store.finding_of([name])) == (frozenset(), (), {})
    for missing in (store.document, store.statement, store.finding, store.run_state):
        with pytest.raises(NotFound):
            missing(name)


def test_market_facts_of_one_market_stand_side_by_side(store: Store) -> None:
    pumps, boilers = replace(KNOWN, market="Heat Pump"), replace(KNOWN, market="100% boiler_")
    first = make_document("One.", source="one.txt", metadata=pumps, facts=FACTS)
    second = make_document("Two.", source="two.txt", metadata=replace(pumps, publisher="Atlas"), facts=FACTS[:1])
    third = make_document("Three.", source="three.txt", metadata=boilers, facts=FACTS[1:2])
    for document in (first, second, third, make_document("No market.", facts=FACTS[2:])):
        store.save(make_analysis(document))

    def listed(filter: FactFilter) -> list[tuple[str, Fact]]:
        page = store.facts(filter)
        assert (page.total, page.next_cursor) == (len(page.items), None)
        return [(item.source, item.fact) for item in page.items]

    of_pumps = [("two.txt", FACTS[0]), *(("one.txt", fact) for fact in FACTS)]
    assert listed(FactFilter(market="heat pump")) == of_pumps
    assert listed(FactFilter(market="heat pump", kinds=("size",))) == [of_pumps[0], of_pumps[1]]
    assert listed(FactFilter(market="r_")) == listed(FactFilter(market="0%")) == [("three.txt", FACTS[1])]
    assert (listed(FactFilter(market="%")), len(listed(FactFilter()))) == ([("three.txt", FACTS[1])], 6)
    assert store.facts(FactFilter()).items[1].metadata == boilers
    walked, page = [], store.facts(FactFilter(market="pump"), PageRequest(1))
    while page.next_cursor is not None:
        walked += page.items
        page = store.facts(FactFilter(market="pump"), PageRequest(1, page.next_cursor))
    assert [(item.source, item.fact) for item in [*walked, *page.items]] == of_pumps

    store.save(make_analysis(replace(first, facts=())))
    store.delete_document(third.id)
    assert [source for source, _ in listed(FactFilter())] == ["report.txt", "two.txt"]


def test_a_page_cursor_is_only_good_for_its_own_list(store: Store) -> None:
    store.save(make_analysis("One. Two. Three.", kinds=("driver",)))
    whole = StatementFilter()
    cursor = store.statements(whole, PageRequest(1)).next_cursor
    assert cursor is not None
    rest = store.statements(whole, PageRequest(500, cursor))
    assert [s.statement.text for s in rest.items] == ["Two.", "Three."]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for forged in ("", "x", "é", "\udcff", cursor + "=", cursor + "!", changed, "A" * 5000):
        with pytest.raises(BadCursor):
            store.statements(whole, PageRequest(1, forged))
    with pytest.raises(BadCursor):
        store.statements(StatementFilter(kinds=("driver",)), PageRequest(1, cursor))
    with pytest.raises(BadCursor):
        store.documents(PageRequest(1, cursor))


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_1_to_500_items(limit: int) -> None:
    with pytest.raises(StoreError, match="out of range"):
        PageRequest(limit)


def test_findings_come_back_in_order_and_change_as_a_whole(store: Store, url: str) -> None:
    texts = ("Costs rise. Demand grows.", "Costs rise. Rules change.", "Costs rise. Rules change. X.")
    for n, words in enumerate(texts):
        store.save(make_analysis(make_document(words, source=f"{n}.txt", metadata=KNOWN), kinds=("driver",)))
    assert store.consolidation_info() is None
    made = make_consolidation(store.claims())
    assert store.replace_findings(made)
    ordered = sorted(made.findings, key=lambda f: (-f.documents, -len(f.members), f.id))
    page = store.findings(FindingFilter(), PageRequest(3))
    rest = store.findings(FindingFilter(), PageRequest(3, page.next_cursor))
    assert [*page.items, *rest.items] == ordered
    assert (page.total, rest.next_cursor) == (4, None)
    assert store.consolidation_info() == ConsolidationInfo(made.threshold, made.model)
    assert store.finding(ordered[0].id) == ordered[0]
    ids = [m.statement for f in ordered for m in f.members]
    assert store.finding_of([*ids, "st_none"]) == {m.statement: f.id for f in ordered for m in f.members}

    with writes_of(url) as version:
        before = version()
        store.replace_findings(made)
        assert version() == before

    fewer = Consolidation(tuple(replace(f, title=f.title + " New") for f in ordered[1:]), 0.5, "other")
    store.replace_findings(fewer)
    assert list(store.findings(FindingFilter()).items) == list(fewer.findings)
    assert store.findings(FindingFilter(q="costs")).items == ()
    assert store.findings(FindingFilter(q="new", min_documents=2)).items == fewer.findings[:1]
    assert store.findings(FindingFilter(kinds=("trend",))).items == ()
    alone = fewer.findings[-1]
    assert alone in store.findings(FindingFilter(documents=(alone.members[0].document,), aspects=("technology",))).items
    assert index_is_sound(url)


def test_findings_of_an_older_state_are_kept_while_they_can_stand(store: Store) -> None:
    first = make_analysis("Costs rise.")
    store.save(first)
    revision = store.revision()
    made = make_consolidation(store.claims())
    store.save(make_analysis("Demand grows."))
    assert store.replace_findings(made, revision=revision)
    assert (store.counts().findings, store.consolidated_revision(), store.is_consolidated()) == (1, revision, False)
    assert store.replace_findings(make_consolidation(store.claims()), revision=store.revision())
    assert (store.counts().findings, store.is_consolidated()) == (2, True)
    # not in the place of later ones, and not where they speak of what has gone
    assert not store.replace_findings(made, revision=revision)
    revision, made = store.revision(), make_consolidation(store.claims())
    store.delete_document(first.document.id)
    assert not store.replace_findings(made, revision=revision)
    assert store.counts().findings == 1


def test_findings_that_do_not_fit_the_statements_are_refused_as_a_whole(store: Store) -> None:
    store.save(make_analysis("Costs rise."))
    good = make_consolidation(store.claims())
    store.replace_findings(good)
    stray = make_consolidation(make_claims([make_analysis("Not stored.")]))
    twice = replace(good, findings=(*good.findings, replace(good.findings[0], id="fi_2")))
    for bad in (stray, twice):
        with pytest.raises(StoreError, match="the findings: two findings share"):
            store.replace_findings(bad)
        assert store.findings(FindingFilter()).items == good.findings


def test_runs_are_logged_newest_first(store: Store) -> None:
    first = Run(("doc_1",), (Skipped("b\udcff.txt", "unchanged"),), (), (("kind", "sha256:1"),), (("max_bytes", "9"),))
    second = Run((), (), (Failure("c.pdf", "a PDF", "Convert it."),), (), ())
    ids = [store.record_run(run, f"2024-01-0{n}", f"2024-01-0{n + 1}") for n, run in enumerate((first, second), 1)]
    assert store.record_run(first, "2024-01-01", "2024-01-02") == ids[0]
    logged = (
        RecordedRun(ids[1], second, "2024-01-02", "2024-01-03"),
        RecordedRun(ids[0], first, "2024-01-01", "2024-01-02"),
    )
    assert store.runs().items == logged
    assert store.runs(PageRequest(1)).items == logged[:1]


words = st.text(st.characters(codec=None), max_size=40)
floats = st.floats(0, 1)


@given(words, words, st.lists(st.tuples(words, floats, st.none() | st.binary(max_size=8)), max_size=4), words)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_saving_twice_is_saving_once(
    store: Store, body: str, name: str, labels: list[tuple[str, float, bytes | None]], title: str
) -> None:
    made = make_analysis(make_document(body + "a. b. c. d.", source=name, metadata=Metadata(title=title)))
    statements = [
        replace(s, vector=vector, label=replace(s.label, kind=kind, score=score, aspect=kind or None))
        for s, (kind, score, vector) in zip(made.statements, labels, strict=False)
    ]
    analysis = replace(made, statements=tuple(statements))
    for document in store.documents(PageRequest(500)).items:
        store.delete_document(document.id)
    assert store.save(analysis) is Saved.ADDED
    once = (store.analysis(analysis.document.id), store.counts(), store.claims(), store.documents())
    assert store.save(analysis) is Saved.UNCHANGED
    assert (store.analysis(analysis.document.id), store.counts(), store.claims(), store.documents()) == once
    assert once[0] == analysis


def test_the_ledger_comes_back_and_can_be_asked_from_either_side(store: Store) -> None:
    one, two = make_analysis("Costs rise.", kinds=("driver",)), make_analysis("Costs fall.", kinds=("driver",))
    store.save(one)
    store.save(two)
    made = make_consolidation(store.claims())
    first, second = made.findings
    guard = GuardResult("direction", "rise", "fall", Relation.CONTRADICTS)
    against = Verdict(Relation.CONTRADICTS, Ground.GUARD, Band.MIDDLE, 0.9, None, 0.7, (guard,))
    entry = LedgerEntry(first.head, second.head, against, "judge-1")
    same = Verdict(Relation.SAME, Ground.JUDGE, Band.MIDDLE, 0.5, 0.8125, 0.7)
    kept = LedgerEntry(first.head, first.head, same, "judge-1")
    told = replace(first, ledger=(kept,), apart=(entry,))
    store.replace_findings(replace(made, findings=(told, second)))
    assert store.finding(first.id) == told
    assert [e.run for e in (*store.finding(first.id).ledger, *store.finding(first.id).apart)] == [None, None]
    run = store.record_run(Run((), (), (), (), ()), "2026-01-01T00:00:00", "2026-01-01T00:01:00")
    other = replace(entry, verdict=replace(against, cosine=0.8))
    store.replace_findings(replace(made, findings=(replace(told, apart=(other,)), second)))
    changed = store.finding(first.id)
    assert [e.run for e in (*changed.ledger, *changed.apart)] == [run, None]
    store.replace_findings(replace(made, findings=(told, second)))
    assert told.contested == (entry,)
    assert store.ledger_entry(first.head, second.head) == store.ledger_entry(second.head, first.head) == entry
    assert store.ledger_entry(first.head, "st_none") is None
    # what speaks of a statement that is gone goes with it
    gone = next(a for a in (one, two) if a.claims[0].statement.id == second.head)
    store.delete_document(gone.document.id)
    assert store.finding(first.id) == replace(told, apart=())

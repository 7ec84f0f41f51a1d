"""Findings: what says the same stands together, what does not stays apart, whatever the order."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.backing import Backing, Join, JoinReason
from trendnlp.consolidate import CosineComparer, consolidate
from trendnlp.consolidate.compare import near_words, normalised
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.findings import finding
from trendnlp.relations import Band, Ground, GuardResult, LedgerEntry, Relation, Verdict
from trendnlp.tags.themes import themes
from trendnlp.types import Claim, Consolidation, Finding, LabelledStatement, Member, Reason, Statement, content_id

THRESHOLD = 0.75
MODEL = "encoder-1"
WORDS = ("lifts", "beds", "scans", "demand rises", "demand falls")


def at(degrees: float) -> bytes:
    """A unit vector: the cosine of two is that of the angle between them."""
    radians = math.radians(degrees)
    return np.array([math.cos(radians), math.sin(radians)], "<f4").tobytes()


def claim(
    text: str,
    degrees: float,
    *,
    kind: str = "driver",
    document: str = "a",
    lead_in: str | None = None,
    publisher: str | None = None,
    published: str | None = None,
) -> Claim:
    """A claim that is the words ``text`` in ``document``, looking in a direction of the plane."""
    start = int(content_id("x", text)[2:8], 16)
    statement = Statement(
        Statement.id_of(document, start, start + len(text)), document, start, start + len(text), text, 0, (), lead_in
    )
    labelled = LabelledStatement(statement, make_label(kind), at(degrees))
    return Claim(labelled, document, f"{document}.txt", publisher, published)


def groups(claims: Sequence[Claim], threshold: float = THRESHOLD) -> list[list[str]]:
    """The findings as the sorted texts of their members."""
    texts = {c.labelled.statement.id: c.labelled.statement.text for c in claims}
    found = consolidate(claims, threshold, MODEL).findings
    return sorted(sorted(texts[m.statement] for m in f.members) for f in found)


def test_three_that_say_the_same_are_one_finding() -> None:
    claims = [
        claim("Wards buy lifts.", 0, document="a", publisher="Atlas", published="2024-03"),
        claim("Lifts are bought by wards.", 10, document="b", publisher="Atlas", published="2023"),
        claim("wards buy lifts", 20, document="c"),
        claim("Prices fall.", 90, document="c"),
    ]
    ids = [c.labelled.statement.id for c in claims]
    first, copy = sorted((ids[0], ids[2]))
    expected = Finding(
        id=content_id("find", ids[1]),  # of the earliest date
        kind="driver",
        aspect="technology",
        title="Lifts are bought by wards",
        head=ids[1],
        members=(
            Member(ids[1], "b", "b.txt", 1.0, Reason.HEAD),
            *sorted(
                [
                    Member(ids[0], "a", "a.txt", 0.9848, Reason.SEMANTIC),
                    Member(ids[2], "c", "c.txt", 0.9848, Reason.SEMANTIC),
                ],
                key=lambda m: m.statement,
            ),
        ),
        documents=3,
        sources=2,
        publishers=1,
        backing=(Backing("a", 0, "atlas", "2024-03"), Backing("b", 0, "atlas", None), Backing("c", 1, None, None)),
        joins=(Join("a", "b", JoinReason.PUBLISHER),),
        first_seen="2023",
        last_seen="2024-03",
        ledger=(
            LedgerEntry(
                first, ids[1], Verdict(Relation.SAME, Ground.COSINE, Band.MIDDLE, 0.9848, None, THRESHOLD), MODEL
            ),
            LedgerEntry(copy, first, Verdict(Relation.SAME, Ground.EXACT, Band.HIGH, 0.9397, None, THRESHOLD), MODEL),
        ),
        tags=themes(["Lifts are bought by wards.", "Wards buy lifts."]),
    )
    found = consolidate(claims, THRESHOLD, MODEL)
    assert found.findings[0] == expected
    assert [f.title for f in found.findings] == ["Lifts are bought by wards", "Prices fall"]
    assert (found.threshold, found.model) == (THRESHOLD, MODEL)


def test_no_claims_no_findings() -> None:
    assert consolidate([], THRESHOLD, MODEL) == Consolidation((), THRESHOLD, MODEL)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(WORDS),
            st.integers(0, 24).map(lambda i: 15.0 * i),  # ties in abundance
            st.sampled_from(("driver", "trend", "challenge", "opportunity")),
            st.sampled_from("abc"),
        ),
        max_size=14,
        unique_by=lambda t: (t[0], t[3]),
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_claims_does_not_matter(rows: list[tuple[str, float, str, str]], chance: object) -> None:
    claims = [claim(word, angle, kind=kind, document=document) for word, angle, kind, document in rows]
    shuffled = claims.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = consolidate(claims, THRESHOLD, MODEL)
    assert consolidate(shuffled, THRESHOLD, MODEL) == found
    of = {c.labelled.statement.id: c for c in claims}
    members = [m.statement for f in found.findings for m in f.members]
    assert sorted(members) == sorted(c.labelled.statement.id for c in claims)
    for one in found.findings:
        assert one.head == one.members[0].statement
        assert [m.reason is Reason.HEAD for m in one.members] == [True, *[False] * (len(one.members) - 1)]
        assert [e.statement for e in one.ledger] == [m.statement for m in one.members[1:]]
        assert {e.other for e in one.ledger} <= {m.statement for m in one.members}
        texts = {of[m.statement].labelled.statement.text for m in one.members}
        assert not {"demand rises", "demand falls"} <= texts


def test_a_chain_of_near_neighbours_does_not_join_its_ends() -> None:
    # Neighbours 40 degrees apart have a cosine of 0.77, the ends of -0.5: single linkage would make them one.
    chain = [claim(f"link {tree}", 40.0 * i) for i, tree in enumerate(("oak", "ash", "elm", "fir"))]
    found = groups(chain)
    assert len(found) > 1
    assert not any({"link oak", end} <= set(group) for end in ("link elm", "link fir") for group in found)


def test_two_of_a_finding_are_not_farther_apart_than_its_diameter() -> None:
    # The mean of all pairs between both halves is 0.756, enough to merge at 0.75, but the ends have a cosine of 0.53.
    far = [claim("oak", 0), claim("ash", 20), claim("elm", 40), claim("fir", 58)]
    assert groups(far, threshold=0.75) == [["ash", "oak"], ["elm", "fir"]]
    nearer = [*far[:3], claim("fir", 56)]  # the ends: 0.56
    assert groups(nearer, threshold=0.75) == [["ash", "elm", "fir", "oak"]]


def test_a_pair_on_the_threshold_merges_and_one_below_does_not() -> None:
    sixty = [claim("ash", 0), claim("oak", 60)]
    assert groups(sixty, threshold=0.5) == [["ash", "oak"]]
    assert groups(sixty, threshold=0.501) == [["ash"], ["oak"]]


def test_a_guard_keeps_apart_what_the_cosine_would_merge() -> None:
    # The contrary is nearest to both of the others: it may stand with neither, and they stand together.
    rising, growing = "Demand for lifts is rising.", "Lifts are wanted more and more."
    falling = "Demand for lifts falls."
    claims = [claim(rising, 0), claim(falling, 5, document="b"), claim(growing, 10, document="c")]
    assert groups(claims) == [[falling], [rising, growing]]
    of = {c.labelled.statement.text: c.labelled.statement.id for c in claims}
    lone, pair = sorted(consolidate(claims, THRESHOLD, MODEL).findings, key=lambda f: len(f.members))
    assert [e.verdict.relation for e in (*lone.ledger, *pair.ledger)] == [Relation.SAME]
    (contest,) = pair.contested
    guard = GuardResult("direction", "rising", "falls", Relation.CONTRADICTS)
    verdict = Verdict(Relation.CONTRADICTS, Ground.GUARD, Band.MIDDLE, 0.9962, None, THRESHOLD, (guard,))
    assert contest == LedgerEntry(of[rising], of[falling], verdict, MODEL)
    assert {e.other: e.verdict.relation for e in lone.contested} == {
        of[rising]: Relation.CONTRADICTS,
        of[growing]: Relation.CONTRADICTS,
    }


def test_a_guard_keeps_apart_what_only_the_mean_of_a_group_would_merge() -> None:
    # 0 and 45 degrees are too far for a pair, but 45 is near enough to the mean of 0 and 20.
    rising, falling, wards = "Demand for lifts is rising.", "Demand for lifts falls.", "Wards buy lifts."
    assert groups([claim(rising, 0), claim(wards, 20), claim("Clinics need beds.", 45)])[0] != [rising, wards]
    assert groups([claim(rising, 0), claim(wards, 20), claim(falling, 45)]) == [[falling], [rising, wards]]


def test_kinds_that_do_not_mix() -> None:
    claims = [claim(kind, 0, kind=kind) for kind in ("driver", "trend", "challenge", "opportunity", "risk")]
    assert groups(claims) == [["challenge"], ["driver", "trend"], ["opportunity"], ["risk"]]
    same_words = [replace(c, document=c.labelled.label.kind) for c in claims]
    assert len(consolidate(same_words, THRESHOLD, MODEL).findings) == 4


def test_the_surer_kind_names_a_mixed_finding() -> None:
    claims = [claim("oak", 0, kind="trend"), claim("ash", 5, kind="trend"), claim("elm", 10, kind="driver")]
    (found,) = consolidate(claims, THRESHOLD, MODEL).findings
    assert found.kind == "trend"


def test_exact_copies_stand_together_under_their_own_reason() -> None:
    copies = [claim("Wards buy lifts.", 0, document=d) for d in "abc"] + [claim("WARDS  buy: lifts", 0, document="d")]
    (found,) = consolidate(copies, THRESHOLD, MODEL).findings
    assert [m.reason for m in found.members] == [Reason.HEAD, Reason.EXACT, Reason.EXACT, Reason.EXACT]
    assert [m.similarity for m in found.members] == [1.0] * 4
    assert (found.documents, found.sources) == (4, 4)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Prices change by -5 % a year.", "Prices change by 5 % a year."),
        ("Prices change by −5 % a year.", "Prices change by +5 % a year."),
        ("Demand for C# tools rises.", "Demand for C tools rises."),
        ("Vitamin A demand rises.", "Vitamin demand rises."),
        ("Sales ⬆ 5%", "Sales ⬇ 5%"),
        ("Sales ↗ in Asia", "Sales ↘ in Asia"),
        ("Sales 📈 in Asia", "Sales 📉 in Asia"),
        ("Sales △ 5", "Sales ▽ 5"),
        ("A fund of ₩5 billion", "A fund of ₽5 billion"),
        ("A fund of ₩5 billion", "A fund of 5 billion"),
        ("Output changes by -₩5 billion", "Output changes by ₩5 billion"),
        ("A rate of 5‰", "A rate of 5"),
        ("Supply ≠ demand", "Supply = demand"),
        ("Arms sales rise.", "Arm sales rise."),
        ("Futures prices rise.", "Future prices rise."),
        ("...", "!!!"),
    ],
)
def test_what_a_sign_or_a_letter_sets_apart_is_no_copy(a: str, b: str) -> None:
    assert normalised(a) != normalised(b)
    assert near_words(a) != near_words(b)


def test_hyphens_ranges_and_articles_set_nothing_apart() -> None:
    assert normalised("5-year plans, 2024-2030") == normalised("5 year plans, 2024 2030")
    assert near_words("A lift in the ward") == near_words("Lifts in a ward")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Acme® sells lifts™ at 5 °C.", "Acme sells lifts at 5 C"),
        ("© Acme: ➢ lifts sell", "Acme: lifts sell"),
        ("Sales ⬆\ufe0f by 5 %", "Sales ⬆ by 5%"),  # shown as a picture or as text
        ("Lifts | beds", "Lifts, beds"),
    ],
)
def test_marks_that_tell_nothing_set_nothing_apart(a: str, b: str) -> None:
    assert normalised(a).casefold() == normalised(b).casefold()
    assert near_words(a) == near_words(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hospitals rent robots because cleaners are scarce.", "Because cleaners are scarce, hospitals rent robots."),
        ("Seeds were scarce after the wet autumn, so growers planted less.",
         "Growers planted less because seeds were scarce after the wet autumn."),
        ("A shortage grew, and so wages rose.", "Because a shortage grew, wages rose."),
        ("Demand has grown since 2020.", "Since 2020, demand has grown."),
        ("If rates fall, homes will sell.", "Homes will sell if rates fall."),
    ],
)  # fmt: skip
def test_the_place_of_a_clause_sets_nothing_apart(a: str, b: str) -> None:
    assert normalised(a) != normalised(b)
    assert near_words(a) == near_words(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Prices rise because demand grows.", "Because prices rise, demand grows."),
        ("Prices rise, so demand grows.", "Demand grows, so prices rise."),
        ("If rates fall after the vote, homes sell.", "After the vote, homes sell if rates fall."),
        ("Fees are high, so far, in towns.", "In towns because fees are high far."),
    ],
)
def test_which_clause_is_the_cause_sets_apart(a: str, b: str) -> None:
    assert near_words(a) != near_words(b)


def test_copies_do_not_outvote_what_is_near_them() -> None:
    # Ten copies at 0 and one each at 35 and 70 degrees: the copies count once when groups are joined.
    few = [claim("near", 35), claim("far", 70), claim("copy", 0)]
    many = [*few, *(claim("copy", 0, document=d) for d in "bcdefghij")]
    assert [sorted(set(group)) for group in groups(many)] == groups(few)


def test_the_head_is_the_nearest_to_all_copies_included() -> None:
    angles = (0, 0, 0, 5, 9, 9, 14, 30)
    claims = [claim(f"word {degrees}", degrees, document=f"d{i}") for i, degrees in enumerate(angles)]
    claims.sort(key=lambda c: c.labelled.statement.id)
    found = finding(claims)
    turns = [int(c.labelled.statement.text.split()[1]) for c in claims]
    near = np.cos(np.radians(np.subtract.outer(turns, turns))).round(4)
    head = int(near.mean(axis=1).round(4).argmax())
    assert found.head == claims[head].labelled.statement.id
    similar = {m.statement: m.similarity for m in found.members}
    assert similar == {c.labelled.statement.id: pytest.approx(near[head, i]) for i, c in enumerate(claims)}


def test_a_finding_of_very_many_copies_takes_little_memory() -> None:
    copies = [claim("Wards buy lifts.", 0, document=f"d{i}", publisher="Atlas") for i in range(2000)]
    copies.sort(key=lambda c: c.labelled.statement.id)
    tracemalloc.start()
    try:
        found = finding(copies)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.head, len(found.members), found.sources) == (copies[0].labelled.statement.id, 2000, 1)
    assert most < 2000**2 * 4  # not even half of one number a pair


def test_five_documents_of_one_publisher_are_one_source() -> None:
    claims = [claim("Wards buy lifts.", 0, document=d, publisher="Atlas") for d in "abcde"]
    (found,) = consolidate(claims, THRESHOLD, MODEL).findings
    assert (found.documents, found.sources, found.first_seen, found.last_seen) == (5, 1, None, None)


def test_a_component_larger_than_is_clustered_at_once_is_cut_finer() -> None:
    # Four groups of near copies, 35 degrees apart: one component at 0.75, though a group is far from the next but one.
    claims = [claim(f"{c} {x}", 35.0 * i + 0.1 * j) for i, c in enumerate("nesw") for j, x in enumerate("bcdfghijkl")]
    claims.sort(key=lambda c: c.labelled.statement.id)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in claims])
    corners = [c.labelled.statement.text[0] for c in claims]
    found = cosine_partition(claims, vectors, CosineComparer(THRESHOLD, MODEL), largest=12)
    clusters = found.clusters[found.rows].tolist()
    assert sorted(set(zip(corners, clusters, strict=True))) == sorted(
        {corner: clusters[corners.index(corner)] for corner in "nesw"}.items()
    )
    assert len(set(clusters)) == 4


def test_a_claim_without_a_vector_is_an_error() -> None:
    good = claim("one", 0)
    bad = replace(good, labelled=replace(good.labelled, vector=None))
    with pytest.raises(ValueError, match="shape"):
        consolidate([good, bad], THRESHOLD, MODEL)

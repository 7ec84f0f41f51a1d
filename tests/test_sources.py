"""Independent sources: which documents of a finding are one, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import make_analysis, make_claims, make_document, make_finding
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.backing import Backing, Copy, Join, JoinReason
from trendnlp.sources import folded_publisher, with_sources
from trendnlp.types import Claim, Finding, Metadata

SAID = "Costs rise."
LONG = " ".join(f"w{n}" for n in range(30))


def claims_of(*documents: Metadata, said: str = SAID) -> list[Claim]:
    """One claim a document, of documents "0", "1", … by their place: the words ``said``."""
    analyses = [
        make_analysis(make_document(f"{said}\n\n# {n}", metadata=known), kinds=("driver",))
        for n, known in enumerate(documents)
    ]
    return [replace(claim, document=str(n)) for n, a in enumerate(analyses) for claim in make_claims([a])]


def finding_of(claims: list[Claim], *copies: Copy) -> Finding:
    return make_finding(claims, copies)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Grand View Research, Inc.", "grand view research"),
        ("GRAND VIEW  RESEARCH", "grand view research"),
        ("The Grand View Research Ltd", "grand view research"),
        ("Fitch Solutions Group Limited", "fitch solutions group"),
        ("Smith & Co.", "smith"),
        ("Smith and Company", "smith"),
        ("Société d'Études S.p.A.", "societe detudes"),
        ("Société d’Études", "societe detudes"),
        ("Co", "co"),
        ("The", "the"),
        ("Atlas Market-Research Pvt. Ltd.", "atlas market research"),
        ("Inc. Limited", "inc"),
        ("Fortune Business Insights™ Pvt. Ltd.", "fortune business insights"),
        ("Fortune Business Insights®", "fortune business insights"),
        ("Vestas A/S", "vestas"),
        ("24/7 Wall St", "24 7 wall st"),
        ("--", None),
        ("", None),
        (None, None),
    ],
)
def test_names_of_one_publisher_fold_alike(name: str | None, folded: str | None) -> None:
    assert folded_publisher(name) == folded


def test_publishers_copies_and_passages_join_documents_each_with_its_reason() -> None:
    atlas, other = (
        Metadata(publisher="Atlas Ltd", published="2024-03-05"),
        Metadata(publisher="ATLAS", published="2024"),
    )
    claims = claims_of(atlas, other, Metadata(), Metadata(), Metadata(publisher="Borealis"), Metadata())
    found = finding_of(claims, Copy("1", "3", 0.93, 0.4), Copy("2", "9", 1.0, 1.0), Copy("0", "3", 0.6, 0.5))
    assert (found.documents, found.publishers, found.sources) == (6, 2, 4)
    assert found.joins == (Join("0", "1", JoinReason.PUBLISHER), Join("1", "3", JoinReason.COPY, share=0.93))
    assert found.backing == (
        Backing("0", 0, "atlas", "2024-03"),
        Backing("1", 0, "atlas", None),
        Backing("2", 1, None, None),
        Backing("3", 0, None, None),
        Backing("4", 2, "borealis", None),
        Backing("5", 3, None, None),
    )


def test_a_run_of_25_words_joins_and_24_do_not() -> None:
    whole = claims_of(Metadata(), said=LONG)[0]
    words = LONG.split()
    part = claims_of(Metadata(), said=f"So {' '.join(words[2:27]).upper()}, they say.")[0]
    less = claims_of(Metadata(), said=f"Then {' '.join(words[2:26])}, they say.")[0]
    found = finding_of([whole, replace(part, document="1"), replace(less, document="2")])
    assert (found.documents, found.sources) == (3, 2)
    assert found.joins == (Join("0", "1", JoinReason.PASSAGE, words=25),)


def test_joins_reach_through_but_only_within_the_finding() -> None:
    claims = claims_of(*[Metadata()] * 4)
    chain = (Copy("0", "1", 0.9, 0.9), Copy("1", "2", 0.8, 0.8), Copy("2", "3", 0.7, 0.7))
    assert finding_of(claims, *chain).sources == 1
    # Without the document between them nothing of this finding says that the others are one.
    assert finding_of([claims[0], claims[2], claims[3]], *chain).sources == 2


def test_a_document_without_publisher_stands_alone() -> None:
    found = finding_of(claims_of(*[Metadata()] * 3))
    assert (found.documents, found.publishers, found.sources, found.joins) == (3, 0, 3, ())


names = st.sampled_from(["Atlas", "atlas ltd", "Borealis", None])
edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([0.5, 0.75, 1.0])), max_size=8)


@given(st.lists(names, min_size=1, max_size=8), edges, st.randoms())
@settings(deadline=None)
def test_sources_do_not_hang_on_the_order(
    publishers: list[str | None], pairs: list[tuple[int, int, float]], random: object
) -> None:
    claims = claims_of(*(Metadata(publisher=name) for name in publishers))
    copies = [Copy(str(min(a, b)), str(max(a, b)), share, share) for a, b, share in pairs if a != b]
    made = make_finding(claims)
    (found,) = with_sources([made], claims, copies)
    for shuffled in (claims, copies):
        random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert with_sources([made], claims, copies) == (found,)

    # As counted by hand: joined by a name or a copy, directly or through others.
    groups = [{n} for n in range(len(publishers))]
    same = [(a, b) for a in range(len(publishers)) for b in range(a) if _alike(publishers[a], publishers[b])]
    for a, b in [*same, *((a, b) for a, b, _ in pairs if max(a, b) < len(publishers))]:
        one, two = (next(g for g in groups if n in g) for n in (a, b))
        if one is not two:
            groups.remove(two)
            one |= two
    assert found.sources == len(groups) == found.documents - len(found.joins)
    by_origin: dict[int, set[int]] = {}
    for behind in found.backing:
        by_origin.setdefault(behind.origin, set()).add(int(behind.document))
    assert sorted(map(sorted, by_origin.values())) == sorted(map(sorted, groups))


def _alike(a: str | None, b: str | None) -> bool:
    return a is not None and b is not None and a[0].casefold() == b[0].casefold()

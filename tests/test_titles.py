"""What findings are called."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.shortening import DANGLING, TITLE_CHARACTERS, shortened
from trendnlp.consolidate.titles import is_generic
from trendnlp.types import Claim, LabelledStatement, Statement, content_id

VECTOR = np.ones(1, "<f4").tobytes()
WORDS = ("wards", "buy", "the", "of", "a", "lifts", "which", "in", "4", "billion", "USD", "and", "rents", "Health")


def claim(
    text: str,
    document: str = "a",
    headings: tuple[str, ...] = (),
    lead_in: str | None = None,
    market: str | None = None,
) -> Claim:
    statement = Statement(content_id("st", text, document), document, 0, len(text), text, 0, headings, lead_in)
    return Claim(LabelledStatement(statement, make_label(), VECTOR), document, f"{document}.txt", None, None, market)


def title(*claims: Claim) -> str:
    ordered = sorted(claims, key=lambda c: c.labelled.statement.id)
    return finding(ordered).title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wards\n buy  lifts.", "Wards buy lifts"),
        ("Clinics rent lifts in the U.S.", "Clinics rent lifts in the U.S."),
        ("However, **costs** are high.", "Costs are high"),
        ("In 2023, rents rose.", "In 2023, rents rose"),
        (
            "Hospitals in the provinces buy portable scanners, because a trip to a city costs patients a day of work.",
            "Hospitals in the provinces buy portable scanners…",
        ),
        (
            "In 2023, hospitals across the northern provinces bought portable scanners for the first time in years.",
            "Hospitals across the northern provinces bought portable scanners for the first time…",
        ),
        (
            "In China, India and Japan, sales of scanners to small clinics in rural towns rose faster than expected.",
            "In China, India and Japan, sales of scanners to small clinics in rural towns rose faster…",
        ),
        (
            "If the new rules on imports of scanners pass the senate, hospitals will order them abroad at once.",
            "If the new rules on imports of scanners pass the senate…",
        ),
        (
            "Spending on scanners of all provincial hospitals together is set to grow to USD 4.2 billion as they age",
            "Spending on scanners of all provincial hospitals together is set to grow…",
        ),
        (
            "Long waits for scans in most of the clinics run by the federal Ministry of Health and Family Welfare",
            "Long waits for scans in most of the clinics run by the federal…",
        ),
        (
            "Prices of used scanners (those of 1,000 hours and more, which hospitals sell to clinics in towns) rise.",
            "Prices of used scanners…",
        ),
    ],
)
def test_a_sentence_becomes_one_line(text: str, expected: str) -> None:
    assert shortened(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mortgage rates in the United States jumped to 8% in late 2023 and have since fallen back to about 6.5%.",
            "Mortgage rates in the United States jumped to 8% in late 2023 and have since fallen back…",
        ),
        (
            "Prices of lithium carbonate from Chile and Australia soared in 2020 and has since collapsed at once.",
            "Prices of lithium carbonate from Chile and Australia soared in 2020 and has since…",
        ),
        (
            "Hospitals in the provinces order ever more of the portable scanners, but most of them wait for grants.",
            "Hospitals in the provinces order ever more of the portable scanners, but most of them…",
        ),
        (
            "Scanners of the second generation have sold well in the towns since hospitals get grants for them.",
            "Scanners of the second generation have sold well in the towns…",
        ),
    ],
)
def test_a_title_does_not_end_where_its_statement_turns(text: str, expected: str) -> None:
    assert shortened(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Until recently, most hospitals in the rural provinces of the country did not have any access to scanners.",
            "Until recently, most hospitals in the rural provinces of the country…",
        ),
        (
            "In the absence of state subsidies for the construction of new plants, investors are likely to withdraw.",
            "…investors are likely to withdraw",
        ),
        (
            "Under the assumption that battery prices continue to fall at this pace, electric trucks will be cheaper.",
            "…electric trucks will be cheaper",
        ),
        (
            "With the right incentives, farmers in the highlands would switch to drip irrigation within a few years.",
            "With the right incentives, farmers in the highlands would switch to drip irrigation…",
        ),
        (
            "With rents falling in most of the towns on the coast, clinics have moved to larger rooms in the centre.",
            "Clinics have moved to larger rooms in the centre",
        ),
    ],
)
def test_a_title_keeps_a_condition_or_an_ellipsis_for_it(text: str, expected: str) -> None:
    assert shortened(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Owing to high interest rates, the weak yen, and the war, Japanese importers of wheat have cut their orders.",
        "Because of the war in Ukraine, as well as droughts in Argentina and Brazil, prices of wheat and maize rose.",
        "Owing to dear diesel, a sharp rise in fares and the war, importers of wheat and maize have cut their orders.",
        "On the Brandon job the modules came to $318 a square foot in the end, three dollars above the usual bid.",
        "In Poland, where about 90 firms in and around the city weld for the continent, capacities are well used.",
    ],
)
def test_a_comma_within_what_opens_a_sentence_does_not_end_it(text: str) -> None:
    assert shortened(text).split()[:3] == text.split()[:3]


@pytest.mark.parametrize(
    ("name", "market"),
    [
        *((name, None) for name in ("Key Trends", "3. Market Drivers", "What moves the market", "Growth outlook")),
        *((name, None) for name in ("Challenges and Restraints", "Key Companies", "Table of Contents", "By End User")),
        *((name, None) for name in ("Report Coverage", "Related Reports", "Asia Pacific", "NORTH AMERICA")),
        *((name, None) for name in ("Germany and France", "Rest of Europe", "Q4 2024", "H1 FY2025", "January–March")),
        *((name, "Heat pump") for name in ("Global Heat Pump Market Drivers", "Drivers for Heat Pumps", "Heat pumps")),
    ],
)
def test_parts_of_a_report_markets_places_and_periods_are_no_names(name: str, market: str | None) -> None:
    assert is_generic(name, market)
    assert title(claim(f"{name}: Wards lack nurses.", lead_in=name, market=market)) == f"{name}: Wards lack nurses"


@pytest.mark.parametrize(
    ("lead_in", "said"),
    [
        ("Jane Doe, CEO of Acme", "wards lack nurses."),
        ("Dr. Anna Klein", "wards lack nurses."),
        ("Jane Doe", "“Wards lack nurses.”"),
    ],
)
def test_who_speaks_is_no_title(lead_in: str, said: str) -> None:
    found = title(claim(f"{lead_in}: {said}", lead_in=lead_in))
    assert found.startswith(f"{lead_in}: ")
    long = f"{lead_in}, head of research at the institute: {said}"
    assert "nurses" in title(claim(long, lead_in=long.partition(":")[0]))


def test_what_a_report_says_of_a_place_or_market_names_it() -> None:
    for name in ("Ageing population", "Chinese competition", "Heat pump noise", "Heat pump noise in 2024"):
        assert not is_generic(name, "Heat pump")
    assert is_generic("Patient Lift Market", "patient lifts")
    assert not is_generic("Stock market", "patient lifts")


def test_a_name_that_members_share_is_the_title() -> None:
    path = ("Lifts 2024", "Shortage of nurses")
    shared = [
        claim("Wards lack staff.", "a", path),
        claim("Nobody wants to be a nurse.", "b", ("Care", "Shortage of nurses")),
    ]
    assert title(*shared, claim("Staff leave.", "c", ("Care", "Key Trends"))) == "Shortage of nurses"
    one_document = [claim("Wards lack staff.", "a", path), claim("Nurses leave.", "a", path)]
    assert title(*one_document) in ("Wards lack staff", "Nurses leave")
    generic = [claim("Wards lack staff.", d, ("Lifts", "Key Drivers")) for d in "ab"]
    assert title(*generic) == "Wards lack staff"
    both = [
        claim("High cost: lifts are dear.", "a", (), "High cost"),
        claim("Lifts are dear.", "b", ("Lifts", "High costs")),
    ]
    assert title(*both) in ("High cost", "High costs")


def test_a_lead_in_that_any_report_has_is_no_title() -> None:
    assert title(claim("Staff: wards lack nurses.", lead_in="Staff")) == "Staff"
    assert title(claim("Key trend: wards lack nurses.", lead_in="Key trend")) == "Key trend: wards lack nurses"


@settings(deadline=None)
@given(st.text(alphabet='ab ,;—(“)”"🏥\n1A.', min_size=1, max_size=300), st.integers(12, 90))
def test_a_title_is_one_short_line(text: str, limit: int) -> None:
    found = shortened(text, limit)
    assert len(found) <= limit
    assert "\n" not in found


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        min_size=30,
    )
)
def test_a_shortened_title_ends_with_a_whole_word_that_wants_none_after_it(words: list[str]) -> None:
    found = shortened(" ".join(words))
    assert found.endswith("…") and len(found) <= TITLE_CHARACTERS
    last = found.removesuffix("…").rpartition(" ")[2]
    if len(found) > TITLE_CHARACTERS // 3 + 1:
        assert last.lower() not in DANGLING
        assert last.lower() in {word.lower() for word in words}

"""What findings are called."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_label
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.titles import DANGLING, TITLE_CHARACTERS, is_generic, shortened
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


def test_names_of_parts_of_a_report_say_nothing() -> None:
    names = ("Key Trends", "3. Market Drivers", "What moves the market", "Challenges and Restraints", "Growth outlook")
    assert [name for name in names if not is_generic(name)] == []
    assert not is_generic("Ageing population")
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

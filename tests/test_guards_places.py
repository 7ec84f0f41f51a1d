"""Guards: what a place or a year explains, what changes places, and what may."""

from __future__ import annotations

import pytest

from trendnlp.consolidate import CosineComparer, Pair
from trendnlp.guards import Reading, fired
from trendnlp.relations import Relation

OPPOSED = [
    ("Clinics take patients from hospitals as prices fall.", "Clinics take patients from hospitals as prices rise."),
    ("Hospitals lose nurses to clinics as pay falls.", "Hospitals lose nurses to clinics as pay rises."),
    ("Delivery takes six weeks from order, and delays rise.", "Delivery takes six weeks from order, and delays fall."),
    ("Homes lose money on lifts, owing to falling fees.", "Homes lose money on lifts, owing to rising fees."),
]
ONE_CLAIM = [
    ("Rising wages, rents and energy prices squeeze bakers.", "Rising energy prices, rents and wages squeeze bakers."),
    ("Care homes buy beds, lifts and pumps.", "Care homes buy pumps, lifts and beds."),
    ("Hospitals as well as clinics buy patient lifts.", "Clinics as well as hospitals buy patient lifts."),
    ("Hospitals alongside clinics buy patient lifts.", "Clinics alongside hospitals buy patient lifts."),
    ("Dealers compete with makers for care homes.", "Makers compete with dealers for care homes."),
    ("Nurses/doctors ask for lighter lifts.", "Doctors/nurses ask for lighter lifts."),
    ("Hospitals lack trained nurses.", "Hospitals are short of trained nurses."),
    ("Hospitals save on night staff.", "Hospitals spend less on night staff."),
    ("Before hospitals buy lifts they test them.", "After hospitals test lifts, they buy them."),
    ("Start-ups win orders from makers.", "Makers lose orders to start-ups."),
    ("Hospitals turn to robots because they lack cleaners.", "Few know the market, although robots clean hospitals."),
]


@pytest.mark.parametrize(("a", "b"), OPPOSED)
def test_who_takes_what_from_whom_hides_no_other_opposition(a: str, b: str) -> None:
    assert [guard.name for guard in fired(Reading(a), Reading(b))] == ["direction"]


@pytest.mark.parametrize(("a", "b"), ONE_CLAIM)
def test_what_may_change_places_and_other_words_for_one_thing_pass(a: str, b: str) -> None:
    assert fired(Reading(a), Reading(b)) == ()


@pytest.mark.parametrize(
    ("a", "b", "names"),
    [
        (
            "Demand for patient lifts in Spain is rising.",
            "Demand for patient lifts in Italy is falling.",
            ["place", "direction"],
        ),
        (
            "Prices of patient lifts rose in 2021.",
            "Prices of patient lifts fell in 2023.",
            ["year", "direction"],
        ),
    ],
)
def test_what_rises_in_one_place_or_year_and_falls_in_another_is_no_contradiction(
    a: str, b: str, names: list[str]
) -> None:
    found = fired(Reading(a), Reading(b))
    assert [guard.name for guard in found] == names
    (verdict,) = CosineComparer(0.8, "encoder").compare([Pair(Reading(a), Reading(b), 0.9)])
    assert verdict.relation is Relation.DIFFERS_IN


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Demand for patient lifts in Europe is rising.", "Demand for patient lifts in Germany is rising."),
        ("Wages hold back care homes in Thailand.", "Wages hold back care homes in South-East Asia."),
        ("Benelux hospitals buy more patient lifts.", "Western European hospitals buy more patient lifts."),
    ],
)
def test_a_region_and_a_country_in_it_are_a_whole_and_a_part(a: str, b: str) -> None:
    assert [(guard.name, guard.relation) for guard in fired(Reading(a), Reading(b))] == [("part", Relation.DISTINCT)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Demand for patient lifts in Germany is rising.", "Demand for patient lifts is rising."),
        ("Patient lifts sell in Germany, Europe's largest market.", "Patient lifts sell in Germany."),
        ("Patient lifts are short worldwide.", "Patient lifts are short in Germany."),
        ("European makers of lifts leave Spain.", "Makers of lifts from Germany, France and Italy leave Spain."),
    ],
)
def test_a_place_beside_none_or_beside_the_world_or_several_for_their_region_is_no_part(a: str, b: str) -> None:
    assert fired(Reading(a), Reading(b)) == ()


@pytest.mark.parametrize("text", ["Spain", "Spain and Italy.", "—", "5 %"])
def test_a_statement_of_little_more_than_a_place_can_be_looked_at(text: str) -> None:
    assert fired(Reading(text), Reading(f"because {text}")) == ()

"""Market facts: what is found of sizes, forecasts and rates, what is none, and that their words are the document's."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.read import read_text
from trendnlp.read.facts import facts_of
from trendnlp.read.figures import figures, years
from trendnlp.read.lines import word_set
from trendnlp.read.parsed import Parsed
from trendnlp.read.plain import read_plain
from trendnlp.types import Block, BlockKind, Fact, FactKind, Format

# The floors are those of the gold as it is: a change of the rules that loses more than one fact fails.
PRECISION, RECALL = 0.97, 0.94
SECONDS = 5.0  # of processor for 20,000 characters made to be slow; they take up to 0.15
WORDS = sorted(
    word_set(
        """
        the lift market industry sector segment was is valued at worth estimated projected expected to reach grow by as
        of sales revenue company CAGR compound annual growth rate from between and in during driven which base year USD
        $ € ¥ INR 4.2 1,000 7 5 % percent million billion crore 2024 2030 2024-2030 X.X XX , . ( ) ; : –
        """
    )
)


def found(text: str, **options: Format) -> list[Fact]:
    document = read_text(text, **options)
    for fact in document.facts:
        assert document.text[fact.start : fact.end] == fact.text
    return list(document.facts)


def brief(text: str) -> list[tuple[str, str]]:
    return [(fact.kind.value, fact.text) for fact in found(text)]


@pytest.fixture(scope="module")
def scoring() -> ModuleType:
    path = Path(__file__).parents[1] / "benchmarks" / "facts.py"
    spec = importlib.util.spec_from_file_location("benchmark_facts", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def test_marks_of_notes_belong_to_no_figure() -> None:
    assert brief("The market hit USD 4.2 billion¹ in 2024².") == [("size", "USD 4.2 billion¹ in 2024")]


def test_a_sum_has_the_year_of_its_own_words() -> None:
    def years(text: str) -> list[tuple[str, int | None]]:
        return [(fact.kind.value, fact.year) for fact in found(text)]

    assert years("The lift market was worth USD 2.5 Bn. in 2023 and will reach USD 3.1 Bn. by 2030.") == [
        ("size", 2023),
        ("forecast", 2030),
    ]
    opening = (
        "In 2024, the lift market was valued at $6 billion, and it is expected to reach $10 billion within six years."
    )
    assert years(opening) == [("size", 2024), ("forecast", None)]
    compared = "By 2030, the lift market will be worth $10 billion, compared with $6 billion today."
    assert years(compared)[0] == ("forecast", 2030) and years(compared)[1][1] is None


def test_words_that_spell_a_currency_code_are_no_currency() -> None:
    assert brief("The insulin market reached 4.5 million pen needles in 2023.") == []
    assert brief("The vaping market is huge: 3.5 million try it each year.") == []


def test_a_year_to_which_a_market_runs_is_to_come() -> None:
    assert brief("The lift market is forecast to expand at 5.4% CAGR through 2033, topping US$ 9 Bn.") == [
        ("cagr", "5.4% CAGR through 2033"),
        ("forecast", "US$ 9 Bn"),
    ]
    assert brief("The lift market was estimated to be USD 2.3 billion in 2022.") == [
        ("size", "USD 2.3 billion in 2022")
    ]


def test_a_bracket_that_is_opened_is_closed() -> None:
    assert brief("The market size reached US$1,234 Mn (2023).") == [("size", "US$1,234 Mn (2023)")]


def test_the_gold_is_found(scoring: ModuleType) -> None:
    score = scoring.measure()
    assert (score.texts, score.gold.total()) == (190, 133)
    assert score.precision >= PRECISION and score.recall >= RECALL, "\n".join(score.errors)


def test_a_whole_sentence() -> None:
    text = (
        "The patient lift market was valued at USD 4.2 billion in 2024 and is projected to reach USD 6.4 to 6.6 "
        "billion by 2030, at a CAGR of 7.1 % from 2025 to 2030."
    )
    of = "patient lift market"
    assert found(text) == [
        Fact(FactKind.SIZE, 38, 61, "USD 4.2 billion in 2024", 4.2, None, 10**9, "USD", None, 2024, of),
        Fact(FactKind.FORECAST, 88, 118, "USD 6.4 to 6.6 billion by 2030", 6.4, 6.6, 10**9, "USD", None, 2030, of),
        Fact(FactKind.CAGR, 125, 156, "CAGR of 7.1 % from 2025 to 2030", 7.1, None, 1, None, 2025, 2030, of),
    ]


def test_a_table_of_the_report_s_scope() -> None:
    rows = ["Base year | 2023", "Market size in 2023 | USD 4.2 billion", "Revenue forecast in 2030 | USD 8.5 billion"]
    rows += ["Growth rate | CAGR of 7.1% from 2024 to 2030", "Pages | 148", "Price | USD 4,500"]
    table = "\n".join(f"| {row} |" for row in ["Attribute | Detail", "--- | ---", *rows])
    facts = found(f"# Scope\n\n{table}\n", format=Format.MARKDOWN)
    assert [(f.kind, f.amount, f.since, f.year) for f in facts] == [
        (FactKind.BASE_YEAR, None, None, 2023),
        (FactKind.SIZE, 4.2, None, 2023),
        (FactKind.FORECAST, 8.5, None, 2030),
        (FactKind.CAGR, 7.1, 2024, 2030),
    ]


def test_headings_list_items_and_pronouns_of_the_sentence_before() -> None:
    text = (
        "# Lift Market to Reach USD 8.2 Billion by 2031\n\nThe market was worth €5 billion in 2022. It will exceed "
        "€6 billion in 2026. It cost a firm €2 billion.\n\n- Market size (2022): €5.1 billion\n"
    )
    assert [(f.kind.value, f.text) for f in found(text, format=Format.MARKDOWN)] == [
        ("forecast", "USD 8.2 Billion by 2031"),
        ("size", "€5 billion in 2022"),
        ("forecast", "€6 billion in 2026"),
        ("size", "€5.1 billion"),
    ]


def test_offsets_hold_beside_characters_of_every_width() -> None:
    text = "市场 😀 ﬁ é — The 🚀 market was worth ₹4,500\u00a0crore in 2024, up from ₹3,900 crore in 2021 😀."
    assert brief(text) == [("size", "₹4,500\u00a0crore in 2024"), ("size", "₹3,900 crore in 2021")]


def test_the_sign_of_yen_and_yuan() -> None:
    body = "The market stood at ¥38 billion in 2023."
    currencies = {country: found(f"{country} Tea Market\n\n{body}")[0].currency for country in ("China", "Japan")}
    assert currencies == {"China": "CNY", "Japan": "JPY"}


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("US$ 312.4 million", [(312.4, None, 10**6, "USD")]),
        ("INR 4,500 crore", [(4500.0, None, 10**7, "INR")]),
        ("INR 1,25,000 crore", [(125000.0, None, 10**7, "INR")]),
        ("$1.5bn", [(1.5, None, 10**9, "USD")]),
        ("USD4.2Bn", [(4.2, None, 10**9, "USD")]),
        ("RMB 60 billion", [(60.0, None, 10**9, "CNY")]),
        ("2.9 billion euros", [(2.9, None, 10**9, "EUR")]),
        ("3 million Australian dollars", [(3.0, None, 10**6, "AUD")]),
        ("USD 4–5 billion", [(4.0, 5.0, 10**9, "USD")]),
        ("$700 million-$1.2 billion", [(700.0, 1200.0, 10**6, "USD")]),
        ("from $4 to $5 billion", [(4.0, None, 10**9, "USD"), (5.0, None, 10**9, "USD")]),
        ("between 5% and 6% a year", [(5.0, 6.0, 1, None)]),
        ("-2.1 %", [(-2.1, None, 1, None)]),
        ("grew 4.5% to $3.2 billion", [(4.5, None, 1, None), (3.2, None, 10**9, "USD")]),
        *((none, []) for none in ("USD XX billion", "X% CAGR", "$X.X Bn", "USD 4.X billion", "¥X billion", "20XX")),
        *((none, []) for none in ("€1,2 Mrd.", "4.2 billion units", "5 m of cable", "10.1.1.1 USD", "COVID-19")),
    ],
)
def test_figures(text: str, amounts: list[tuple[float, float | None, int, str | None]]) -> None:
    assert [(f.amount, f.upto, f.scale, f.currency) for f in figures(text, "JPY")] == amounts


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("in 2024", [(None, 2024)]),
        ("2025–2030, FY2024-25, from 2019 to 2024", [(2025, 2030), (2024, 2025), (2019, 2024)]),
        ("between 2020 and 2025", [(2020, 2025)]),
        ("in 2024 and 2030", [(None, 2024), (None, 2030)]),
        ("in 2024 to 85 firms, 2024%, $2024, 2024.5, 12024, 20XX-20XX", [(None, 2024)]),
    ],
)
def test_years(text: str, spans: list[tuple[int | None, int]]) -> None:
    assert [(y.first, y.last) for y in years(text)] == spans


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=80).map(" ".join))
def test_whatever_the_text_the_words_are_the_document_s(text: str) -> None:
    parsed = read_plain(text)
    facts = facts_of(parsed, None)
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)
    assert [fact.start for fact in facts] == sorted(fact.start for fact in facts)
    assert all(fact.upto is None or fact.amount is not None for fact in facts)


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1,",
        "1.",
        "$",
        "\n",
        "a",
        "a-",
        "USD 1 million ",
        "market at USD 4 million ",
        "market 5% ",
        "5% to ",
        "2024-",
    ],
)
def test_no_text_is_slow(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    parsed = Parsed(text, (Block(0, len(text), BlockKind.PARAGRAPH),))
    begun = time.process_time()
    facts_of(parsed, None)
    assert time.process_time() - begun < SECONDS

"""Quantities and times: the same number in two ways is one, another number, unit or year is another claim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 0.011  # of a value, where one of two is in words, rounded or of another unit: 33 percent is a third
COARSE = 0.04  # of a value, by how much the finer of two written figures may miss the coarser: "12%" is no "11.5%"
EXACT = 1e-6  # of a value: what is left of an addition or a division
ROUNDED = (
    0.08  # where one of two is rounded: 19 percent is "a fifth", and 30 no "quarter"; six weeks a month and a half
)
LOOSE = 0.13  # the same where a sure judge says that they are one
WHOLE_ROOM = 0.5  # of two shares, what they may miss of 100
TURNED_ROOM = 0.02  # of two factors, what their product may miss of one
SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "mln": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "bln": 1e9, "trillion": 1e12, "tn": 1e12, "lakh": 1e5, "crore": 1e7, "dozen": 12.0, "hundred": 100.0,
}  # fmt: skip
CURRENCIES = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "€": "eur", "eur": "eur", "euro": "eur",
    "euros": "eur", "£": "gbp", "gbp": "gbp", "pounds": "gbp", "¥": "jpy", "jpy": "jpy", "yen": "jpy", "₹": "inr",
    "inr": "inr", "rupees": "inr", "cny": "cny", "rmb": "cny", "yuan": "cny", "chf": "chf", "aud": "aud", "cad": "cad",
    "brl": "brl", "reais": "brl", "krw": "krw", "won": "krw", "zar": "zar", "rand": "zar", "sek": "sek", "nok": "nok",
    "pln": "pln", "zloty": "pln", "mxn": "mxn", "pesos": "mxn", "aed": "aed", "dirhams": "aed",
}  # fmt: skip
UNITS = {
    "%": "percent", "percent": "percent", "per cent": "percent", "pct": "percent", "percentage points": "points",
    "percentage point": "points", "pp": "points", "points": "points", "basis points": "basis points",
    "bps": "basis points",
    "tonnes": "tonne", "tonne": "tonne", "tons": "tonne", "ton": "tonne", "mt": "tonne",
    "kilograms": "kg", "kg": "kg", "grams": "g",
    "litres": "litre", "liters": "litre", "litre": "litre", "barrels": "barrel", "gallons": "gallon",
    "gigawatts": "gw", "gw": "gw", "megawatts": "mw", "mw": "mw", "kilowatts": "kw", "kw": "kw", "gwh": "gwh",
    "mwh": "mwh", "kwh": "kwh", "twh": "twh", "hectares": "ha", "ha": "ha", "acres": "acre", "square metres": "m2",
    "square meters": "m2", "sq m": "m2", "sqm": "m2", "m2": "m2", "m²": "m2",
    "square feet": "sqft", "sq ft": "sqft", "sqft": "sqft",
    "kilometres": "km", "kilometers": "km", "km": "km", "miles": "mile", "metres": "metre", "meters": "metre",
    "years": "year", "year": "year", "year-old": "year", "months": "month", "month": "month", "weeks": "week",
    "week": "week", "days": "day", "day": "day", "hours": "hour", "hour": "hour", "minutes": "minute",
    "seconds": "second", "times": "times", "fold": "times", "x": "times", "degrees": "degree", "decades": "decade",
    "quarters": "quarters",
}  # fmt: skip
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
SPELT = {word: float(i) for i, word in enumerate([*ONES.split(), "eighteen", "nineteen"])} | {
    word: 10.0 * i for i, word in enumerate(TENS.split(), 2)
}
PARTS = {
    "half": 50, "one half": 50, "a third": 100 / 3, "one third": 100 / 3, "one-third": 100 / 3, "two thirds": 200 / 3,
    "two-thirds": 200 / 3, "one quarter of": 25, "three quarters": 75, "three-quarters": 75,
    "a fifth": 20, "one fifth": 20, "a tenth": 10, "one tenth": 10, "two fifths": 40, "three fifths": 60,
    "four fifths": 80, "a sixth": 100 / 6, "a seventh": 100 / 7, "an eighth": 100 / 8,
}  # fmt: skip
# A quarter by itself is a time.
PARTS |= {f"a quarter {word}": 25 for word in ("of", "below", "above", "less", "more", "lower", "higher", "cheaper")}
# By how many percent something is more, or less.
FACTORS = {
    "double": 100, "doubled": 100, "doubles": 100, "doubling": 100, "twice": 100, "twofold": 100, "triple": 200,
    "tripled": 200, "threefold": 200, "quadruple": 300, "quadrupled": 300, "fourfold": 300, "halved": 50, "halve": 50,
    "halving": 50,
}  # fmt: skip
# Units that are multiples of another one, the one that is used most: beside it a figure without a unit is the same. A
# month is so long that ninety days are three, and twelve a year, within the tolerance.
MULTIPLES: Mapping[str, tuple[float, str]] = {
    "second": (1 / 86_400, "day"), "minute": (1 / 1440, "day"), "hour": (1 / 24, "day"), "week": (7.0, "day"),
    "month": (30.2, "day"), "quarters": (91.0, "day"), "year": (365.0, "day"), "decade": (3650.0, "day"),
    "kg": (1e-3, "tonne"), "g": (1e-6, "tonne"), "gw": (1e3, "mw"), "kw": (1e-3, "mw"), "mwh": (1e-3, "gwh"),
    "kwh": (1e-6, "gwh"), "twh": (1e3, "gwh"), "metre": (1e-3, "km"), "mile": (1.609, "km"),
    "basis points": (1e-2, "points"),
}  # fmt: skip
LONG = frozenset(("month", "year", "decade"))  # of these, few mean the day
DECADE, YEAR_LONG, HOUR = (MULTIPLES[unit][0] for unit in ("decade", "year", "hour"))
SPANS = (
    dict.fromkeys(("a decade", "the decade", "one decade", "the next decade"), DECADE)
    | dict.fromkeys(("half-decade", "half a decade"), DECADE / 2)
    | {"half an hour": HOUR / 2, "half a day": 0.5, "half a year": YEAR_LONG / 2}
)
TIME = "time"
# What a unit measures, where others measure it too: only of one measure can one statement say another figure.
MEASURES = (
    dict.fromkeys(("percent", "points"), "share")
    | dict.fromkeys(CURRENCIES.values(), "money")
    | dict.fromkeys(("litre", "barrel", "gallon"), "volume")
    | dict.fromkeys(("ha", "acre", "m2", "sqft"), "area")
    | {"day": TIME}
)


def _choice(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


UNATTACHED = r"(?<![\w)%°])(?<!\d[$€£¥₹])(?<!\d [$€£¥₹])"  # before a sign: a dash after a figure or its unit is none
AMOUNT = re.compile(
    r"(?=\b[a-z]|[-−–$€£¥₹\d]|us\$)"  # looked at first: within most words begins none
    rf"(?P<sign>{UNATTACHED}[-−–](?=[\d$€£¥₹]))?"  # not a hyphen, nor the dash of a range
    rf"(?P<before>(?:us\$|[$€£¥₹]|\b(?:usd|eur|gbp|jpy|inr|cny|rmb|chf|aud|cad|brl|krw|zar|sek|nok|pln|mxn|aed))\s?)?"
    # without a currency before it, a digit that follows a letter is part of a name
    rf"(?P<number>(?(before)|(?<![a-z\d.,])(?<![a-z]-))\d[\d,]*(?:\.\d+)?|\b(?:{_choice(list(SPELT))})(?:-(?:{_choice(ONES.split())}))?\b(?!-))"
    rf"(?:[ -]?(?P<scale>{_choice(list(SCALES))})(?![a-z\d²³]))?"
    rf"(?:[ -]?(?P<unit>{_choice([*UNITS, *CURRENCIES])})(?![a-z]))?"
)
# What makes a figure a round one, right before it.
HEDGE = re.compile(
    r"(?:^|[^\w])(?:about|around|roughly|nearly|almost|approximately|approx\.?|circa|ca\.?|some|close to|up to|"
    r"estimated|over|under|above|below|(?:more|less|fewer) than|at (?:least|most)|(?:north|upwards) of|as much as)\s*$|"
    r"[~≈]\s*$"
)
HEDGE_LENGTH = 16
# Of "Mt" the capital tells it from a lone tonne ("MT").
MEGATONNES = re.compile(r"(?<=\d)[ -]?(?:(?P<million>Mt)|kt)(?:pa)?(?![\w²³])")
# An "m" that is a metre: what follows is a length, or another one.
IN_METRES = re.compile(
    r"(?<![$€£¥₹\d.,])(?P<number>\d[\d,]*(?:\.\d+)?)[ -]?m(?="
    r"[ -](?:long|wide|deep|high|tall|thick|apart|away)(?![\w-])|"
    r" (?:in )?(?:length|height|depth|width|diameter)\b| (?:above|below) (?:the )?(?:ground|sea|surface|water)\b|"
    r" ?[x×] ?\d| by \d)"
)
DATED = "|".join(rf"(?<=\b{word} )" for word in ("in", "by", "since", "until", "during", "early", "late", "mid"))
COUNTED = "people|persons|workers|employees|staff|jobs|homes|households|units|vehicles|cars|beds|rooms|stores|shops"
GROUPED = re.compile(r"(?<![\d.,\w-])\d{1,3}(?: \d{3})+(?![\d.,]*\d)")  # "50 000"
YEAR = re.compile(
    rf"(?<![$€£¥₹])(?<![$€£¥₹] )(?P<dated>{DATED})?\b(?P<first>(?:19|20)\d\d)(?!\d)"
    r"(?:\s?[-–]\s?(?P<last>(?:19|20)?\d\d)\b)?(?![\d%.,]\d)"
    rf"(?(dated)|(?!\s?%|[ -](?:{_choice([*UNITS, *SCALES, *CURRENCIES])})\b|[ ](?:{COUNTED})\b))"
)
PERIOD = re.compile(
    r"\b(?:[qh][1-4]|[1-4][qh]|(?P<which>first|second|third|fourth)[ -](?P<part>quarter|half))\b"
    r"(?! of (?!(?:the|this|next|last) |(?:19|20)\d\d))"
)
PERIODS = {"quarter": "q", "half": "h", "first": "1", "second": "2", "third": "3", "fourth": "4"}
HORIZON = re.compile(
    r"\b(?:in|over) the (?P<one>short|near|medium|mid|long)(?:er)?"
    r"(?:[ -]+(?:to|and|or) (?P<other>medium|mid|long)(?:er)?)?[ -](?:term|run)\b(?! of\b)"
)
HORIZONS = {"near": "short", "mid": "medium"}
NUMBER = rf"\d[\d,]*(?:\.\d+)?|{_choice(list(SPELT))}"
SMALL = _choice(ONES.split()[1:11])
RATIO = re.compile(
    rf"\b(?:(?P<part>{NUMBER})|(?P<some>{SMALL}) [a-z]+) "
    r"(?:(?:in|out of)(?: every)?|of every|of(?= (?:ten|10|100)\b)|"
    r"(?<=\btwo )of(?= three\b)|(?<=\bthree )of(?= four\b)|(?<=\bfour )of(?= five\b)) "
    rf"(?P<whole>{NUMBER})\b(?![\d.,]*\d| (?:{_choice(list(UNITS))})\b)(?P<plural> [a-z]+s\b)?"
)
# Halves beside figures and units, as decimals.
AND_A_HALF = re.compile(rf"\b(?P<number>{NUMBER}) and a half\b|\ban? (?P<unit>{_choice(list(UNITS))}) and a half\b")
PART_OF_UNIT = re.compile(
    r"\b(?P<part>half an?|a half|a quarter of an?|three quarters of an?) "
    r"(?=(?:dozen|hundred|[mbt]r?illion|percent|per cent|percentage point)\b)"
)
PARTS_OF_UNIT = {"h": "0.5 ", "a h": "0.5 ", "a q": "0.25 ", "t": "0.75 "}
WORDED = re.compile(
    rf"\b(?:(?P<span>{_choice(list(SPANS))})|(?P<part>{_choice(list(PARTS))})|(?P<factor>{_choice(list(FACTORS))}))\b(?!-)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value and its unit ("" where none is named; that of which it is one of ``MULTIPLES``), as it is written.
    ``rounded`` says that it is a part in words, or counts months or years; ``hedged`` that it is "about" so much.
    ``named`` is its unit before it was converted, or how it is told in words; ``step`` what one in its last written
    digit stands for.
    """

    value: float
    unit: str
    written: str
    rounded: bool = False
    hedged: bool = False
    named: str = ""
    step: float = 0.0

    @property
    def measure(self) -> str:
        """What it is a figure of, "" where nothing tells."""
        return MEASURES.get(self.unit, self.unit)


@dataclass(frozen=True, slots=True)
class Figures:
    """The quantities of a statement, the years that it names, the quarters and halves, and the horizons ("in the long
    term").
    """

    quantities: tuple[Quantity, ...]
    years: frozenset[str]
    periods: frozenset[str]
    horizons: frozenset[str] = frozenset()


def figures(text: str) -> Figures:
    text = MEGATONNES.sub(lambda found: " million tonnes" if found["million"] else " thousand tonnes", text).lower()
    text = GROUPED.sub(lambda found: found[0].replace(" ", ""), text)
    text = IN_METRES.sub(r"\g<number> metres", text)
    text = PART_OF_UNIT.sub(_part_of_unit, AND_A_HALF.sub(_and_a_half, text))
    named: set[str] = set()
    quantities: list[Quantity] = []
    found_periods, text = _taken(PERIOD, text)
    periods = (PERIODS[p["part"]] + PERIODS[p["which"]] if p["part"] else _period(p[0]) for p in found_periods)
    horizons = {HORIZONS.get(far, far) for found in HORIZON.finditer(text) for far in found.groups() if far}
    years, text = _taken(YEAR, text)
    for found in years:
        first, last = found["first"], found["last"]
        named |= {first, *([last if len(last) == 4 else first[:2] + last] if last else [])}
    ratios, text = _taken(RATIO, text)
    for found in ratios:
        part, whole = _value(found["part"] or found["some"]), _value(found["whole"])
        # "two clients in three", and not "two plants in three states"
        if part < whole and not (part > 1 and found["some"] and found["plural"]):
            rounded = not found[0][0].isdigit()
            quantities.append(Quantity(100 * part / whole, "percent", found[0], rounded, named="ratio"))
    worded, text = _taken(WORDED, text)
    quantities += map(_worded, worded)
    quantities += [q for found in AMOUNT.finditer(text) if (q := _amount(found))]
    return Figures(tuple(quantities), frozenset(named), frozenset(periods), frozenset(horizons))


def _and_a_half(found: re.Match[str]) -> str:
    return f"{_value(found['number']) + 0.5}" if found["number"] else f"1.5 {found['unit']}s"


def _part_of_unit(found: re.Match[str]) -> str:
    return next(value for opening, value in PARTS_OF_UNIT.items() if found[0].startswith(opening))


def _period(written: str) -> str:
    """ "1h" is "h1"."""
    return "".join(sorted(written, reverse=True))


def _taken(pattern: re.Pattern[str], text: str) -> tuple[list[re.Match[str]], str]:
    """What ``pattern`` finds, and ``text`` with a space for each."""
    found = list(pattern.finditer(text))
    return found, pattern.sub(" ", text) if found else text


def unmatched(a: Sequence[Quantity], b: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Those of ``a`` that ``b`` has not."""
    if not a or a == b:
        return ()
    return tuple(q for q in a if not any(equal(q, other) for other in b))


def equal(a: Quantity, b: Quantity) -> bool:
    return near(a, b) and (a.unit == b.unit or not (a.unit and b.unit))


def near(a: Quantity, b: Quantity) -> bool:
    """Whether the values are one, whatever the units. Of two written figures of one unit, the finer is the coarser one
    where it rounds to it.
    """
    if a.value == b.value:
        return True
    off, size = abs(a.value - b.value), max(abs(a.value), abs(b.value))
    if a.rounded != b.rounded:
        return off <= ROUNDED * size
    if a.hedged or b.hedged or (a.named != b.named and a.named and b.named):
        return off <= TOLERANCE * size
    coarse, fine = (a, b) if a.step >= b.step else (b, a)
    half, beyond = coarse.step / 2, abs(fine.value) - abs(coarse.value)
    rounds = -half * (1 + EXACT) <= beyond < half * (1 - EXACT) and off <= COARSE * size
    return rounds or off <= EXACT * size


def may_agree(a: Quantity, b: Quantity) -> bool:
    """Whether two figures that are not equal can still tell one thing: of two shares one is what the other leaves ("40
    % feed", "60 % all else"), or one is the other turned round ("twice as dear", "at half the price"), or one of them
    is rounded more than usual ("30 %", "nearly a third").
    """
    if a.unit != b.unit:
        return False
    if (a.rounded or b.rounded) and abs(a.value - b.value) <= LOOSE * max(abs(a.value), abs(b.value)):
        return True
    if a.unit != "percent":
        return False
    if abs(a.value + b.value - 100) <= WHOLE_ROOM:
        return True
    in_words = not (a.written[0].isdigit() and b.written[0].isdigit())
    turned = ((1 + x / 100) * y / 100 for x, y in ((a.value, b.value), (b.value, a.value)))
    return in_words and any(abs(product - 1) <= TURNED_ROOM for product in turned)


def comparable(a: Quantity, b: Quantity) -> bool:
    """Whether both can be figures of one thing, so that one contests the other: shares, sums of money, spans of time.

    A figure without a unit may be one of anything but time.
    """
    one, other = a.measure, b.measure
    return one == other if one and other else TIME not in (one, other)


def _value(written: str) -> float:
    if written[0].isdigit():
        return float(written.replace(",", "").rstrip("."))
    tens, _, ones = written.partition("-")
    return SPELT[tens] + (SPELT[ones] if ones else 0.0)


def _worded(found: re.Match[str]) -> Quantity:
    if found["part"]:
        return Quantity(PARTS[found["part"]], "percent", found[0], rounded=True, named="part")
    if found["factor"]:
        return Quantity(FACTORS[found["factor"]], "percent", found[0], named="factor")
    return Quantity(SPANS[found["span"]], "day", found[0], named="span")


def _amount(found: re.Match[str]) -> Quantity | None:
    """None for "one" and "two" alone, which count nothing that must agree ("one of the reasons")."""
    scale = SCALES.get(found["scale"] or "", 1.0)
    value = _value(found["number"]) * scale * (-1 if found["sign"] else 1)
    step = scale * 10.0 ** -len(found["number"].partition(".")[2])
    written = (found["before"] or "").strip() or found["unit"] or ""
    unit = named = CURRENCIES.get(written) or UNITS.get(written, "")
    if unit == "times":
        value, step, unit = 100 * abs(value - 1), 100 * step, "percent"
    elif unit in MULTIPLES:
        factor, unit = MULTIPLES[unit]
        value, step = value * factor, step * factor
    if not unit and not found["scale"] and value < 3 and not found["number"][0].isdigit():
        return None
    hedged = HEDGE.search(found.string[max(0, found.start() - HEDGE_LENGTH) : found.start()]) is not None
    return Quantity(value, unit, found[0].strip(), named in LONG, hedged, named, step)

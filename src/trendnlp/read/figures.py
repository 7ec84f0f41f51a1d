"""Sums of money, percentages and years in running text: their places and values, not yet what they are about.

Every pattern is linear: alternatives exclude each other, and what repeats is bounded or possessive. Placeholders
("USD XX billion", "X.X%", "20XX") are no figures, since a figure has digits alone.
"""

# ruff: noqa: RUF001 - the dashes of real texts are meant

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trendnlp.read.lines import word_set

# Signs and names to ISO 4217. Dollars without a country are US dollars; ¥ is told by the caller.
SIGNS: Mapping[str, str] = {
    "US$": "USD",
    "USD$": "USD",
    "U.S.$": "USD",
    "U.S. $": "USD",
    "US $": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "S$": "SGD",
    "NT$": "TWD",
    "R$": "BRL",
    "MX$": "MXN",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₦": "NGN",
    "₪": "ILS",
    "RMB": "CNY",
    "Rs": "INR",
    "Rs.": "INR",
    "Rp": "IDR",
    "RM": "MYR",
}
CODES = sorted(
    word_set(
        """
        USD EUR GBP JPY CNY INR AUD CAD CHF SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH BRL MXN ARS CLP COP PEN KRW TWD
        HKD SGD MYR THB IDR PHP VND PKR BDT LKR AED SAR QAR KWD BHD OMR JOD EGP MAD NGN KES GHS ZAR ILS NZD ISK KZT
        """
    )
)
WORDS: Mapping[str, str] = {
    "dollar": "USD",
    "euro": "EUR",
    "pound": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
    "renminbi": "CNY",
    "rmb": "CNY",
    "rupee": "INR",
    "won": "KRW",
    "real": "BRL",
    "reais": "BRL",
    "zloty": "PLN",
    "lira": "TRY",
    "rouble": "RUB",
    "ruble": "RUB",
    "rand": "ZAR",
    "dirham": "AED",
    "riyal": "SAR",
    "baht": "THB",
    "ringgit": "MYR",
    "rupiah": "IDR",
    "naira": "NGN",
    "franc": "CHF",
    "dong": "VND",
}
NATIONS: Mapping[str, str] = {
    "australian dollar": "AUD",
    "canadian dollar": "CAD",
    "singapore dollar": "SGD",
    "hong kong dollar": "HKD",
    "new zealand dollar": "NZD",
    "pakistani rupee": "PKR",
    "egyptian pound": "EGP",
}
SCALES: Mapping[str, int] = {
    **dict.fromkeys(("thousand", "k"), 10**3),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 10**5),
    **dict.fromkeys(("million", "millions", "mn", "mln", "mio", "m"), 10**6),
    **dict.fromkeys(("crore", "crores", "cr"), 10**7),
    **dict.fromkeys(("billion", "billions", "bn", "bln", "b"), 10**9),
    **dict.fromkeys(("trillion", "trillions", "tn", "trn", "tr"), 10**12),
    "lakh crore": 10**12,
}
LETTERS = frozenset("kmb")  # only after a currency sign: "5 m" is a length

# Digits alone, and no part of "4.X", "20XX", "1.2.3" or "1,2 Mrd."
NUMBER = r"(?<![\dxX.,])(?P<number>\d{1,3}(?:,\d{2,3}){1,6}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)(?![.,]?[\dxX])"
SCALE = "|".join(sorted(SCALES, key=len, reverse=True)).replace(" ", r"\s")
SIGN = "|".join(re.escape(sign) for sign in sorted({*SIGNS, *CODES}, key=len, reverse=True))
NATION = "|".join(dict.fromkeys(name.rpartition(" ")[0] for name in NATIONS))
AMOUNT = re.compile(rf"{NUMBER}(?:[\s-]?(?P<scale>(?i:{SCALE}))(?![A-Za-z]))?")
BEFORE = re.compile(rf"(?<![\w$€£¥₹])({SIGN})\s{{0,2}}$")
LONGEST_SIGN = 8  # characters, with the spaces after it
AFTER = re.compile(
    rf"\s{{0,2}}\(?(?:(?P<code>(?-i:{'|'.join(CODES)}))\b|(?:(?:US|U\.S\.|american)\s)?"
    rf"(?P<word>(?:(?:{NATION})\s)?(?:{'|'.join(WORDS)}))s?\b)",
    re.IGNORECASE,
)
CONNECTOR = re.compile(rf"\s{{0,2}}(?:(?P<dash>[-–—])|(?P<word>to|and))\s{{0,2}}(?:(?P<sign>{SIGN})\s{{0,2}})?(?=\d)")
LEAD = re.compile(r"\b(from|between)\s+(?:(?:about|around|approximately|nearly|over)\s+)?[-−–+]?$", re.IGNORECASE)
PER_CENT = re.compile(r"\s{0,2}(?:%|per\s?cent\b|pct\b)", re.IGNORECASE)
MINUS = re.compile(r"(?<![\w)])[-−–]$")
YEAR = re.compile(
    r"(?<![\w.,$€£¥₹])(?:(?:FY|CY)\s?)?(?P<first>(?:19|20)\d\d)(?:[EFP]\b)?"
    r"(?:(?P<joint>\s{0,2}[-–—‒/]\s{0,2}|\s+(?:to|and|through|until|till)\s+)(?:(?:FY|CY)\s?)?"
    r"(?P<last>(?:19|20)\d\d|(?<=[-–—‒/])\d\d(?![.,]?\d)))?(?:[EFP]\b)?(?![\w%]|[.,]\d)"
)
BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
MAX_SPAN = 60  # years


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of money or a percentage at ``text[start:end]``, or with ``upto`` a range of them.

    Of money they count ``scale`` units of ``currency``; of a percentage ``currency`` is None.
    """

    start: int
    end: int
    amount: float
    upto: float | None
    scale: int
    currency: str | None


@dataclass(frozen=True, slots=True)
class Years:
    """A year at ``text[start:end]``, or with ``first`` the first and the last of several."""

    start: int
    end: int
    first: int | None
    last: int


def figures(text: str, yen: str) -> Iterator[Figure]:
    """Sums of money and percentages in text order; ``yen`` is the currency of the sign ¥."""
    at = 0
    while found := AMOUNT.search(text, at):
        figure = _figure(text, found, yen)
        at = figure.end if figure else found.end()
        if figure:
            yield figure


def years(text: str) -> Iterator[Years]:
    """Years and spans of years in text order; of "in 2024 and 2030" each alone."""
    for found in YEAR.finditer(text):
        first, last = int(found["first"]), int(found["last"] or 0)
        last += first // 100 * 100 if 0 < last < 100 else 0
        listed = (found["joint"] or "").strip() == "and" and not BETWEEN.search(text[: found.start()][-12:])
        if not last or listed:
            yield Years(found.start(), found.end("first"), None, first)
        if listed:
            yield Years(found.start("last"), found.end(), None, last)
        elif 0 < last - first <= MAX_SPAN:
            yield Years(found.start(), found.end(), first, last)


def _figure(text: str, found: re.Match[str], yen: str) -> Figure | None:
    before = BEFORE.search(text, max(0, found.start() - LONGEST_SIGN), found.start())
    start = before.start() if before else found.start()
    if before is None and text[start - 1 : start].isalnum():
        return None
    unit = None if before or found["scale"] else PER_CENT.match(text, found.end())
    second = _second(text, start, found, unit)
    last = second or found
    if not before and not last["scale"] and (unit := PER_CENT.match(text, last.end())):
        sign = -1 if MINUS.search(text[max(0, start - 2) : start]) else 1
        high = _number(second) if second else None
        return Figure(start - (sign < 0), unit.end(), sign * _number(found), high, 1, None)
    after = None if before else AFTER.match(text, last.end())
    currency = _before(before[1], yen) if before else _after(after) if after else None
    scales = [" ".join((match["scale"] or "").lower().split()) for match in (found, last)]
    if currency is None or (not before and not LETTERS.isdisjoint(scales)):
        return None
    scale = SCALES.get(scales[0] or scales[1] or _shared(text, found), 1)
    end = after.end() if after else last.end()
    high = _number(last) * SCALES.get(scales[1], scale) / scale if second else None
    return Figure(start, end, _number(found), high, scale, currency)


def _second(text: str, start: int, found: re.Match[str], unit: re.Match[str] | None) -> re.Match[str] | None:
    """The upper end of a range that ``found`` opens: "4–5 billion", "between 5% and 6%"; not "from 4 to 5"."""
    joint = CONNECTOR.match(text, unit.end() if unit else found.end())
    if joint is None:
        return None
    lead = LEAD.search(text[max(0, start - 40) : start])
    opened = lead[1].lower() if lead else ""
    if (joint["word"] == "to" and opened == "from") or (joint["word"] == "and" and opened != "between"):
        return None
    second = AMOUNT.match(text, joint.end())
    if second is None or (unit and (joint["sign"] or not PER_CENT.match(text, second.end()))):
        return None
    rises = second["scale"] != found["scale"] or _number(second) > _number(found)
    return second if rises else None


def _shared(text: str, found: re.Match[str]) -> str:
    """The scale that a lower figure shares with the one after it: "from $4 to $5 billion"."""
    joint = CONNECTOR.match(text, found.end())
    second = AMOUNT.match(text, joint.end()) if joint else None
    return (second["scale"] or "").lower() if second else ""


def _number(found: re.Match[str]) -> float:
    return float(found["number"].replace(",", ""))


def _before(sign: str, yen: str) -> str:
    return yen if sign == "¥" else SIGNS.get(sign, sign)


def _after(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"].upper()
    word = " ".join(found["word"].lower().split())
    return NATIONS.get(word) or WORDS[word.rpartition(" ")[2]]

"""Market facts: sizes, forecasts, growth rates and base years that a text gives for a market, with their places.

A figure counts where its sentence says that a market, an industry, a sector or the sales of a product was, is or will
be worth it, or grows by it. Revenues of companies, deals, trade and prices count for nothing, nor do placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from trendnlp.read import cues
from trendnlp.read.figures import Figure, Years, figures, years
from trendnlp.read.lines import SUPERSCRIPTS
from trendnlp.read.parsed import Parsed
from trendnlp.read.subjects import market_of, rate_of
from trendnlp.types import BlockKind, Fact, FactKind

READ = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE)
FIGURES = 20  # of a sentence that are looked at; one with more is a list or a row of numbers
LONGEST = 1500  # characters of a sentence; what is longer is read in parts
RATE_REACH = 90  # between "CAGR" and its percentage, and between that and its years
OPENING = 12  # characters: "By 2030, …" holds for the whole sentence
YEAR_REACH = 60
LEAST = 1_000_000  # in units of the currency; what is less is the price of something
MOST = 1000  # percent a year; more is a mistake, or no rate
NOTE_MARKS = str.maketrans(SUPERSCRIPTS, " " * len(SUPERSCRIPTS))  # of the same length, for the offsets
DIGIT = re.compile(r"\d")
CHINA = frozenset({"China", "Hong Kong", "Taiwan"})

END = re.compile(r"[.!?;]['\"”’)\]]{0,2}\s+(?=[\"“‘(\[]?[A-Z0-9•])|\n(?=[ \t]*\n)")
ABBREVIATED = re.compile(
    r"\b(?:Rs|approx|ca|Bn|bn|Mn|mn|mln|cr|No|vs|Inc|Ltd|Co|Corp|est|e\.g|i\.e|Mr|Mrs|Ms|Dr|St|U\.S|U\.K|[A-Z]|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.\s*$"
)
NEXT_TO = re.compile(  # between a sum and its year
    r"\.?\s{0,2}(?:mark\s|level\s|globally\s|worldwide\s|in\s(?:revenues?|value|sales)\s)?[(,]?\s?(?:(?:in|by|during|for|as\s(?:of|at)|at|until|"
    r"through|up\sto|over)\s)?(?:the\s)?(?:(?:end\sof|year|fiscal|financial|calendar)\s){0,3}(?:the\s)?(?:year\s)?$",
    re.IGNORECASE,
)
NEXT_SPAN = re.compile(  # between a rate and its years
    r"\s{0,2}(?:growth\s|annually\s|yearly\s|(?:a|per|each|every)\s(?:year|annum)\s|p\.a\.\s|CAGR\s|\(CAGR\)\s)?[(,]?\s?(?:and\s)?"
    r"(?:(?:from|between|during|over|in|for|by|until|through|to|up\sto|till|across|throughout|since)\s)?(?:the\s)?(?:(?:forecast|review|"
    r"projection|projected|analysis|historical|assessment|study)\s)?(?:period\s?|years\s?|timeframe\s?)?(?:of\s|from\s|between\s)?[(,]?(?:to\s)?$",
    re.IGNORECASE,
)
UNTIL = re.compile(r"\b(?:by|until|to|through|till|up to)\s+(?:the\s+)?(?:end\s+of\s+)?(?:year\s+)?$", re.IGNORECASE)
SINCE = re.compile(r"\b(?:since|from)\s+$", re.IGNORECASE)
IN_YEAR = re.compile(
    r"(?:\b(?:in|by|during|for|as of|until|through)\s+(?:the\s+)?(?:end\s+of\s+)?(?:year\s+)?|\()$", re.IGNORECASE
)
OTHER_TIME = re.compile(
    r"\b(?:expected|forecast|projected|predicted|anticipated|estimated to|will|reach|grow|compared|versus|against|"
    r"(?:up|down)?\s?from)\b",
    re.IGNORECASE,
)
NOW = re.compile(r"\s+(?:today|now|currently|at present)\b", re.IGNORECASE)
TO_SUM = re.compile(r",?\s+to\s+(?:\w+\s+){0,2}", re.IGNORECASE)
FROM_TO = re.compile(r"\bto\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
BY_YEAR = re.compile(
    r"\b(?:by|through|until|till)\s+(?:the\s+)?(?:end\s+of\s+)?(?:the\s+)?(?:year\s+)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence at ``start`` of the text. ``row``: of a table. ``told``: that before it spoke of a market."""

    text: str
    start: int
    row: bool = False
    told: bool = False
    figures: tuple[Figure, ...] = ()
    years: tuple[Years, ...] = ()

    def before(self, number: int) -> int:
        """Where the figure before the ``number``-th ends, 0 for the first."""
        return self.figures[number - 1].end if number else 0

    def after(self, number: int) -> int:
        """Where the figure after the ``number``-th starts, else the end."""
        return self.figures[number + 1].start if number + 1 < len(self.figures) else len(self.text)


def facts_of(parsed: Parsed, geography: str | None) -> tuple[Fact, ...]:
    """The market facts of ``parsed`` in text order; ``geography`` tells whose yen or yuan the sign ¥ is."""
    yen = "CNY" if geography in CHINA else "JPY"
    plain = parsed.text.translate(NOTE_MARKS)
    found: list[Fact] = []
    told = False
    plainly = ""  # the sentence before, where it has no figure: looked at where the next one has
    for block in parsed.blocks:
        if block.kind is BlockKind.NAVIGATION:  # where notes such as "Base year: 2023" stand
            found += _base_years(_Sentence(parsed.text[block.start : block.end][:LONGEST], block.start))
        if block.kind not in READ:
            continue
        row = block.kind is BlockKind.TABLE
        for start, end in _sentences(parsed.text, block.content, block.end, row):
            text = plain[start:end]
            if not DIGIT.search(text):
                plainly = text
                continue
            if plainly:
                told, plainly = bool(cues.MARKET.search(plainly)), ""
            in_text = tuple(islice(figures(text, yen), FIGURES))
            sentence = _Sentence(text, start, row, told, in_text, tuple(years(text)))
            facts = [replace(fact, text=parsed.text[fact.start : fact.end]) for fact in _facts(sentence)]
            told = bool(facts) or bool(cues.MARKET.search(text)) or (told and block.kind is BlockKind.HEADING)
            found += facts
    return tuple(found)


def _sentences(text: str, start: int, end: int, row: bool) -> Iterator[tuple[int, int]]:
    """The places of the sentences of ``text[start:end]``, of a table's the lines; long ones in parts."""
    ends = [m.end() for m in re.finditer(r"\n", text[start:end])] if row else _ends(text[start:end])
    at = start
    for stop in [*(start + e for e in ends), end]:
        while at < stop:
            part = min(stop, at + LONGEST)
            yield at, part
            at = part


def _ends(text: str) -> list[int]:
    return [m.end() for m in END.finditer(text) if not ABBREVIATED.search(text[max(0, m.start() - 12) : m.start() + 1])]


def _facts(sentence: _Sentence) -> Iterator[Fact]:
    """The facts of one sentence in text order."""
    found: list[Fact] = []
    for number, figure in enumerate(sentence.figures):
        fact = _rate(sentence, number) if figure.currency is None else _size(sentence, number)
        if fact is not None:
            found.append(fact)
    found += _base_years(sentence)
    ends = [f.year for f in found if f.kind is FactKind.CAGR and f.year]
    for fact in sorted(found, key=lambda f: f.start):
        open_forecast = fact.kind is FactKind.FORECAST and fact.year is None and len(set(ends)) == 1
        yield replace(fact, year=ends[0]) if open_forecast else fact


def _base_years(sentence: _Sentence) -> list[Fact]:
    return [
        _fact(sentence, FactKind.BASE_YEAR, m.start(), m.end(), year=int(m["year"] or m["year2"]))
        for m in cues.BASE_YEAR.finditer(sentence.text)
    ]


def _size(sentence: _Sentence, number: int) -> Fact | None:
    figure = sentence.figures[number]
    text = sentence.text
    if figure.amount * figure.scale < LEAST or cues.INCREMENT.search(text[max(0, figure.start - 60) : figure.start]):
        return None
    if cues.COUNTED.match(text, figure.end):
        return None
    market = market_of(text, figure, sentence.row, sentence.told)
    if market is None:
        return None
    year, end = _year(sentence, number)
    return _fact(
        sentence,
        _kind(sentence, number, year),
        figure.start,
        end,
        figure,
        year=None if year is None else year.last,
        subject=market or None,
    )


def _year(sentence: _Sentence, number: int) -> tuple[Years | None, int]:
    """The year of a sum of money, and where the words of both end."""
    figure, text = sentence.figures[number], sentence.text
    for found in sentence.years:
        gap = text[figure.end : found.start]
        if found.start >= figure.end and len(gap) <= YEAR_REACH and NEXT_TO.match(gap) and _is_one(found):
            return found, found.end
    since = sentence.before(number)
    before = [y for y in sentence.years if since <= y.start < figure.start and _is_one(y)]
    before = [y for y in before if not SINCE.search(text[: y.start][-10:])]
    if number and before and NEXT_TO.match(text[since : before[0].start]):
        before.pop(0)  # that of the figure before
    if before:
        return before[-1], figure.end
    opening = len(sentence.years) == 1 and sentence.years[0].end <= figure.start and sentence.years[0].start < OPENING
    if opening and not (number and _of_another_time(text, since, figure)):
        return (sentence.years[0] if _is_one(sentence.years[0]) else None), figure.end
    for found in sentence.years:
        gap = text[figure.end : found.start]
        if figure.end <= found.start < sentence.after(number) and len(gap) <= YEAR_REACH and _is_one(found):
            if IN_YEAR.search(gap) and not re.search(r",|;|\band\b|\bto\b|\bfrom\b", gap):
                return found, figure.end
            break
    return None, figure.end


def _of_another_time(text: str, since: int, figure: Figure) -> bool:
    """Whether the words beside a figure set it apart from the time of the sum before, which ends at ``since``."""
    return bool(OTHER_TIME.search(text[since : figure.start]) or NOW.match(text[figure.end :]))


def _is_one(years: Years) -> bool:
    """Whether it is a single year, or a financial one: FY2023-24."""
    return years.first is None or (years.last - years.first == 1)


def _kind(sentence: _Sentence, number: int, year: Years | None) -> FactKind:
    """Whether a sum of money is to come. The words between it and the sum before decide, else those before both."""
    figure, text = sentence.figures[number], sentence.text
    since = sentence.before(number)
    near = text[since : figure.start]
    if cues.HISTORY.search(near):
        return FactKind.SIZE
    if cues.FUTURE.search(near):
        return FactKind.FORECAST
    if number and FROM_TO.search(near) and cues.FUTURE.search(text[:since]):
        return FactKind.FORECAST
    due = year is not None and BY_YEAR.search(text[max(0, year.start - 30) : year.start])
    if due and not cues.PAST.search(near):
        return FactKind.FORECAST
    return FactKind.SIZE


def _rate(sentence: _Sentence, number: int) -> Fact | None:
    figure, text = sentence.figures[number], sentence.text
    if abs(figure.amount) > MOST:
        return None
    since = sentence.before(number)
    rate = rate_of(text, figure, since, sentence.row, sentence.told)
    if rate is None:
        return None
    span, end = _rate_years(sentence, number, max(rate.end, figure.end))
    if span is None and number + 1 < len(sentence.figures) and TO_SUM.fullmatch(text[end : sentence.after(number)]):
        span, _ = _year(sentence, number + 1)  # "rose 3% to EUR 1.4 billion in 2022"
    if rate.kind is FactKind.GROWTH and not rate.yearly and (span is None or not _is_one(span)):
        return None
    sign = -1 if figure.amount > 0 and cues.SHRINKING.search(text[since : figure.start]) else 1
    first = None if span is None else span.first
    last = None if span is None else span.last
    if span is not None and span.first is None and SINCE.search(text[: span.start][-10:]):
        first, last = span.last, None
    signed = replace(figure, amount=sign * figure.amount)
    return _fact(sentence, rate.kind, rate.start, end, signed, since=first, year=last, subject=rate.subject)


def _rate_years(sentence: _Sentence, number: int, end: int) -> tuple[Years | None, int]:
    """The years of a rate, and where the words of both end. A span of years is preferred to a single one."""
    text, figure = sentence.text, sentence.figures[number]
    until = sentence.after(number)
    after = [y for y in sentence.years if figure.end <= y.start < until]
    for found in after:
        if found.start >= end and found.start - end <= RATE_REACH and NEXT_SPAN.match(text[end : found.start]):
            return found, found.end
    before = [y for y in sentence.years if sentence.before(number) <= y.start < figure.start]
    if number and before and NEXT_TO.match(text[sentence.before(number) : before[0].start]):
        before.pop(0)  # that of the figure before
    for found in (*(y for y in after if y.start - end <= RATE_REACH), *reversed(before)):
        if found.first is not None:
            return found, end
    for found in (*after, *reversed(before)):
        lead = text[max(0, found.start - 30) : found.start]
        if abs(found.start - end) <= RATE_REACH and (UNTIL.search(lead) or IN_YEAR.search(lead)):
            return found, end
    return None, end


def _fact(
    sentence: _Sentence, kind: FactKind, start: int, end: int, figure: Figure | None = None, **known: int | str | None
) -> Fact:
    """A fact whose words are ``sentence.text[start:end]``, with the bracket that closes one in them."""
    opened = sentence.text.count("(", start, end) > sentence.text.count(")", start, end)
    end += opened and sentence.text.startswith(")", end)
    fact = Fact(kind, sentence.start + start, sentence.start + end, sentence.text[start:end], **known)  # type: ignore[arg-type]
    if figure is None:
        return fact
    return replace(fact, amount=figure.amount, upto=figure.upto, scale=figure.scale, currency=figure.currency)

"""The overview: what moves, how much of each kind there is quarter by quarter, and the latest documents and runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from trendnlp.momentum import State, state
from trendnlp.periods import MONTHS_IN_QUARTER, MonthCount, Step, month_at, newest, number, periods
from trendnlp.store import FindingFilter, FindingOrder, PageRequest, QuarterCount, Store
from trendnlp.web.views import FindingCard

QUARTERS = 12  # three years: the windows of momentum are the last two
LISTED = 4  # findings under each heading; the heading leads to all
WIDTH, HEIGHT = 300, 34  # of a row of bars
GAP = 0.2  # part of a bar's step that stays empty


@dataclass(frozen=True, slots=True)
class Bar:
    """The findings of one kind or aspect in one quarter, and the address of the list of them."""

    quarter: str
    count: int
    link: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """One kind or aspect. All rows of a chart have one scale."""

    value: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Bars by quarter, a row for each value. ``most`` is what a bar of full height stands for."""

    rows: tuple[Row, ...]
    quarters: tuple[str, ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Moving:
    """The first findings of a list, how many it has, and its address."""

    name: str
    words: str
    cards: tuple[FindingCard, ...]
    total: int
    link: str


def moving(store: Store, corpus: tuple[MonthCount, ...]) -> tuple[Moving, ...]:
    """What is new, rising, fading, contested."""
    return (
        _moving(store, corpus, State.NEW, "seen in the last year for the first time"),
        _moving(store, corpus, State.RISING, "in more independent sources than the year before"),
        _moving(store, corpus, State.FADING, "in fewer independent sources than the year before"),
        _listed(
            store,
            corpus,
            "contested",
            "others contradict it, or differ in a quantity, time, place or subject",
            FindingFilter(contested=True),
        ),
    )


def first_month(corpus: tuple[MonthCount, ...]) -> str:
    """With which month the charts begin; empty where no document has one."""
    last = newest(corpus)
    if last is None:
        return ""
    first = number(last) - (QUARTERS - 1) * MONTHS_IN_QUARTER
    return month_at(first - first % MONTHS_IN_QUARTER)


def grid(name: str, values: Sequence[str], counts: Sequence[QuarterCount], corpus: tuple[MonthCount, ...]) -> Grid:
    """The last quarters up to the newest month of the store. ``name`` is the property's in the address of the list."""
    last = newest(corpus)
    if last is None:
        return Grid((), (), 0)
    shown = periods(first_month(corpus), last, Step.QUARTER)
    found = {(count.value, count.quarter): count.findings for count in counts}
    most = max((found.get((value, quarter), 0) for value in values for quarter in shown), default=0)
    rows = tuple(
        Row(value, tuple(_bar(name, value, q, n, found.get((value, q), 0), most) for n, q in enumerate(shown)))
        for value in values
    )
    return Grid(rows if most else (), shown, most)


def _bar(name: str, value: str, quarter: str, place: int, count: int, most: int) -> Bar:
    first = f"{quarter[:4]}-{(int(quarter[-1]) - 1) * MONTHS_IN_QUARTER + 1:02}"
    last = month_at(number(first) + MONTHS_IN_QUARTER - 1)
    link = f"/findings?{urlencode({name: value, 'from': first, 'to': last})}"
    step = WIDTH / QUARTERS
    height = round(HEIGHT * count / most, 2) if most else 0.0
    return Bar(quarter, count, link, round(place * step, 2), HEIGHT - height, round(step * (1 - GAP), 2), height)


def _moving(store: Store, corpus: tuple[MonthCount, ...], of: State, words: str) -> Moving:
    return _listed(store, corpus, of.value, words, FindingFilter(states=(of,), order=FindingOrder.MOMENTUM))


def _listed(store: Store, corpus: tuple[MonthCount, ...], name: str, words: str, filter: FindingFilter) -> Moving:
    page = store.findings(filter, PageRequest(LISTED))
    heads = store.statements_by_id([finding.head for finding in page.items])
    cards = tuple(FindingCard(f, h, state(f.backing, corpus)) for f, h in zip(page.items, heads, strict=True))
    link = {"contested": "yes"} if filter.contested else {"state": name, "sort": FindingOrder.MOMENTUM.value}
    return Moving(name, words, cards, page.total, f"/findings?{urlencode(link)}")

"""The filters of a list as its page shows them: what can be chosen with how many there would be, and what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from trendnlp.momentum import State
from trendnlp.sources import folded_publisher
from trendnlp.store import DocumentFacets, FindingFacets, ValueCount
from trendnlp.terms import term_key
from trendnlp.web.page_queries import DocumentPageQuery, FindingPageQuery

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a property: how many have it under the other filters, None where that was not counted."""

    value: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one property, and under which name they are in the address."""

    name: str
    legend: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is chosen, and the address of the list without it."""

    property: str
    words: str
    without: str


def finding_groups(
    query: FindingPageQuery, counts: FindingFacets, kinds: Sequence[str], aspects: Sequence[str]
) -> tuple[Group, ...]:
    groups = (
        _fixed("kind", "Kind", kinds, counts.kinds, query.kind),
        _fixed("aspect", "Aspect", aspects, counts.aspects, query.aspect),
        _fixed("state", "Over time", [state.value for state in State], counts.states, query.state),
        Group("contested", "Contested", _sides(counts.contested, counts.uncontested, query.contested)),
        _open("market", "Market", counts.markets, query.market),
        _open("geography", "Geography", counts.geographies, query.geography),
        _open("source", "Publisher", counts.sources, query.source, folded_publisher),
        _open("tag", "Tag", counts.tags, query.tag, term_key),
    )
    return tuple(group for group in groups if group.choices)


def document_groups(query: DocumentPageQuery, counts: DocumentFacets) -> tuple[Group, ...]:
    groups = (
        _open("market", "Market", counts.markets, query.market),
        _open("geography", "Geography", counts.geographies, query.geography),
        _open("source", "Publisher", counts.publishers, query.source),
    )
    return tuple(group for group in groups if group.choices)


def chips(request: Request, names: Iterable[tuple[str, str]]) -> tuple[Chip, ...]:
    """What the address chooses of the properties ``names`` (in the address, in words), in the order of the address."""
    words = dict(names)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value.strip()]
    return tuple(
        Chip(words[name], value, _address(request, kept, index))
        for index, (name, value) in enumerate(kept)
        if name in words
    )


def _address(request: Request, kept: Sequence[tuple[str, str]], without: int) -> str:
    rest = [pair for index, pair in enumerate(kept) if index != without]
    return request.url.path + (f"?{urlencode(rest)}" if rest else "")


def _fixed(name: str, legend: str, values: Sequence[str], counts: Sequence[ValueCount], chosen: Sequence[str]) -> Group:
    found = {count.value: count.count for count in counts}
    return Group(name, legend, tuple(Choice(v, found.get(v, 0), v in chosen) for v in values))


def _sides(yes: int, no: int, chosen: Sequence[bool]) -> tuple[Choice, ...]:
    return Choice(YES, yes, True in chosen), Choice(NO, no, False in chosen)


def _open(
    name: str,
    legend: str,
    counts: Sequence[ValueCount],
    chosen: Sequence[str],
    folded: Callable[[str], str | None] = str,
) -> Group:
    """The most frequent values, and those that are chosen though they are not among these. Two values are the same
    where they are once ``folded``.
    """
    known, wanted = {folded(count.value) for count in counts}, {folded(value) for value in chosen}
    shown = [Choice(c.value, c.count, folded(c.value) in wanted) for c in counts]
    further = [Choice(value, None, True) for value in chosen if folded(value) not in known]
    return Group(name, legend, (*shown, *further))

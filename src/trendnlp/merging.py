"""Which statements a merge of findings ties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from trendnlp.actions import MAX_STATEMENTS
from trendnlp.consolidate.compare import near_words
from trendnlp.errors import Moved
from trendnlp.store import Store
from trendnlp.types import Finding

FINDING = "find_"


def finding_of(store: Store, id: str) -> Finding:
    """The finding, or that which has taken it up; raises NotFound."""
    try:
        return store.finding(id)
    except Moved as moved:
        return store.finding(moved.to)


def tied(store: Store, ids: Iterable[str]) -> tuple[str, ...]:
    """What is tied when findings and single statements are merged, heads first: all members, so that what is left stays
    together when one of them goes. Of more than one decision takes, each finding gives in turn the nearest to its head:
    first one of each wording, for which copies follow, then of these.
    """
    members = [_statements_of(store, id) for id in ids]
    if sum(map(len, members)) <= MAX_STATEMENTS:
        return tuple(_in_turn(members))
    ordered = [_by_wording(store, some) for some in members]
    wordings, copies = ([some[part] for some in ordered] for part in (0, 1))
    return tuple(islice(chain(_in_turn(wordings), _in_turn(copies)), MAX_STATEMENTS))


def _statements_of(store: Store, id: str) -> tuple[str, ...]:
    return tuple(m.statement for m in finding_of(store, id).members) if id.startswith(FINDING) else (id,)


def _by_wording(store: Store, statements: Sequence[str]) -> tuple[list[str], list[str]]:
    """The first of each wording, and the others."""
    texts = store.stored_texts(statements)
    first: dict[str, str] = {}
    for statement in statements:
        first.setdefault(near_words(texts.get(statement, statement)), statement)
    chosen = set(first.values())
    return [s for s in statements if s in chosen], [s for s in statements if s not in chosen]


def _in_turn(members: Iterable[Sequence[str]]) -> Iterator[str]:
    return (statement for some in zip_longest(*members) for statement in some if statement is not None)

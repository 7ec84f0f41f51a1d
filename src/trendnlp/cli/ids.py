"""Ids as people give them: a finding's where statements are wanted."""

from __future__ import annotations

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


def head_of(store: Store, id: str) -> str:
    """A finding stands for its head."""
    return finding_of(store, id).head if id.startswith(FINDING) else id


def statements_of(store: Store, id: str) -> tuple[str, ...]:
    """A finding stands for all its members, the head first."""
    return tuple(m.statement for m in finding_of(store, id).members) if id.startswith(FINDING) else (id,)

"""Pages of a list: how many rows, where the last page ended, and cursors that only this store can make.

A page begins after the sort key of the last row of the page before, so that rows which come or go meanwhile neither
repeat nor hide others.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_

from trendnlp.errors import BadCursor, StoreError
from trendnlp.momentum import State
from trendnlp.standing import Status

MAX_LIMIT = 500  # a page of statements with their scores is then below 1 MB
_MAC_BYTES = 12  # 96 bits: nobody guesses one by trying

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most ``limit`` items (1 to 500), from the beginning or after the page that gave ``cursor``. Counting the whole
    list may take longer than reading a page of it; it is left out where it is not ``counted``.
    """

    limit: int = 50
    cursor: str | None = None
    counted: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise StoreError("limit", f"{self.limit} is out of range", f"Give 1 to {MAX_LIMIT}.")


FIRST = PageRequest()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``total`` counts all items of the list, or is 0 where that was not asked for; ``next_cursor`` is None on its last
    page.
    """

    items: tuple[T, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """Which statements: of a document, in a finding, of any of the kinds and aspects, scored at least so, with all
    words of ``q``, that stand so in review. An empty field lets everything pass.

    Of documents about any of ``markets`` and ``geographies``, as written; given under any of the names ``sources`` or
    by a publisher of that name; published from ``since`` to ``until`` (ISO 8601, to the year, month or day), both
    included.
    """

    document: str | None = None
    kinds: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    min_score: float = 0.0
    q: str | None = None
    finding: str | None = None
    markets: tuple[str, ...] = ()
    geographies: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    statuses: tuple[Status, ...] = ()


EVERYTHING = StatementFilter()


class FindingOrder(StrEnum):
    """Which findings come first: those in most documents, of most independent sources, seen last, or those whose rate
    has surely grown most.
    """

    DOCUMENTS = "documents"
    SOURCES = "sources"
    RECENT = "recent"
    MOMENTUM = "momentum"


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings: of any of the kinds and aspects, in at least so many documents, with all words of ``q`` in the
    title, in any of the states, with any of the tags (in any case and number). An empty field lets everything pass.

    ``markets`` and ``geographies``: about any of them, as written. With a member that passes all of these: in any of
    the ``documents``, or of those that any of the ``jobs`` brought; in a document of any of the ``sources`` (a
    publisher in any case, or the name under which a document was given), published from ``since`` to ``until`` (as in
    ``StatementFilter``); of at least ``min_score``.
    ``contested``: whether something speaks against it. ``order`` sorts, and bars nothing.
    """

    kinds: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    min_documents: int = 0
    q: str | None = None
    states: tuple[State, ...] = ()
    tags: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    geographies: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    min_score: float = 0.0
    contested: bool | None = None
    order: FindingOrder = FindingOrder.DOCUMENTS


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents: with every word of ``q`` in title, name or publisher in any case, with any of the markets,
    geographies and publishers as written, published from ``since`` to ``until``. An empty field lets everything pass.
    """

    q: str | None = None
    markets: tuple[str, ...] = ()
    geographies: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class FactFilter:
    """Which market facts: of documents with ``market`` in their market's name, in any case, or about ``exactly`` this
    market and geography, as written; and of any of the kinds.
    """

    market: str | None = None
    kinds: tuple[str, ...] = ()
    exactly: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews: that speak of ``statement``. An empty field lets everything pass."""

    statement: str | None = None


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column that a list is sorted by."""

    column: ColumnElement[int] | ColumnElement[str]
    descending: bool = False


class Cursors:
    """Makes and reads the cursors of one list: a cursor holds a sort key and a signature over it and ``scope``."""

    def __init__(self, key: bytes, scope: str) -> None:
        self._key = key
        self._scope = scope

    def make(self, values: Sequence[int | str]) -> str:
        payload = json.dumps(list(values), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(payload) + payload).decode("ascii").rstrip("=")

    def read(self, cursor: str) -> tuple[int | str, ...]:
        """The sort key in ``cursor``; raises BadCursor on one that this list did not make."""
        try:
            data = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            data = b""
        mac, payload = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._sign(payload)) or self.make(json.loads(payload)) != cursor:
            raise BadCursor(cursor[:80], "this list did not make this page cursor", "Start from the first page.")
        return tuple(json.loads(payload))

    def _sign(self, payload: bytes) -> bytes:
        scope = self._scope.encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, len(scope).to_bytes(8, "big") + scope + payload, "sha256")[:_MAC_BYTES]


def after(order: Sequence[SortKey], values: Sequence[int | str]) -> ColumnElement[bool]:
    """Whether a row comes after the one with the sort key ``values``."""
    beyond: ColumnElement[bool] = false()
    for key, value in reversed(list(zip(order, values, strict=True))):
        past = key.column < value if key.descending else key.column > value
        beyond = or_(past, and_(key.column == value, beyond))
    return beyond

"""What the service answers with, as frozen values. Fields that a newer service adds are left out.

Offsets are Unicode code points into the document's text, end exclusive. Dates are ISO 8601.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Document:
    """One document without its text. ``warnings`` say what reading had to assume or leave out."""

    id: str
    source: str
    format: str
    title: str | None
    market: str | None
    geography: str | None
    period: str | None
    publisher: str | None
    published: str | None
    language: str | None
    characters: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FullDocument(Document):
    """One document with its text."""

    text: str


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One line of the list of documents. ``claims`` are the statements whose kind is not ``other``."""

    id: str
    source: str
    title: str | None
    market: str | None
    geography: str | None
    period: str | None
    publisher: str | None
    published: str | None
    language: str | None
    characters: int
    statements: int
    claims: int
    added: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list item with its label: the most probable kind, its probability, the runner-up, all of them."""

    source: str
    document: str
    id: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    lead_in: str | None
    page: int | None
    kind: str
    score: float
    alt: str
    scores: dict[str, float]
    aspect: str | None
    finding: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A W3C TextQuoteSelector."""

    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Member:
    """One statement of a finding: how near it is to the head, and why it stands there."""

    statement: str
    document: str
    source: str
    similarity: float
    reason: str


@dataclass(frozen=True, slots=True)
class PlacedMember(Member):
    """A member with its statement and the words around it."""

    record: Statement
    quote: Quote


@dataclass(frozen=True, slots=True)
class Tag:
    """What a finding is about."""

    name: str
    origin: str
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """All the statements that say the same, the head first, as a list gives it."""

    id: str
    kind: str
    aspect: str | None
    title: str
    head: str
    members: tuple[Member, ...]
    documents: int
    publishers: int
    sources: int
    first_seen: str | None
    last_seen: str | None
    market: str | None
    geography: str | None
    tags: tuple[Tag, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """One decision of a person."""

    id: str
    action: str
    statements: tuple[str, ...]
    value: str | None
    by: str
    at: str
    undoes: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class FullFinding:
    """One finding with the statements behind it and what people decided of them. ``kinds``: how many of each kind."""

    id: str
    kind: str
    kinds: dict[str, int]
    aspect: str | None
    title: str
    head: str
    members: tuple[PlacedMember, ...]
    documents: int
    publishers: int
    sources: int
    first_seen: str | None
    last_seen: str | None
    market: str | None
    geography: str | None
    tags: tuple[Tag, ...]
    hidden: tuple[str, ...]
    split_into: tuple[str, ...]
    history: tuple[Review, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one text says; nothing of it is stored."""

    document: Document
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What storing a document came to. ``duplicate_of`` is set where the same content was there before."""

    document: Document
    statements: int
    claims: int
    duplicate_of: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two statements make the same claim, how surely, and why."""

    same: bool
    score: float
    relation: str
    ground: str
    reason: str
    cosine: float
    threshold: float


def value_of(type_: type[T], given: Any) -> T:
    """``given``, as JSON holds it, as a value of the class; raises KeyError for a field that it lacks."""
    of: Any = type_
    hints = _hints(of)
    return type_(**{name: _converted(hint, given[name]) for name, hint in hints.items()})


@cache
def _hints(type_: Any) -> Mapping[str, Any]:
    hints = get_type_hints(type_)
    return {field.name: hints[field.name] for field in dataclasses.fields(type_)}


def _converted(hint: Any, given: Any) -> Any:
    if given is None:
        return None
    if get_origin(hint) is UnionType:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_converted(get_args(hint)[0], item) for item in given)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return value_of(hint, given)
    return given

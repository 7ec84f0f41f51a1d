"""What is known of a document once it is read: found in the process that reads it, within its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from trendnlp.read.facts import facts_of
from trendnlp.read.metadata import metadata_of
from trendnlp.read.parsed import Parsed
from trendnlp.types import Fact, Format, Metadata


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it was read, and as which format. ``found``: what it says of itself, the language where stated."""

    format: Format
    parsed: Parsed
    found: Metadata
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, format: Format, parsed: Parsed, geography: str | None) -> Self:
        """What ``parsed`` holds; ``geography`` is what the caller says of it, which wins over what is found."""
        found = metadata_of(parsed)
        return cls(format, parsed, found, facts_of(parsed, geography or found.geography))

"""What stands behind a finding: its documents, and why several of them are one independent source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JoinReason(StrEnum):
    """Why two documents are not independent of each other."""

    PUBLISHER = "same_publisher"
    COPY = "copy"  # one document holds much of the other's text
    PASSAGE = "passage"  # their statements in the finding share a long run of words


@dataclass(frozen=True, slots=True)
class Copy:
    """Two documents, the lower id first, that share much of their text. ``share`` is the part of the shorter one's
    shingles that the other has too, ``jaccard`` the shingles of both among those of either; both to four decimals.
    """

    a: str
    b: str
    share: float
    jaccard: float


@dataclass(frozen=True, slots=True)
class Join:
    """Two documents of a finding that count as one source. ``share`` is that of a copy, ``words`` the length of a
    passage; each is None for the other reasons.
    """

    a: str
    b: str
    reason: JoinReason
    share: float | None = None
    words: int | None = None


@dataclass(frozen=True, slots=True)
class Backing:
    """One document behind a finding. ``origin`` numbers the finding's independent sources from 0: documents with the
    same number are one source. ``publisher`` is the folded name; ``month`` is YYYY-MM, None where the publication date
    is not known to the month.
    """

    document: str
    origin: int
    publisher: str | None
    month: str | None

"""The time, as the store writes it."""

from __future__ import annotations

from datetime import UTC, datetime

from trendnlp.periods import MONTH


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """UTC, ISO 8601, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def moment(at: datetime) -> str:
    """UTC, ISO 8601, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def month(at: datetime) -> str:
    """YYYY-MM, in UTC."""
    return at.astimezone(UTC).strftime(MONTH)

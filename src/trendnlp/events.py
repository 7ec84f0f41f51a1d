"""Facts that are told to those who asked for them by webhook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trendnlp.types import content_id

MAX_BODY = 64 * 1024  # bytes of an event as it is sent


class EventType(StrEnum):
    """What can be told."""

    JOB_FINISHED = "job.finished"
    FINDING_APPEARED = "finding.appeared"
    FINDING_CHANGED_STATE = "finding.changed_state"


FINDING_EVENTS = frozenset((EventType.FINDING_APPEARED, EventType.FINDING_CHANGED_STATE))


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. ``at`` is when it came about (UTC, ISO 8601), ``data`` what is told of it in JSON's types.

    Raises ValueError where the body is over ``MAX_BODY``: tell ids, and let the receiver ask for the rest.
    """

    id: str
    type: EventType
    at: str
    data: Mapping[str, object]

    def __post_init__(self) -> None:
        if len(self.body) > MAX_BODY:
            raise ValueError(f"the event {self.id} has more than {MAX_BODY} bytes")

    @classmethod
    def of(cls, type: EventType, key: Sequence[str], at: str, data: Mapping[str, object]) -> Event:
        """The event of the fact that ``type`` and ``key`` name: the same fact has the same id, and is told once."""
        return cls(content_id("evt", type, *key), type, at, data)

    @property
    def body(self) -> bytes:
        """What is sent, and signed."""
        told = {"type": self.type, "timestamp": self.at, "data": self.data}
        return json.dumps(told, separators=(",", ":")).encode("ascii")

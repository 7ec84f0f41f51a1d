"""What jobs need of others: a queue that outlives processes, and a place where documents are read and kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from trendnlp.store import Store
from trendnlp.types import Document, Format, Metadata
from trendnlp.workspace import Ingested

T = TypeVar("T")


class Standing(StrEnum):
    """Where a ticket is: it waits, an executor holds it, or the queue is done with it, whatever came of it."""

    WAITING = "waiting"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket in the queue; ``executor`` is the one that holds it."""

    standing: Standing
    executor: str | None = None


class Step(Protocol):
    """Does a part of the work on a ticket under a name, and remembers what it gives, a JSON value: the same work begun
    again gets that and does not do the part again. A part that was broken off is done again.
    """

    def __call__(self, name: str, part: Callable[[], T]) -> T: ...


Run = Callable[[str, Step], None]


class Queue(Protocol):
    """Tickets for executors. One ticket is given to one executor at a time, and survives its end."""

    def start(self, executor: str, run: Run) -> None:
        """Begin to take tickets: ``run`` is called with each, in threads of the queue. Raises WorkerError."""
        ...

    def put(self, ticket: str) -> None:
        """Add a ticket; one that was ever added stays as it is."""
        ...

    def look(self, tickets: Sequence[str]) -> Mapping[str, Seen]:
        """Where tickets are; those that were never added, or are forgotten, are left out."""
        ...

    def running(self) -> Collection[str]:
        """The tickets that are run in this process now."""
        ...

    def resume(self, ticket: str) -> None:
        """Give a held ticket to another executor: the one that holds it has died."""
        ...

    def sweep(self) -> None:
        """Forget tickets that ended long ago."""
        ...

    def stop(self) -> None:
        """Take no more; what still runs is not waited for."""
        ...


class Site(Protocol):
    """Where documents are read and kept: a workspace."""

    @property
    def store(self) -> Store: ...

    def ready(self) -> str | None:
        """None when documents can be analysed."""
        ...

    def read(
        self, data: bytes | str, *, source: str, format: Format | None = None, given: Metadata = Metadata()
    ) -> Document:
        """Raises InputError."""
        ...

    def ingest(self, document: Document, *, refresh: bool = True) -> Ingested:
        """Analyse and keep a document; the same again changes nothing."""
        ...

    def refresh(self) -> None:
        """Bring the findings up to date."""
        ...

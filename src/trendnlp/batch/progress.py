"""Who looks on while a run works, and how the work on findings tells him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from trendnlp.batch.entries import Head
from trendnlp.relations import Verdict


class Watch(Protocol):
    """Who looks on, and may want it to stop."""

    def planned(self, inputs: int) -> None:
        """How many inputs there are."""
        ...

    def done(self, heads: Sequence[Head], fresh: bool) -> None:
        """What became of some inputs, in this run or (not ``fresh``) in an earlier one."""
        ...

    def comparing(self, pairs: int) -> None:
        """So many more pairs of statements are about to be compared."""
        ...

    def compared(self, pairs: int) -> None:
        """So many of them have been."""
        ...

    def stopping(self) -> bool:
        """Whether no more work is to be begun."""
        ...


class Stopped(Exception):
    """The watch wanted an end: what has been done is kept."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Notes on the work on findings: tells a ``watch`` how far it is, and ends it where that wants an end."""

    watch: Watch

    def expect(self, pairs: int) -> None:
        """Raises Stopped."""
        self.watch.comparing(pairs)
        go_on(self.watch)

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """Raises Stopped."""
        self.watch.compared(len(verdicts))
        go_on(self.watch)


def go_on(watch: Watch) -> None:
    """Raises Stopped where the watch wants an end."""
    if watch.stopping():
        raise Stopped

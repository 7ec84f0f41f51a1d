"""Who looks on while a run works, and how the work on findings tells him."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """Notes of a run: tells its ``watch`` how far it is, and ends the work where that wants an end. ``keep``, where
    there is one, keeps the verdicts.
    """

    watch: Watch
    keep: Callable[[Mapping[bytes, Verdict]], None] | None = None

    def expect(self, pairs: int) -> None:
        self.watch.comparing(pairs)

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """Raises Stopped."""
        if self.keep is not None:
            self.keep(verdicts)
        self.watch.compared(len(verdicts))
        if self.watch.stopping():
            raise Stopped

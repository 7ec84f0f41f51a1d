"""Parts of the work on findings that can be done anywhere, each by itself, and who has them done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from trendnlp.consolidate.compare import Comparer, CosineComparer


class Piece(ABC):
    """One part, with all that it needs but the comparer. It travels between processes."""

    __slots__ = ()

    @abstractmethod
    def done(self, comparer: Comparer | CosineComparer) -> Any:
        """What comes of it: the same whoever does it."""


# Has pieces done and gives what came of them, in any order; one is taken when somebody is free for it.
Share = Callable[[Iterable[Piece]], Iterator[Any]]

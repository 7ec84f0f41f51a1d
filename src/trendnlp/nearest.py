"""The reviewed statement that is most like another: the reason why a label is suggested. An exact scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A reviewed statement and the cosine of its vector and the other's."""

    statement: str
    cosine: float


class Nearest:
    """Reviewed statements and their vectors: L2-normalised little-endian float32 bytes, one a statement."""

    def __init__(self, ids: Sequence[str], vectors: Sequence[bytes]) -> None:
        self.ids = tuple(ids)
        self._place = {id: i for i, id in enumerate(ids)}
        self._rows: NDArray[np.float32] = (
            np.stack([np.frombuffer(v, "<f4") for v in vectors]) if vectors else np.empty((0, 0), "<f4")
        )

    def of(self, statement: str, vector: bytes | None) -> Neighbour | None:
        """The most like but ``statement`` itself, the lowest id of several; None without a vector or any other."""
        mine = self._place.get(statement)
        if vector is None or len(self.ids) - (mine is not None) == 0:
            return None
        cosine = self._rows @ np.frombuffer(vector, "<f4")
        if mine is not None:
            cosine[mine] = -np.inf
        best = int(np.argmax(cosine))
        return Neighbour(self.ids[best], round(float(cosine[best]), DECIMALS))

"""The reviewed statement that is most like another: the reason why a label is suggested. An exact scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """Reviewed statements and their vectors: L2-normalised little-endian float32 bytes by statement id."""

    def __init__(self, vectors: Mapping[str, bytes]) -> None:
        self.ids = tuple(sorted(vectors))
        self._place = {id: i for i, id in enumerate(self.ids)}
        self._rows: NDArray[np.float32] = _rows(vectors[id] for id in self.ids)

    def after(self, changed: Iterable[str], vectors: Mapping[str, bytes]) -> Nearest:
        """With these ``vectors`` in the place of what it has of the statements ``changed``. Itself stays as it is."""
        gone = sorted(place for id in changed if (place := self._place.get(id)) is not None)
        if not gone and not vectors:
            return self
        kept, come = np.delete(np.array(self.ids, dtype=object), gone), sorted(vectors)
        places = np.searchsorted(kept, come)
        made = Nearest({})
        made.ids = tuple(np.insert(kept, places, come))
        made._place = {id: i for i, id in enumerate(made.ids)}
        rows = np.delete(self._rows, gone, axis=0)
        new = _rows(vectors[id] for id in come)
        made._rows = np.insert(rows, places, new, axis=0) if len(rows) and len(new) else rows if len(rows) else new
        return made

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


def _rows(vectors: Iterable[bytes]) -> NDArray[np.float32]:
    found = [np.frombuffer(vector, "<f4") for vector in vectors]
    return np.stack(found) if found else np.empty((0, 0), "<f4")

"""The reviewed statement that is most like another: the reason why a label is suggested. An exact scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4
ROUNDING = 1e-6  # between cosines of equal vectors: they are summed in another order


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

    def of_each(self, wanted: Sequence[tuple[str, bytes | None]]) -> list[Neighbour | None]:
        """Of each statement with its vector the most like but itself, the lowest id of several; None without a vector
        or any other.
        """
        # In one product: the reviewed vectors, many megabytes, go through memory once and not for each statement.
        found: list[Neighbour | None] = [None] * len(wanted)
        asked = [(place, id, vector) for place, (id, vector) in enumerate(wanted) if vector is not None]
        if not asked or not self.ids:
            return found
        cosines = _rows(vector for _, _, vector in asked) @ self._rows.T
        for (place, id, _), cosine in zip(asked, cosines, strict=True):
            if (mine := self._place.get(id)) is not None:
                cosine[mine] = -np.inf
            best = int(np.argmax(cosine >= cosine.max() - ROUNDING))
            if cosine[best] > -np.inf:
                found[place] = Neighbour(self.ids[best], round(float(cosine[best]), DECIMALS))
        return found


def _rows(vectors: Iterable[bytes]) -> NDArray[np.float32]:
    found = [np.frombuffer(vector, "<f4") for vector in vectors]
    return np.stack(found) if found else np.empty((0, 0), "<f4")

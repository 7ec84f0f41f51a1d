"""Copies among the documents of a run: the fingerprints of each are held in memory, its shingles in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from trendnlp.backing import Copy
from trendnlp.syndication import Fingerprints, Hashes, candidates, copy_of, shingles, sketch
from trendnlp.types import Document


class Shingled:
    """Documents that are to be compared. ``path`` is where their shingles go, a new file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._ids: list[str] = []
        self._places: list[tuple[int, int]] = []  # where the shingles of each begin and end in the file
        self._sketches: list[Fingerprints] = []

    def add(self, document: Document) -> None:
        """One more document, of another text than all before."""
        hashes = shingles(document)
        data = np.unique(hashes).tobytes()
        end = self._places[-1][1] if self._places else 0
        self._file.write(data)
        self._ids.append(document.id)
        self._places.append((end, end + len(data)))
        self._sketches.append(np.array(sketch(hashes).fingerprints, np.int64))

    def copies(self) -> Iterator[Copy]:
        """All pairs of copies, in any order."""
        for a, b in candidates(self._sketches):
            copy = copy_of(self._ids[a], self._shingles(a), self._ids[b], self._shingles(b))
            if copy is not None:
                yield copy

    def close(self) -> None:
        self._file.close()

    def _shingles(self, place: int) -> Hashes:
        start, end = self._places[place]
        self._file.seek(start)
        return np.frombuffer(self._file.read(end - start), np.uint64)

"""Vectors in context that are made once, and kept in files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from trendnlp.encode import Encoder
from trendnlp.types import Statement


@dataclass(frozen=True, slots=True)
class Texts:
    """The statements of one document, and which of them are wanted (ascending indices; all by default)."""

    statements: tuple[Statement, ...]
    wanted: tuple[int, ...] | None = None


class KeptVectors:
    """A folder of vectors, one file a document, model and choice of statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def of(self, encoder: Encoder, texts: Sequence[Texts], report: Callable[[int, int], None]) -> NDArray[np.float64]:
        """The vectors in context of what is wanted of each document, in order; those that are not here are made.
        ``report`` is told how many documents are done, of how many.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        found = []
        for done, text in enumerate(texts, 1):
            found.append(self._one(encoder, text))
            report(done, len(texts))
        return np.vstack(found).astype(np.float64)

    def forget_others(self) -> None:
        """Delete what has not been asked for here."""
        for path in self.folder.glob("*.npy"):
            if path.name not in self._used:
                path.unlink(missing_ok=True)

    def _one(self, encoder: Encoder, text: Texts) -> NDArray[np.float32]:
        told = [(s.text, s.headings, s.lead_in) for s in text.statements]
        state = repr((encoder.name, encoder.digest, encoder.reads, told, text.wanted))
        name = f"{hashlib.sha256(state.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}.npy"
        self._used.add(name)
        wanted = len(text.statements) if text.wanted is None else len(text.wanted)
        try:
            kept = np.load(self.folder / name, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            kept = None  # not here, or cut off
        if kept is not None and kept.shape == (wanted, encoder.dimension):
            return np.asarray(kept, np.float32)
        made = encoder.encode_in_context(text.statements, text.wanted)
        with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
            np.save(file, made)
        Path(file.name).replace(self.folder / name)
        return made

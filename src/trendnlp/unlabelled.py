"""Texts without labels beside a labelled corpus: what the accurate model says of them, the fast one learns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from trendnlp.corpus import UNLABELLED
from trendnlp.read import read_path
from trendnlp.segment import Segmenter
from trendnlp.types import Statement

SUFFIXES = (".md", ".txt")


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """The statements of each text, in the order of the texts' names, and a SHA-256 over them."""

    texts: tuple[tuple[Statement, ...], ...]
    digest: str

    @property
    def statements(self) -> int:
        return sum(map(len, self.texts))


NO_UNLABELLED = Unlabelled((), hashlib.sha256().hexdigest())


def read_unlabelled(corpus: Path) -> Unlabelled:
    """All ``*.md`` and ``*.txt`` below ``corpus``/unlabelled, read as any document is; raises the InputError family."""
    segmenter = Segmenter()
    total = hashlib.sha256()
    texts = []
    found = (path for path in (corpus / UNLABELLED).rglob("*") if path.suffix in SUFFIXES)
    for path in sorted(found, key=lambda p: p.as_posix()):
        statements = segmenter.segment(read_path(path))
        for statement in statements:
            total.update(repr((statement.id, statement.text, statement.headings)).encode())
        if statements:
            texts.append(statements)
    return Unlabelled(tuple(texts), total.hexdigest())

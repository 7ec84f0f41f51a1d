"""Texts without labels beside a labelled corpus: what the accurate model says of them, the fast one learns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from trendnlp.read import read_path
from trendnlp.segment import Segmenter
from trendnlp.types import Statement

FOLDER = "unlabelled"


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
    """All ``*.md`` below ``corpus``/unlabelled, read as any document is; raises the InputError family."""
    segmenter = Segmenter()
    total = hashlib.sha256()
    texts = []
    for path in sorted((corpus / FOLDER).rglob("*.md"), key=lambda p: p.as_posix()):
        statements = segmenter.segment(read_path(path))
        for statement in statements:
            total.update(repr((statement.id, statement.text, statement.headings)).encode())
        if statements:
            texts.append(statements)
    return Unlabelled(tuple(texts), total.hexdigest())

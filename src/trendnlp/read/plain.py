"""Plain text: its structure is read from its lines alone."""

from __future__ import annotations

from trendnlp.read.parsed import Parsed
from trendnlp.read.structure import blocks_of


def read_plain(text: str) -> Parsed:
    """Blocks of normalised plain text; the text stays as it is."""
    return Parsed(text, blocks_of(text))

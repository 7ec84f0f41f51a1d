"""What a reader of one format hands back: text and blocks, and what the format itself says of the document."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.types import Block, Metadata

NOTHING_STATED = Metadata()


class Unreadable(ValueError):
    """Why a reader gives up on a text; the caller knows its name."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """``stated`` holds only what the format declares (``<title>``, ``<meta>``, front matter)."""

    text: str
    blocks: tuple[Block, ...]
    stated: Metadata = NOTHING_STATED
    warnings: tuple[str, ...] = ()

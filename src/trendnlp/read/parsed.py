"""What a reader of one format hands back: text and blocks, and what the format itself says of the document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trendnlp.types import Block, Metadata

NOTHING_STATED = Metadata()
JUNK_TITLE = re.compile(  # what programs put there by themselves
    r"(?:microsoft \w+ - )?[^ ]*\.\w{2,5}$|untitled|document ?\d*$|(?:powerpoint|word) (?:presentation|document)$"
    r"|about:blank",
    re.IGNORECASE,
)


def title_in_properties(text: str) -> str | None:
    """The title among a file's properties, None where it is a file's name or a program's own words."""
    words = " ".join(text.split())
    return words if words and not JUNK_TITLE.match(words) else None


class Unreadable(ValueError):
    """Why a reader gives up on a text; the caller knows its name."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """``stated`` holds only what the format declares (``<title>``, ``<meta>``, front matter)."""

    text: str
    blocks: tuple[Block, ...]
    stated: Metadata = NOTHING_STATED
    warnings: tuple[str, ...] = ()

"""What reading one document may cost."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 64 * 1024 * 1024  # the defaults of Settings, for callers without settings
MAX_CHARACTERS = 10_000_000
MAX_PAGES = 2000
MAX_EXPANDED = 512 * 1024 * 1024
SECONDS = 60
MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest input in bytes, the longest text in characters after decoding, the most pages or slides, the most
    bytes that a package or archive may unpack to, and what its reader's process may take: seconds and bytes of memory.
    """

    max_bytes: int = MAX_BYTES
    max_characters: int = MAX_CHARACTERS
    max_pages: int = MAX_PAGES
    max_expanded: int = MAX_EXPANDED
    seconds: int = SECONDS
    memory: int = MEMORY


DEFAULT_LIMITS = Limits()

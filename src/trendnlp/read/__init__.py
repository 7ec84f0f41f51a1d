"""Reading: bytes, a file or a string become a Document with its blocks and what is known of it.

Raises the InputError family of ``trendnlp.errors``; reads only what it is given, and stores nothing.
"""

from trendnlp.read.decode import SUFFIXES, Normalised, format_of, normalised
from trendnlp.read.intake import file_bytes, read_bytes, read_path, read_text
from trendnlp.read.limits import Limits
from trendnlp.read.sandbox import member_bytes, members_of

__all__ = [
    "SUFFIXES",
    "Limits",
    "Normalised",
    "file_bytes",
    "format_of",
    "member_bytes",
    "members_of",
    "normalised",
    "read_bytes",
    "read_path",
    "read_text",
]

"""What a text is searched by: its words, and those of a query."""

from __future__ import annotations

import re
import unicodedata

from trendnlp.store.schema import ESCAPE

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_NO_WORD = re.compile(r"[\W_]+")


def terms(query: str) -> tuple[str, ...]:
    """The words and, without their double quotes, the phrases of a query. Nothing in it is an operator."""
    clean = query.encode("utf-8", "replace").decode().replace("\x00", " ").replace(ESCAPE, " ")
    return tuple(phrase or word for phrase, word in _TERM.findall(clean))


def words(text: str) -> tuple[str, ...]:
    """The runs of letters and digits in ``text``, in order, without case and accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return tuple(word for word in _NO_WORD.split(unicodedata.normalize("NFC", plain)) if word)

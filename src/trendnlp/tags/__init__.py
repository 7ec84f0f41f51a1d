"""What findings are about: tags from the user's taxonomy first, then themes from their own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trendnlp.tags.taxonomy import Taxonomy
from trendnlp.tags.themes import MAX_TAGS, themes
from trendnlp.terms import WORD, Tag

__all__ = ["MAX_TAGS", "NO_TAXONOMY", "Taxonomy", "tags_of"]

NO_TAXONOMY = Taxonomy()


def tags_of(texts: Sequence[str], taxonomy: Taxonomy = NO_TAXONOMY, left_out: Iterable[str] = ()) -> tuple[Tag, ...]:
    """The tags of a finding whose members have these texts: all of ``taxonomy`` that it speaks of, then themes, up to
    MAX_TAGS in all. No theme says what a tag of the taxonomy says, or consists of words of ``left_out``. Copies count
    once.
    """
    different = _different(texts) if len(texts) > 1 else texts
    given = taxonomy.tags(different)
    room = max(0, MAX_TAGS - len(given))
    return given + themes(different, (*left_out, *taxonomy.phrases_of(given)), room)


def _different(texts: Sequence[str]) -> Sequence[str]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(" ".join(WORD.findall(text.casefold())), text)
    return tuple(seen.values())

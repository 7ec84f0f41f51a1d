"""A taxonomy: a file in which its owner says which phrases stand for which tag.

    [tags]
    "ageing population" = ["ageing population", "older people", "over 65"]
    automation = ["automation", "robot", "driverless"]

A phrase is found in a statement by its words, in any case, singular or plural.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trendnlp.errors import SettingsError
from trendnlp.terms import Tag, TagOrigin, term_key, term_words

TABLE = "tags"
SETTING = "TRENDNLP_TAXONOMY"
EXAMPLE = 'Write tags as: [tags], then on a line each: name = ["phrase", "another phrase"].'
DECIMALS = 4
AT_LINE = re.compile(r"^(?P<reason>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.S)


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag and the phrases that stand for it, each as its folded words."""

    tag: str
    phrases: tuple[tuple[str, ...], ...]


class Taxonomy:
    """Tags by phrases. ``digest`` is the same for taxonomies that tag alike, and empty for one without tags."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries = tuple(sorted(entries, key=lambda e: e.tag))
        self.digest = ""
        if self.entries:
            told = json.dumps([[e.tag, sorted(e.phrases)] for e in self.entries], ensure_ascii=True)
            self.digest = hashlib.sha256(told.encode("ascii")).hexdigest()
        self._opening: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for entry in self.entries:
            for phrase in entry.phrases:
                self._opening.setdefault(phrase[0], []).append((phrase, entry.tag))

    @classmethod
    def load(cls, path: Path) -> Taxonomy:
        """Read a file; raises SettingsError that names the line and what is wrong there."""
        try:
            text = path.read_text("utf-8-sig")
        except OSError as error:
            remedy = f"Correct {SETTING}, or remove it."
            raise SettingsError(str(path), f"cannot be read ({error.strerror})", remedy) from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise SettingsError(f"{path}, line {line}", "it is not UTF-8", "Save the file as UTF-8.") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str) -> Taxonomy:
        """``name`` is what errors call the text; raises SettingsError."""
        try:
            whole = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = AT_LINE.match(str(error))
            line = int(found["line"]) if found and found["line"] else len(text.splitlines())
            reason = found["reason"] if found else str(error)
            raise _fault(name, max(line, 1), reason[:1].lower() + reason[1:]) from error
        for key in whole:
            if key != TABLE:
                raise _fault(name, _line_of(text, key), f"{key!r} is not known here, only [{TABLE}] is")
        tags = whole.get(TABLE, {})
        if not isinstance(tags, Mapping):
            raise _fault(name, _line_of(text, TABLE), f"{TABLE} is no table")
        return cls([_entry(tag, phrases, text, name) for tag, phrases in tags.items()])

    def tags(self, texts: Sequence[str]) -> tuple[Tag, ...]:
        """The tags of a finding whose members have these different texts: those of most texts first, then by name."""
        counts: dict[str, int] = {}
        for text in texts:
            for tag in self._found(text):
                counts[tag] = counts.get(tag, 0) + 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Tag(tag, TagOrigin.TAXONOMY, round(n / len(texts), DECIMALS)) for tag, n in ranked)

    def phrases_of(self, tags: Sequence[Tag]) -> tuple[str, ...]:
        """The names of ``tags`` and all phrases that stand for them."""
        names = {tag.name for tag in tags}
        chosen = [entry for entry in self.entries if entry.tag in names]
        return tuple(text for e in chosen for text in (e.tag, *(" ".join(phrase) for phrase in e.phrases)))

    def _found(self, text: str) -> set[str]:
        if not self._opening:
            return set()
        words = term_words(text)
        return {
            tag
            for at, word in enumerate(words)
            for phrase, tag in self._opening.get(word, ())
            if words[at : at + len(phrase)] == phrase
        }


def _entry(tag: str, phrases: Any, text: str, name: str) -> Entry:
    line = _line_of(text, tag)
    if not tag.isprintable() or not term_key(tag):
        raise _fault(name, line, f"the tag {tag!r} has no words, or is not on one line")
    if not isinstance(phrases, list) or not phrases:
        raise _fault(name, line, f"the tag {tag!r} has no list of phrases")
    for phrase in phrases:
        if not isinstance(phrase, str) or not term_words(phrase):
            raise _fault(name, line, f"the tag {tag!r} has a phrase without words: {phrase!r}")
    return Entry(tag, tuple(dict.fromkeys(term_words(phrase) for phrase in phrases)))


def _line_of(text: str, key: str) -> int:
    """The line on which ``key`` is given: TOML's reader does not say."""
    quoted = "|".join(re.escape(form) for form in (key, json.dumps(key, ensure_ascii=False), f"'{key}'"))
    given = re.compile(rf"\s*(?:(?:{quoted})\s*[=.]|\[\[?\s*(?:{quoted})\s*[\].])")
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if given.match(line)), 1)


def _fault(name: str, line: int, reason: str) -> SettingsError:
    return SettingsError(f"{name}, line {line}", reason, EXAMPLE)

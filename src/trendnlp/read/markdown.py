"""Markdown: markdown-it says which lines are code, tables, rules, HTML or front matter; the lines say the rest.

The text is the source itself, so that offsets hold in the file that a person opens.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from trendnlp.dates import iso_date
from trendnlp.read.layout import Hint
from trendnlp.read.lines import INNER_END, is_terminated
from trendnlp.read.parsed import Parsed
from trendnlp.read.structure import blocks_of
from trendnlp.types import BlockKind, Metadata

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?:.{0,2000}\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\n|$)")
FIELD = re.compile(r"^(\w+):(.*)$", re.MULTILINE)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
TAG_OR_COMMENT = re.compile(rf"<!--.*?-->|{TAG.pattern}", re.DOTALL)
REFERENCE = re.compile(r" {0,3}\[[^\]]{1,200}\]:\s*\S+")
QUOTES = ('"', "'")
EMPTY_QUOTE = re.compile(r"\s*>[\s>]*")
MAX_LINE = 100_000  # characters; longer lines hold no Markdown structure, and inline parsing is not needed
NAVIGATION = Hint(BlockKind.NAVIGATION)
TABLE = Hint(BlockKind.TABLE)


def read_markdown(text: str) -> Parsed:
    """Blocks of normalised Markdown; the text stays as it is, marks included."""
    hints: dict[int, Hint] = {}
    front = FRONT_MATTER.match(text)
    skipped = text.count("\n", 0, front.end()) if front else 0
    for number in range(skipped):
        hints[number] = NAVIGATION
    lines = text.split("\n")
    body = "\n".join(line if len(line) <= MAX_LINE else "x" for line in lines[skipped:])
    for token in _parser().parse(body):
        if token.map is None:
            continue
        first, last = token.map[0] + skipped, token.map[1] + skipped
        hint = _hint(token.type, token.content)
        if hint is not None:
            hints.update(dict.fromkeys(range(first, last), hint))
    for number, line in enumerate(lines):
        if REFERENCE.match(line) or EMPTY_QUOTE.fullmatch(line):
            hints.setdefault(number, NAVIGATION)
    return Parsed(text, blocks_of(text, hints), _stated(front[0]) if front else Metadata())


def _parser() -> MarkdownIt:
    # Indented paragraphs are common in exported reports, indented code is not. Inline marks stay in the text.
    return MarkdownIt("commonmark").enable("table").disable(["code", "inline", "text_join"], ignoreInvalid=True)


def _hint(kind: str, content: str) -> Hint | None:
    if kind in ("fence", "table_open"):
        return TABLE
    if kind == "hr":
        return NAVIGATION
    if kind == "html_block":
        closed, end, rest = content.rpartition("-->")  # in the rest no comment ends: none is looked for
        words = (TAG_OR_COMMENT.sub(" ", closed + end) + TAG.sub(" ", rest)).strip()
        prose = is_terminated(words) or INNER_END.search(words)
        return None if prose else NAVIGATION
    return None


def _stated(front: str) -> Metadata:
    fields = {name.lower(): value for name, raw in FIELD.findall(front) if (value := _unquoted(raw.strip(" \t")))}
    return Metadata(
        title=fields.get("title"),
        market=fields.get("market"),
        geography=fields.get("geography"),
        period=fields.get("period"),
        publisher=fields.get("publisher"),
        published=iso_date(fields.get("date", "")[:10]),
    )


def _unquoted(value: str) -> str:
    value = value[1:] if value.startswith(QUOTES) else value
    return value[:-1] if value.endswith(QUOTES) else value

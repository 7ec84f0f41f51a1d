"""What a document says of itself: title, market, geography, period, publisher, date; or None, no guess."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from trendnlp.dates import ENGLISH_DATE, iso_of
from trendnlp.read.gazetteer import names
from trendnlp.read.lines import URL
from trendnlp.read.parsed import Parsed
from trendnlp.types import Block, BlockKind, Metadata

HEAD_BLOCKS = 8  # where datelines, bylines and publication dates stand
SCANNED = 200_000  # characters of a long text that are counted for its geography
MIN_MENTIONS = 3
DOMINANT = 0.6  # share of all place names in the text that one place must have
MAX_NAME_WORDS = 7
SHORT_WORD = 2  # characters; such words tell nothing of a subject
STEM = 5  # characters that "pump" and "pumps" or "battery" and "batteries" share
MAX_SPAN = 60  # years

YEAR = r"(?:19|20)\d\d"
PERIOD = re.compile(rf"\b(?:FY ?)?({YEAR})\s?(?:[-–—/]|to|through|until)\s?(?:FY ?)?({YEAR}|\d\d)\b(?![-–]?\d)")
FORECAST = re.compile(r"forecast|CAGR|compound annual|projected|expected|anticipated", re.IGNORECASE)
STATED_DATE = re.compile(
    r"\b(?:(?:last )?published(?: date)?(?: on| in)?|publication date|release date|posted(?: on)?|date)\s*:?\s*",
    re.IGNORECASE,
)
LABEL_OPENS = re.compile(  # before the words that state a date: nothing, a sign, or what says that it is this text's
    r"(?:^|[|•·–—:;,.(/]\s*|\b[Tt]his [\w ]{1,30} (?:was|is|has been) (?:first )?)$"
)
DATELINE = re.compile(r"^[^\W\d_][^.:;]{0,60}(?:,| [-–—]|\() ?$")
TITLE_MARKET = re.compile(
    r"^(?:\[[^\]]*\]\s*)?(?:the\s+)?(?:global\s+|world\s+|worldwide\s+)?(?P<market>[^:|]{3,80}?)\s+market\b(?!\s+(?:dynamics|trends)\b$)",
    re.IGNORECASE,
)
TEXT_MARKET = re.compile(
    r"\b[Tt]he (?:global |worldwide |world )?(?P<market>(?:[\w&/()’'-]+ ){1,7}?)market (?:is|was|has|size|reached|grew|"
    r"will|in|stood|continues|remains)\b"
)
VAGUE = re.compile(
    r"^(?:overall|total|current|entire|whole|same|local|domestic|addressable|target|new|labou?r|job|stock|housing|this|that|"
    r"report|study|growing|larger|wider|broader|end|main|other|its|our|their|key|single|largest|second|third)\b|"
    r"\b(?:of|on|to|for|that|which|is|are|was|about|from)$|\b(?:that|which|is|are|was|says|how|why|what)\b",
    re.IGNORECASE,
)
ABOUT = re.compile(r"About (?!us\b|the\b|this\b|our\b|these\b|you\b)(.{2,80}?)\s*[,:.]*$", re.IGNORECASE)
NAME = r"(?P<name>[A-Z][\w&.’'-]*(?: (?:[A-Z&][\w&.’'-]*|of|and|for|the))*)"
PUBLISHERS = (
    re.compile(rf"\b[Pp]ublished by:? {NAME}"),
    re.compile(rf"^(?:Publisher|SOURCE): {NAME}[.\s]*$"),
    re.compile(
        rf"(?:^|[,.;] |\b(?:by|from|to) ){NAME}, an? (?:[\w-]+ ){{0,4}}(?:research|consult\w+|intelligence|"
        r"advisory)(?: \w+)? (?:firm|company|agency|house|provider|publisher)"
    ),
    re.compile(
        rf"^{NAME} is an? (?:[\w-]+[, ]+){{0,6}}(?:research|consult\w+|intelligence|advisory)(?: and \w+)? "
        r"(?:firm|company|agency|house|provider|publisher)"
    ),
)


def metadata_of(parsed: Parsed) -> Metadata:
    """What ``parsed`` states itself, completed from its text; of the language only what is stated."""
    stated = parsed.stated
    heading = _title(parsed)
    named = heading and stated.publisher and heading.casefold() == stated.publisher.casefold()
    title = (stated.title or heading) if named else (heading or stated.title)
    return Metadata(
        title=title,
        market=stated.market or _market(parsed, title),
        geography=stated.geography or _geography(parsed, title),
        period=stated.period or _period(parsed, title),
        publisher=stated.publisher or _publisher(parsed),
        published=stated.published or _published(parsed),
        language=stated.language,
    )


def _words(parsed: Parsed, block: Block) -> str:
    return " ".join(parsed.text[block.content : block.end].split()).strip("*_# ")


def _title(parsed: Parsed) -> str | None:
    for block in parsed.blocks:
        if block.kind is BlockKind.HEADING and block.level == 1:
            # the underline of a Setext heading is no word of it
            return re.sub(r"\s+(?:=+|-{3,})$", "", _words(parsed, block)) or None
    return None


def _market(parsed: Parsed, title: str | None) -> str | None:
    found = TITLE_MARKET.match(title) if title else None
    if found and not VAGUE.search(found["market"]) and len(found["market"].split()) <= MAX_NAME_WORDS:
        return found["market"].strip()
    for block in _prose(parsed)[:HEAD_BLOCKS]:
        found = TEXT_MARKET.search(_words(parsed, block)[:2000])
        if found and not VAGUE.search(found["market"].strip()) and _names_subject(found["market"], title):
            return found["market"].strip()
    return None


def _names_subject(market: str, title: str | None) -> bool:
    """Whether a market named in the text is the document's own: the title has one of its words that is no place."""
    known = {part.casefold() for name in names() for part in name.split()}
    own = [word.casefold() for word in market.split() if len(word) > SHORT_WORD and word.casefold() not in known]
    heading = {word.strip(",.:;?!()").casefold()[:STEM] for word in (title or "").split()}
    return any(word[:STEM] in heading for word in own)


def _prose(parsed: Parsed) -> list[Block]:
    return [b for b in parsed.blocks if b.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)]


@cache
def _places() -> re.Pattern[str]:
    ordered = sorted(names(), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, ordered))})(?![\w$-])")


def _geography(parsed: Parsed, title: str | None) -> str | None:
    """The places of the title; else the one that most place names of the text mean."""
    known = names()
    in_title = dict.fromkeys(known[m[0]] for m in _places().finditer(title or ""))
    if in_title:
        return ", ".join(in_title) if len(in_title) <= 2 else None
    counts = Counter(known[m[0]] for m in _places().finditer(parsed.text[:SCANNED]))
    counts.pop("Global", None)
    if not counts:
        return None
    place, mentions = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return place if mentions >= MIN_MENTIONS and mentions >= DOMINANT * counts.total() else None


def _period(parsed: Parsed, title: str | None) -> str | None:
    found = _span(title or "")
    if found:
        return found
    latest = max(re.findall(rf"\b{YEAR}\b", title or ""), default="")
    spans = []
    for block in _prose(parsed)[: 3 * HEAD_BLOCKS]:
        words = _words(parsed, block)[:2000]
        if FORECAST.search(words) and (found := _span(words)) and found[-4:] >= latest:
            spans.append(found)
    return max(spans, key=lambda span: span[-4:], default=None)  # a forecast ends later than the history beside it


def _span(words: str) -> str | None:
    for match in PERIOD.finditer(words):
        first, last = match[1], match[2] if len(match[2]) == 4 else match[1][:2] + match[2]
        if 0 < int(last) - int(first) <= MAX_SPAN:
            return f"{first}-{last}"
    return None


def _publisher(parsed: Parsed) -> str | None:
    for block in reversed(parsed.blocks):
        found = ABOUT.match(_words(parsed, block)) if block.kind is BlockKind.HEADING else None
        if found and _is_name(found[1]):
            return found[1]
    for pattern in PUBLISHERS:
        for block in (*parsed.blocks[: 2 * HEAD_BLOCKS], *parsed.blocks[-2 * HEAD_BLOCKS :]):
            found = pattern.search(_words(parsed, block)[:1000])
            if found and _is_name(found["name"]):
                return found["name"].rstrip(".,")
    return None


def _is_name(words: str) -> bool:
    parts = words.split()
    small = {"of", "and", "for", "the", "&", "de", "und"}
    return len(parts) <= MAX_NAME_WORDS and all(p[0].isupper() or p in small for p in parts) and not URL.search(words)


def _published(parsed: Parsed) -> str | None:
    for block in parsed.blocks[: 2 * HEAD_BLOCKS] + parsed.blocks[-3:]:
        words = _words(parsed, block)[:400]
        for stated in STATED_DATE.finditer(words):
            found = ENGLISH_DATE.match(words, stated.end())
            if found and LABEL_OPENS.search(words[: stated.start()]):
                return iso_of(found)
    for block in parsed.blocks[:HEAD_BLOCKS]:
        words = _words(parsed, block)[:120]
        found = ENGLISH_DATE.search(words)
        if found and (found.start() == 0 or DATELINE.match(words[: found.start()])):
            opens = words[found.end() : found.end() + 4]
            if not opens or re.match(r"\s?[-–—(/:)]", opens):
                return iso_of(found)
    return None

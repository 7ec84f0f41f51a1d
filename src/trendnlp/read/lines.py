"""What one line looks like: its marker, and whether it is prose, a fragment, navigation, an address or a table row.

Nothing here knows of other lines. Every test is linear in the line, and long lines are prose without further tests.
"""

# ruff: noqa: RUF001 - the dashes and quotation marks of real texts are meant

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from trendnlp.dates import DATE, LINE_DATELINE

LONG_LINE = 400  # characters; the headings of the corpus have up to 115, its navigation lines up to 99
HEADING_WORDS = 22  # the longest heading of the corpus has 19 words
COLON_HEADING_WORDS = 6
QUESTION_WORDS = 22  # the longest question used as a heading in the corpus has 15 words
DOUBLE_QUESTION_WORDS = 14  # of a line of two sentences: "Everyone is hiring. You?"
LEAD_CHARACTERS = 70
CELL_CHARACTERS = 32

BULLET = re.compile(r"(?:[-*+•●○·‣⁃◦▪▫■□►▸▶✓✔➢➤»>–—]|(?:&bull;))[ \t\u00a0]+")
NUMBER = re.compile(
    r"(?P<deep>\d{1,2}(?:\.\d{1,2}){1,3}\.?[ \t\u00a0]+(?=[^\W\d_]))"
    r"|(?P<flat>\(?\d{1,2}[.)][ \t\u00a0]+|\d{1,2}(?:\t|[ ]{2,})(?=[A-Z]))"
    r"|(?P<roman>\(?[ivxIVX]{1,5}[.)][ \t\u00a0]+)"
    r"|(?P<letter>\(?[a-zA-Z]\)[ \t\u00a0]+|[A-HK][.][ \t\u00a0]+(?=[A-Z][a-z]))"
)
HASHES = re.compile(r"(#{1,6})(?:[ \t]+|(?<=##)(?=[^\W_]))")
CLOSERS = "\"'”’»)]*_"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
TERMINATORS = ".!?…;。！？"
ABBREVIATED_END = re.compile(r"\b(?:Inc|Ltd|Co|Corp|plc|LLC|S\.A|S\.p\.A|U\.S|U\.K|e\.V|etc|Jr|Sr|Pty|Pvt|A\.Ş)\.$")
ABBREVIATIONS = "".join(
    rf"(?<!\b{a})" for a in ("Inc", "Corp", "Ltd", "Co", "No", "St", "Mr", "Mrs", "Ms", "Dr", "vs", "Nos", "approx")
)
INNER_END = re.compile(
    rf"[^\W\d_A-Z)%]{{2}}{ABBREVIATIONS}[.!?][\"”’)]{{0,2}}[ ]+[\"“‘(]?[A-Z]|[)%\d][.!?] +[A-Z][a-z]"
)
LEAD = re.compile(r"\W{0,3}[^\W_][^:.!?|]{0,70}:[ \u00a0]+\S")
CLAUSE_WORDS = 2  # with more words, a part of a menu that has a verb is a sentence
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|must|should|include|includes|comprise|follows?|"
    r"covers?|offers?|provides?)\b"
)
FUNCTION_END = re.compile(
    r"\b(?:a|an|and|as|at|by|for|from|in|into|is|are|of|on|or|our|per|that|the|their|to|was|were|which|with|within|its|"
    r"than|but|be|this|these|those|has|have|will|can|not|some|any|more|most|between|over|under|about|during)$"
)

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LINK = re.compile(r"!?\[([^\]\[]{0,200})\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
NAV_PHRASE = re.compile(
    r"(?:\W{0,3})(?:(?:download|get|request|order|grab|access)\b.{0,30}\b(?:sample|pdf|brochure|toc|copy|report)\b"
    r"|request (?:a|an|for) |browse\b|read (?:more|full|the full|also|next|on)\b|(?:find )?trending reports?\b"
    r"|related (?:reports?|articles?|posts?|news|links)\b"
    r"|(?:explore|see|view) (?:more|all|full|details|the full|also)\b"
    r"|share (?:this|on|via)\b|follow us\b|subscribe\b|sign (?:up|in|out)\b|log ?in\b|buy (?:now|this|the)\b|add to "
    r"|(?:inquire|enquire|inquiry|enquiry) (?:before|now|here)\b|click here\b|skip to\b|accept (?:all|cookies)\b"
    r"|reject (?:all|cookies)\b|cookie (?:settings|preferences|policy)\b|privacy policy\b|terms (?:of|and|&)\b"
    r"|(?:back|return) to (?:top|home)\b|speak (?:to|with) |talk to |ask (?:an|our) "
    r"|schedule a |learn more\b|load more\b"
    r"|showing \d|sort by\b|continued\b|page \d+\b|previous (?:article|post)\b|next (?:article|post)\b|print this\b"
    r"|you might also like\b|frequently bought\b|menu\b|search\b\W*$|share\W*$|home\W*$|tweet\W*$|contact us\W*$)",
    re.IGNORECASE,
)
PARTITION = (  # "By Region" heads a part of a segmentation, "By Jane Doe" names an author
    "(?:[\\w-]+ )?(?:region|technology|type|application|end|product|component|material|service|country|geography|"
    "channel|"
    "industry|vertical|size|distribution|deployment|segment|company|sector|use|user|function|form|source|category|price|age|"
    "gender|mode|platform|offering|solution|modality|capacity|grade|process)"
)
NOTE = re.compile(
    rf"(?:(?:last )?(?:published|updated|posted|modified|revised)(?: (?:date|on|by))?\b[^.]{{0,80}}"
    rf"|(?:date|(?:report|document) (?:id|code|name|number)|no\. of pages|pages?|format|authors?|sku|reading time|tags?"
    rf"|category|filed under|sources?) ?:[^.]{{0,80}}|(?:base year|(?:study|forecast|historical) period|historical data"
    rf"|forecast)"
    rf":? \d[\d –—-]*|by (?!{PARTITION})(?:[^\W\d_][\w.’'-]+ ?){{1,4}}|{DATE})$"
    rf"|\[?\d+ pages? report\]?$|[-–—]? ?\d{{1,4}} ?[-–—]?$|\d+ min(?:ute)?s? read$",
    re.IGNORECASE,
)
ADDRESS_LABEL = re.compile(
    r"(?:phone|tel|telephone|mobile|cell|fax|e-?mail|web ?site|web|address|contacts?|toll[- ]free|p\.? ?o\.? box|"
    r"(?:press|media|investor) (?:contact|relations)|linkedin|twitter|url)\b\.?(?: ?\([\w .]+\))? ?:",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?:\W?(?:US|UK|IN|International|Direct|Toll[- ]Free)\W*)?[+(]?\d[\d\s().\-–/]{6,30}(?:ext\.? ?\d+)?$"
)
STREET = re.compile(
    r"(?:(?:suite|floor|unit|level|building|block|room|plot) #?\d\w*,? .{0,60}|\d{1,5}[a-z]?,? "
    r"(?:[A-Z][\w.’'-]+ ){1,5}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|plaza|square|court)\b"
    r".{0,60})$",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"\W{0,3}(?:disclaimer\b|legal (?:notice|disclaimer)\b|forward[- ]looking statements?\b|safe harbou?r\b|©"
    r"|\(c\) ?\d{4}"
    r"|copyright\b|all rights reserved|this (?:press release|report|document|communication|presentation|material) "
    r"(?:may )?(?:contains? forward|is (?:provided|for information|not an? (?:offer|advice)|"
    r"intended (?:only|solely))))",
    re.IGNORECASE,
)
GAP = re.compile(r"\t+ *| {2,}")
FIGURE_CELL = re.compile(r"[\W_]*(?:[A-Z]{1,3} ?)?[$€£¥₹]?[-–+(]?\d[\d.,\s]*\)?[%a-zA-Z]{0,3}\W*$|[-–—]|n\.?a\.?$|XX?$")


def word_set(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


class Shape(Enum):
    """How a line reads on its own, its marker left aside."""

    PROSE = auto()
    LEAD = auto()  # "Lead-in: words"
    FRAGMENT = auto()  # words without an end: a heading, or an item of a list
    COLON = auto()  # a fragment ending in a colon that reads like a heading
    STEM = auto()  # a clause ending in a colon that opens a list
    QUESTION = auto()
    LOWER = auto()  # words without an end that start with a small letter


@dataclass(frozen=True, slots=True)
class Marker:
    """``end`` is the length of the marker. ``depth`` counts the parts of a number, 0 for none. ``style`` is
    the sign of a bullet, or the name of the kind of number.
    """

    end: int = 0
    depth: int = 0
    style: str = ""
    bullet: bool = False


NO_MARKER = Marker()


def marker_of(line: str) -> Marker:
    """The list marker or number at the start of ``line``."""
    found = BULLET.match(line)
    if found:
        return Marker(found.end(), 0, found[0][0], True)
    found = NUMBER.match(line)
    if not found or found.end() == len(line):
        return NO_MARKER
    style = found.lastgroup or ""
    depth = len(re.findall(r"\d+", found[0])) if style == "deep" else 1
    if style in ("roman", "letter"):  # "B." and "(b)" number different depths
        style += "(" * (line[found.end() - 2 : found.end()].strip() == ")") + "^" * found[0].strip("( ")[:1].isupper()
    return Marker(found.end(), depth, style)


def is_terminated(line: str) -> bool:
    """Whether ``line`` ends as a sentence does."""
    bare = line.rstrip(CLOSERS + SUPERSCRIPTS + " \t\u00a0")
    return bool(bare) and bare[-1] in TERMINATORS and not (len(line) < 80 and ABBREVIATED_END.search(bare))


def continues(line: str) -> bool:
    """Whether ``line`` ends in the middle of a clause."""
    return line[-1:] in ",-–—(&/" or bool(FUNCTION_END.search(line[-20:]))


def shape_of(line: str) -> Shape:
    """The shape of ``line``, given without its marker and outer white space."""
    if len(line) > LONG_LINE:
        return Shape.PROSE
    words = line.split()
    last = line.rstrip(CLOSERS + " ")[-1:]
    if last == "?" and len(words) <= (QUESTION_WORDS if not INNER_END.search(line) else DOUBLE_QUESTION_WORDS):
        return Shape.QUESTION
    if last in (":", "："):
        return Shape.COLON if _titled(words) and len(words) <= COLON_HEADING_WORDS else Shape.STEM
    if is_terminated(line):
        return Shape.LEAD if LEAD.match(line) else Shape.PROSE
    if INNER_END.search(line):
        return Shape.LEAD if LEAD.match(line) else Shape.PROSE
    if LEAD.match(line):
        return Shape.LEAD
    first = line.lstrip("\"'“‘([*_¿¡")[:1]
    if first.islower():
        return Shape.LOWER
    if len(words) > HEADING_WORDS or (line.endswith(",") and len(words) > COLON_HEADING_WORDS):
        return Shape.PROSE
    return Shape.FRAGMENT


def is_navigation(line: str) -> bool:
    """Links, menus, breadcrumbs, buttons, bylines, datelines on a line of their own, page numbers."""
    if len(line) > LONG_LINE or is_terminated(line):
        return False
    if NOTE.match(line) or _is_dateline(line) or _is_trail(line):
        return True
    words = line.split()
    if NAV_PHRASE.match(line) and len(words) <= 16:
        return not VERB.search(URL.sub("", line)) or bool(URL.search(line))
    return _is_link(line, words)


def is_address(line: str) -> bool:
    """A line that is only a phone number, an e-mail address, a street or a web address."""
    if len(line) > LONG_LINE // 2:
        return False
    if ADDRESS_LABEL.match(line):
        rest = URL.sub("", EMAIL.sub("", line))
        return not is_terminated(line) and (rest != line or bool(re.search(r"\d", line)) or len(line) < 60)
    return bool(EMAIL.fullmatch(line) or PHONE.match(line) or STREET.match(line))


def is_disclaimer(line: str) -> bool:
    """Whether a paragraph opens as a disclaimer or a copyright notice does."""
    return bool(DISCLAIMER.match(line))


def cells_of(line: str) -> list[str]:
    """The columns of ``line``: by pipes, tabs or wide gaps; a single one where it is no row."""
    if len(line) > LONG_LINE:
        return [line]
    if line.count("|") >= 2 or (line.startswith("|") and line.endswith("|")):
        return [cell.strip() for cell in line.strip("|").split("|")]
    return GAP.split(line)


def is_row(line: str) -> bool:
    """Whether ``line`` could be a row of a table: short columns, and no sentence in them."""
    cells = cells_of(line)
    if len(cells) < 2 or (is_terminated(line) and len(cells[-1].split()) > 2) or INNER_END.search(line):
        return False
    return sum(len(cell) for cell in cells) <= CELL_CHARACTERS * len(cells)


def figure_share(line: str) -> float:
    """The share of figures among the columns of ``line`` after the first."""
    cells = cells_of(line)[1:]
    return sum(1 for cell in cells if FIGURE_CELL.match(cell)) / len(cells) if cells else 0.0


def is_caps(line: str) -> bool:
    """Whether the words of ``line`` are in capitals."""
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= 4 and sum(c.isupper() for c in letters) >= 0.85 * len(letters)


def _titled(words: list[str]) -> bool:
    """Whether all the longer words start with a capital or a figure, as in a title, or there is one word alone."""
    text = " ".join(words)
    return not VERB.search(text) and all(not w[0].islower() or len(w) <= 4 for w in words)


def _is_dateline(line: str) -> bool:
    found = LINE_DATELINE.match(line)
    return bool(found) and found.end() >= len(line) - 3 if found else False


def _is_trail(line: str) -> bool:
    """Breadcrumbs and menus: short parts between signs, or between wide gaps without any figure; no list on one line,
    whose parts are sentences or of which the first has a bullet too.
    """
    for sign in (" | ", " > ", " » ", " › ", "  /  ", " · ", " • "):
        if sign not in line:
            continue
        parts = [p for p in line.split(sign) if p.strip()]
        enough = len(parts) >= 3 or (len(parts) == 2 and (sign == " | " or parts[0].strip().lower() == "home"))
        listed = line.startswith("•") or any(len(p.split()) > CLAUSE_WORDS and VERB.search(p) for p in parts)
        if enough and not listed and all(len(p.split()) <= 9 for p in parts):
            return True
    cells = GAP.split(line)
    return len(cells) >= 2 and all(len(c.split()) <= 3 for c in cells) and not re.search(r"\d", line)


def _is_link(line: str, words: list[str]) -> bool:
    """Mostly a URL, a whole Markdown link, or a title followed by its URL."""
    stripped = line.strip("*_ ")
    if LINK.fullmatch(stripped):
        return True
    urls = list(URL.finditer(LINK.sub(r"\1", line)))
    if not urls:
        return False
    if sum(len(m[0]) for m in urls) * 2 >= len(line):
        return len(words) <= 12
    label = line[: urls[0].start()].split()
    capital = sum(1 for w in label if not w[0].islower())
    return urls[-1].end() >= len(line.rstrip(CLOSERS)) - 1 and len(label) <= 15 and capital * 2 >= len(label)

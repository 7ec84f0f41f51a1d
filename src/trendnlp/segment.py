"""From documents to statements, and the one door to spaCy.

``Segmenter`` works on documents, ``sentence_spans`` holds the boundary rules. spaCy is imported when a function that
needs it is called: it takes seconds, and the statements of a document do not need it.
"""

# ruff: noqa: RUF001 - the dashes and quotation marks of real texts are meant

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern
from typing import TYPE_CHECKING

import sentencex

from trendnlp.dates import OPENING_DATELINE
from trendnlp.types import Block, BlockKind, Document, Statement

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LANGUAGE = "en"
STATED = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.DISCLAIMER)
CHUNK = 50_000  # characters given to sentencex at once, so that its copies of a huge line stay small
LEAD_WORDS = 8
BARE_LEAD_WORDS = 2  # of an item that opens with a name and a full stop: "War wording. New clauses exclude …"
TOKENS = 2**16  # that are kept: statements share most words
CONTEXT = 60  # characters each side of a possible boundary that decide on it


def _words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


CLOSERS = "\"'”’»)]*_"
OPENERS = "\"'“‘«([*_¿¡—–-"
CANDIDATE = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]*_]{0,4}\s++(?=[\"'“‘«(\[*_¿¡—–-]{0,3}[^\W_a-z]|[$€£¥₹•])")

# Abbreviations by what may follow them: the common ones of English business prose.
NEVER_LAST = _words(
    """
    mr mrs ms messrs dr prof hon rev gen sen rep gov lt col capt sgt vs v e.g i.e eg ie approx ca cf viz mt ft incl
    excl resp max min avg intl natl assn dept
    """
)
BEFORE_FIGURE = _words(
    """
    no nos nr fig figs p pp vol ch sec sect art para par eq ref ver ed c cl ex tab app jan feb mar apr jun jul aug
    sep sept oct nov dec est tel ext rs n° nº nᵒ
    """
)
OFTEN_INSIDE = _words(
    """
    inc corp ltd co cos llc plc bros jr sr st ave blvd rd al pty pvt gmbh s.a s.p.a n.v b.v govt univ ph.d fed calif
    ore wash mass conn fla ariz colo mich minn tex penn va md ill ind okla
    """
)
AMOUNT = re.compile(r"[$€£¥₹]?\d[\d.,]*")
AFTER_FIGURE = frozenset(("ft", "min", "v"))  # units after a figure ("300 ft."), else abbreviations ("min. order")
HOURS = frozenset(("a.m", "p.m"))
ITEM_NUMBER = 3  # characters of "12.": longer numbers are years and amounts
SHORT_START = 12  # characters; "At 5 a.m. Mr. Smith" has hardly begun where "He left the bank at 6 p.m." is a sentence
UNITS = _words(
    """
    bn mn tn mln bln mio mrd m k tsd sq yr yrs hr hrs lb lbs oz ft in a.m p.m etc
    """
)
INLINE_MARK = re.compile(r"(?:^|(?<=\s))(?P<sign>[•⁃]?) ?(?P<name>\d{1,2}|[a-z])(?P<close>\.\)|\)|\.)\s+(?=\S)")
AFTER_NOTE = re.compile(  # a sentence whose end carries the number of a note: "relief.[3] The", "relief.11 12 The"
    r"(?:(?<=[^\W\d_A-Z][.!?]|[)”\"][.!?])(?:(?:\[\d{1,3}\]){1,5}|\d{1,2}(?:[ ,]\d{1,2}){0,5})"
    r"|(?<=[.!?])[⁰¹²³⁴-⁹]{1,3}(?:[ ,]{0,2}[⁰¹²³⁴-⁹]{1,3}){0,5})\s+(?=[\"“‘(]?[A-Z])"
)
SAID = r"(?:said|says|added|adds|told|noted|notes|explained|asked|asks)"
SPEAKER = re.compile(rf"{SAID}\b|(?:[A-Z][\w’'-]+ ){{1,4}}{SAID}[.,]")
TITLES = _words(
    """
    mr mrs ms dr prof
    """
)
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
STARTERS = _words(
    """
    the a an it in on at this that these those he she they we i you how what why when where who which if but and or
    however its their his her our my your for from by as after before while although though since with without among
    according both each most many some several other others another all no not meanwhile moreover furthermore still
    yet so also there here then thus today last next one two three once until under over during despite because nor
    such did do does was were have can could would should will only even more less few fewer much overall finally
    instead demand prices sales revenue revenues growth adoption supply costs
    """
)

CLAUSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|says?|said|told|asked|asks|adds?|added|means?"
    r"|does?|did)\b",
    re.IGNORECASE,
)
LEAD_IN = re.compile(r"[*_]{0,2}(?P<lead>[^\W_a-z][^:.!?\n;|]{0,90}?)[*_]{0,2}:[*_]{0,2}\s+(?=\S)")
ARTICLE = re.compile(
    r"(?:the|a|an|this|that|these|those|it|my|our|here|there|and|but|so|then|if|when)\s+(?=[a-z])", re.IGNORECASE
)
HEADING_NUMBER = re.compile(r"(?:\(?\d{1,2}(?:\.\d{1,2})*[.)]?|\(?[ivxIVX]{1,5}[.)]|\(?[A-Za-z][.)])\s+(?=\S)")
BOLD_NAME = re.compile(r"(\*\*|__)[^\W_a-z][^.*_\n]{0,60}\.\1\s+\S")  # "**Bills.** They have doubled."


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of text: code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """A labelled stretch of text, for span groups."""

    start: int
    end: int
    label: str


class Segmenter:
    """Cuts documents into statements. It has no state: the same document always gives the same statements."""

    def segment(self, document: Document) -> tuple[Statement, ...]:
        """The statements of ``document`` in text order: its sentences and list items, under their headings."""
        statements: list[Statement] = []
        path: list[Block] = []
        names: tuple[str, ...] = ()
        for index, block in enumerate(document.blocks):
            if block.kind is BlockKind.HEADING:
                path = [above for above in path if above.level < block.level] + [block]
                names = tuple(name for name in (heading_name(document.text, b) for b in path) if name)
            elif block.kind in STATED:
                statements.extend(_statements(document, index, names))
        return tuple(statements)


def heading_name(text: str, block: Block) -> str:
    """The words of a heading on one line, without marks, numbers, and a colon or comma at the end."""
    lines = text[block.content : block.end].split("\n")
    if len(lines) > 1 and not any(c.isalnum() for c in lines[-1]):
        lines = lines[:-1]
    words = " ".join(" ".join(lines).split())
    words = words.strip("#*_ ").removesuffix(":").removesuffix(",").strip("*_ ")
    number = HEADING_NUMBER.match(words) if block.content == block.start else None
    return words[number.end() :] if number else words


def _statements(document: Document, index: int, headings: tuple[str, ...]) -> Iterator[Statement]:
    block = document.blocks[index]
    region = document.text[block.content : block.end]
    dateline = OPENING_DATELINE.match(region[:200]) if block.kind is BlockKind.PARAGRAPH else None
    offset = dateline.end() if dateline else 0
    extents = [Extent(e.start + offset, e.end + offset) for e in sentence_spans(region[offset:])]
    item = block.kind is BlockKind.LIST_ITEM and block.content > block.start
    bare_lead = BOLD_NAME.match(region) is not None or (item and _opens_with_name(region, extents))
    bare_lead = bare_lead and len(extents) > 1 and region[extents[0].start : extents[0].end].rstrip("*_").endswith(".")
    if bare_lead:
        extents = [Extent(extents[0].start, extents[1].end), *extents[2:]]
    for number, extent in enumerate(extents):
        start, end = block.content + extent.start, block.content + extent.end
        text = document.text[start:end]
        lead = None
        if number == 0:
            lead = text[: text.index(".")].strip("*_") if bare_lead else lead_in(text)
        place = block.place(start)
        page, box = (place.page, place.box) if place else (None, None)
        id = Statement.id_of(document.id, start, end)
        yield Statement(id, document.id, start, end, text, index, headings, lead, page, box)


def lead_in(text: str) -> str | None:
    """The words before the colon of "Lead-in: sentence", at most eight; None where the colon ends a clause."""
    found = LEAD_IN.match(text)
    if not found or CLAUSE.search(found["lead"]) or ARTICLE.match(found["lead"]):
        return None
    words = found["lead"].split()
    letters = any(c.isalpha() for c in found["lead"])
    return " ".join(words) if letters and len(words) <= LEAD_WORDS else None


def _opens_with_name(region: str, extents: list[Extent]) -> bool:
    """Whether an item starts with a few words and a full stop that name it: "War wording. New clauses exclude …"."""
    if len(extents) < 2:
        return False
    first = region[extents[0].start : extents[0].end]
    named = first.endswith(".") and len(first.split()) <= BARE_LEAD_WORDS and first[0].isupper() and "’" not in first
    return named and not CLAUSE.search(first) and first.rstrip(".").lower() not in ("yes", "no")


def sentence_spans(text: str) -> list[Extent]:
    """The sentences of ``text`` in order, without outer white space; text without any letter or figure is left out.

    A line break counts as a space. Time is linear in the text.
    """
    flat = text.replace("\n", " ")
    spans: list[Extent] = []
    start = 0
    for boundary in [*_boundaries(flat), len(flat)]:
        spans.extend(_trimmed(flat, start, boundary))
        start = boundary
    return spans


def _trimmed(text: str, start: int, end: int) -> Iterator[Extent]:
    part = text[start:end]
    if any(c.isalnum() for c in part):
        stripped = part.strip()
        first = start + len(part) - len(part.lstrip())
        yield Extent(first, first + len(stripped))


def _boundaries(text: str) -> list[int]:
    """Offsets at which a new sentence starts: sentencex's and our candidates that the rules let pass."""
    candidates = {found.end() for found in CANDIDATE.finditer(text)}
    candidates.update(_sentencex(text))
    items = _inline_items(text)
    candidates.difference_update(item.end for item in items)
    passed = {at for at in candidates if 0 < at < len(text) and _is_boundary(text, at)}
    passed.update(found.end() for found in AFTER_NOTE.finditer(text))
    passed.update(item.start for item in items if item.start > 0)
    return sorted(passed)


def _inline_items(text: str) -> list[Extent]:
    """The marks of a list on one line that opens ``text``: "1. One 2. Two", each mark one up from the mark before."""
    if not INLINE_MARK.match(text):
        return []
    items: list[Extent] = []
    awaited = style = ""
    for found in INLINE_MARK.finditer(text):
        if items and (found["name"] != awaited or found["sign"] + found["close"] != style):
            continue
        name, style = found["name"], found["sign"] + found["close"]
        awaited = str(int(name) + 1) if name.isdecimal() else chr(ord(name) + 1)
        items.append(Extent(found.start(), found.end()))
    return items


def _sentencex(text: str) -> Iterator[int]:
    start = 0
    while start < len(text):
        end = min(start + CHUNK, len(text))
        if end < len(text):
            space = text.rfind(" ", start + CHUNK // 2, end)
            end = space + 1 if space >= 0 else end
        at = start
        parts = sentencex.segment(LANGUAGE, text[start:end])
        for part in parts[:-1]:
            at += len(part)
            yield at
        start = end


def _is_boundary(text: str, at: int) -> bool:
    """Whether a sentence ends before ``at``, where the next word starts."""
    before = text[max(0, at - CONTEXT) : at].rstrip()
    after = text[at : at + CONTEXT].lstrip()
    word = before.rsplit(maxsplit=1)[-1] if before else ""
    bare = word.rstrip(CLOSERS)
    first = after.lstrip(OPENERS)[:1]
    if not bare or bare[-1] not in ".!?…":
        return bool(bare) and not bare[-1].isascii()
    if not text[at - 1].isspace() and text[at - 1].isascii():
        return False
    if not first or (first.islower() and (bare != word or bare[-1] in "!?…" or bare.endswith(".."))):
        return False
    if (word != bare and SPEAKER.match(after)) or bare.endswith(("[…", "[..", "[...")):
        return False
    if bare[-1] in "!?…" or bare.endswith(".."):
        return True
    if bare[:-1].isdecimal():  # "in 2024." ends a sentence, a "1." that opens one and the one of "for 1. above" do not
        return not first.islower() and not (_opens_item(before, word) and len(bare) <= ITEM_NUMBER)
    return _ends_sentence(_token(bare), before, first, after)


def _opens_item(before: str, number: str) -> bool:
    """Whether ``number``, the last word of ``before``, stands where the number of an item does."""
    words = before.removesuffix(number).split()
    if not words:
        return True
    return words[-1][-1] in ";:" or (words[-1][-1] == "." and words[-1][:-1].lower() not in BEFORE_FIGURE)


def _token(word: str) -> str:
    """The part of a word with a full stop that may be an abbreviation: "bn" of "$3bn.", "Mr" of "Tuesday.Mr."."""
    token = word[:-1].lstrip(OPENERS).lower()
    amount = AMOUNT.match(token)
    if amount and token[amount.end() :] in UNITS:
        return token[amount.end() :]
    parts = token.split(".")
    return parts[-1] if len(parts) > 1 and max(map(len, parts)) > 3 else token


def _ends_sentence(token: str, before: str, first: str, after: str) -> bool:
    """Whether the full stop after ``token``, the last word of ``before``, ends a sentence."""
    following = re.split(r"[\s,;:.’']", after.lstrip(OPENERS), maxsplit=1)[0].lower()
    starts = following in STARTERS and first.isupper()
    if token in AFTER_FIGURE and AMOUNT.fullmatch("".join(before.split()[-2:-1])):
        return first.isupper()
    if token in NEVER_LAST:
        return False
    if token in BEFORE_FIGURE and first.isdigit():
        return False
    if token in UNITS:
        return first.isupper() and not (token in HOURS and following in TITLES and len(before) < SHORT_START)
    if token in OFTEN_INSIDE:
        return starts
    if before[:-1].endswith(" and I"):  # the pronoun, where an initial would follow a name
        return True
    if INITIALS.fullmatch(token) and (len(token) > 1 or before.rstrip(CLOSERS)[-2:-1].isupper()):
        return starts
    if len(before) <= len(token) + 2 and len(token) == 1:  # "Q." and "a." that open a line
        return False
    return not first.islower() or (len(token) > 3 and "." not in token)


def tokens(text: str) -> tuple[str, ...]:
    """The words, figures and marks of ``text`` by spaCy's English rules; white space is none."""
    # Their numbers alone: objects for the tokens take several times as long.
    numbers = _english().tokenizer(text).to_array("ORTH").tolist()
    return tuple([word for number in numbers if (word := _word(number))])


@lru_cache(maxsize=TOKENS)
def _word(number: int) -> str:
    """The token of this number in spaCy's vocabulary; empty for white space."""
    word = str(_english().vocab.strings[number])
    return "" if word.isspace() else intern(word)


@cache
def _english() -> Language:
    import spacy

    return spacy.blank(LANGUAGE)


def register_component(name: str, create: Callable[[Language, str], Callable[[Doc], Doc]]) -> None:
    """Make ``nlp.add_pipe(name)`` work; ``create(nlp, name)`` makes the component. Once more changes nothing."""
    from spacy.language import Language

    if not Language.has_factory(name):
        Language.factory(name, func=create)


def span_group(doc: Doc, key: str, items: Iterable[LabelSpan]) -> Doc:
    """Put ``items`` in ``doc.spans[key]``; a stretch that cuts a token takes the whole token."""
    spans = (doc.char_span(item.start, item.end, label=item.label, alignment_mode="expand") for item in items)
    doc.spans[key] = [span for span in spans if span is not None]
    return doc

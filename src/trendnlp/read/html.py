"""HTML: the visible text in reading order, one paragraph a line, blank lines between; the tags say what each is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from lxml import etree

from trendnlp.read.declared import declared
from trendnlp.read.layout import Hint
from trendnlp.read.lines import is_terminated, word_set
from trendnlp.read.paragraphs import BREAKS, CELL_LIMIT, Paragraph, assemble
from trendnlp.read.parsed import Parsed, Unreadable
from trendnlp.types import Block, BlockKind

DROPPED = word_set(
    """
    script style head noscript template svg canvas iframe object textarea select audio video map
    """
)
BLOCKS = word_set(
    """
    html body p div section article main header footer nav aside ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre
    table caption thead tbody tfoot tr td th form fieldset legend figure figcaption address hr details summary
    center menu button dir dialog hgroup search
    """
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
NAVIGATION = word_set(
    """
    nav footer aside menu button dialog
    """
)
NAVIGATION_ROLES = word_set(
    """
    navigation banner contentinfo complementary search menu menubar dialog alertdialog
    """
)
# Whole names of classes: "content-sidebar-wrap" is what stands beside a sidebar, and "market-share" a subject.
NAVIGATION_CLASSES = word_set(
    """
    nav navbar nav-bar nav-menu nav-links navigation navigation-menu main-nav main-navigation primary-nav site-nav
    site-navigation top-nav menu main-menu primary-menu mobile-menu breadcrumb breadcrumbs breadcrumb-nav
    cookie cookies cookie-banner cookie-bar cookie-consent cookie-notice cookie-popup consent consent-banner gdpr
    pagination page-numbers post-navigation share sharing sharedaddy share-bar share-buttons share-links
    social social-bar social-icons social-links social-media social-share
    sidebar left-sidebar right-sidebar sidebar-left sidebar-right sidebar-primary primary-sidebar
    site-footer page-footer site-header skip-link skip-links related-posts related-articles related-reports
    newsletter newsletter-form newsletter-signup
    onetrust-consent-sdk onetrust-banner-sdk cybotcookiebotdialog cookiebanner qc-cmp2-container truste_box_overlay
    usercentrics-root didomi-host fc-consent-root cc-window cookie-law-info-bar cmplz-cookiebanner iubenda-cs-banner
    gdpr-banner moove_gdpr_cookie_info_bar osano-cm-window borlabs-cookie cookieconsent cky-consent-container
    """
)
# Sections of reports have such ids: on the share of a market, on social drivers, on a restaurant's menu.
NAVIGATION_IDS = NAVIGATION_CLASSES - {"share", "sharing", "social", "consent", "menu", "cookie", "cookies"}
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SPACES = re.compile(r"[ \t\n\r\f]+")
BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*(?:\n[ \t\r\f\v]*)+")
MAX_DEPTH = 2048  # libxml2's own limit, huge_tree included; it leaves out what lies deeper
LINK_WORDS = 12
BREAK = "\0"  # no NUL is left in normalised text
ITEM = Hint(item=True)
PROSE_WORDS = 8  # shorter sentences stand in banners and on buttons


class _Event(NamedTuple):
    kind: str
    element: etree._Element


class _Area(Enum):
    """What an element makes of what is in it.

    An article is freed from what classes and ids say alone: teasers in an aside are articles too.
    """

    MAIN = auto()
    ARTICLE = auto()
    NAVIGATION = auto()
    NAMED_NAVIGATION = auto()


@dataclass(slots=True)
class _Writer:
    """Collects inline text and closes it into paragraphs."""

    paragraphs: list[str] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    links: int = 0
    link_depth: int = 0
    areas: list[_Area] = field(default_factory=list)
    preformatted: int = 0
    pending: Hint = field(default_factory=Hint)

    @property
    def navigation(self) -> bool:
        return bool(self.areas) and self.areas[-1] in (_Area.NAVIGATION, _Area.NAMED_NAVIGATION)

    def enter(self, area: _Area) -> None:
        """Open ``area`` until it is popped; it counts for what it is inside the areas that are open."""
        above = self.areas[-1] if self.areas else _Area.MAIN
        inside = above is _Area.NAVIGATION and area is not _Area.MAIN
        self.areas.append(above if inside else area)

    def add(self, text: str | None) -> None:
        if text:
            text = BREAKS.sub("", text)
            self.parts.append(text if self.preformatted else SPACES.sub(" ", text))
            if self.link_depth:
                self.links += len(text.strip())

    def close(self, hint: Hint | None = None) -> None:
        """End the current paragraph; ``hint`` is for the next one."""
        text = _joined(self.parts, bool(self.preformatted))
        if text:
            self.paragraphs.append(text)
            self.hints.append(self._hint(text))
        if text or hint is not None:
            self.pending = hint or Hint()
        self.parts, self.links = [], 0

    def _hint(self, text: str) -> Hint:
        if self.navigation:
            return Hint(BlockKind.NAVIGATION)
        linked = self.links * 10 >= len(text) * 9 and len(text.split()) <= LINK_WORDS
        if linked and not self.pending.kind and not is_terminated(text):
            return Hint(BlockKind.NAVIGATION)
        return self.pending


def read_html(text: str) -> Parsed:
    """Blocks of the visible text of an HTML page; the text is the extracted one, not the source."""
    root = _root(text)
    if root is None:
        return Parsed("", ())
    writer = _Writer()
    _walk(root, writer)
    writer.close()
    written = assemble([Paragraph(*pair) for pair in zip(writer.paragraphs, writer.hints, strict=True)])
    return Parsed(written.text, written.blocks, declared(root), _warnings(written.text, written.blocks))


def _warnings(text: str, blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """A warning where navigation takes more words of a page with prose than all the rest."""
    words = left_out = 0
    prose = False
    for block in blocks:
        part = text[block.start : block.end]
        count = len(part.split())
        words += count
        left_out += count if block.kind is BlockKind.NAVIGATION else 0
        prose = prose or (count >= PROSE_WORDS and is_terminated(part))
    if not prose or left_out * 2 <= words:
        return ()
    return (f"{left_out:,} of the {words:,} words of the page stand in navigation and give no statements",)


def _root(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:  # a page without any element
        return None
    if len(parser.error_log.filter_types([etree.ErrorTypes.ERR_RESOURCE_LIMIT])):
        raise Unreadable(f"its tags are nested too deeply to be read, more than {MAX_DEPTH:,} levels")
    return root


def _walk(root: etree._Element, writer: _Writer) -> None:
    table: etree._Element | None = None  # the one that has been written, until its end
    for event, element in _shown(root):
        if table is not None:
            if element is not table:
                continue
            table = None
        elif event == "start" and element.tag == "table" and (rows := _data(element)):
            _write_rows(rows, writer)
            table = element
            continue
        elif event == "start":
            _enter(element, writer)
            continue
        elif event == "end":
            _leave(element, writer)
        writer.add(element.tail if element is not root else None)


def _shown(root: etree._Element) -> Iterator[_Event]:
    """The start and end of ``root`` and of every element in it, in text order.

    Of an element that is not shown comes only its "tail" event, at its end.
    """
    hidden: etree._Element | None = None
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and (element.tag in DROPPED or _is_hidden(element)):
            walk.skip_subtree()  # which leaves out what is in the element, but not its end
            hidden = element
        else:
            yield _Event("tail" if element is hidden else event, element)


def _enter(element: etree._Element, writer: _Writer) -> None:
    tag = element.tag
    if tag in BLOCKS:
        if tag in HEADINGS:
            writer.close(Hint(BlockKind.HEADING, HEADINGS[tag]))
        elif tag == "li":
            writer.close(ITEM)
        elif tag == "address":
            writer.close(Hint(BlockKind.ADDRESS))
        elif tag == "figcaption":
            writer.close(Hint(BlockKind.NAVIGATION))
        elif tag in ("p", "div", "span") and not "".join(writer.parts).strip():
            writer.parts = []  # a paragraph that opens a list item or heading is that item
        else:
            writer.close()
    area = _area(element)
    if area is not None:
        writer.enter(area)
    writer.preformatted += tag == "pre"
    writer.link_depth += tag == "a"
    if tag == "br":
        writer.parts.append(BREAK)
    writer.add(element.text)


def _leave(element: etree._Element, writer: _Writer) -> None:
    tag = element.tag
    if tag in BLOCKS:
        writer.close(Hint() if tag in HEADINGS or tag in ("li", "address", "figcaption") else None)
    if _area(element) is not None:
        writer.areas.pop()
    writer.preformatted -= tag == "pre"
    writer.link_depth -= tag == "a"


def _is_hidden(element: etree._Element) -> bool:
    if element.tag == "dialog" and "open" not in element.attrib:
        return True
    style = element.get("style") or ""
    return "hidden" in element.attrib or element.get("aria-hidden") == "true" or bool(HIDDEN_STYLE.search(style))


def _area(element: etree._Element) -> _Area | None:
    """The area that ``element`` opens, None for one that belongs to the area around it."""
    role = element.get("role")
    if element.tag == "main" or role == "main":
        return _Area.MAIN
    if element.tag in NAVIGATION or role in NAVIGATION_ROLES:
        return _Area.NAVIGATION
    if element.tag == "article":
        return _Area.ARTICLE
    if element.tag in ("html", "body") or element.tag in HEADINGS:
        return None
    classes = (element.get("class") or "").lower().split()
    named = not NAVIGATION_CLASSES.isdisjoint(classes) or (element.get("id") or "").lower() in NAVIGATION_IDS
    return _Area.NAMED_NAVIGATION if named else None


def _data(table: etree._Element) -> list[list[str]]:
    """The cells of a table that holds data: no table in it, two columns or more, short cells. Else no rows."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return []
    shown = [element for kind, element in _shown(table) if kind == "start"]
    rows = [[_text(cell) for cell in row if cell.tag in ("td", "th")] for row in shown if row.tag == "tr"]
    columns = max((len(row) for row in rows), default=0)
    if columns < 2 or any(len(cell) > CELL_LIMIT for row in rows for cell in row):
        return []
    return [[_text(caption)] for caption in shown if caption.tag == "caption"] + rows


def _write_rows(rows: list[list[str]], writer: _Writer) -> None:
    writer.close()
    lines = ["\t".join(row).strip() for row in rows if any(row)]
    if lines:
        writer.paragraphs.append("\n".join(lines))
        writer.hints.append(Hint(BlockKind.NAVIGATION if writer.navigation else BlockKind.TABLE))


def _text(element: etree._Element) -> str:
    """The words of ``element`` that are shown, on one line."""
    parts: list[str] = []
    for kind, inner in _shown(element):
        if inner.tag in BLOCKS or inner.tag == "br":
            parts.append(" ")
        if kind == "start":
            parts.append(inner.text or "")
        elif inner is not element:
            parts.append(inner.tail or "")
    return SPACES.sub(" ", BREAKS.sub("", "".join(parts))).strip()


def _joined(parts: list[str], preformatted: bool) -> str:
    text = "".join(parts)
    if preformatted:
        return BLANK_LINES.sub("\n\n", text.replace(BREAK, "\n")).strip()
    lines = [SPACES.sub(" ", line).strip(" ") for line in text.split(BREAK)]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

"""HTML: the visible text in reading order, one paragraph a line, blank lines between; the tags say what each is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from trendnlp.read.layout import Hint
from trendnlp.read.lines import is_disclaimer, is_terminated, word_set
from trendnlp.read.parsed import Parsed
from trendnlp.read.structure import blocks_of
from trendnlp.types import BlockKind, Metadata

DROPPED = word_set(
    """
    script style head noscript template svg canvas iframe object textarea select audio video map
    """
)
BLOCKS = word_set(
    """
    html body p div section article main header footer nav aside ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre
    table caption thead tbody tfoot tr td th form fieldset legend figure figcaption address hr details summary
    center menu button dir
    """
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
NAVIGATION = word_set(
    """
    nav footer aside menu button
    """
)
NAVIGATION_ROLES = word_set(
    """
    navigation banner contentinfo complementary search menu menubar dialog alertdialog
    """
)
NAVIGATION_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|cookies?|consent|gdpr|pagination|social|share|sharing|sidebar"
    r"|site-footer|site-header|skip-link|related-posts|newsletter)(?:$|[\s_-])",
    re.IGNORECASE,
)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SPACES = re.compile(r"[ \t\n\r\f]+")
BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*(?:\n[ \t\r\f\v]*)+")
CELL_LIMIT = 200  # characters; a table with longer cells lays out a page rather than data
LINK_WORDS = 12
BREAK = "\0"  # no NUL is left in normalised text
DATES = ("article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "citation_publication_date")
ITEM = Hint(item=True)


@dataclass(slots=True)
class _Writer:
    """Collects inline text and closes it into paragraphs."""

    paragraphs: list[str] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    links: int = 0
    link_depth: int = 0
    navigation: int = 0
    preformatted: int = 0
    pending: Hint = field(default_factory=Hint)

    def add(self, text: str | None) -> None:
        if text:
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
            return Hint(BlockKind.DISCLAIMER if is_disclaimer(text) else BlockKind.NAVIGATION)
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
    hints: dict[int, Hint] = {}
    line = 0
    for paragraph, hint in zip(writer.paragraphs, writer.hints, strict=True):
        count = paragraph.count("\n") + 1
        if hint.kind is not None or hint.item:
            hints[line] = hint
        if hint.kind is not None:
            joined = hint.kind not in (BlockKind.TABLE, BlockKind.NAVIGATION)
            hints.update(dict.fromkeys(range(line + 1, line + count), Hint(hint.kind, hint.level, joined=joined)))
        line += count + 1
    extracted = "\n\n".join(writer.paragraphs)
    return Parsed(extracted, blocks_of(extracted, hints), _stated(root))


def _root(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:  # a page without any element
        return None


def _walk(root: etree._Element, writer: _Writer) -> None:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "end":
            _leave(element, tag, writer)
            writer.add(element.tail if element is not root else None)
            continue
        if tag in DROPPED or _is_hidden(element):
            walk.skip_subtree()
            element.set("trendnlp-dropped", "1")
        elif tag == "table" and _is_data(element):
            writer.close()
            _table(element, writer)
            walk.skip_subtree()
            element.set("trendnlp-dropped", "1")
        else:
            _enter(element, tag, writer)


def _enter(element: etree._Element, tag: str, writer: _Writer) -> None:
    if tag in BLOCKS:
        if tag in HEADINGS:
            writer.close(Hint(BlockKind.HEADING, HEADINGS[tag]))
        elif tag == "li":
            writer.close(ITEM)
        elif tag == "address":
            writer.close(Hint(BlockKind.ADDRESS))
        elif tag in ("p", "div", "span") and not "".join(writer.parts).strip():
            writer.parts = []  # a paragraph that opens a list item or heading is that item
        else:
            writer.close()
    writer.navigation += _is_navigation(element, tag)
    writer.preformatted += tag == "pre"
    writer.link_depth += tag == "a"
    if tag == "br":
        writer.parts.append(BREAK)
    writer.add(element.text)


def _leave(element: etree._Element, tag: str, writer: _Writer) -> None:
    if element.get("trendnlp-dropped"):
        return
    if tag in BLOCKS:
        writer.close(Hint() if tag in HEADINGS or tag in ("li", "address") else None)
    writer.navigation -= _is_navigation(element, tag)
    writer.preformatted -= tag == "pre"
    writer.link_depth -= tag == "a"


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style") or ""
    return "hidden" in element.attrib or element.get("aria-hidden") == "true" or bool(HIDDEN_STYLE.search(style))


def _is_navigation(element: etree._Element, tag: str) -> bool:
    if tag in NAVIGATION or element.get("role") in NAVIGATION_ROLES:
        return True
    if tag in ("html", "body", "main", "article") or tag in HEADINGS:
        return False
    name = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    return bool(name) and bool(NAVIGATION_NAME.search(name))


def _is_data(table: etree._Element) -> bool:
    """Whether a table holds data: no table in it, two columns or more, short cells."""
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return False
    rows = [[len(_text(cell)) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    return any(len(row) > 1 for row in rows) and all(size <= CELL_LIMIT for row in rows for size in row)


def _table(table: etree._Element, writer: _Writer) -> None:
    rows = [[_text(caption)] for caption in table.iter("caption")]
    rows += [[_text(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    lines = ["\t".join(row).strip() for row in rows if any(row)]
    if lines:
        writer.paragraphs.append("\n".join(lines))
        writer.hints.append(Hint(BlockKind.NAVIGATION if writer.navigation else BlockKind.TABLE))


def _text(element: etree._Element) -> str:
    hidden = {id(e) for e in element.iter() if e.tag in DROPPED or _is_hidden(e)}
    if not hidden:
        return SPACES.sub(" ", "".join(map(str, element.itertext()))).strip()
    return SPACES.sub(" ", "".join(_visible(element, hidden))).strip()


def _visible(element: etree._Element, hidden: set[int]) -> list[str]:
    parts: list[str] = [element.text or ""]
    for child in element:
        if id(child) not in hidden:
            parts.extend(_visible(child, hidden))
        parts.append(child.tail or "")
    return parts


def _joined(parts: list[str], preformatted: bool) -> str:
    text = "".join(parts)
    if preformatted:
        return BLANK_LINES.sub("\n\n", text.replace(BREAK, "\n")).strip()
    lines = [SPACES.sub(" ", line).strip(" ") for line in text.split(BREAK)]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _stated(root: etree._Element) -> Metadata:
    title = root.find(".//head/title")
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.lower(), content)
    published = next((metas[name][:10] for name in DATES if name in metas), "")
    return Metadata(
        title=SPACES.sub(" ", (title.text if title is not None else None) or metas.get("og:title", "")).strip() or None,
        publisher=metas.get("og:site_name") or metas.get("citation_publisher"),
        published=published if re.fullmatch(r"\d{4}(?:-\d\d){0,2}", published) else None,
    )

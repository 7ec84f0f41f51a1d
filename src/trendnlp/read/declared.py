"""What an HTML page declares of itself in JSON-LD (schema.org), ``<meta>`` and ``<title>``."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from trendnlp.dates import any_date
from trendnlp.types import Metadata

# Names in the order of trust. Dublin Core, Highwire Press (citation_) and Open Graph are what publishers use.
TITLES = ("citation_title", "og:title", "dc.title", "dcterms.title", "twitter:title")
PUBLISHERS = ("og:site_name", "citation_publisher", "dc.publisher", "dcterms.publisher", "publisher")
DATES = (
    *("article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.issued", "dcterms.date"),
    *("citation_publication_date", "citation_date", "publish-date", "publication_date", "parsely-pub-date", "pubdate"),
)
LANGUAGES = ("og:locale", "content-language", "language", "dc.language", "dcterms.language", "citation_language")
WRITTEN = re.compile(r"(?:\w*Article|BlogPosting|Report|Dataset|Book)$")
OTHERWISE = ("Product", "CreativeWork", "WebPage", "ItemPage")
LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]{2,8})*$")
MAX_JSON = 1_000_000  # characters of one script; those of real pages have some thousands
MAX_NODES = 10_000
MAX_VALUE = 500  # characters; titles have up to 160
SPACES = re.compile(r"\s+")
SEPARATORS = (" | ", " - ", " – ", " — ", " :: ", " » ")

Node = dict[str, Any]


def declared(root: etree._Element) -> Metadata:
    """The title, publisher, date and language that the page of ``root`` declares; JSON-LD before all else."""
    nodes = list(_nodes(root))
    article = _article(nodes)
    metas = _metas(root)
    publisher = _publisher(article, nodes) or _first(metas, PUBLISHERS)
    title = root.find(".//head/title")
    named = _value(article.get("headline") or article.get("name")) or _first(metas, TITLES)
    named = named or _value(None if title is None else title.text)
    dates = [_value(article.get(name)) for name in ("datePublished", "dateCreated")]
    dates += [metas.get(name) for name in DATES] + [_value(t.get("datetime")) for t in root.iter("time")][:1]
    languages = [_language(article.get("inLanguage")), *(_language(metas.get(name)) for name in LANGUAGES)]
    return Metadata(
        title=_without_site(named, publisher),
        publisher=publisher,
        published=next((found for date in dates if date and (found := any_date(date))), None),
        language=next((found for found in languages if found), None) or _language(root.get("lang")),
    )


def _metas(root: etree._Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in root.iter("meta", "time", "span"):
        names = [element.get(key) for key in ("property", "name", "itemprop", "http-equiv")]
        name = next((name for name in names if name), None)
        value = _value(element.get("content") or element.get("datetime"))
        if name and value and (element.tag == "meta" or element.get("itemprop")):
            metas.setdefault(name.lower(), value)
    return metas


def _nodes(root: etree._Element) -> Iterator[Node]:
    """Every JSON-LD object of the page, outer ones first."""
    left = MAX_NODES
    for script in root.iter("script"):
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        if kind != "application/ld+json" or len(script.text or "") > MAX_JSON:
            continue
        try:
            level: list[Any] = [json.loads(script.text or "", strict=False)]  # line breaks in strings are common
        except (ValueError, RecursionError):
            continue
        while level and left > 0:
            left -= len(level)
            yield from (item for item in level if isinstance(item, dict))
            level = [
                inner
                for item in level
                if isinstance(item, dict | list)
                for inner in (item.values() if isinstance(item, dict) else item)
                if isinstance(inner, dict | list)
            ]


def _types(node: Node) -> list[str]:
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return [re.split(r"[/:#]", name)[-1] for name in names if isinstance(name, str)]


def _article(nodes: list[Node]) -> Node:
    """The object that stands for what the page holds: an article or report, else a product or the page itself."""
    for node in nodes:
        if any(WRITTEN.match(name) for name in _types(node)):
            return node
    for other in OTHERWISE:
        for node in nodes:
            if other in _types(node):
                return node
    return {}


def _publisher(article: Node, nodes: list[Node]) -> str | None:
    for key in ("publisher", "sourceOrganization", "provider"):
        given = article.get(key)
        given = given[0] if isinstance(given, list) and given else given
        if isinstance(given, dict) and "name" not in given:  # a reference to another object of the page
            given = next((node for node in nodes if "name" in node and node.get("@id") == given.get("@id")), given)
        found = _value(given.get("name") if isinstance(given, dict) else given)
        if found and "://" not in found:
            return found
    return None


def _language(value: Any) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    value = value.get("alternateName") or value.get("name") if isinstance(value, dict) else value
    found = LANGUAGE.match(value.strip()) if isinstance(value, str) else None
    return found[1].lower() if found else None


def _first(metas: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _value(value: Any) -> str | None:
    """A text on one line, without control characters; None for anything else, and for what is too long for a name."""
    if not isinstance(value, str):
        return None
    line = "".join(c for c in SPACES.sub(" ", html.unescape(value)) if c.isprintable()).strip()
    return line if 0 < len(line) <= MAX_VALUE else None


def _without_site(title: str | None, publisher: str | None) -> str | None:
    """``title`` without the publisher's name at its end: "Pumps 2030 | Example Research"."""
    for separator in SEPARATORS:
        name, found, site = (title or "").rpartition(separator)
        if found and publisher and site.strip().casefold() == publisher.casefold():
            return name.strip()
    return title

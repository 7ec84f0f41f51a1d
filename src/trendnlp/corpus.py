"""Labelled texts: plain files in which a mark follows each unit and each heading.

A file opens with ``@key value`` lines (market, publisher, date, style, register), then comes the text:

    Why hospitals buy ⟦h2⟧
    Nurses are scarce, so wards order lifts. ⟦d/c eco #lifts⟧ A lift costs €4,000. ⟦x/d⟧

A unit's mark holds its kind, after a slash a second kind that a careful reader would accept, for a claim its aspect,
and after ``#`` the key of its claim: units of one market with one key say the same. Marks are stripped from the text.

What a second reader says stands beside the texts in ``second_reading.tsv``: text, unit, kind, second kind, aspect, with
``-`` for none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trendnlp.errors import CorpusError
from trendnlp.types import OTHER, Claim, Document, Format, KindScore, Label, LabelledStatement, Metadata, Statement

KIND_MARKS = {"d": "driver", "t": "trend", "c": "challenge", "o": "opportunity", "x": "other"}
ASPECT_MARKS = {
    "tec": "technology",
    "con": "consumer",
    "eco": "economic",
    "reg": "regulatory",
    "env": "environmental",
}
SHORTEST_KIND = 3  # letters of a kind's own name; a shorter mark is a mistyped one
MARK = re.compile(
    r"[ \t]*⟦(?:h(?P<level>[1-6])|(?P<kind>[\w-]+?)(?:/(?P<alt>[\w-]+))?"
    r"(?: (?P<aspect>[a-z]+))?(?: #(?P<claim>[\w-]+))?)⟧"
)
LIST_MARK = re.compile(r"\s*(?:(?:[-*•·–—▪►✓➤>]+|\(?\d{1,2}[.)]|\(?[a-z]\)|[ivx]+\.)\s+)?")
OPEN_LINE = re.compile(r"[a-z,;]$")  # a line that ends so runs on: it is hard-wrapped, not a line of its own
HEADING_DECORATION = "#*: \t"
SECOND_READING = "second_reading.tsv"
UNLABELLED = "unlabelled"  # the folder of texts without labels


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader who did not see the marks says of a unit."""

    kind: str
    alt: str | None
    aspect: str | None


@dataclass(frozen=True, slots=True)
class LabelledUnit:
    """One labelled sentence or list item; offsets into the text without marks, end exclusive."""

    start: int
    end: int
    kind: str
    alt: str | None = None
    aspect: str | None = None
    claim: str | None = None
    headings: tuple[str, ...] = ()
    second: Reading | None = None


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One labelled report: its name in the corpus, its text without marks, what is known of it, its units in order."""

    name: str
    text: str
    metadata: Metadata
    style: str | None
    units: tuple[LabelledUnit, ...]

    @property
    def market(self) -> str:
        """What texts are split by: texts of one market stay on one side of every split."""
        return self.metadata.market or self.name


def read_corpus(folder: Path) -> tuple[LabelledText, ...]:
    """All ``*.txt`` below ``folder`` but for those without labels, in the order of their names; raises CorpusError for
    the first bad one.
    """
    found = (path for path in folder.rglob("*.txt") if path.relative_to(folder).parts[0] != UNLABELLED)
    paths = sorted(found, key=lambda p: p.relative_to(folder).as_posix())
    if not paths:
        raise CorpusError(str(folder), "holds no labelled *.txt file", "Name a folder of labelled texts.")
    texts = [parse(_read(p), p.relative_to(folder).with_suffix("").as_posix()) for p in paths]
    second = folder / SECOND_READING
    readings = _second_readings(second, texts) if second.is_file() else {}
    return tuple(_with_second_reading(text, readings.get(text.name, {})) for text in texts)


def _second_readings(path: Path, texts: Sequence[LabelledText]) -> dict[str, dict[int, Reading]]:
    """By text and unit; raises CorpusError for a line that names no unit of ``texts``, or a kind or an aspect that is
    neither one of ours nor one of theirs.
    """
    units = [unit for text in texts for unit in text.units]
    kinds = {*KIND_MARKS.values(), *(kind for unit in units for kind in (unit.kind, unit.alt) if kind)}
    aspects = {None, *ASPECT_MARKS.values(), *(unit.aspect for unit in units)}
    sizes = {text.name: len(text.units) for text in texts}
    found: dict[str, dict[int, Reading]] = {}
    for number, line in enumerate(_read(path).splitlines(), 1):
        name, unit, kind, alt, aspect = [*line.split("\t"), *"-----"][:5]
        if not unit.isdecimal() or int(unit) >= sizes.get(name, 0) or kind == "-":
            reason = f"line {number} names no unit of the corpus: {line[:60]!r}"
            raise CorpusError(str(path), reason, "Write text, unit, kind, second kind, aspect, tabs between them.")
        reading = Reading(kind, *(None if value == "-" else value for value in (alt, aspect)))
        if not {reading.kind, reading.alt or OTHER} <= kinds or reading.aspect not in aspects:
            reason = f"line {number} has a kind or an aspect that nobody knows: {line[:60]!r}"
            raise CorpusError(str(path), reason, f"Use whole names of kinds ({', '.join(sorted(kinds))}) and aspects.")
        found.setdefault(name, {})[int(unit)] = reading
    return found


def _with_second_reading(text: LabelledText, readings: dict[int, Reading]) -> LabelledText:
    return replace(text, units=tuple(replace(u, second=readings.get(i)) for i, u in enumerate(text.units)))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(str(path), f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.") from error
    except OSError as error:
        raise CorpusError(str(path), f"cannot be read ({error.strerror})", "Name files that can be read.") from error


def digest(texts: tuple[LabelledText, ...]) -> str:
    """SHA-256 over names, texts and labels: two corpora with the same digest train the same model."""
    total = hashlib.sha256()
    for text in texts:
        total.update(repr((text.name, text.text, text.market, text.units)).encode())
    return total.hexdigest()


def parse(raw: str, name: str) -> LabelledText:
    """One marked-up text; raises CorpusError that names the text and the words near the fault."""
    header, body = _header(raw.replace("\r\n", "\n"))
    text = ""
    units: list[LabelledUnit] = []
    headings: dict[int, str] = {}
    read = marked = 0  # how far the marked-up body is read; where in the clean text the last mark stood
    for mark in MARK.finditer(body):
        text += body[read : mark.start()]
        read = mark.end()
        if mark["level"]:
            level = int(mark["level"])
            line = text[text.rfind("\n") + 1 :].strip().strip(HEADING_DECORATION)
            headings = {k: v for k, v in headings.items() if k < level} | {level: line}
        else:
            units.append(_unit(mark, text, marked, headings, name))
        marked = len(text)
    text += body[read:]
    fault = re.search(r".{0,40}[⟦⟧].{0,20}", text)
    if fault:
        raise CorpusError(name, f"bad mark near {fault[0]!r}", "Write marks as ⟦d⟧, ⟦d/t⟧, ⟦d/t eco⟧ or ⟦h2⟧.")
    metadata = Metadata(market=header.get("market"), publisher=header.get("publisher"), published=header.get("date"))
    return LabelledText(name, text.rstrip("\n"), metadata, header.get("style"), tuple(units))


def _header(raw: str) -> tuple[dict[str, str], str]:
    header: dict[str, str] = {}
    while raw.startswith("@"):
        line, _, raw = raw.partition("\n")
        key, _, value = line[1:].partition(" ")
        header[key] = value.strip()
    return header, raw.strip("\n") + "\n"


def _unit(mark: re.Match[str], text: str, marked: int, headings: dict[int, str], name: str) -> LabelledUnit:
    start = _start(text, marked)
    if len(text) - start < 2:
        raise CorpusError(name, f"no words before the mark near {text[-50:]!r}", "Put the mark after the unit.")
    for kind in (mark["kind"], mark["alt"]):
        if kind and kind not in KIND_MARKS and len(kind) < SHORTEST_KIND:
            remedy = f"Use one of {', '.join(KIND_MARKS)}, or the whole name of a kind of your own."
            raise CorpusError(name, f"unknown kind {kind!r} near {text[-50:]!r}", remedy)
    aspect = mark["aspect"]
    if aspect and aspect not in ASPECT_MARKS:
        raise CorpusError(name, f"unknown aspect {aspect!r}", f"Use one of {', '.join(ASPECT_MARKS)}.")
    return LabelledUnit(
        start=start,
        end=len(text),
        kind=KIND_MARKS.get(mark["kind"], mark["kind"]),
        alt=KIND_MARKS.get(mark["alt"], mark["alt"]) if mark["alt"] else None,
        aspect=ASPECT_MARKS[aspect] if aspect else None,
        claim=mark["claim"],
        headings=tuple(headings[level] for level in sorted(headings)),
    )


def _start(text: str, marked: int) -> int:
    """Where the unit that ends with ``text`` begins: unmarked lines before it (navigation, tables) stay outside."""
    paragraph = text.rfind("\n\n", marked)
    start = paragraph + 2 if paragraph >= 0 else marked
    before, newline, _ = text[start:].rpartition("\n")
    if newline and before.strip() and not OPEN_LINE.search(before.strip()):
        start += len(before) + 1
    found = LIST_MARK.match(text, start)
    return found.end() if found else start


def statements_of(text: LabelledText) -> tuple[Statement, ...]:
    """The units of a labelled text as the statements that reading it would give, one each, in order."""
    document = Document.id_of(text.text, Format.TEXT)
    return tuple(
        Statement(
            id=Statement.id_of(document, unit.start, unit.end),
            document=document,
            start=unit.start,
            end=unit.end,
            text=text.text[unit.start : unit.end],
            block=0,
            headings=unit.headings,
        )
        for unit in text.units
    )


def split_of(market: str, dev: float, test: float) -> str:
    """ "train", "dev" or "test" for all texts of ``market``, by its digest: adding texts moves no other market."""
    place = int.from_bytes(hashlib.sha256(market.encode()).digest()[:8], "big") / 2**64
    return "test" if place < test else "dev" if place < test + dev else "train"


@dataclass(frozen=True, slots=True)
class Marked:
    """A claim and the key that all claims of its market that say the same have."""

    claim: Claim
    key: str


def marked_claims(texts: Sequence[LabelledText]) -> dict[str, list[Marked]]:
    """The claims whose texts mark which are the same, by market, each market's by statement id."""
    markets: dict[str, list[Marked]] = {}
    for text in texts:
        for unit, statement in zip(text.units, statements_of(text), strict=True):
            if unit.claim is not None and unit.kind != OTHER:
                label = Label(unit.kind, 1.0, OTHER, (KindScore(unit.kind, 1.0),), unit.aspect, "gold")
                claim = Claim(LabelledStatement(statement, label), statement.document, text.name, None, None)
                markets.setdefault(text.market, []).append(Marked(claim, unit.claim))
    for marked in markets.values():
        marked.sort(key=lambda m: m.claim.labelled.statement.id)
    return markets

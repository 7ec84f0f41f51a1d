"""Small real values for tests: a document of paragraphs, one statement a sentence, labels in turn."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trendnlp.artefacts import MANIFEST, default_folder
from trendnlp.backing import Copy
from trendnlp.sources import with_sources
from trendnlp.store import PageRequest, Store
from trendnlp.types import (
    KINDS,
    OTHER,
    Analysis,
    Block,
    BlockKind,
    Claim,
    Consolidation,
    Document,
    Fact,
    Finding,
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Member,
    Metadata,
    Reason,
    Statement,
    content_id,
)

MODEL = "sha256:0001"
DIMENSIONS = 4


def changed_models(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The shipped models in ``folder``, under a manifest that ``change`` has changed."""
    shipped = default_folder()
    folder.mkdir()
    for path in shipped.iterdir():
        if path.name != MANIFEST:
            (folder / path.name).symlink_to(path)
    manifest = json.loads((shipped / MANIFEST).read_text("utf-8"))
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder


def make_document(
    text: str,
    *,
    source: str = "report.txt",
    format: Format = Format.TEXT,
    metadata: Metadata = Metadata(),
    warnings: tuple[str, ...] = (),
    facts: tuple[Fact, ...] = (),
) -> Document:
    """A document with one block a line: a heading where the line opens with "# ", else a paragraph."""
    blocks = []
    for line in re.finditer(r"\S[^\n]*", text):
        heading = line.group().startswith("# ")
        kind = BlockKind.HEADING if heading else BlockKind.PARAGRAPH
        blocks.append(Block(line.start(), line.end(), kind, int(heading), line.start() + 2 * heading))
    return Document(Document.id_of(text, format), source, format, text, tuple(blocks), metadata, warnings, facts)


def make_analysis(
    document: Document | str,
    *,
    kinds: Sequence[str] = ("driver", OTHER),
    model: str = MODEL,
    score: float = 0.8125,
) -> Analysis:
    """The sentences of ``document`` (of a document with that text) as statements, with ``kinds`` in turn."""
    if isinstance(document, str):
        document = make_document(document)
    labelled = []
    for position, statement in enumerate(make_statements(document)):
        label = make_label(kinds[position % len(kinds)], model=model, score=score)
        vector = None if label.kind == OTHER else make_vector(statement.text)
        labelled.append(LabelledStatement(statement, label, vector))
    return Analysis(document, tuple(labelled))


def make_statements(document: Document) -> tuple[Statement, ...]:
    """The sentences of the paragraphs: up to a full stop or the end of the line."""
    found: list[Statement] = []
    headings: tuple[str, ...] = ()
    for index, block in enumerate(document.blocks):
        words = document.text[block.content : block.end]
        if block.kind is BlockKind.HEADING:
            headings = (words.strip(),)
            continue
        for sentence in re.finditer(r"[^.\s][^.]*\.?", words):
            text = sentence.group().rstrip()
            start = block.content + sentence.start()
            end = start + len(text)
            id = Statement.id_of(document.id, start, end)
            lead_in = text.split(":")[0] if ":" in text else None
            found.append(Statement(id, document.id, start, end, text, index, headings, lead_in))
    return tuple(found)


def make_label(kind: str = "driver", *, aspect: str = "technology", score: float = 0.8125, model: str = MODEL) -> Label:
    """A label whose probability beside ``score`` is shared out evenly among the other kinds."""
    rest = [k for k in KINDS if k != kind]
    scores = (KindScore(kind, score), *(KindScore(k, round((1 - score) / len(rest), 4)) for k in rest))
    return Label(kind, score, rest[0], scores, None if kind == OTHER else aspect, model)


def make_vector(text: str, dimensions: int = DIMENSIONS) -> bytes:
    """A vector of length 1 that depends on ``text`` alone."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    values = [digest[i % len(digest)] + 1 for i in range(dimensions)]
    length = sum(v * v for v in values) ** 0.5
    return struct.pack(f"<{dimensions}f", *(v / length for v in values))


def make_claims(analyses: Iterable[Analysis]) -> tuple[Claim, ...]:
    """The claims of ``analyses``, by statement id, as the store gives them."""
    claims = [
        Claim(c, a.document.id, a.document.source, m.publisher, m.published, m.market, m.geography)
        for a in analyses
        for m in (a.document.metadata,)
        for c in a.claims
    ]
    return tuple(sorted(claims, key=lambda c: c.labelled.statement.id))


def make_consolidation(
    claims: Iterable[Claim], *, threshold: float = 0.75, model: str = MODEL, copies: Iterable[Copy] = ()
) -> Consolidation:
    """Findings of the claims with the same kind and words."""
    groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[claim.labelled.label.kind, claim.labelled.statement.text].append(claim)
    kept = tuple(copies)
    return Consolidation(tuple(make_finding(group, kept) for group in groups.values()), threshold, model)


def make_finding(claims: Sequence[Claim], copies: Iterable[Copy] = ()) -> Finding:
    """One finding of ``claims``, the first of which is its head."""
    head = claims[0].labelled
    members = tuple(
        Member(c.labelled.statement.id, c.document, c.source, 1.0, Reason.EXACT if i else Reason.HEAD)
        for i, c in enumerate(claims)
    )
    dates = sorted(c.published for c in claims if c.published)
    made = Finding(
        id=content_id("find", *sorted(m.statement for m in members)),
        kind=head.label.kind,
        aspect=head.label.aspect,
        title=head.statement.text,
        head=head.statement.id,
        members=members,
        documents=len({c.document for c in claims}),
        sources=0,
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        market=_most_common({c.document: c.market for c in claims}),
        geography=_most_common({c.document: c.geography for c in claims}),
    )
    return with_sources([made], claims, copies)[0]


def _most_common(of_document: Mapping[str, str | None]) -> str | None:
    counts = Counter(sorted(value for value in of_document.values() if value))
    return next(iter(dict(counts.most_common(1))), None)


def all_copies(store: Store) -> tuple[Copy, ...]:
    """All pairs of documents of ``store`` that are copies: those that share most first, then by id."""
    return store.copies_among(summary.id for summary in store.documents(PageRequest(500)).items)

"""Types to rows and back. What comes back equals what went in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row

from trendnlp.backing import Backing, Join, JoinReason
from trendnlp.relations import Band, Ground, GuardResult, LedgerEntry, Relation, Verdict
from trendnlp.review import Action, Review
from trendnlp.store.schema import (
    ENCODER,
    backing,
    documents,
    facts,
    findings,
    joins,
    ledger,
    members,
    statements,
    vectors,
)
from trendnlp.terms import Tag, TagOrigin
from trendnlp.types import (
    Analysis,
    Block,
    BlockKind,
    Box,
    Claim,
    Document,
    Fact,
    FactKind,
    Failure,
    Finding,
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Member,
    Metadata,
    Place,
    Reason,
    Run,
    Skipped,
    Statement,
)

Values = dict[str, Any]  # column name to value

STATEMENT_COLUMNS = (
    *(c for c in statements.columns if c.name not in ("seq", "document", "position")),
    documents.c.id.label("document_id"),
    vectors.c.vector,
)

# The columns of a statement that segmentation decides.
STATEMENT_FIELDS = tuple(f.name for f in fields(Statement) if f.name != "document")

FACT_FIELDS = tuple(f.name for f in fields(Fact))


def canonical(value: Any) -> bytes:
    """``value`` as JSON, the same bytes for equal values."""
    return ENCODER.encode(value).encode("ascii")


def document_values(analysis: Analysis) -> Values:
    """The row of a document but for its number, source, digests, and when it was added."""
    document, known = analysis.document, analysis.document.metadata
    return {
        "id": document.id,
        "format": str(document.format),
        "text": document.text,
        "blocks": [_block_values(block) for block in document.blocks],
        "title": known.title,
        "market": known.market,
        "geography": known.geography,
        "period": known.period,
        "publisher": known.publisher,
        "published": known.published,
        "language": known.language,
        "warnings": list(document.warnings),
        "characters": len(document.text),
        "statements": len(analysis.statements),
        "claims": len(analysis.claims),
    }


def document_of(row: Row[Any], facts: Sequence[Row[Any]]) -> Document:
    """The document of its row and the rows of its facts, by position."""
    return Document(
        id=row.id,
        source=row.source,
        format=Format(row.format),
        text=row.text,
        blocks=tuple(map(_block_of, row.blocks)),
        metadata=metadata_of(row),
        warnings=tuple(row.warnings),
        facts=tuple(map(fact_of, facts)),
    )


def _block_values(block: Block) -> list[Any]:
    """A block as JSON. One without places looks as it did before there were any."""
    values: list[Any] = [block.start, block.end, str(block.kind), block.level, block.content]
    places = [[place.start, place.page, _box_values(place.box)] for place in block.places]
    return [*values, places] if places else values


def _block_of(values: Sequence[Any]) -> Block:
    start, end, kind, level, content, *places = values
    shown = tuple(Place(at, page, _box_of(box)) for at, page, box in (places[0] if places else ()))
    return Block(start, end, BlockKind(kind), level, content, shown)


def _box_values(box: Box | None) -> list[float] | None:
    return None if box is None else [box.left, box.top, box.right, box.bottom]


def _box_of(values: Sequence[float] | None) -> Box | None:
    return None if values is None else Box(*values)


def metadata_of(row: Row[Any]) -> Metadata:
    return Metadata(
        row.title, row.market, row.geography, row.period, row.publisher, row.published, language=row.language
    )


def fact_values(fact: Fact, document: int, position: int) -> Values:
    """The row of a fact: the ``position``-th of the document with the number ``document``."""
    values = {name: getattr(fact, name) for name in FACT_FIELDS} | {"kind": str(fact.kind)}
    return {"document": document, "position": position, **values}


def fact_of(row: Row[Any]) -> Fact:
    values = {name: row._mapping[facts.c[name]] for name in FACT_FIELDS}
    return Fact(**values | {"kind": FactKind(row.kind)})


def statement_values(labelled: LabelledStatement, document: int, position: int) -> Values:
    """The row of a statement: the ``position``-th of the document with the number ``document``."""
    statement, label = labelled.statement, labelled.label
    return {
        "id": statement.id,
        "document": document,
        "position": position,
        "start": statement.start,
        "end": statement.end,
        "text": statement.text,
        "block": statement.block,
        "headings": list(statement.headings),
        "lead_in": statement.lead_in,
        "kind": label.kind,
        "score": label.score,
        "alt": label.alt,
        "scores": [[s.kind, s.score] for s in label.scores],
        "aspect": label.aspect,
        "model": label.model,
        "page": statement.page,
        "box": _box_values(statement.box),
    }


def labelled_of(row: Row[Any]) -> LabelledStatement:
    """The statement of a row with ``STATEMENT_COLUMNS``."""
    return LabelledStatement(
        Statement(
            id=row.id,
            document=row.document_id,
            start=row.start,
            end=row.end,
            text=row.text,
            block=row.block,
            headings=tuple(row.headings),
            lead_in=row.lead_in,
            page=row.page,
            box=_box_of(row.box),
        ),
        Label(
            kind=row.kind,
            score=row.score,
            alt=row.alt,
            scores=tuple(KindScore(kind, score) for kind, score in row.scores),
            aspect=row.aspect,
            model=row.model,
        ),
        row.vector,
    )


def claim_of(row: Row[Any]) -> Claim:
    of_document = (row.document_id, row.source, row.publisher, row.published, row.market, row.geography)
    return Claim(labelled_of(row), *of_document)


def finding_values(finding: Finding) -> Values:
    values = {c.name: getattr(finding, c.name) for c in findings.columns if c.name not in ("seq", "size", "hidden")}
    return values | {"size": len(finding.members), "hidden": list(finding.hidden) or None}


def member_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "statement": member.statement,
            "document": member.document,
            "source": member.source,
            "similarity": member.similarity,
            "reason": str(member.reason),
        }
        for position, member in enumerate(finding.members)
    ]


def ledger_values(finding: Finding) -> list[Values]:
    """The rows of a finding's ledger, and then of what stands apart from it."""
    entries = [*((0, e) for e in finding.ledger), *((1, e) for e in finding.apart)]
    return [
        {"finding": finding.id, "position": position, "apart": apart, **_entry_values(entry)}
        for position, (apart, entry) in enumerate(entries)
    ]


def tag_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "name": tag.name,
            "key": tag.key,
            "origin": str(tag.origin),
            "score": tag.score,
        }
        for position, tag in enumerate(finding.tags)
    ]


def verdict_values(verdict: Verdict) -> list[Any]:
    """A verdict as JSON."""
    of = verdict
    guards = [[g.name, g.a, g.b, str(g.relation)] for g in of.guards]
    return [str(of.relation), str(of.ground), str(of.band), of.cosine, of.score, of.threshold, guards]


def verdict_of(values: Sequence[Any]) -> Verdict:
    relation, ground, band, cosine, score, threshold, guards = values
    fired = tuple(GuardResult(name, a, b, Relation(relation)) for name, a, b, relation in guards)
    return Verdict(Relation(relation), Ground(ground), Band(band), cosine, score, threshold, fired)


def _entry_values(entry: LedgerEntry) -> Values:
    verdict = entry.verdict
    return {
        "statement": entry.statement,
        "other": entry.other,
        "relation": str(verdict.relation),
        "ground": str(verdict.ground),
        "band": str(verdict.band),
        "cosine": verdict.cosine,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "guards": [[g.name, g.a, g.b, str(g.relation)] for g in verdict.guards],
        "model": entry.model,
        "review": entry.review,
    }


def entry_of(row: Row[Any]) -> LedgerEntry:
    of, columns = row._mapping, ledger.c
    guards = tuple(GuardResult(name, a, b, Relation(relation)) for name, a, b, relation in of[columns.guards])
    verdict = Verdict(
        relation=Relation(of[columns.relation]),
        ground=Ground(of[columns.ground]),
        band=Band(of[columns.band]),
        cosine=of[columns.cosine],
        score=of[columns.score],
        threshold=of[columns.threshold],
        guards=guards,
    )
    return LedgerEntry(of[columns.statement], of[columns.other], verdict, of[columns.model], of[columns.review])


def backing_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "document": behind.document,
            "origin": behind.origin,
            "publisher": behind.publisher,
            "month": behind.month,
        }
        for position, behind in enumerate(finding.backing)
    ]


def join_values(finding: Finding) -> list[Values]:
    return [
        {
            "finding": finding.id,
            "position": position,
            "a": join.a,
            "b": join.b,
            "reason": str(join.reason),
            "share": join.share,
            "words": join.words,
        }
        for position, join in enumerate(finding.joins)
    ]


def _backing_of(row: Row[Any]) -> Backing:
    of, columns = row._mapping, backing.c
    return Backing(of[columns.document], of[columns.origin], of[columns.publisher], of[columns.month])


def _join_of(row: Row[Any]) -> Join:
    of, columns = row._mapping, joins.c
    reason = JoinReason(of[columns.reason])
    return Join(of[columns.a], of[columns.b], reason, of[columns.share], of[columns.words])


@dataclass(frozen=True, slots=True)
class FindingRows:
    """The rows that belong to one finding, by table and position."""

    members: Sequence[Row[Any]]
    ledger: Sequence[Row[Any]]
    backing: Sequence[Row[Any]]
    joins: Sequence[Row[Any]]
    tags: Sequence[Row[Any]]


def finding_of(row: Row[Any], rows: FindingRows) -> Finding:
    """The finding of its row and those that belong to it."""
    of = members.c
    return Finding(
        id=row.id,
        kind=row.kind,
        aspect=row.aspect,
        title=row.title,
        head=row.head,
        members=tuple(
            Member(m[of.statement], m[of.document], m[of.source], m[of.similarity], Reason(m[of.reason]))
            for m in (r._mapping for r in rows.members)
        ),
        documents=row.documents,
        sources=row.sources,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        ledger=tuple(entry_of(e) for e in rows.ledger if not e._mapping[ledger.c.apart]),
        apart=tuple(entry_of(e) for e in rows.ledger if e._mapping[ledger.c.apart]),
        hidden=tuple(row.hidden or ()),
        publishers=row.publishers,
        backing=tuple(map(_backing_of, rows.backing)),
        joins=tuple(map(_join_of, rows.joins)),
        tags=tuple(Tag(t.name, TagOrigin(t.origin), t.score) for t in rows.tags),
        market=row.market,
        geography=row.geography,
    )


def review_values(review: Review) -> Values:
    return {
        "id": review.id,
        "action": str(review.action),
        "statements": list(review.statements),
        "value": review.value,
        "by": review.by,
        "at": review.at,
        "undoes": review.undoes,
    }


def review_of(row: Row[Any]) -> Review:
    return Review(row.id, Action(row.action), tuple(row.statements), row.value, row.by, row.at, row.undoes)


def run_values(run: Run) -> Values:
    return {
        "done": run.done,
        "skipped": [[s.source, s.reason] for s in run.skipped],
        "failed": [[f.source, f.reason, f.remedy] for f in run.failed],
        "models": run.models,
        "settings": run.settings,
    }


def run_of(values: Values) -> Run:
    return Run(
        done=tuple(values["done"]),
        skipped=tuple(Skipped(*s) for s in values["skipped"]),
        failed=tuple(Failure(*f) for f in values["failed"]),
        models=tuple((name, digest) for name, digest in values["models"]),
        settings=tuple((name, value) for name, value in values["settings"]),
    )

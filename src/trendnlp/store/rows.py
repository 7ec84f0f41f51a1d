"""Types to rows and back. What comes back equals what went in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Row

from trendnlp.actions import Action, Reading
from trendnlp.review import Review, words_digest
from trendnlp.standing import Judgement, Said, Status
from trendnlp.store.effective import JUDGED_COLUMNS
from trendnlp.store.schema import (
    ENCODER,
    documents,
    facts,
    statements,
    vectors,
)
from trendnlp.triage import audit_draw, uncertainty, weight
from trendnlp.types import (
    OTHER,
    Analysis,
    Block,
    BlockKind,
    Box,
    Claim,
    Document,
    Fact,
    FactKind,
    Failure,
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Metadata,
    Place,
    Run,
    Skipped,
    Statement,
)

Values = dict[str, Any]  # column name to value

_KEPT = ("seq", "document", "position", "uncertainty", "draw", "words", "worth")
STATEMENT_COLUMNS = (
    *(c for c in statements.columns if c.name not in _KEPT),
    documents.c.id.label("document_id"),
    vectors.c.vector,
    *JUDGED_COLUMNS,
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
    """The row of a statement that stands in no finding: the ``position``-th of the document with that number."""
    statement, label = labelled.statement, labelled.label
    unsure = uncertainty([s.score for s in label.scores])
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
        "uncertainty": unsure,
        "draw": audit_draw(statement.id),
        "words": words_digest(statement.text),
        "worth": weight(unsure, 1, 0),
    }


def machine_of(row: Row[Any]) -> LabelledStatement:
    """The statement of a row with ``STATEMENT_COLUMNS``, as the model labelled it."""
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


def labelled_of(row: Row[Any]) -> LabelledStatement:
    """The statement of a row with ``STATEMENT_COLUMNS``, with what people decided of it."""
    made = machine_of(row)
    if row.judged_status is None:
        return made
    said = Said(row.kind, row.score, row.aspect, row.model)
    about = (row.judged_by, row.judged_at, tuple(row.judged_tags))
    judgement = Judgement(Status(row.judged_status), row.judged_version, said, *about)
    kind = row.judged_kind or row.kind
    aspect = None if kind == OTHER else row.judged_aspect or row.aspect
    score = row.score if kind == row.kind else 1.0
    alt = row.alt if kind == row.kind else row.kind
    return replace(made, label=replace(made.label, kind=kind, aspect=aspect, score=score, alt=alt), judgement=judgement)


def claim_of(row: Row[Any]) -> Claim:
    of_document = (row.document_id, row.source, row.publisher, row.published, row.market, row.geography)
    return Claim(labelled_of(row), *of_document)


def review_values(review: Review) -> Values:
    return {
        "id": review.id,
        "action": str(review.action),
        "statements": list(review.statements),
        "value": review.value,
        "by": review.by,
        "at": review.at,
        "undoes": review.undoes,
        "reading": review.reading.value,
        "words": review.words,
        "about": review.about.value,
    }


def review_of(row: Row[Any], statements: Sequence[str] | None = None) -> Review:
    """The review of a row; ``statements`` where the row is without its own."""
    named = tuple(row.statements if statements is None else statements)
    rest = (Reading(row.reading), row.words, Action(row.about), row.seq)
    return Review(row.id, Action(row.action), named, row.value, row.by, row.at, row.undoes, *rest)


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

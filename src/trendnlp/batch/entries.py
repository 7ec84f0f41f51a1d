"""What became of inputs, as bytes: what workers send, what a shard's file holds, and what the output is made of.

An entry is a line of JSON, its head, and as many lines as that says: the document's record, the rest of the document,
and the record of each statement. The records are those of the output, so that most of it is copied, not made again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from trendnlp.batch.inputs import Input
from trendnlp.batch.shard import Outcome
from trendnlp.records import Record, document_record, json_line, statement_record
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
    Format,
    KindScore,
    Label,
    LabelledStatement,
    Metadata,
    Place,
    Skipped,
    Statement,
)

NO_FINDING = b'"finding": null}'  # how the record of a statement ends before findings are made
ABOUT = ("publisher", "published", "market", "geography")  # what a claim says of its document, in its order
METADATA = ("title", "market", "geography", "period", "publisher", "published", "language")


class State(StrEnum):
    """What became of an input."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Head:
    """What became of one input. ``document``: the id of what it is, or is a copy of. ``lines``: how many follow."""

    source: str
    custom_id: str | None
    state: State
    document: str | None = None
    reason: str = ""
    remedy: str = ""
    warnings: tuple[str, ...] = ()
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """The outcome of one input: its head, and the lines that follow it."""

    head: Head
    lines: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        """The entry as it is in a file."""
        return b"".join(line + b"\n" for line in (json_line(_head_record(self.head)).encode(), *self.lines))

    @property
    def stub(self) -> Entry:
        """The entry without what it says of the document."""
        head = self.head
        return Entry(Head(head.source, head.custom_id, head.state, head.document, head.reason, head.remedy), ())

    def document_line(self) -> bytes:
        """The document's record, with what the caller calls it."""
        return self.lines[0][:-1] + b', "custom_id": ' + json.dumps(self.head.custom_id).encode() + b"}"

    def statement_lines(self, finding_of: Mapping[str, str]) -> Iterator[bytes]:
        """The records of the statements, each with the finding that it stands in."""
        rest = json.loads(self.lines[1])
        for id, line in zip(rest["ids"], self.lines[2:], strict=True):
            found = finding_of.get(id)
            yield line if found is None else line.removesuffix(NO_FINDING) + b'"finding": "' + found.encode() + b'"}'

    def claims(self) -> Iterator[Claim]:
        """The claims, with of each label no more than findings are made from: there may be very many."""
        record, rest = json.loads(self.lines[0]), json.loads(self.lines[1])
        document, source = str(record["id"]), str(record["source"])
        for at, vector in zip(rest["claims"], _vectors(rest), strict=True):
            values = json.loads(self.lines[2 + at])
            label = Label(values["kind"], values["score"], values["alt"], (), values["aspect"], rest["model"])
            place = (values["start"], values["end"], values["text"], rest["blocks_of"][at])
            statement = Statement(values["id"], document, *place, lead_in=values["lead_in"])
            labelled = LabelledStatement(statement, label, vector)
            yield Claim(labelled, document, source, *(record[name] for name in ABOUT))

    def document(self) -> Document:
        """The document alone."""
        return _document(json.loads(self.lines[0]), json.loads(self.lines[1]))

    def analysis(self) -> Analysis:
        """The whole analysis."""
        record, rest = json.loads(self.lines[0]), json.loads(self.lines[1])
        document = _document(record, rest)
        vectors = dict(zip(rest["claims"], _vectors(rest), strict=True))
        statements = tuple(
            _labelled(json.loads(line), rest["blocks_of"][at], rest["model"], vectors.get(at))
            for at, line in enumerate(self.lines[2:])
        )
        return Analysis(document, statements)


def encode(inputs: Sequence[Input], outcomes: Sequence[Outcome]) -> bytes:
    """The entries of ``inputs``, one outcome each, in order."""
    return b"".join(_entry(item, outcome).data for item, outcome in zip(inputs, outcomes, strict=True))


def entries_of(data: bytes) -> Iterator[Entry]:
    """The entries that ``data`` holds."""
    lines = iter(data.split(b"\n")[:-1])
    for line in lines:
        values = json.loads(line)
        head = Head(**values | {"state": State(values["state"]), "warnings": tuple(values["warnings"])})
        yield Entry(head, tuple(next(lines) for _ in range(head.lines)))


def _entry(item: Input, outcome: Outcome) -> Entry:
    match outcome:
        case Skipped():
            return Entry(Head(item.source, item.custom_id, State.SKIPPED, outcome.document, outcome.reason), ())
        case Failure():
            head = Head(item.source, item.custom_id, State.FAILED, None, outcome.reason, outcome.remedy)
            return Entry(head, ())
        case Analysis(document, statements):
            records = [document_record(document), _rest(outcome)]
            records += [statement_record(labelled, document.source) for labelled in statements]
            lines = tuple(json_line(record).encode() for record in records)
            warnings = document.warnings
            head = Head(item.source, item.custom_id, State.DONE, document.id, warnings=warnings, lines=len(lines))
            return Entry(head, lines)


def _head_record(head: Head) -> Record:
    return {
        "source": head.source,
        "custom_id": head.custom_id,
        "state": head.state.value,
        "document": head.document,
        "reason": head.reason,
        "remedy": head.remedy,
        "warnings": list(head.warnings),
        "lines": head.lines,
    }


def _rest(analysis: Analysis) -> Record:
    """What an analysis holds beside the records."""
    document, statements = analysis.document, analysis.statements
    at = [i for i, labelled in enumerate(statements) if labelled.vector is not None]
    vectors = [statements[i].vector or b"" for i in at]
    return {
        "text": document.text,
        "blocks": [_block_values(block) for block in document.blocks],
        "ids": [labelled.statement.id for labelled in statements],
        "blocks_of": [labelled.statement.block for labelled in statements],
        "model": statements[0].label.model if statements else None,
        "claims": at,
        "size": len(vectors[0]) if vectors else 1,
        "vectors": b64encode(b"".join(vectors)).decode("ascii"),
    }


def _vectors(rest: Mapping[str, Any]) -> Iterator[bytes]:
    data, size = b64decode(rest["vectors"]), rest["size"]
    return (data[start : start + size] for start in range(0, len(data), size))


def _block_values(block: Block) -> list[Any]:
    places = [[place.start, place.page, _box_values(place.box)] for place in block.places]
    return [block.start, block.end, block.kind.value, block.level, block.content, places]


def _block(values: Sequence[Any]) -> Block:
    start, end, kind, level, content, places = values
    shown = tuple(Place(at, page, _box(box)) for at, page, box in places)
    return Block(start, end, BlockKind(kind), level, content, shown)


def _box_values(box: Box | None) -> list[float] | None:
    return None if box is None else [box.left, box.top, box.right, box.bottom]


def _box(values: Sequence[float] | None) -> Box | None:
    return None if values is None else Box(*values)


def _document(record: Mapping[str, Any], rest: Mapping[str, Any]) -> Document:
    return Document(
        id=record["id"],
        source=record["source"],
        format=Format(record["format"]),
        text=rest["text"],
        blocks=tuple(map(_block, rest["blocks"])),
        metadata=Metadata(**{name: record[name] for name in METADATA}),
        warnings=tuple(record["warnings"]),
        facts=tuple(Fact(**fact | {"kind": FactKind(fact["kind"])}) for fact in record["facts"]),
    )


def _labelled(values: Mapping[str, Any], block: int, model: str, vector: bytes | None) -> LabelledStatement:
    statement = Statement(
        id=values["id"],
        document=values["document"],
        start=values["start"],
        end=values["end"],
        text=values["text"],
        block=block,
        headings=tuple(values["headings"]),
        lead_in=values["lead_in"],
        page=values["page"],
        box=Box(**values["box"]) if values["box"] else None,
    )
    scores = tuple(KindScore(kind, score) for kind, score in values["scores"].items())
    label = Label(values["kind"], values["score"], values["alt"], scores, values["aspect"], model)
    return LabelledStatement(statement, label, vector)

"""The JSON objects that users see: the same on the command line, in files and over HTTP."""

from __future__ import annotations

from dataclasses import asdict

from trendnlp.types import Document, Fact, Finding, LabelledStatement

Record = dict[str, object]


def statement_record(labelled: LabelledStatement, source: str, finding: str | None = None) -> Record:
    """One statement with its label; ``finding`` is the id of the finding it stands in."""
    statement, label = labelled.statement, labelled.label
    return {
        "source": source,
        "document": statement.document,
        "id": statement.id,
        "start": statement.start,
        "end": statement.end,
        "text": statement.text,
        "headings": list(statement.headings),
        "lead_in": statement.lead_in,
        "page": statement.page,
        "box": asdict(statement.box) if statement.box else None,
        "kind": label.kind,
        "score": label.score,
        "alt": label.alt,
        "scores": {s.kind: s.score for s in label.scores},
        "aspect": label.aspect,
        "finding": finding,
    }


def finding_record(finding: Finding) -> Record:
    """One finding with its members, the head first."""
    return {
        "id": finding.id,
        "kind": finding.kind,
        "aspect": finding.aspect,
        "title": finding.title,
        "head": finding.head,
        "members": [
            {
                "statement": member.statement,
                "document": member.document,
                "source": member.source,
                "similarity": member.similarity,
                "reason": member.reason.value,
            }
            for member in finding.members
        ],
        "documents": finding.documents,
        "sources": finding.sources,
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
    }


def document_record(document: Document) -> Record:
    """One document without its text, with its market facts."""
    metadata = document.metadata
    return {
        "id": document.id,
        "source": document.source,
        "format": document.format.value,
        "title": metadata.title,
        "market": metadata.market,
        "geography": metadata.geography,
        "period": metadata.period,
        "publisher": metadata.publisher,
        "published": metadata.published,
        "language": metadata.language,
        "characters": len(document.text),
        "warnings": list(document.warnings),
        "facts": [fact_record(fact) for fact in document.facts],
    }


def fact_record(fact: Fact) -> Record:
    """One market fact; ``text`` are its words, at ``start`` to ``end`` of its document's text."""
    return {
        "kind": fact.kind.value,
        "start": fact.start,
        "end": fact.end,
        "text": fact.text,
        "amount": fact.amount,
        "upto": fact.upto,
        "scale": fact.scale,
        "currency": fact.currency,
        "since": fact.since,
        "year": fact.year,
        "subject": fact.subject,
    }

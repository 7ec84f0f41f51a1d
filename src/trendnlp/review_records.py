"""The JSON objects of review that users see: the same on the command line, in files and over HTTP."""

from __future__ import annotations

from trendnlp.actions import MAX_STATEMENTS
from trendnlp.agreement import Agreement, ErrorRate
from trendnlp.judgement import Verdict
from trendnlp.records import Record, statement_record
from trendnlp.review import Review
from trendnlp.standing import Judgement, Said
from trendnlp.triage import Worth
from trendnlp.types import LabelledStatement


def review_record(review: Review, undone: bool) -> Record:
    """One decision of a person, and whether it is taken back. Of many statements the first 100 are named."""
    return {
        "id": review.id,
        "action": review.action.value,
        "statements": list(review.statements[:MAX_STATEMENTS]),
        "statements_total": len(review.statements),
        "value": review.value,
        "by": review.by,
        "at": review.at,
        "reading": review.reading.value,
        "undoes": review.undoes,
        "undone": undone,
    }


def judged_record(labelled: LabelledStatement, source: str, finding: str | None = None) -> Record:
    """One stored statement with where it stands in review, None where no decision speaks of it."""
    judgement = labelled.judgement
    return {
        **statement_record(labelled, source, finding),
        "judgement": judgement_record(judgement) if judgement else None,
    }


def judgement_record(judgement: Judgement) -> Record:
    """Where a statement stands, and what the model says of it."""
    return {
        "status": judgement.status.value,
        "version": judgement.version,
        "by": judgement.by,
        "at": judgement.at,
        "tags": list(judgement.tags),
        "said": said_record(judgement.said),
    }


def said_record(said: Said) -> Record:
    return {"kind": said.kind, "score": said.score, "aspect": said.aspect, "model": said.model}


def worth_record(worth: Worth) -> Record:
    """What a decision is worth, and of what it is made."""
    return {
        "value": worth.value,
        "uncertainty": worth.uncertainty,
        "impact": worth.impact,
        "novelty": worth.novelty,
    }


def verdict_of_reader_record(verdict: Verdict) -> Record:
    return {"reader": verdict.reader, "verdict": verdict.verdict, "blind": verdict.blind}


def rate_record(rate: ErrorRate) -> Record:
    """An error rate with its limits."""
    return {"n": rate.n, "errors": rate.errors, "low": rate.low, "high": rate.high}


def agreement_record(a: str, b: str, found: Agreement) -> Record:
    """How far two readers agree."""
    return {"a": a, "b": b, "n": found.n, "raw": found.raw, "kappa": found.kappa, "ac1": found.ac1}

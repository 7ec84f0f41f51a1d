"""The JSON objects of review that users see: the same on the command line, in files and over HTTP."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from trendnlp.actions import MAX_STATEMENTS, Action, Reading, Scope
from trendnlp.agreement import Agreement, ErrorRate
from trendnlp.errors import BadReview
from trendnlp.judgement import Verdict
from trendnlp.records import Record, judged_part, said_record, statement_record
from trendnlp.review import Draft, Review
from trendnlp.standing import Said
from trendnlp.store.exchange import Judged, Recorded
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
    return {**statement_record(labelled, source, finding), **judged_part(labelled)}


def log_record(recorded: Recorded) -> Record:
    """One record of the log, whole: what ``recorded_of`` reads."""
    review = recorded.review
    return {
        "id": review.id,
        "action": review.action.value,
        "statements": list(review.statements),
        "value": review.value,
        "by": review.by,
        "at": review.at,
        "reading": review.reading.value,
        "undoes": review.undoes,
        "words": review.words,
        "said": {id: said_record(said) for id, said in sorted(recorded.said.items())},
    }


def recorded_of(line: str | bytes, name: str) -> Recorded:
    """The review of a line of an exported log; raises BadReview, which names the line by ``name``."""
    try:
        return _recorded(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadReview(name, f"it is no record of a log ({error!r})", "Export the log again.") from None


def _recorded(values: Any) -> Recorded:
    action, value = Action(values["action"]), _optional(values["value"])
    named = tuple(map(_text, values["statements"]))
    by, reading = _text(values["by"]), Reading(values["reading"])
    datetime.fromisoformat(values["at"])
    if not named:
        raise ValueError("no statements")
    if action is not Action.UNDO:
        # a rejection of a finding is recorded with all the statements that it reached
        reached = value == Scope.FINDING and action is Action.REJECT
        Draft(action, named[:1] if reached else named, by, value, Reading.OPEN if reading is Reading.AUTO else reading)
    rest = (_optional(values["undoes"]), reading, _optional(values["words"]))
    review = Review(_text(values["id"]), action, named, value, by, _text(values["at"]), *rest)
    return Recorded(review, {_text(id): _said(said) for id, said in values["said"].items()})


def _said(values: Any) -> Said:
    score = float(values["score"])
    if not 0 <= score <= 1:  # nor is what is no number
        raise ValueError(f"the score {score}")
    return Said(_text(values["kind"]), score, _optional(values["aspect"]), _text(values["model"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def judged_export(item: Judged) -> Record:
    """One judged statement in its context, for training: ``kind`` and ``aspect`` are what people said, ``said`` the
    model.
    """
    labelled, judgement = item.labelled, item.labelled.judgement
    statement = labelled.statement
    assert judgement is not None
    return {
        "id": statement.id,
        "document": statement.document,
        "source": item.source,
        "text": statement.text,
        "before": item.before,
        "after": item.after,
        "headings": list(statement.headings),
        "lead_in": statement.lead_in,
        "status": judgement.status.value,
        "kind": labelled.label.kind,
        "aspect": labelled.label.aspect,
        "tags": list(judgement.tags),
        "by": judgement.by,
        "at": judgement.at,
        "said": said_record(judgement.said),
    }


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


CSV_COLUMNS = (
    *("id", "document", "source", "text", "headings", "status", "kind", "aspect", "tags", "by", "at"),
    *("said_kind", "said_score", "said_aspect", "said_model"),
)


def csv_row(item: Judged) -> Record:
    """One judged statement for people, by column; ``spreadsheet.csv_pieces`` makes its texts safe for a spreadsheet."""
    record = judged_export(item)
    said = said_record(item.labelled.judgement.said) if item.labelled.judgement else {}
    headings, tags = " > ".join(item.labelled.statement.headings), ", ".join(map(str, _tags(item)))
    flat = record | {"headings": headings, "tags": tags} | {f"said_{name}": value for name, value in said.items()}
    return {name: flat[name] for name in CSV_COLUMNS}


def _tags(item: Judged) -> tuple[str, ...]:
    return item.labelled.judgement.tags if item.labelled.judgement else ()

"""The JSON objects that users see: the same on the command line, in files and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from trendnlp.backing import Join, JoinReason
from trendnlp.diff import FindingChange, FindingRef, LabelChange, RunDiff
from trendnlp.momentum import FORMULA, Momentum, Ratio, Window
from trendnlp.relations import Band, Ground, LedgerEntry, Relation, Verdict
from trendnlp.selectors import OffsetUnit, Ruler
from trendnlp.standing import Said
from trendnlp.timeline import Period, Timeline
from trendnlp.types import Document, Fact, Finding, LabelledStatement, Run

Record = dict[str, object]
CODE_POINTS = Ruler("")  # tells every place as it is
LIKELY = 0.5  # of "the same", above which a pair that stays apart is said to be likely so


def json_line(record: Record) -> str:
    """One line of JSON: characters as they are, but no lone surrogate, which UTF-8 cannot hold."""
    line = json.dumps(record, ensure_ascii=False)
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


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


def judged_part(labelled: LabelledStatement) -> Record:
    """What a stored statement's record has beside the rest: where it stands in review, None where nobody decided."""
    of = labelled.judgement
    if of is None:
        return {"judgement": None}
    about = {"by": of.by, "at": of.at, "tags": list(of.tags), "said": said_record(of.said)}
    return {"judgement": {"status": of.status.value, "version": of.version, **about}}


def said_record(said: Said) -> Record:
    return {"kind": said.kind, "score": said.score, "aspect": said.aspect, "model": said.model}


def placed_record(labelled: LabelledStatement, source: str, finding: str | None, ruler: Ruler) -> Record:
    """``statement_record`` with where it stands in review, and with its place as ``ruler``, which is of its document's
    text, tells it, and as selectors.
    """
    statement = labelled.statement
    place = {"start": ruler.at(statement.start), "end": ruler.at(statement.end)}
    selector = ruler.selectors(statement.start, statement.end)
    return {**statement_record(labelled, source, finding), **judged_part(labelled), **place, "selector": selector}


def reason_of(verdict: Verdict) -> str:
    """Why a pair is the same or not, in one line for people."""
    match verdict.ground:
        case Ground.EXACT:
            return "the same words"
        case Ground.NEAR_EXACT:
            return "nearly the same words"
        case Ground.GUARD:
            return _guards(verdict)
        case Ground.COSINE:
            low = verdict.relation is not Relation.SAME and verdict.band is Band.LOW
            return f"cosine {verdict.cosine:.2f}" + (" is too low" if low else " is high enough; no judge was asked")
        case Ground.PERSON:
            return "by a person"
        case Ground.LINKAGE:
            same = f"cosine {verdict.cosine:.2f}" if verdict.score is None else f"judged the same ({verdict.score:.2f})"
            return f"{same}, but not as the rest of the two findings"
        case _ if verdict.relation is not Relation.SAME and (verdict.score or 0.0) > LIKELY:
            return f"likely the same, but not surely: {_score(verdict)}, needed {verdict.threshold:.2f}"
        case _:
            word = {Relation.CONTRADICTS: "a contrary", Relation.DIFFERS_IN: "another quantity or subject"}
            judged = "the same" if verdict.relation is Relation.SAME else word.get(verdict.relation, "something else")
            overruled = f", although {_guards(verdict)}" if verdict.relation is Relation.SAME and verdict.guards else ""
            return f"judged {judged}: same {_score(verdict)}, needed {verdict.threshold:.2f}{overruled}"


def _guards(verdict: Verdict) -> str:
    return "; ".join(f"{g.name}: {g.a or '–'} / {g.b or '–'}" for g in verdict.guards)


def _score(verdict: Verdict) -> str:
    """In two decimals; one that is too low is rounded down, or it might read as what is needed."""
    score = verdict.score or 0.0
    if score < verdict.threshold:
        score = round(score * 10_000) // 100 / 100
    return f"{score:.2f}"


def verdict_record(verdict: Verdict) -> Record:
    """What is known of a pair, with the reason in words."""
    return {
        "relation": verdict.relation.value,
        "ground": verdict.ground.value,
        "reason": reason_of(verdict),
        "band": verdict.band.value,
        "cosine": verdict.cosine,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "guards": [{"name": g.name, "a": g.a, "b": g.b, "relation": g.relation.value} for g in verdict.guards],
    }


def entry_record(entry: LedgerEntry) -> Record:
    """One entry of the ledger."""
    return {
        "statement": entry.statement,
        "other": entry.other,
        **verdict_record(entry.verdict),
        "model": entry.model,
        "review": entry.review,
    }


def recorded_entry(entry: LedgerEntry) -> Record:
    """One entry of a stored ledger, with the run that recorded it: what is made of the same texts in another order
    differs in nothing else.
    """
    return {**entry_record(entry), "run": entry.run}


def comparison_record(verdict: Verdict, model: str) -> Record:
    """The answer to a comparison. ``score`` is how surely the two are the same: of copies 1, of what was too far apart
    to be judged 0, and where there is no judge the cosine, or 0 where a guard fires.
    """
    score = verdict.score
    if score is None and verdict.ground is Ground.COSINE and verdict.relation is Relation.SAME:
        score = verdict.cosine
    if score is None:
        score = 1.0 if verdict.relation is Relation.SAME else 0.0
    same = verdict.relation is Relation.SAME
    return {"same": same, **verdict_record(verdict), "score": score, "model": model}


def finding_record(finding: Finding) -> Record:
    """One finding with its members, the head first, and its ledger."""
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
        "publishers": finding.publishers,
        "sources": finding.sources,
        "joined": [join_record(join) for join in finding.joins],
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
        "market": finding.market,
        "geography": finding.geography,
        "tags": [{"name": tag.name, "origin": tag.origin.value, "score": tag.score} for tag in finding.tags],
        "ledger": [entry_record(entry) for entry in finding.ledger],
        "apart": [entry_record(entry) for entry in finding.apart],
        "hidden": list(finding.hidden),
    }


def join_reason(join: Join) -> str:
    """Why two documents are one source, in one line for people."""
    match join.reason:
        case JoinReason.COPY:
            return f"copy: {join.share:.2f} of the shorter text"
        case JoinReason.PASSAGE:
            return f"same passage: {join.words} words"
        case _:
            return "same publisher"


def join_record(join: Join) -> Record:
    """Two documents of a finding that are one source, with the reason in words."""
    return {
        "a": join.a,
        "b": join.b,
        "ground": join.reason.value,
        "reason": join_reason(join),
        "share": join.share,
        "words": join.words,
    }


def timeline_record(finding: str, timeline: Timeline, momentum: Momentum | None) -> Record:
    """When a finding was reported, and whether more than before."""
    return {
        "finding": finding,
        "by": timeline.by.value,
        "periods": [{"period": p.period, **_counts(p)} for p in timeline.periods],
        "earlier": _counts(timeline.earlier),
        "undated": _counts(timeline.undated),
        "momentum": momentum and _momentum_record(momentum),
    }


def _counts(period: Period) -> Record:
    return {
        "documents": period.documents,
        "publishers": period.publishers,
        "sources": period.sources,
        "corpus": period.corpus,
    }


def _momentum_record(momentum: Momentum) -> Record:
    return {
        "state": momentum.state.value,
        "recent": _window_record(momentum.recent),
        "before": _window_record(momentum.before),
        "earlier": _window_record(momentum.earlier),
        "ratio": momentum.ratio and _ratio_record(momentum.ratio),
        "overall": momentum.overall and _ratio_record(momentum.overall),
        "formula": FORMULA,
    }


def _window_record(window: Window) -> Record:
    span = window.span
    return {"first": span.first, "last": span.last, "sources": window.sources, "corpus": window.corpus}


def _ratio_record(ratio: Ratio) -> Record:
    return {"ratio": ratio.ratio, "low": ratio.low, "high": ratio.high}


def run_line(id: str, run: Run, started: str, finished: str) -> Record:
    """One recorded run: how many documents it added or changed and left out, and which failed."""
    return {
        "id": id,
        "started": started,
        "finished": finished,
        "done": len(run.done),
        "skipped": len(run.skipped),
        "failed": [{"source": f.source, "reason": f.reason, "remedy": f.remedy} for f in run.failed],
        "models": dict(run.models),
        "settings": dict(run.settings),
    }


def diff_record(found: RunDiff, texts: Mapping[str, str], limit: int | None = None) -> Record:
    """What changed between two runs, with the words of the statements in ``texts``; of labels and of findings the first
    ``limit``.
    """
    return {
        "a": found.a,
        "b": found.b,
        "added": list(found.added),
        "deleted": list(found.deleted),
        "labels": [label_change_record(change, texts) for change in found.labels[:limit]],
        "labels_total": len(found.labels),
        "findings": [finding_change_record(change, texts) for change in found.findings[:limit]],
        "findings_total": len(found.findings),
    }


def label_change_record(change: LabelChange, texts: Mapping[str, str]) -> Record:
    """A statement with another kind; ``text`` is None where it is no longer stored."""
    return {
        "statement": change.statement,
        "document": change.document,
        "text": texts.get(change.statement),
        "before": change.before,
        "after": change.after,
        "causes": [cause.value for cause in change.causes],
    }


def finding_change_record(change: FindingChange, texts: Mapping[str, str]) -> Record:
    """What became of some findings; ``text`` is None of statements that are no longer stored."""
    return {
        "change": change.change.value,
        "before": [_ref_record(ref, texts) for ref in change.before],
        "after": [_ref_record(ref, texts) for ref in change.after],
        "joined": [{"statement": id, "text": texts.get(id)} for id in change.joined],
        "left": [{"statement": id, "text": texts.get(id)} for id in change.left],
        "causes": [cause.value for cause in change.causes],
    }


def _ref_record(ref: FindingRef, texts: Mapping[str, str]) -> Record:
    head = ref.head and {"statement": ref.head, "text": texts.get(ref.head)}
    return {"id": ref.id, "title": ref.title, "members": ref.members, "kind": ref.kind, "head": head}


def statements_of_diff(found: RunDiff, limit: int | None = None) -> set[str]:
    """The statements that ``diff_record`` speaks of."""
    labels = {change.statement for change in found.labels[:limit]}
    findings = found.findings[:limit]
    heads = {ref.head for change in findings for ref in (*change.before, *change.after) if ref.head}
    return labels.union(heads, *((*change.joined, *change.left) for change in findings))


def document_record(document: Document, unit: OffsetUnit = OffsetUnit.CODEPOINT) -> Record:
    """One document without its text, with its market facts, whose places are told in ``unit``."""
    metadata = document.metadata
    ruler = Ruler(document.text, unit)
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
        "facts": [fact_record(fact, ruler) for fact in document.facts],
    }


def fact_record(fact: Fact, ruler: Ruler = CODE_POINTS) -> Record:
    """One market fact; ``text`` are its words, at ``start`` to ``end`` of its document's text, as ``ruler`` tells."""
    return {
        "kind": fact.kind.value,
        "start": ruler.at(fact.start),
        "end": ruler.at(fact.end),
        "text": fact.text,
        "amount": fact.amount,
        "upto": fact.upto,
        "scale": fact.scale,
        "currency": fact.currency,
        "since": fact.since,
        "year": fact.year,
        "subject": fact.subject,
    }

"""The files that a batch writes: documents, statements, findings and a report, the same bytes for the same input."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.records import Record, document_record, finding_record, statement_record
from trendnlp.sources import with_sources
from trendnlp.syndication import copies_among
from trendnlp.types import Analysis, Consolidation, Run


def consolidate_all(analyses: Sequence[Analysis], pipeline: Pipeline) -> Consolidation:
    """The findings across all the documents, copies of one text counted as one source."""
    claims = [claim for analysis in analyses for claim in claims_of(analysis)]
    made = pipeline.consolidate(claims)
    copies = copies_among(analysis.document for analysis in analyses)
    return replace(made, findings=with_sources(made.findings, claims, copies))


def statement_records(analyses: Iterable[Analysis], consolidation: Consolidation) -> Iterable[Record]:
    """All statements, document by document in the given order, each with the finding that it stands in."""
    finding = {member.statement: found.id for found in consolidation.findings for member in found.members}
    for analysis in analyses:
        for labelled in analysis.statements:
            yield statement_record(labelled, analysis.document.source, finding.get(labelled.statement.id))


def run_record(run: Run) -> Record:
    return {
        "done": list(run.done),
        "skipped": [{"source": s.source, "reason": s.reason} for s in run.skipped],
        "failed": [{"source": f.source, "reason": f.reason, "remedy": f.remedy} for f in run.failed],
        "models": dict(run.models),
        "settings": dict(run.settings),
    }


def write_batch(out: Path, analyses: Sequence[Analysis], consolidation: Consolidation, run: Run) -> None:
    """Write the four files into ``out``; each replaces its former self only when it is whole."""
    out.mkdir(parents=True, exist_ok=True)
    _write_lines(out / "documents.jsonl", (document_record(a.document) for a in analyses))
    _write_lines(out / "statements.jsonl", statement_records(analyses, consolidation))
    _write_lines(out / "findings.jsonl", (finding_record(f) for f in consolidation.findings))
    _replace(out / "report.json", [json.dumps(run_record(run), ensure_ascii=False, indent=2)])


def json_line(record: Record) -> str:
    """One line of JSON: characters as they are, but no lone surrogate, which UTF-8 cannot hold."""
    line = json.dumps(record, ensure_ascii=False)
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _write_lines(path: Path, records: Iterable[Record]) -> None:
    _replace(path, map(json_line, records))


def _replace(path: Path, lines: Iterable[str]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)
    part.replace(path)

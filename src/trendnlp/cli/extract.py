"""``trendnlp extract``: the findings of some reports, on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from trendnlp.batch import STDIN, STDIN_NAME, Input, consolidate_all, json_line, run_shard, statement_records
from trendnlp.build import limits, load
from trendnlp.cli.output import given, one_line, print_csv, print_findings, progress, say
from trendnlp.records import Record, document_record, finding_record
from trendnlp.settings import Settings
from trendnlp.types import OTHER, Analysis, Consolidation, Failure

CSV_COLUMNS = (
    *("source", "document", "id", "start", "end", "text", "headings", "lead_in", "page"),
    *("kind", "score", "alt", "aspect", "finding"),
)


def run(settings: Settings, files: Sequence[str], format: str, all: bool, force_language: bool = False) -> int:
    inputs = [_input(name) for name in dict.fromkeys(files)]
    pipeline = load(settings)
    outcomes = run_shard(inputs, pipeline, limits(settings), progress(len(inputs)), given(force_language))
    analyses = [o for o in outcomes if isinstance(o, Analysis)]
    consolidation = consolidate_all(analyses, pipeline)
    records = [r for r in statement_records(analyses, consolidation) if all or r["kind"] != OTHER]
    match format:
        case "jsonl":
            sys.stdout.writelines(json_line(record) + "\n" for record in records)
        case "json":
            print(_json(analyses, records, consolidation))
        case "csv":
            print_csv(CSV_COLUMNS, records)
        case "md":
            print(_markdown(analyses, records))
        case _:
            print_findings(consolidation.findings, {str(r["id"]): r for r in records}, all)
    failed = sum(isinstance(o, Failure) for o in outcomes)
    if failed:
        say(f"{failed} of {len(inputs)} reports failed")
    return 1 if failed else 0


def _input(name: str) -> Input:
    return Input(STDIN_NAME, sys.stdin.buffer.read()) if name == STDIN else Input(name, Path(name))


def _json(analyses: Sequence[Analysis], records: Sequence[Record], consolidation: Consolidation) -> str:
    whole: Record = {
        "documents": [document_record(a.document) for a in analyses],
        "statements": list(records),
        "findings": [finding_record(f) for f in consolidation.findings],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace").decode()


def _markdown(analyses: Sequence[Analysis], records: Sequence[Record]) -> str:
    lines: list[str] = []
    for analysis in analyses:
        document = analysis.document
        lines += [f"# {_plain(document.metadata.title or document.source)}", ""]
        if document.facts:
            lines += ["## Market facts", ""]
            lines += [f"- {fact.kind.value.replace('_', ' ')}: {_plain(fact.text)}" for fact in document.facts]
            lines.append("")
        own = [r for r in records if r["document"] == document.id]
        for kind in dict.fromkeys(str(r["kind"]) for r in own):
            lines += [f"## {kind.capitalize()}", ""]
            lines += [f"- {_plain(str(r['text']))} ({r['score']:.2f})" for r in own if r["kind"] == kind]
            lines.append("")
    return "\n".join(lines).rstrip()


def _plain(text: str) -> str:
    """On one line, with the characters that Markdown and HTML read as marks escaped: the text is a stranger's."""
    return "".join("\\" + c if c in "\\`*_[]<>#|" else c for c in one_line(text))

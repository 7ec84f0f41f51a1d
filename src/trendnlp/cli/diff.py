"""``trendnlp diff RUN_A RUN_B``: what changed between two runs, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from rich.table import Table
from rich.text import Text

from trendnlp.batch import json_line
from trendnlp.cli.output import one_line, results, say
from trendnlp.diff import Cause, Change, FindingChange, FindingRef, RunDiff, diff
from trendnlp.records import Record, diff_record, finding_change_record, label_change_record, statements_of_diff
from trendnlp.settings import Settings
from trendnlp.store import Store

GONE = "(no longer stored)"


def run(settings: Settings, a: str, b: str, format: str) -> int:
    with Store.open(settings.store_url) as store:
        found = diff(store.run_state(a), store.run_state(b))
        texts = store.stored_texts(statements_of_diff(found))
    match format:
        case "json":
            whole = json.dumps(diff_record(found, texts), ensure_ascii=False, indent=2)
            print(whole.encode("utf-8", "backslashreplace").decode())
        case "jsonl":
            for record in _lines(found, texts):
                print(json_line(record))
        case _:
            _print(found, texts)
    say(
        f"{len(found.added)} documents added, {len(found.deleted)} deleted; "
        f"{len(found.labels)} labels and {len(found.findings)} groups of findings changed"
    )
    return 0


def _lines(found: RunDiff, texts: Mapping[str, str]) -> Iterator[Record]:
    for change, documents in (("added", found.added), ("deleted", found.deleted)):
        for id in documents:
            yield {"of": "document", "document": id, "change": change}
    yield from ({"of": "label", **label_change_record(change, texts)} for change in found.labels)
    yield from ({"of": "finding", **finding_change_record(change, texts)} for change in found.findings)


def _print(found: RunDiff, texts: Mapping[str, str]) -> None:
    shown = Table(show_edge=False, pad_edge=False, header_style="bold", expand=True)
    shown.add_column("change", no_wrap=True)
    shown.add_column("what", ratio=1)
    shown.add_column("cause")
    for documents, change, cause in (
        (found.added, "added", Cause.NEW_DOCUMENT),
        (found.deleted, "deleted", Cause.DELETED_DOCUMENT),
    ):
        for id in documents:
            shown.add_row(change, Text(id), cause.value)
    for finding in found.findings:
        shown.add_row(finding.change.value, Text("\n".join(_told(finding, texts))), ", ".join(finding.causes))
    for label in found.labels:
        words = f"{label.before} → {label.after}: {one_line(texts.get(label.statement, GONE))}"
        shown.add_row("relabelled", Text(words), ", ".join(label.causes))
    results().print(shown)


def _told(change: FindingChange, texts: Mapping[str, str]) -> Iterator[str]:
    for sign, refs in (("-", change.before), ("+", change.after)):
        for ref in refs:
            yield f"{sign} {_named(ref)}"
            if change.change is Change.ALTERED and ref.head:
                yield f"  head: {one_line(texts.get(ref.head, GONE))}"


def _named(ref: FindingRef) -> str:
    places = f"{ref.members} {'place' if ref.members == 1 else 'places'}"
    return f"{one_line(ref.title)} ({places}{f', {ref.kind}' if ref.kind else ''})"

"""``trendnlp review export|import|queue|agreement``: decisions out of and into a workspace, and the work to do."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from trendnlp.actions import ReviewFormat
from trendnlp.batch import json_line
from trendnlp.cli.output import one_line, results, say
from trendnlp.review_export import export_reviews, read_log
from trendnlp.review_records import (
    agreement_record,
    judged_record,
    worth_record,
)
from trendnlp.settings import Settings
from trendnlp.store import QueueRequest, Store


def run(settings: Settings, action: str, *arguments: Any) -> int:
    with Store.open(settings.store_url) as store:
        match action:
            case "export":
                return _export(store, *arguments)
            case "import":
                return _import(store, *arguments)
            case "queue":
                return _queue(store, settings.audit_share, *arguments)
            case _:
                return _agreement(store, *arguments)


def _export(store: Store, format: str) -> int:
    for piece in export_reviews(store, ReviewFormat(format)):
        print(piece, end="")
    return 0


def _import(store: Store, file: Path) -> int:
    # As bytes: the line ends of Unicode, which may stand in a note, end no line of JSON.
    with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as lines:
        recorded = tuple(read_log(lines, str(file)))  # before the store is held: a pipe may take its time
    found = store.judging.take(recorded)
    for refused in found.refused:
        say(f"{one_line(refused.id)}: {refused.reason}. {refused.remedy}")
    say(f"{found.added} decisions added, {found.known} were here, {len(found.refused)} refused")
    return 1 if found.refused else 0


def _queue(store: Store, share: float, limit: int, format: str) -> int:
    queue = store.judging.queue(QueueRequest(audit_share=share), limit)
    if format == "jsonl":
        for item in queue.items:
            record = judged_record(item.labelled, item.source, item.finding)
            print(json_line({"statement": record, "version": item.version, "worth": worth_record(item.worth)}))
        return 0
    table = _table("value", "statement", "kind", "score", "text")
    for item in queue.items:
        label, statement = item.labelled.label, item.labelled.statement
        _row(table, f"{item.worth.value:.2f}", statement.id, label.kind, f"{label.score:.2f}", statement.text)
    results().print(table)
    say(f"{queue.total} statements wait")
    return 0


def _agreement(store: Store, format: str) -> int:
    pairs = [agreement_record(pair.a, pair.b, pair.agreement) for pair in store.judging.agreements()]
    if format == "jsonl":
        for record in pairs:
            print(json_line(record))
        return 0
    table = _table("a", "b", "n", "raw", "kappa", "ac1")
    for record in pairs:
        _row(table, *map(_shown, record.values()))
    results().print(table)
    return 0


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _table(*names: str) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold", row_styles=("",), expand=True)
    for name in names[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(names[-1], ratio=1, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(one_line(cell)) for cell in cells))

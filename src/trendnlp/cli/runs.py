"""``trendnlp runs``: what was recorded of the workspace, run by run."""

from __future__ import annotations

from rich.table import Table

from trendnlp.batch import json_line
from trendnlp.cli.output import results
from trendnlp.records import run_line
from trendnlp.settings import Settings
from trendnlp.store import PageRequest, RecordedRun, Store

PAGE = 500  # the store's largest page


def run(settings: Settings, limit: int, format: str) -> int:
    with Store.open(settings.store_url) as store:
        found = _fetch(store, limit)
    print_runs(found, format)
    return 0


def print_runs(found: list[RecordedRun], format: str) -> None:
    """As ``format`` says: "jsonl", one line a run, or a table."""
    if format == "jsonl":
        for recorded in found:
            print(json_line(run_line(recorded.id, recorded.run, recorded.started, recorded.finished)))
    else:
        _print(found)


def _fetch(store: Store, limit: int) -> list[RecordedRun]:
    found: list[RecordedRun] = []
    cursor = None
    while len(found) < limit:
        page = store.runs(PageRequest(min(PAGE, limit - len(found)), cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _print(found: list[RecordedRun]) -> None:
    shown = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("run", "finished", "done", "skipped", "failed", "model", "threshold"):
        shown.add_column(name, no_wrap=True, justify="right" if name in ("done", "skipped", "failed") else "left")
    for recorded in found:
        run = recorded.run
        counts = [str(len(part)) for part in (run.done, run.skipped, run.failed)]
        model = run.models[0][0] if run.models else ""
        shown.add_row(recorded.id, recorded.finished, *counts, model, dict(run.settings).get("threshold", ""))
    results().print(shown)

"""``trendnlp review``: decisions of people on statements and findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from trendnlp.batch import json_line
from trendnlp.cli.ids import head_of
from trendnlp.cli.output import one_line, results, say
from trendnlp.merging import tied
from trendnlp.review import Action, Draft, Review
from trendnlp.review_records import review_record
from trendnlp.settings import Settings
from trendnlp.store import PageRequest, ReviewFilter, Store
from trendnlp.workspace import Workspace

PAGE = 500  # the store's largest page


def run(settings: Settings, action: str, *arguments: Any) -> int:
    """One decision, or with ``list`` those there are."""
    if action == "list":
        return _list(settings, *arguments)
    if action == Action.UNDO:
        return _undo(settings, *arguments)
    return _decide(settings, Action(action), *arguments)


def _decide(settings: Settings, action: Action, ids: tuple[str, ...], by: str, value: str | None) -> int:
    with Workspace.open(settings) as workspace:
        given = tied(workspace.store, ids) if action is Action.MERGE else _heads(workspace.store, ids)
        _report(workspace, workspace.review(Draft(action, given, by, value)))
    return 0


def _heads(store: Store, ids: tuple[str, ...]) -> tuple[str, ...]:
    """In any other decision a finding is its head."""
    return tuple(head_of(store, id) for id in ids)


def _undo(settings: Settings, review: str, by: str) -> int:
    with Workspace.open(settings) as workspace:
        _report(workspace, workspace.undo(review, by))
    return 0


def _report(workspace: Workspace, review: Review) -> None:
    """The review's id on standard output, what came of it on standard error."""
    print(review.id)
    findings = sorted(set(workspace.store.finding_of(review.statements).values()))
    say(f"{review.action}: {len(review.statements)} statements, now in {', '.join(findings) or 'no finding'}")


def _list(settings: Settings, statement: str | None, limit: int, format: str) -> int:
    with Store.open(settings.store_url) as store:
        found = list(_fetch(store, ReviewFilter(statement), limit))
        undone = store.undone(review.id for review in found)
    if format == "jsonl":
        for review in found:
            print(json_line(review_record(review, review.id in undone)))
        return 0
    table = Table(show_edge=False, pad_edge=False, header_style="bold", row_styles=("",), expand=True)
    for name in ("review", "action", "by", "at"):
        table.add_column(name, no_wrap=True)
    table.add_column("statements", ratio=1, overflow="fold")
    for review in found:
        action = f"{review.action} {review.value}" if review.value else str(review.action)
        cells = (review.id, f"{action} (undone)" if review.id in undone else action, review.by, review.at)
        about = review.undoes or " ".join(review.statements)
        table.add_row(*(Text(one_line(cell)) for cell in (*cells, about)))
    results().print(table)
    return 0


def _fetch(store: Store, filter: ReviewFilter, limit: int) -> Iterator[Review]:
    cursor = None
    while limit > 0:
        page = store.reviews(filter, PageRequest(min(PAGE, limit), cursor))
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return

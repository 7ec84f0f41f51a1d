"""``trendnlp jobs``: what is in the queue, what became of it, and what is to become of it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from trendnlp.batch import json_line
from trendnlp.cli.output import one_line, results, say
from trendnlp.errors import printable
from trendnlp.jobs import item_record, job_record, terms_of
from trendnlp.records import Record
from trendnlp.settings import Settings
from trendnlp.store import ItemState, Job, JobItem, JobStore, PageRequest, Store

PAGE = 500  # the store's largest page


def run(settings: Settings, action: str, *arguments: object) -> int:
    with Store.open(settings.store_url) as store:
        jobs = JobStore(store.database, terms_of(settings))
        match (action, *arguments):
            case ("list", int(limit), format):
                return _list(jobs, limit, format == "jsonl")
            case ("show", str(id), format):
                return _show(jobs, id, format == "jsonl")
            case ("cancel", str(id)):
                job = jobs.cancel(id)
            case (_, id):
                job = jobs.retry(str(id))
        say(f"{job.id}: {job.state.value}, {job.counts.left} of {job.counts.total} documents left")
    return 0


def _list(jobs: JobStore, limit: int, lines: bool) -> int:
    found: list[Job] = []
    cursor = None
    while len(found) < limit:
        page = jobs.jobs(PageRequest(min(PAGE, limit - len(found)), cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    if lines:
        for job in found:
            print(json_line(job_record(job)))
    else:
        _print_jobs(found)
    return 0


def _show(jobs: JobStore, id: str, lines: bool) -> int:
    job = jobs.job(id)
    if lines:
        print(json_line(job_record(job)))
    else:
        _print_jobs([job])
    if not job.ended:
        return 0
    items = list(_results(jobs, id))
    if lines:
        for item in items:
            print(json_line(_record(item)))
    else:
        _print_items(items)
    return 1 if any(item.state is ItemState.FAILED for item in items) else 0


def _record(item: JobItem) -> Record:
    failure = item.failure
    told = None if failure is None else {"reason": failure.reason, "remedy": failure.remedy}
    return {**item_record(item), "failure": told}


def _results(jobs: JobStore, id: str) -> Iterable[JobItem]:
    cursor = None
    while True:
        page = jobs.results(id, PageRequest(PAGE, cursor))
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _print_jobs(found: list[Job]) -> None:
    shown = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("job", "state", "created", "documents", "done", "failed", "cancelled", "left"):
        shown.add_column(name, no_wrap=True, justify="left" if name in ("job", "state", "created") else "right")
    for job in found:
        counts = job.counts
        numbers = (counts.total, counts.done, counts.failed, counts.cancelled, counts.left)
        shown.add_row(job.id, job.state.value, job.created, *map(str, numbers))
    results().print(shown)


def _print_items(items: list[JobItem]) -> None:
    shown = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("source", "state", "document", "reason"):
        shown.add_column(name, no_wrap=name in ("state", "document"))
    for item in items:
        reason = "" if item.failure is None else f"{item.failure.reason}. {item.failure.remedy}"
        shown.add_row(printable(item.source), item.state.value, item.document or "", one_line(reason))
    results().print(shown)

"""``trendnlp findings``: what the workspace has found."""

from __future__ import annotations

from trendnlp.batch import json_line
from trendnlp.cli.output import print_findings, say
from trendnlp.records import finding_record, statement_record
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.types import Finding

PAGE = 500  # the store's largest page


def run(kinds: tuple[str, ...], aspects: tuple[str, ...], query: str | None, limit: int, format: str) -> int:
    settings = Settings.from_env()
    with Store.open(settings.store_url) as store:
        found = _fetch(store, FindingFilter(kinds=kinds, aspects=aspects, q=query), limit)
        if format == "jsonl":
            for finding in found:
                print(json_line(finding_record(finding)))
        else:
            heads = store.statements_by_id([f.head for f in found])
            sources = {m.statement: m.source for f in found for m in f.members}
            print_findings(found, {h.statement.id: statement_record(h, sources[h.statement.id]) for h in heads})
        counts = store.counts()
    say(f"{len(found)} shown; the workspace holds {counts.findings} findings of {counts.documents} documents")
    return 0


def _fetch(store: Store, filter: FindingFilter, limit: int) -> list[Finding]:
    found: list[Finding] = []
    cursor = None
    while len(found) < limit:
        page = store.findings(filter, PageRequest(min(PAGE, limit - len(found)), cursor))
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return found

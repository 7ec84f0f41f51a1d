"""``trendnlp findings``: what the workspace has found."""

from __future__ import annotations

from trendnlp.batch import json_line
from trendnlp.build import artefact, taxonomy
from trendnlp.cli.options import FindingOptions
from trendnlp.cli.output import print_csv, print_findings, say
from trendnlp.errors import SettingsError
from trendnlp.export import FINDING_COLUMNS, PAGE, finding_row
from trendnlp.records import finding_record, statement_record
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.types import OTHER, Finding


def run(settings: Settings, options: FindingOptions, limit: int, format: str) -> int:
    filter = FindingFilter(kinds=options.kinds, aspects=options.aspects, q=options.query, tags=options.tags)
    manifest = artefact(settings).manifest
    known("--kind", filter.kinds, tuple(kind for kind in manifest.kinds if kind != OTHER))
    known("--aspect", filter.aspects, manifest.aspects)
    tags = taxonomy(settings)
    with Store.open(settings.store_url) as store:
        found = _fetch(store, filter, limit)
        if format == "jsonl":
            for finding in found:
                print(json_line(finding_record(finding)))
        elif format == "csv":
            corpus = store.publication_months()
            print_csv(FINDING_COLUMNS, (finding_row(finding, corpus) for finding in found))
        else:
            heads = store.statements_by_id([f.head for f in found])
            sources = {m.statement: m.source for f in found for m in f.members}
            print_findings(found, {h.statement.id: statement_record(h, sources[h.statement.id]) for h in heads})
        counts, made = store.counts(), store.consolidation_info()
    if made is not None and made.taxonomy != tags.digest:
        say("the tags are of another taxonomy than this one; `trendnlp ingest` and `trendnlp serve` tag by theirs")
    say(f"{len(found)} shown; the workspace holds {counts.findings} findings of {counts.documents} documents")
    return 0


def known(option: str, given: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Raises SettingsError for a value of ``option`` that is none of the ``names``."""
    for value in given:
        if value not in names:
            raise SettingsError(option, f"{value!r} is none of the models'", f"Use one of {', '.join(names)}.")


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

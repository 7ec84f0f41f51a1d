"""``trendnlp findings``: what the workspace has found."""

from __future__ import annotations

from trendnlp.batch import json_line
from trendnlp.build import artefact, taxonomy
from trendnlp.cli.options import FindingOptions
from trendnlp.cli.output import print_csv, print_supported, say
from trendnlp.errors import SettingsError
from trendnlp.export import FINDING_COLUMNS, PAGE, finding_row, stated_finding
from trendnlp.momentum import state
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, PageRequest, Store
from trendnlp.types import OTHER, Finding


def run(settings: Settings, options: FindingOptions, limit: int, format: str) -> int:
    filter = _filter(options)
    manifest = artefact(settings).manifest
    known("--kind", filter.kinds, tuple(kind for kind in manifest.kinds if kind != OTHER))
    known("--aspect", filter.aspects, manifest.aspects)
    tags = taxonomy(settings)
    with Store.open(settings.store_url) as store:
        found, corpus = _fetch(store, filter, limit), store.publication_months()
        if format == "jsonl":
            for finding in found:
                print(json_line(stated_finding(finding, corpus)))
        elif format == "csv":
            print_csv(FINDING_COLUMNS, (finding_row(finding, corpus) for finding in found))
        else:
            heads = store.statements_by_id([finding.head for finding in found])
            words = {head.statement.id: head.statement.text for head in heads}
            print_supported(found, words, {finding.id: state(finding.backing, corpus) for finding in found})
        counts, made = store.counts(), store.consolidation_info()
    if made is not None and made.taxonomy != tags.digest:
        say("the tags are of another taxonomy than this one; `trendnlp ingest` and `trendnlp serve` tag by theirs")
    say(f"{len(found)} shown; the workspace holds {counts.findings} findings of {counts.documents} documents")
    return 0


def _filter(options: FindingOptions) -> FindingFilter:
    return FindingFilter(
        kinds=options.kinds,
        aspects=options.aspects,
        q=options.query,
        tags=options.tags,
        contested=options.contested,
    )


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

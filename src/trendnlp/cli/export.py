"""``trendnlp export``: statements or findings as a file."""

from __future__ import annotations

import sys

from trendnlp.build import artefact
from trendnlp.cli.findings import known
from trendnlp.cli.options import ExportOptions
from trendnlp.dates import iso_date
from trendnlp.errors import SettingsError
from trendnlp.export import ExportFormat, export_findings, export_statements
from trendnlp.settings import Settings
from trendnlp.store import FindingFilter, StatementFilter, Store
from trendnlp.types import OTHER


def run(settings: Settings, options: ExportOptions) -> int:
    manifest = artefact(settings).manifest
    findings = options.of == "findings"
    known("--kind", options.kinds, tuple(kind for kind in manifest.kinds if not findings or kind != OTHER))
    known("--aspect", options.aspects, manifest.aspects)
    for option, value in (("--from", options.since), ("--to", options.until)):
        if value is not None and iso_date(value) is None:
            raise SettingsError(option, f"{value!r} is no date that there is", "Give YYYY, YYYY-MM or YYYY-MM-DD.")
    format = ExportFormat(options.format)
    with Store.open(settings.store_url) as store:
        if findings:
            pieces = export_findings(store, _finding_filter(options), format)
        else:
            pieces = export_statements(store, _statement_filter(options), format)
        for piece in pieces:
            sys.stdout.write(piece)
    return 0


def _finding_filter(options: ExportOptions) -> FindingFilter:
    return FindingFilter(
        kinds=options.kinds,
        aspects=options.aspects,
        documents=() if options.document is None else (options.document,),
        q=options.query,
        markets=options.markets,
        geographies=options.geographies,
        sources=options.sources,
        since=options.since,
        until=options.until,
        min_score=options.min_score,
        contested=options.contested,
    )


def _statement_filter(options: ExportOptions) -> StatementFilter:
    return StatementFilter(
        document=options.document,
        kinds=options.kinds,
        aspects=options.aspects,
        min_score=options.min_score,
        q=options.query,
        markets=options.markets,
        geographies=options.geographies,
        sources=options.sources,
        since=options.since,
        until=options.until,
    )

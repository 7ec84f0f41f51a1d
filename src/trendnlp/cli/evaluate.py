"""``trendnlp evaluate``: scores of the models and the keyword rules, side by side."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from trendnlp.build import artefact, build_pipeline, model_name
from trendnlp.cli.output import results, say
from trendnlp.measure import Row, held_out, real_documents, rows
from trendnlp.settings import Settings
from trendnlp.types import OTHER

REAL = Path("real_dev") / "documents.jsonl"


def run(settings: Settings, corpus: Path, data: Path | None) -> int:
    models = artefact(settings)
    if data is None:
        say("no --data given: only the held-out markets of the corpus are scored")
    sets = [("held-out markets", held_out(corpus))]
    if data is not None:
        sets.append((REAL.parent.name, real_documents(data / REAL)))
    model = build_pipeline(models, settings).model
    name = model_name(models, settings)
    scored = [row for data, documents in sets for row in rows(data, documents, name, model)]
    results().print(_table(scored, [kind for kind in models.manifest.kinds if kind != OTHER]))
    return 0


def _table(scored: list[Row], claim_kinds: list[str]) -> Table:
    columns = ("macro-F1", "accepted", "claim P", "claim R", "ECE", *claim_kinds)
    table = Table("data", "model", "units", *columns, show_edge=False, pad_edge=False)
    for row in scored:
        found = row.scores
        values = [found.macro_f1, found.accepted_f1, found.claim_precision, found.claim_recall, row.calibration_error]
        kinds = {k.kind: k.f1 for k in found.kinds}
        values += [kinds.get(kind) for kind in claim_kinds]
        table.add_row(
            row.data, row.model, str(found.units), *("" if value is None else f"{value:.3f}" for value in values)
        )
    return table

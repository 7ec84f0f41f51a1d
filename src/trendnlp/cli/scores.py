"""Scores on standard output: tables to read, or one JSON object a row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from trendnlp.build import ACCURATE, CASCADE, FAST
from trendnlp.cli.output import KIND_STYLES, one_line, results
from trendnlp.evaluate import BINS, Bin
from trendnlp.measure import Mistake, Row

WIDTH = 140  # of a table that goes to a file: fourteen columns side by side
DECIMALS = 4  # of a score in JSON
OURS = (FAST, ACCURATE, CASCADE)
OF_KIND = "f1_"
# Measures that are columns, in this order; the F1 of each kind stands where OF_KIND does.
COLUMNS = {
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "accepted_f1": "accepted",
    "claim_precision": "claim P",
    "claim_recall": "claim R",
    "cause_f1": "F1",
    "cause_precision": "P",
    "cause_recall": "R",
    "argmax_f1": "F1 by argmax",
    "calibration_error": "ECE",
    OF_KIND: "",
    "aspect_macro_f1": "aspect",
    "units_per_second": "units/s",
}


def print_lines(rows: Sequence[Row], errors: int) -> None:
    """One JSON object a row, with the ``errors`` most confident of its mistakes."""
    for row in rows:
        fields = {
            "data": row.data,
            "model": row.model,
            "units": row.units,
            **{name: round(value, DECIMALS) for name, value in row.measures.items()},
            "confusion": asdict(row.confusion),
            "reliability": [asdict(found) for found in row.reliability],
            "errors": [_mistake(found) for found in row.mistakes[:errors]],
        }
        print(json.dumps(fields, ensure_ascii=False))


def _mistake(found: Mistake) -> dict[str, object]:
    return {
        "text": found.text,
        "gold": found.gold.kind,
        "alt": found.gold.alternative,
        "said": found.said,
        "score": found.score,
        "words": found.words,
    }


def print_tables(rows: Sequence[Row], in_detail: bool, errors: int) -> None:
    """By data set: the scores; then, in detail, the reliability of each model and what ours, or the best, confuse."""
    console = results(WIDTH)
    for data in dict.fromkeys(row.data for row in rows):
        own = [row for row in rows if row.data == data]
        best = max(own, key=lambda row: row.headline)
        console.print(f"\n{data}, {own[0].units:,} units\n")
        console.print(_scores(own))
        for line in _remarks(own):
            console.print(line)
        if in_detail:
            console.print("\nmean score, share that was right, and number of units, by score\n")
            console.print(_reliability([row for row in own if row.reliability]))
            for row in [row for row in own if row.model in OURS] or [best]:
                console.print(f"\n{row.model}: gold kinds down, what it said across\n")
                console.print(_confusion(row))
        if errors:
            console.print(f"\n{best.model}: the most confident of {len(best.mistakes):,} errors\n")
            console.print(_errors(best.mistakes[:errors]))


def _scores(rows: Sequence[Row]) -> Table:
    names = list(_columns(rows))
    table = _table("model", *(_heading(name) for name in names))
    for row in rows:
        table.add_row(row.model, *(_cell(name, row.measures) for name in names))
    return table


def _columns(rows: Sequence[Row]) -> Iterator[str]:
    known = dict.fromkeys(name for row in rows for name in row.measures)
    for column in COLUMNS:
        yield from (name for name in known if (name.startswith(OF_KIND) if column == OF_KIND else name == column))


def _heading(name: str) -> str:
    return name.removeprefix(OF_KIND) if name.startswith(OF_KIND) else COLUMNS[name]


def _cell(name: str, measures: Mapping[str, float]) -> str:
    if name not in measures:
        return ""
    return f"{measures[name]:,.0f}" if name == "units_per_second" else f"{measures[name]:.3f}"


def _remarks(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if "share_asked" in row.measures:
            yield f"{row.model}: {row.measures['share_asked']:.1%} of the units went to the accurate model"
        if "threshold" in row.measures:
            yield f"{row.model}: causal from a score of {row.measures['threshold']:.3f}, chosen on the calibrating part"


def _reliability(rows: Sequence[Row]) -> Table:
    table = _table("score", *(row.model for row in rows))
    for i in range(BINS):
        cells = [_bin(next((b for b in row.reliability if round(b.low * BINS) == i), None)) for row in rows]
        table.add_row(f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}", *cells)
    return table


def _bin(found: Bin | None) -> str:
    return "" if found is None else f"{found.score:.2f} {found.right:.2f} {found.units:5}"


def _confusion(row: Row) -> Table:
    kinds = row.confusion.kinds
    table = _table("", *kinds)
    for kind, counts in zip(kinds, row.confusion.counts, strict=True):
        table.add_row(Text(kind, KIND_STYLES.get(kind, "")), *map(str, counts))
    return table


def _errors(mistakes: Sequence[Mistake]) -> Table:
    table = Table("score", "gold", "said", "text", "words", show_edge=False, pad_edge=False)
    for found in mistakes:
        gold = found.gold.kind + (f"/{found.gold.alternative}" if found.gold.alternative else "")
        cells = (f"{found.score:.2f}", gold, found.said, one_line(found.text), one_line(found.words))
        table.add_row(*map(Text, cells))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(first, show_edge=False, pad_edge=False)
    for name in others:
        table.add_column(Text(name), justify="right")
    return table

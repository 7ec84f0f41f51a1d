"""What commands share: lines on standard error, and tables on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trendnlp.batch import Outcome, Step
from trendnlp.errors import printable
from trendnlp.momentum import State
from trendnlp.records import Record
from trendnlp.spreadsheet import csv_pieces
from trendnlp.types import KINDS, OTHER, Analysis, Failure, Finding, Metadata, Skipped

PLAIN_WIDTH = 120  # of a table that goes to a file or another program
KIND_STYLES = {"driver": "green", "trend": "blue", "challenge": "red", "opportunity": "magenta", "other": "dim"}


def given(force_language: bool) -> Metadata:
    """What is known of reports before they are read: with ``--force-language``, that they are in English."""
    return Metadata(language="en") if force_language else Metadata()


def say(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """``text`` on one line, without the control and format characters by which a text can move a terminal's cursor."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def results(width: int = PLAIN_WIDTH) -> Console:
    """Standard output as a console; a table keeps a readable ``width`` where there is no terminal."""
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=width)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain table of texts, each on lines of its own."""
    shown = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in columns:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(one_line(cell)) for cell in row))
    results().print(shown)


def print_findings(findings: Iterable[Finding], records: Mapping[str, Record], others: bool = False) -> None:
    """Findings by kind, best supported first, each with its head's words; then, if asked, what is of no kind."""
    console = results()
    shown = Table(show_edge=False, pad_edge=False, header_style="bold", row_styles=("",), expand=True)
    for name in ("kind", "score", "places"):
        shown.add_column(name, no_wrap=True, justify="left" if name == "kind" else "right")
    shown.add_column("finding", ratio=1)
    order = {kind: i for i, kind in enumerate(KINDS)}
    for finding in sorted(findings, key=lambda f: (order.get(f.kind, len(order)), -len(f.members), f.id)):
        head = records[finding.head]
        shown.add_row(*_cells(finding.kind, head, len(finding.members)))
    if others:
        for record in records.values():
            if record["kind"] == OTHER:
                shown.add_row(*_cells(OTHER, record, 1))
    console.print(shown)


def print_supported(findings: Iterable[Finding], words: Mapping[str, str], states: Mapping[str, State]) -> None:
    """Findings as they come: what supports each, its head's ``words``, and below these its id, its state where there is
    evidence for one, and whether it is contested.
    """
    shown = Table(show_edge=False, pad_edge=False, header_style="bold", expand=True)
    for name in ("kind", "documents", "sources"):
        shown.add_column(name, no_wrap=True, justify="left" if name == "kind" else "right")
    shown.add_column("finding", ratio=1)
    for finding in findings:
        state = states[finding.id]
        known = (finding.id, "" if state is State.INSUFFICIENT else state.value, "contested" * bool(finding.contested))
        shown.add_row(
            Text(finding.kind, KIND_STYLES.get(finding.kind, "")),
            str(finding.documents),
            str(finding.sources),
            Text(one_line(words[finding.head])).append("\n" + ", ".join(filter(None, known)), "dim"),
        )
    results().print(shown)


def _cells(kind: str, head: Record, places: int) -> tuple[Text, ...]:
    words = Text(one_line(str(head["text"])))
    return Text(kind, KIND_STYLES.get(kind, "")), Text(f"{head['score']:.2f}"), Text(str(places)), words


def print_csv(columns: Sequence[str], records: Iterable[Record]) -> None:
    """Records as a table for spreadsheets, with a line of names first."""
    for piece in csv_pieces(columns, (records,)):
        sys.stdout.write(piece)


def progress(total: int) -> Callable[[Step], None]:
    """A line for each document that is done, with what came of it."""
    done = 0

    def report(step: Step) -> None:
        nonlocal done
        done += 1
        say(f"[{done}/{total}] {printable(step.source)}: {outcome_line(step.outcome)}")

    return report


def outcome_line(outcome: Outcome) -> str:
    match outcome:
        case Analysis() as analysis:
            warnings = "".join(f"; warning: {printable(w)}" for w in analysis.document.warnings)
            return f"{len(analysis.statements)} statements, {len(analysis.claims)} claims{warnings}"
        case Failure() as failure:
            return f"failed: {printable(failure.reason)}. {printable(failure.remedy)}"
        case Skipped() as skipped:
            return f"skipped: {printable(skipped.reason)}"

"""``trendnlp ingest``: reports into the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from trendnlp.batch import Input, expand, read_input, unexpected
from trendnlp.build import limits
from trendnlp.cli.output import given, outcome_line, say
from trendnlp.errors import StoreError, printable
from trendnlp.settings import Settings
from trendnlp.store import Saved
from trendnlp.types import Failure, Metadata, Run, Skipped
from trendnlp.workspace import Ingested, Workspace


def run(settings: Settings, paths: Sequence[Path], force_language: bool = False) -> int:
    inputs = expand(paths, limits(settings))
    started = _now()
    with Workspace.open(settings) as workspace:
        try:
            result = _ingest(inputs, workspace, given(force_language))
        finally:
            # Interrupted or not: what has been saved shows in the findings.
            workspace.refresh()
        workspace.store.record_run(result, started, _now())
        counts = workspace.store.counts()
    say(
        f"{len(result.done)} reports added or updated, {len(result.skipped)} skipped, {len(result.failed)} failed; "
        f"the workspace holds {counts.documents} documents and {counts.findings} findings"
    )
    return 1 if result.failed else 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _ingest(inputs: Sequence[Input], workspace: Workspace, known: Metadata) -> Run:
    done: list[str] = []
    skipped: list[Skipped] = []
    failed: list[Failure] = []
    for number, item in enumerate(inputs, 1):
        outcome = _ingest_one(item, workspace, known)
        match outcome:
            case Skipped():
                skipped.append(outcome)
            case Failure():
                failed.append(outcome)
            case Ingested():
                done.append(item.source)
        say(f"[{number}/{len(inputs)}] {printable(item.source)}: {_line(outcome)}")
    return workspace.run_of(done, skipped, failed)


def _ingest_one(item: Input, workspace: Workspace, known: Metadata) -> Ingested | Skipped | Failure:
    document = read_input(item, limits(workspace.settings), known)
    if isinstance(document, Skipped | Failure):
        return document
    try:
        added = workspace.ingest(document, refresh=False)
    except StoreError:
        raise  # what one document cannot be saved into, the next cannot either
    except Exception as error:
        return unexpected(item.source, error)
    if added.saved is Saved.UNCHANGED:
        return Skipped(item.source, f"unchanged, the workspace holds it as {added.document}")
    return added


def _line(outcome: Ingested | Skipped | Failure) -> str:
    if isinstance(outcome, Ingested):
        warnings = "".join(f"; warning: {printable(w)}" for w in outcome.warnings)
        return f"{outcome.saved}: {outcome.statements} statements, {outcome.claims} claims{warnings}"
    return outcome_line(outcome)

"""``trendnlp ingest``: reports into the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from trendnlp.batch import Input, expand, read_input
from trendnlp.build import limits
from trendnlp.cli.output import say
from trendnlp.errors import InputError, printable
from trendnlp.settings import Settings
from trendnlp.store import Saved
from trendnlp.types import Failure, Run, Skipped
from trendnlp.workspace import Workspace


def run(paths: Sequence[Path]) -> int:
    settings = Settings.from_env()
    inputs = expand(paths)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    with Workspace.open(settings) as workspace:
        try:
            result = _ingest(inputs, workspace)
        finally:
            # Interrupted or not: what has been saved shows in the findings.
            workspace.refresh()
        workspace.store.record_run(result, started, datetime.now(UTC).isoformat(timespec="seconds"))
        counts = workspace.store.counts()
    say(
        f"{len(result.done)} reports added or updated, {len(result.skipped)} unchanged, {len(result.failed)} failed; "
        f"the workspace holds {counts.documents} documents and {counts.findings} findings"
    )
    return 1 if result.failed else 0


def _ingest(inputs: Sequence[Input], workspace: Workspace) -> Run:
    done: list[str] = []
    skipped: list[Skipped] = []
    failed: list[Failure] = []
    for number, item in enumerate(inputs, 1):
        try:
            document = read_input(item, limits(workspace.settings))
        except InputError as error:
            failed.append(Failure(item.source, error.reason, error.remedy))
            outcome = f"failed: {error.reason}. {error.remedy}"
        else:
            added = workspace.ingest(document, refresh=False)
            if added.saved is Saved.UNCHANGED:
                skipped.append(Skipped(item.source, f"unchanged: the workspace holds it as {added.document}"))
                outcome = f"unchanged, the workspace holds it as {added.document}"
            else:
                done.append(item.source)
                outcome = f"{added.saved}: {added.statements} statements, {added.claims} claims"
        say(f"[{number}/{len(inputs)}] {printable(item.source)}: {outcome}")
    card = workspace.model_card()
    models = ((card.name, card.digest), ("encoder", card.encoder_sha256))
    return Run(tuple(done), tuple(skipped), tuple(failed), models, (("threshold", str(card.threshold)),))

"""``trendnlp runs --record``: what stands now, as a run."""

from __future__ import annotations

from trendnlp.cli.runs import print_runs
from trendnlp.settings import Settings
from trendnlp.workspace import Workspace


def run(settings: Settings, format: str) -> int:
    with Workspace.open(settings) as workspace:
        workspace.refresh()
        recorded = workspace.store.record_now(workspace.run_of((), (), ()))
    print_runs([recorded], format)
    return 0

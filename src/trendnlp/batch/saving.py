"""Shards into a workspace: each in one transaction, in order, and the findings once at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from trendnlp.batch.entries import Entry, State
from trendnlp.batch.output import Basis, Summary, without_copies
from trendnlp.batch.plan import Plan, Shard
from trendnlp.batch.progress import Watch, Watched, go_on
from trendnlp.batch.work import Work
from trendnlp.consolidate import Notes
from trendnlp.types import Analysis, Failure, Run, Skipped


class Keeper(Protocol):
    """What keeps analyses: a workspace."""

    def known(self, documents: Iterable[str]) -> frozenset[str]:
        """Those of the documents that are kept."""
        ...

    def save(self, analyses: Sequence[Analysis]) -> None:
        """Keep the analyses, all or none of them; what is kept already stays as it is."""
        ...

    def conclude(self, run: Run, notes: Notes) -> int:
        """Make the findings, and record the run; returns how many findings there are. ``notes`` are told of verdicts
        that have been kept.
        """
        ...


class Saving:
    """Takes shards in order, and has them kept. What is kept leaves the work folder, which then says only that."""

    def __init__(self, keeper: Keeper, work: Work, plan: Plan) -> None:
        self._keeper = keeper
        self._work = work
        self._plan = plan
        self._done: list[str] = []
        self._skipped: list[Skipped] = []
        self._failed: list[Failure] = []

    def holds(self, entries: Sequence[Entry]) -> bool:
        """Whether what an earlier run says it has saved is still in the workspace."""
        saved = {e.head.document for e in entries if e.head.state is State.DONE and not e.lines and e.head.document}
        return saved == self._keeper.known(saved)

    def take(self, shard: Shard, entries: Sequence[Entry]) -> None:
        """Save the next shard."""
        kept = list(without_copies(entries, self._plan))
        self._keeper.save([e.analysis() for e in kept if e.head.state is State.DONE and e.lines])
        if any(entry.lines for entry in entries):
            self._work.write(shard.key, b"".join(entry.stub.data for entry in entries))
        for head in (entry.head for entry in kept):
            match head.state:
                case State.DONE:
                    self._done.append(head.source)
                case State.SKIPPED:
                    self._skipped.append(Skipped(head.source, head.reason))
                case State.FAILED:
                    self._failed.append(Failure(head.source, head.reason, head.remedy))

    def close(self) -> None:
        """There is nothing to close."""

    def finish(self, basis: Basis, watch: Watch) -> Summary:
        """Have the findings made; raises Stopped where the watch wants an end before."""
        run = Run(tuple(self._done), tuple(self._skipped), tuple(self._failed), (basis.model,), basis.settings)
        go_on(watch)
        findings = self._keeper.conclude(run, Watched(watch))
        return Summary(len(self._done), len(self._skipped), len(self._failed), findings)

"""The stored findings kept those of the stored claims and decisions, at a cost in proportion to what changed.

The first refresh of a process that has something to do reads all claims and looks for their neighbours; the verdicts
on pairs, which cost the most, are the store's. From then on it reads the documents that changed and, where there are
new reviews, what stands of all; and it writes the findings that these touch.
"""

from __future__ import annotations

from collections.abc import Sequence

from trendnlp.consolidate import Incremental, Update
from trendnlp.pipeline import Matcher
from trendnlp.sources import with_sources
from trendnlp.store import Store
from trendnlp.types import Consolidation, Finding


class Upkeep:
    """The findings of one store under one matcher. Not for several threads at once; other processes may write to the
    store meanwhile. It has the matcher for itself.
    """

    def __init__(self, store: Store, matcher: Matcher) -> None:
        self.store = store
        self.matcher = matcher
        self._state: Incremental | None = None
        self._revision = 0  # of the claims and constraints in the state
        self._stored: int | None = None  # the revision of the findings that were written last
        self._made: dict[str, Finding] = {}  # since then; all findings where none were written
        self._gone: set[str] = set()

    def changed(self) -> Sequence[str] | None:
        """Ids of the documents that changed since the last refresh; None before it, and where that is not known."""
        changes = None if self._state is None else self.store.changes(self._revision)
        return None if changes is None else changes.documents

    def refresh(self) -> None:
        """Bring the stored findings up to date. Nothing is done where nothing has changed since they were made."""
        # Again where another writer has changed claims or decisions meanwhile.
        while not self._is_current():
            self._encode()
            state = self._follow()
            if self._stored is not None and self._stored == self.store.consolidated_revision():
                done = self.store.update_findings(
                    tuple(self._made.values()),
                    self._gone,
                    since=self._stored,
                    revision=self._revision,
                    taxonomy=self.matcher.taxonomy.digest,
                )
            else:
                # Stored by another process: they are compared one by one.
                made = self._made.values() if self._stored is None else state.consolidation().findings
                told = tuple(made) if self._stored is None else self._attributed(tuple(made))
                all_findings = Consolidation(told, state.threshold, state.comparer.digest, state.taxonomy.digest)
                done = self.store.replace_findings(all_findings, revision=self._revision)
            if done:
                self._stored = self._revision
                self._made.clear()
                self._gone.clear()

    def _encode(self) -> None:
        """Give a vector to what the model took for ``other`` and people made a claim."""
        missing = self.store.claims_without_vector()
        if missing:
            vectors = self.matcher.vectors(tuple(missing.values()))
            self.store.add_vectors(dict(zip(missing, vectors, strict=True)))

    def _is_current(self) -> bool:
        """Whether the stored findings are those of the stored claims and decisions, tagged by this taxonomy."""
        made = self.store.consolidation_info()
        if made is not None and made.taxonomy != self.matcher.taxonomy.digest:
            self._state = None  # all findings are made anew
            return False
        return self.store.is_consolidated()

    def _attributed(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """With their independent sources: copies among the documents of a finding count once."""
        assert self._state is not None
        documents = {member.document for finding in findings for member in finding.members}
        return with_sources(findings, self._state.claims_in(findings), self.store.copies_among(documents))

    def _follow(self) -> Incremental:
        """Bring the state to the claims and decisions that are stored."""
        changes = None if self._state is None else self.store.changes(self._revision)
        if self._state is None or changes is None:
            return self._start()
        gone = [id for document in changes.documents for id in self._state.statements_of(document)]
        gone += changes.statements
        self._apply(self._state.update(changes.claims, gone, changes.constraints))
        self._revision = changes.revision
        return self._state

    def _start(self) -> Incremental:
        rule = self.matcher.rule
        self._stored = None
        self._made.clear()
        self._gone.clear()
        self._revision = self.store.revision()  # before the rest: what comes between is worked in twice
        self._state = self.matcher.incremental(self.store.verdicts(rule))
        self._apply(self._state.update(self.store.claims(), (), self.store.constraints()))
        return self._state

    def _apply(self, update: Update) -> None:
        for id in update.gone:
            self._made.pop(id, None)
        self._gone.update(update.gone)
        self._made.update((f.id, f) for f in self._attributed(update.findings))
        self._gone.difference_update(self._made)
        if update.learnt or update.forgotten:
            self.store.remember(self.matcher.rule, update.learnt, update.forgotten)

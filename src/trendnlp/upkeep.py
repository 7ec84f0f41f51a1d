"""The stored findings kept those of the stored claims and decisions, at a cost in proportion to what changed.

The first refresh of a process that has something to do reads all claims and looks for their neighbours; the verdicts
on pairs, which cost the most, are the store's. From then on it reads the documents that changed and, where there are
new reviews, what stands of all; and it writes the findings that these touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from trendnlp.consolidate import Incremental, Keeping, Notes, Update
from trendnlp.pipeline import Matcher
from trendnlp.review import BindingLog
from trendnlp.sources import with_sources
from trendnlp.store import Changes, Store
from trendnlp.types import Consolidation, Finding


class Upkeep:
    """The findings of one store under one matcher. Not for several threads at once; other processes may write to the
    store meanwhile. It has the matcher for itself.
    """

    def __init__(self, store: Store, matcher: Matcher, notes: Notes | None = None) -> None:
        self.store = store
        self.matcher = matcher
        self._rule = matcher.rule
        self._notes = Keeping(partial(store.remember, self._rule), notes)
        self._state: Incremental | None = None
        self._log = BindingLog()  # what the state's constraints stand in
        self._revision = 0  # of the claims and constraints in the state
        self._changes: Changes | None = None  # since then, as they were seen last
        self._stored: int | None = None  # the revision of the findings that were written last
        self._made: dict[str, Finding] = {}  # since then; all findings where none were written
        self._gone: set[str] = set()

    def changed(self) -> Sequence[str] | None:
        """Ids of the documents that changed since the last refresh; None before it, and where that is not known."""
        changes = None if self._state is None else self._look()
        return None if changes is None else changes.documents

    def refresh(self, wanted: int | None = None) -> None:
        """Bring the stored findings to the revision ``wanted`` of the store or a later one, by default to the one that
        it has now. Nothing is done where they are of such a revision.
        """
        wanted = self.store.revision() if wanted is None else wanted
        # Again where another writer has deleted meanwhile what the findings speak of, or stored other findings.
        while not self._reaches(wanted):
            self._bring()

    def prepare(self) -> None:
        """Refresh, and do already what the first refresh that has something to do takes longest for."""
        self.refresh()
        while self._stored is None:
            self._bring()

    def _bring(self) -> None:
        """Write the findings of the claims and decisions that are stored, unless another writer comes in between."""
        try:
            state = self._follow()
        except BaseException:
            self._state = None  # half-way from one state to the next it is of neither: all is read anew
            raise
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

    def _encode(self, among: Iterable[str] | None = None) -> bool:
        """Give a vector to what the model took for ``other`` and people made a claim; returns whether there was any."""
        missing = self.store.claims_without_vector(among)
        if missing:
            vectors = self.matcher.vectors(tuple(missing.values()))
            self.store.add_vectors(dict(zip(missing, vectors, strict=True)))
        return bool(missing)

    def _reaches(self, wanted: int) -> bool:
        """Whether the stored findings are of this revision or a later one, and tagged by this taxonomy."""
        made = self.store.consolidation_info()
        if made is not None and made.taxonomy != self.matcher.taxonomy.digest:
            self._state = None  # all findings are made anew
            return False
        return self.store.consolidated_revision() >= wanted

    def _attributed(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """With their independent sources: copies among the documents of a finding count once."""
        assert self._state is not None
        documents = {member.document for finding in findings for member in finding.members}
        return with_sources(findings, self._state.claims_in(findings), self.store.copies_among(documents))

    def _follow(self) -> Incremental:
        """Bring the state to the claims and decisions that are stored."""
        if self._state is None:
            return self._start()
        changes = self._look()
        # In a document that came back, any statement may be what people made a claim before.
        while changes is not None and self._encode(None if changes.documents else changes.statements):
            changes = self._look()
        if changes is None:
            return self._start()
        gone = [id for document in changes.documents for id in self._state.statements_of(document)]
        gone += changes.statements
        self._log.extend(changes.reviews)
        constraints = self._log.constraints() if changes.reviews else None
        self._apply(self._state.update(changes.claims, gone, constraints))
        self._revision = changes.revision
        return self._state

    def _look(self) -> Changes | None:
        """What has changed since the state was made; None where that was not noted."""
        seen = self._changes
        if seen is None or seen.revision != self.store.revision() or seen.revision <= self._revision:
            self._changes = self.store.changes(self._revision, self._log.last)
        return self._changes

    def _start(self) -> Incremental:
        self._stored = None
        self._made.clear()
        self._gone.clear()
        while True:
            self._revision = self.store.revision()  # before the rest: what comes between is worked in twice
            if not self._encode():
                break
        self._state = self.matcher.incremental(self.store.verdicts(self._rule), self._notes)
        self._log = BindingLog()
        self._log.extend(self.store.judging.binding())
        self._apply(self._state.update(self.store.claims(), (), self._log.constraints()))
        return self._state

    def _apply(self, update: Update) -> None:
        for id in update.gone:
            self._made.pop(id, None)
        self._gone.update(update.gone)
        self._made.update((f.id, f) for f in self._attributed(update.findings))
        self._gone.difference_update(self._made)
        if update.forgotten:
            self.store.remember(self._rule, {}, update.forgotten)

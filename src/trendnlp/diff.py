"""What changed between two runs, and why: labels of statements, and findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

RULES = ("threshold", "low", "diameter")  # settings of a run that say when statements merge
CASCADE = "cascade"  # and when the fast model's label stands
VERSION = "version"
WEIGHTS = ("encoder", "weights")  # models of a run: what it labels and compares with


class Cause(StrEnum):
    """Why something is other than it was."""

    MODEL = "model"  # other weights, or another model of the folder
    THRESHOLD = "threshold"  # the same models by another rule
    VERSION = "version"  # another version of the program
    NEW_DOCUMENT = "new document"
    DELETED_DOCUMENT = "deleted document"
    CHANGED_DOCUMENT = "changed document"  # the same document, read into other statements
    REVIEW = "review"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """What became of findings. ``REGROUPED``: several became several others."""

    MERGED = "merged"
    SPLIT = "split"
    REGROUPED = "regrouped"
    APPEARED = "appeared"
    WENT = "went"
    GREW = "grew"
    SHRANK = "shrank"
    CHANGED = "changed"
    ALTERED = "altered"  # the same statements under another title, kind or head


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The digest of the model that labelled a document, and the kind of each of its statements."""

    model: str
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FindingState:
    """A finding's title, the statements in it, sorted, its kind and its head. Runs that an earlier version recorded
    know neither kind nor head.
    """

    title: str
    members: tuple[str, ...]
    kind: str | None = None
    head: str | None = None

    def differs(self, other: FindingState) -> bool:
        """Whether the two are other findings, or one that is told otherwise, as far as both are known."""
        told = ((self.title, other.title), (self.kind, other.kind), (self.head, other.head))
        return self.members != other.members or any(a != b for a, b in told if a is not None and b is not None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Documents and findings by id, and reviews that are not taken back: ``reviews`` are those that move findings, with
    the statements they speak of, ``relabels`` those that give statements another kind than the model's, with these.
    """

    documents: Mapping[str, DocumentState] = field(default_factory=dict)
    findings: Mapping[str, FindingState] = field(default_factory=dict)
    reviews: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relabels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunState:
    """What a run left behind, with its models (name and digest) and settings (name and value)."""

    id: str
    models: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A statement whose kind is another."""

    statement: str
    document: str
    before: str
    after: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class FindingRef:
    """A finding by name: how it was called, how many statements stood in it, its kind and its head where these are
    known.
    """

    id: str
    title: str
    members: int
    kind: str | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class FindingChange:
    """Findings that have statements in common, before and after, the largest first. ``joined`` and ``left`` are the
    statements that stand in none of those before, and in none of those after.
    """

    change: Change
    before: tuple[FindingRef, ...]
    after: tuple[FindingRef, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class RunDiff:
    """What changed from the run ``a`` to the run ``b``: ids of documents, labels by statement, findings by change."""

    a: str
    b: str
    added: tuple[str, ...]
    deleted: tuple[str, ...]
    labels: tuple[LabelChange, ...]
    findings: tuple[FindingChange, ...]


def diff(a: RunState, b: RunState) -> RunDiff:
    """What changed from ``a`` to ``b``. A change that several things may have caused names them all."""
    return _Comparison(a, b).result()


class _Side:
    """One run: where each statement stands."""

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.snapshot = run.snapshot
        self.document = {s: id for id, d in run.snapshot.documents.items() for s in d.kinds}
        self.kind = {s: kind for d in run.snapshot.documents.values() for s, kind in d.kinds.items()}
        self.finding = {s: id for id, f in run.snapshot.findings.items() for s in f.members}

    def members(self, ids: Iterable[str]) -> set[str]:
        return {s for id in ids for s in self.snapshot.findings[id].members}

    def refs(self, ids: Iterable[str]) -> tuple[FindingRef, ...]:
        found = [
            FindingRef(id, f.title, len(f.members), f.kind, f.head) for id in ids for f in (self.snapshot.findings[id],)
        ]
        return tuple(sorted(found, key=lambda ref: (-ref.members, ref.id)))


class _Comparison:
    def __init__(self, a: RunState, b: RunState) -> None:
        self.a, self.b = _Side(a), _Side(b)
        self.added = tuple(sorted(b.snapshot.documents.keys() - a.snapshot.documents.keys()))
        self.deleted = tuple(sorted(a.snapshot.documents.keys() - b.snapshot.documents.keys()))
        models, settings = (dict(a.models), dict(b.models)), (dict(a.settings), dict(b.settings))
        self.model = models[0].keys() != models[1].keys() or _differ(*models, WEIGHTS)
        self.version = _differ(*settings, (VERSION,))
        self.labelling = self._rule(_differ(*settings, (CASCADE,)))
        self.merging = self._rule(_differ(*settings, RULES))
        spoken = _spoken(a.snapshot.relabels, b.snapshot.relabels)
        self.relabelled = {s for s in spoken if s in self.a.kind and s in self.b.kind and self._relabelled(s)}
        self.reviewed = self.relabelled | _spoken(a.snapshot.reviews, b.snapshot.reviews)

    def result(self) -> RunDiff:
        labels = [self._label(s) for s in sorted(self.a.kind.keys() & self.b.kind.keys()) if self._relabelled(s)]
        findings = [self._finding(*group) for group in self._groups()]
        order = list(Change)
        findings.sort(key=lambda f: (order.index(f.change), [(-r.members, r.id) for r in (*f.before, *f.after)]))
        return RunDiff(self.a.run.id, self.b.run.id, self.added, self.deleted, tuple(labels), tuple(findings))

    def _rule(self, threshold: bool) -> set[Cause]:
        """What may have changed a decision about the same statements."""
        given = ((Cause.MODEL, self.model), (Cause.THRESHOLD, threshold), (Cause.VERSION, self.version))
        return {cause for cause, differs in given if differs}

    def _relabelled(self, statement: str) -> bool:
        return self.a.kind.get(statement) != self.b.kind.get(statement)

    def _label(self, s: str) -> LabelChange:
        causes = self.labelling | ({Cause.REVIEW} if s in self.relabelled else set())
        return LabelChange(s, self.b.document[s], self.a.kind[s], self.b.kind[s], _ordered(causes))

    def _groups(self) -> Iterable[tuple[list[str], list[str]]]:
        """The findings before and after that hang together by statements, where they are not the same."""
        told: tuple[set[str], set[str]] = (set(), set())
        left = (({id}, set[str]()) for id, f in self.a.snapshot.findings.items() if self._other(f, self.b))
        right = ((set[str](), {id}) for id, f in self.b.snapshot.findings.items() if self._other(f, self.a))
        for before, after in chain(left, right):
            if before <= told[0] and after <= told[1]:
                continue
            group = self._hanging(before, after)
            for known, ids in zip(told, group, strict=True):
                known |= ids
            yield sorted(group[0]), sorted(group[1])

    def _hanging(self, before: set[str], after: set[str]) -> tuple[set[str], set[str]]:
        """All findings before and after that hang together with these."""
        fresh = before, after
        while any(fresh):
            onward = {self.b.finding[s] for s in self.a.members(fresh[0]) if s in self.b.finding} - after
            back = {self.a.finding[s] for s in self.b.members(fresh[1]) if s in self.a.finding} - before
            before, after = before | back, after | onward
            fresh = back, onward
        return before, after

    def _other(self, finding: FindingState, side: _Side) -> bool:
        same = side.snapshot.findings.get(side.finding.get(next(iter(finding.members), ""), ""))
        return same is None or same.differs(finding)

    def _finding(self, before: list[str], after: list[str]) -> FindingChange:
        was, now = self.a.members(before), self.b.members(after)
        return FindingChange(
            change=_change(len(before), len(after), was, now),
            before=self.a.refs(before),
            after=self.b.refs(after),
            joined=tuple(sorted(now - was)),
            left=tuple(sorted(was - now)),
            causes=self._causes(before, after, was | now),
        )

    def _causes(self, before: Sequence[str], after: Sequence[str], touched: set[str]) -> tuple[Cause, ...]:
        a, b = self.a, self.b
        both = {s for s in touched if s in a.kind and s in b.kind}
        new = {b.document[s] for s in touched - both if s in b.document}
        gone = {a.document[s] for s in touched - both if s in a.document}
        causes: set[Cause] = set()
        given = (
            (Cause.NEW_DOCUMENT, bool(new - a.snapshot.documents.keys())),
            (Cause.DELETED_DOCUMENT, bool(gone - b.snapshot.documents.keys())),
            (Cause.CHANGED_DOCUMENT, bool(new & a.snapshot.documents.keys() or gone & b.snapshot.documents.keys())),
            (Cause.REVIEW, bool(touched & self.reviewed)),
        )
        causes |= {cause for cause, holds in given if holds}
        if any(self._relabelled(s) for s in both):
            causes |= self.labelling
        steady = {s for s in both if not self._relabelled(s)}
        if _partition(a, before, steady) != _partition(b, after, steady):
            causes |= self.merging
        if not causes:
            causes |= self.labelling | self.merging  # the same statements, told otherwise
        # a document or a review may move findings that hold none of its statements: groups merge by the mean of their
        # pairs
        if not causes:
            elsewhere = (
                (Cause.NEW_DOCUMENT, bool(self.added)),
                (Cause.DELETED_DOCUMENT, bool(self.deleted)),
                (Cause.REVIEW, bool(self.reviewed)),
            )
            causes = {cause for cause, holds in elsewhere if holds}
        return _ordered(causes)


def _spoken(a: Mapping[str, tuple[str, ...]], b: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The statements of which a review speaks in one of the two alone."""
    changed = (id for id in {*a, *b} if a.get(id) != b.get(id))
    return {s for id in changed for s in {*a.get(id, ())} ^ {*b.get(id, ())}}


def _differ(a: Mapping[str, str], b: Mapping[str, str], names: Iterable[str]) -> bool:
    return any(a.get(name) != b.get(name) for name in names)


def _ordered(causes: set[Cause]) -> tuple[Cause, ...]:
    return tuple(cause for cause in Cause if cause in causes) or (Cause.UNKNOWN,)


def _partition(side: _Side, ids: Iterable[str], of: set[str]) -> set[frozenset[str]]:
    """How the findings part the statements ``of``; those in none of them are left out."""
    parts = (frozenset(side.snapshot.findings[id].members) & of for id in ids)
    return {part for part in parts if part}


def _change(before: int, after: int, was: set[str], now: set[str]) -> Change:
    match before, after:
        case 0, _:
            return Change.APPEARED
        case _, 0:
            return Change.WENT
        case 1, 1:
            if was == now:
                return Change.ALTERED
            return Change.GREW if was < now else Change.SHRANK if now < was else Change.CHANGED
        case 1, _:
            return Change.SPLIT
        case _, 1:
            return Change.MERGED
        case _:
            return Change.REGROUPED

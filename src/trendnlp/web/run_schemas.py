"""What the JSON routes of runs answer with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.schemas import Record


class Failure(Record):
    """A document that could not be processed."""

    source: str
    reason: str
    remedy: str


class RecordedRun(Record):
    """What stood after a pass over documents, or when it was asked for, with the models and rules in use."""

    id: str
    started: str
    finished: str
    done: int = Field(
        description="Documents added or changed; of a run that was asked for, those that the run before did not leave "
        "behind."
    )
    skipped: int
    failed: list[Failure]
    models: dict[str, str]
    settings: dict[str, str]


class RunsPage(Record):
    """Runs, the last one first."""

    items: list[RecordedRun]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")
    total: int


class LabelChange(Record):
    """A statement with another kind."""

    statement: str
    document: str
    text: str | None = Field(description="Null where it is no longer stored.")
    before: str
    after: str
    causes: list[str]


class SaidThen(Record):
    """A statement as it stood in a finding."""

    statement: str
    text: str | None = Field(description="Null where it is no longer stored.")


class FindingRef(Record):
    """A finding as it was then, and how many statements stood in it."""

    id: str
    title: str
    members: int
    kind: str | None = Field(description="Null where the run was recorded by a version that did not keep it.")
    head: SaidThen | None = Field(description="Null like the kind.")


class FindingChange(Record):
    """What became of findings that have statements in common."""

    change: str = Field(
        description="`merged`, `split`, `regrouped`, `appeared`, `went`, `grew`, `shrank`, `changed` or `altered`: "
        "the same statements under another title, kind or head."
    )
    before: list[FindingRef]
    after: list[FindingRef]
    joined: list[SaidThen]
    left: list[SaidThen]
    causes: list[str] = Field(
        description="`model`, `threshold`, `version`, `new document`, `deleted document`, `changed document`, `review` "
        "or `unknown`; several where several may have caused it."
    )


class RunDiff(Record):
    """What changed from the run `a` to the run `b`."""

    a: str
    b: str
    added: list[str] = Field(description="Documents.")
    deleted: list[str]
    labels: list[LabelChange]
    labels_total: int
    findings: list[FindingChange]
    findings_total: int

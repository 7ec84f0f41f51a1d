"""What the JSON routes of review work answer with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.schemas import Record, Review, Statement


class Worth(Record):
    """What a decision is worth: `uncertainty` (1 - p1 + p2 of the two most probable kinds) times `impact` (log2 of 1 +
    the independent sources of its finding) times `novelty` (1 / (1 + judged statements of its finding)).
    """

    value: float
    uncertainty: float
    impact: float
    novelty: float


class Reason(Record):
    """The reviewed statement that is most like this one."""

    statement: str
    text: str
    kind: str
    status: str
    cosine: float


class ReaderVerdict(Record):
    """What a reader said: a kind, or `rejected`."""

    reader: str
    verdict: str
    blind: bool


class QueueItem(Record):
    """A statement that waits for a decision. `score` and `alt` are of the suggestion and its runner-up."""

    statement: Statement
    version: int = Field(description="Give it back with the decision, in `If-Match` or `versions`.")
    worth: Worth
    reason: Reason | None = Field(
        description="Null where the statement has no vector, as `other` has none, and where the queue is blind."
    )
    verdicts: list[ReaderVerdict] = Field(description="Of what readers disagree on, what each said.")


class Progress(Record):
    """Statements by status, and decisions since midnight (UTC)."""

    pending: int
    accepted: int
    corrected: int
    rejected: int
    skipped: int
    today: int


class Queue(Record):
    """A page of a snapshot, which stays as it is while decisions are made, for a day."""

    items: list[QueueItem]
    next_cursor: str | None
    total: int = Field(description="How many waited when the snapshot was made.")
    size: int = Field(description="How many of them the snapshot holds.")
    progress: Progress | None = Field(description="Null where the queue is blind.")


class Preview(Record):
    """What a bulk decision would reach. `token` pins these statements and their versions for a day."""

    token: str
    count: int
    samples: list[Statement]


class Applied(Record):
    """The one record of a bulk decision, which one undo takes back."""

    review: Review
    left_out: int = Field(description="Statements that went or were decided on meanwhile, or that are settled.")


class ErrorRate(Record):
    """`errors` of `n`, with the limits of Clopper and Pearson (95 %)."""

    n: int
    errors: int
    low: float
    high: float


class Threshold(Record):
    """What is known of the model's labels from a score on."""

    score: float
    audit: ErrorRate = Field(description="Of the random sample, and so of all.")
    reviewed: ErrorRate = Field(description="Of whatever people read; they read the uncertain first.")
    remaining: int
    seconds: float | None = Field(description="How long deciding on the remaining ones takes; null if not known.")


class Evidence(Record):
    """What the decisions tell of the model in use."""

    model: str
    pending: int
    seconds_each: float | None = Field(description="Median time of a decision.")
    thresholds: list[Threshold]


class Assigned(Record):
    """How many statements were not the reader's yet."""

    assigned: int


class Refused(Record):
    """A review that was left out, and why."""

    id: str
    reason: str
    remedy: str


class Imported(Record):
    """How many reviews were added, how many were here, and which were left out."""

    added: int
    known: int
    refused: list[Refused]


class Agreement(Record):
    """How far two readers agree on what both judged, at least one of them blind; null where it is not defined."""

    a: str
    b: str
    n: int
    raw: float | None
    kappa: float | None = Field(description="Cohen's.")
    ac1: float | None = Field(description="Gwet's.")


class Agreements(Record):
    items: list[Agreement]

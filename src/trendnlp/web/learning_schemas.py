"""What the routes of learning from reviews answer with, and take."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from trendnlp.web.schemas import Record


class Learnt(Record):
    """What the heads learnt from beside the corpus."""

    models_sha256: str = Field(description="Digest of the models that they were before.")
    reviews_sha256: str
    reviews: int
    documents: int


class ModelComparison(Record):
    """Scores before and after, on the same statements."""

    statements: int
    documents: int
    before: dict[str, float]
    after: dict[str, float]
    low: float = Field(description="From here the difference of macro-F1 lies, to `high`: 95 %, by documents.")
    high: float


class Outcome(Record):
    """What a training came to."""

    digest: str = Field(description="Of the models that it made.")
    model: str
    reviews: int
    documents: int
    held_out: ModelComparison = Field(description="On the reviews, by heads that learnt from other documents alone.")
    corpus: ModelComparison | None = Field(description="On held-out markets; null where the corpus is not here.")
    worse: list[str] = Field(description="What is worse than before. If nothing is, the models are used.")


class Training(Record):
    """One pass of learning from the reviews of the workspace."""

    id: str
    by: str
    begun: str
    state: str = Field(description="`running`, `succeeded` or `failed`.")
    step: str = Field(description="What is being read, and by which model.")
    done: int
    total: int
    ended: str | None
    learnt: Outcome | None
    used: bool = Field(description="Whether the models were switched to when it ended.")
    reason: str | None = Field(description="Why it failed.")


class TrainingsPage(Record):
    """The last trainings, the newest first."""

    items: list[Training]
    next_cursor: str | None
    total: int


class Used(Record):
    """The models in use: a digest, or `shipped`."""

    models: str


class UseBody(BaseModel):
    """Which models to use: a digest, or how it alone begins, or `shipped`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    models: str = Field(min_length=1, max_length=64, pattern="^[a-z0-9]+$")

"""What the routes on models, limits and health answer with."""

from __future__ import annotations

from pydantic import Field

from trendnlp.web.learning_schemas import Learnt
from trendnlp.web.schemas import Record


class Health(Record):
    """`status` is `ok`."""

    status: str


class Judge(Record):
    """The pair judge: its rule, what it was trained on, how it scored on markets that it did not see."""

    low: float = Field(description="Cosine below which no pair is judged, and none merges.")
    threshold: float = Field(description="Score from which a pair is the same, if no guard fires.")
    diameter: float = Field(description="Least score of any two statements of a finding.")
    pairs: int
    pairs_sha256: str
    scores: dict[str, float]


class Model(Record):
    """The model that labels, what it was trained on, how it scored, and the limits on input."""

    name: str
    digest: str = Field(description="What the labels of this model carry.")
    files: dict[str, str] = Field(description="The files of the models folder, with their SHA-256.")
    cascade: float | None = Field(description="The score below which the accurate model is asked, if there is one.")
    version: str = Field(description="Of the package.")
    kinds: list[str]
    aspects: list[str]
    encoder_sha256: str
    threshold: float = Field(description="Mean cosine from which statements merge where there is no judge.")
    judge: Judge | None = Field(description="What judges pairs of statements; null where the models hold no judge.")
    learnt: Learnt | None = Field(description="The reviews that its heads learnt from too; null where from none.")
    corpus_sha256: str
    texts: int
    units: int
    scores: dict[str, float]
    max_characters: int = Field(description="Of a document's text, in code points.")
    max_bytes: int = Field(description="Of a request's body.")
    max_pages: int = Field(description="Of a PDF or a presentation.")
    max_expanded: int = Field(description="Bytes that a DOCX, PPTX or archive may unpack to.")
    parse_seconds: int = Field(description="For reading one document.")
    parse_memory: int = Field(description="Bytes, for reading one document.")
    max_analyze_bytes: int = Field(description="Of the body of `/v1/analyze`.")
    max_job_bytes: int = Field(description="Of the body of a job, but for JSON.")
    max_job_documents: int = Field(description="Of one job.")
    max_queued: int = Field(description="Documents of all jobs that may wait.")
    job_days: int = Field(description="For which the results of a job can be read.")

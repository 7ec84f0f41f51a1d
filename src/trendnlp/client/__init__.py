"""A client of the service over HTTP.

    from trendnlp.client import Client

    with Client("http://127.0.0.1:8000") as client:
        client.add_document(text="Wards are short of nurses, which boosts demand for beds.")
        for finding in client.findings(kind=["driver"]):
            print(finding.title, finding.sources)

Importing it loads httpx and nothing else of weight. It may be used from several threads.
"""

from __future__ import annotations

from trendnlp.client.client import Client
from trendnlp.client.errors import (
    Conflicting,
    Fault,
    Gone,
    NotAllowed,
    NotFound,
    Problem,
    ServiceError,
    TooLarge,
    Unavailable,
    Unreachable,
    Unreadable,
)
from trendnlp.client.jobs import Item, Job, JobEvent, JobResult, Jobs
from trendnlp.client.transport import Retries
from trendnlp.client.values import (
    Analysis,
    Comparison,
    Document,
    DocumentSummary,
    Finding,
    FullDocument,
    FullFinding,
    Ingested,
    Member,
    PlacedMember,
    Quote,
    Review,
    Statement,
    Tag,
)

__all__ = [
    "Analysis",
    "Client",
    "Comparison",
    "Conflicting",
    "Document",
    "DocumentSummary",
    "Fault",
    "Finding",
    "FullDocument",
    "FullFinding",
    "Gone",
    "Ingested",
    "Item",
    "Job",
    "JobEvent",
    "JobResult",
    "Jobs",
    "Member",
    "NotAllowed",
    "NotFound",
    "PlacedMember",
    "Problem",
    "Quote",
    "Retries",
    "Review",
    "ServiceError",
    "Statement",
    "Tag",
    "TooLarge",
    "Unavailable",
    "Unreachable",
    "Unreadable",
]

"""A service with a store in which no model decides what the review shows: labels by turns, findings of equal words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from browser import served
from builders import make_analysis, make_label
from fastapi.testclient import TestClient
from web_client import serving

from trendnlp.read import read_text
from trendnlp.review import Review
from trendnlp.store import PageRequest, ReviewFilter, StatementFilter
from trendnlp.types import OTHER, Format, Metadata
from trendnlp.workspace import Workspace


def workspace_of(client: TestClient) -> Workspace:
    found: Workspace = client.app.state.workspace  # type: ignore[attr-defined]
    return found


def put_labelled(
    workspace: Workspace,
    text: str,
    *,
    kinds: Sequence[str],
    scores: Sequence[float] = (0.8125,),
    source: str = "report.md",
    metadata: Metadata = Metadata(),
) -> str:
    """Store a Markdown text whose sentences are of ``kinds`` with ``scores`` in turn, as if the models in use had said
    so, and bring the findings up to date. Returns the document's id.
    """
    document = read_text(text, source=source, format=Format.MARKDOWN, given=metadata)
    analysis = make_analysis(document, kinds=kinds, model=workspace.digest)
    texts = [labelled.statement.text for labelled in analysis.statements]
    vectors = workspace.pipeline.matcher.vectors(texts)
    statements = tuple(
        replace(
            labelled,
            label=make_label(labelled.label.kind, score=scores[n % len(scores)], model=workspace.digest),
            vector=None if labelled.label.kind == OTHER else vector,
        )
        for n, (labelled, vector) in enumerate(zip(analysis.statements, vectors, strict=True))
    )
    workspace.save((replace(analysis, statements=statements),))
    workspace.refresh()
    return document.id


TEXTS = {  # file name to a report and the kinds of its sentences
    "portugal.md": (
        "# Lifts in Portugal\n\n## Key drivers\n\nNurses are scarce in Portugal, so hospitals buy patient lifts. "
        "An ageing population raises the demand for lifts at home.\n\n## Challenges\n\n"
        "- High purchase costs keep small clinics from buying lifts.\n- Long approval times hold back new models.\n\n"
        "## Outlook\n\nRental offers could open home care to makers. The market was worth EUR 40 million in 2023.\n",
        ("driver", "driver", "challenge", "challenge", "opportunity", "other"),
    ),
    "spain.md": (
        "# Lifts in Spain\n\n## Challenges\n\nHigh purchase costs keep small clinics from buying lifts. "
        "Approval takes long and holds back the newest models. Spare parts are dear.\n",
        ("challenge", "challenge", "challenge"),
    ),
    "chile.md": (
        "# Beds in Chile\n\n## Trends\n\nHospitals in Chile turn to beds that weigh their patients. "
        "Beds are leased more often than they are bought.\n",
        ("trend", "trend"),
    ),
}
HOSTILE = (
    "# <img src=//evil.example/a.png onerror=alert(1)>\n\n<script>alert(2)</script> drives demand for {{ 7 * 7 }} "
    "lifts. </bdi></li><form action=//evil.example> costs money.\n"
)
SCORES = (0.45, 0.52, 0.6, 0.67, 0.74, 0.9)


@dataclass(frozen=True)
class Site:
    """A service that is ready at ``origin``, with the reports above and a hostile one."""

    origin: str
    client: TestClient
    workspace: Workspace

    def statement(self, words: str) -> str:
        """The id of the one statement that begins so."""
        found = [id for id, text in self.texts().items() if text.startswith(words)]
        assert len(found) == 1, (words, found)
        return found[0]

    def statements(self, words: str) -> list[str]:
        return [id for id, text in self.texts().items() if text.startswith(words)]

    def texts(self) -> dict[str, str]:
        page = self.workspace.store.statements(StatementFilter(), PageRequest(500))
        return {item.statement.id: item.statement.text for item in page.items}

    def finding(self, words: str) -> str:
        """The id of the finding of the first statement that begins so."""
        return self.workspace.store.finding_of(self.statements(words))[self.statements(words)[0]]

    def status(self, statement: str) -> str:
        """Where a statement stands, with its kind, and who brought it there."""
        stored = self.workspace.store.statement(statement)
        judgement = stored.judgement
        if judgement is None:
            return f"pending {stored.label.kind}"
        return f"{judgement.status.value} {stored.label.kind}" + (f" by {judgement.by}" if judgement.by else "")

    def reviews(self) -> list[Review]:
        """Those that stand, the latest first."""
        store = self.workspace.store
        gone = store.undone()
        found = store.reviews(ReviewFilter(), PageRequest(500)).items
        return [review for review in found if review.undoes is None and review.id not in gone]

    def forget(self) -> None:
        """Take all decisions back."""
        for review in self.reviews():
            self.workspace.undo(review.id, "Test")


@contextmanager
def opened(home: Path) -> Iterator[Site]:
    with serving(home, audit_share=0.0) as client:
        workspace = workspace_of(client)
        for name, (text, kinds) in TEXTS.items():
            known = Metadata(publisher="Example Research", published="2024-05")
            put_labelled(workspace, text, kinds=kinds, scores=SCORES, source=name, metadata=known)
        evil = "<b>evil</b>.md"
        put_labelled(workspace, HOSTILE, kinds=("driver", "challenge"), source=evil, metadata=Metadata(publisher=evil))
        with served(client.app, running=True) as origin:
            yield Site(origin, client, workspace)

"""A service with a store in which no model decides what the review shows: labels by turns, findings of equal words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from builders import make_analysis, make_label
from fastapi.testclient import TestClient

from trendnlp.read import read_text
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

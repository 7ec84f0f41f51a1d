"""The stages in order. Nothing here reads a file, opens a connection or remembers a document."""

from __future__ import annotations

from collections.abc import Iterable

from trendnlp.classify import Model, label
from trendnlp.consolidate import consolidate
from trendnlp.encode import Encoder
from trendnlp.read import read_text
from trendnlp.segment import Segmenter
from trendnlp.types import OTHER, Analysis, Claim, Consolidation, Document, LabelledStatement


class Pipeline:
    """Documents in, labelled statements out, and findings of any set of them.

    ``encoder`` makes the vectors that consolidation compares, ``threshold`` is the mean cosine from which it merges.
    """

    def __init__(self, segmenter: Segmenter, encoder: Encoder, model: Model, threshold: float) -> None:
        self.segmenter = segmenter
        self.encoder = encoder
        self.model = model
        self.threshold = threshold

    def analyse(self, document: Document | str) -> Analysis:
        """All statements of one document, labelled, in text order. A string is read as plain text; raises InputError.

        The result depends on the document, the settings and the models alone.
        """
        if isinstance(document, str):
            document = read_text(document)
        statements = self.segmenter.segment(document)
        labels = label(self.model, statements)
        claims = [i for i, given in enumerate(labels) if given.kind != OTHER]
        rows = self.encoder.encode([" ".join(statements[i].text.split()) for i in claims])
        vectors = {i: row.astype("<f4").tobytes() for i, row in zip(claims, rows, strict=True)}
        labelled = tuple(
            LabelledStatement(statement, given, vectors.get(i))
            for i, (statement, given) in enumerate(zip(statements, labels, strict=True))
        )
        return Analysis(document, labelled)

    def consolidate(self, claims: Iterable[Claim]) -> Consolidation:
        """Findings of ``claims``, which may come from many documents and in any order."""
        return consolidate(claims, self.threshold, self.encoder.digest)


def claims_of(analysis: Analysis) -> tuple[Claim, ...]:
    """The claims of one document, as consolidation takes them."""
    document = analysis.document
    return tuple(
        Claim(labelled, document.id, document.source, document.metadata.publisher, document.metadata.published)
        for labelled in analysis.claims
    )

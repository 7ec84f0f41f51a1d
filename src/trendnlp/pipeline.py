"""The stages in order. Nothing here reads a file, opens a connection or remembers a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trendnlp.classify import Model, label
from trendnlp.consolidate import Comparer, CosineComparer, Pair, consolidate
from trendnlp.encode import Encoder
from trendnlp.guards import Reading
from trendnlp.read import read_text
from trendnlp.segment import Segmenter
from trendnlp.types import OTHER, Analysis, Claim, Consolidation, Document, LabelledStatement, Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """Two statements that are to be compared, and the kind of both where it is known."""

    a: str
    b: str
    kind: str | None = None


class Pipeline:
    """Documents in, labelled statements out, and findings of any set of them.

    ``encoder`` makes the vectors that consolidation compares. ``comparer`` judges pairs; without one, ``threshold`` is
    the mean cosine from which statements merge.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        encoder: Encoder,
        model: Model,
        threshold: float,
        comparer: Comparer | None = None,
    ) -> None:
        self.segmenter = segmenter
        self.encoder = encoder
        self.model = model
        self.threshold = threshold
        self.comparer = comparer

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
        return consolidate(claims, self.threshold, self.encoder.digest, self.comparer)

    @property
    def compares_by(self) -> str:
        """The digest of what compares statements."""
        return self.comparer.digest if self.comparer else self.encoder.digest

    def compare_labelled(self, a: LabelledStatement, b: LabelledStatement) -> Verdict:
        """The verdict on two labelled statements, by their own kinds."""
        texts = [" ".join(s.statement.text.split()) for s in (a, b)]
        rows = self.encoder.encode(texts).astype("float64")
        sides = [Reading(text, s.label.kind) for text, s in zip(texts, (a, b), strict=True)]
        return self._comparer.compare([Pair(*sides, min(1.0, float(rows[0] @ rows[1])))])[0]

    @property
    def _comparer(self) -> Comparer | CosineComparer:
        return self.comparer or CosineComparer(self.threshold, self.encoder.digest)

    def compare(self, questions: Sequence[Question]) -> tuple[Verdict, ...]:
        """One verdict a question, in order, by the rule that consolidation keeps to."""
        texts = sorted({" ".join(text.split()) for q in questions for text in (q.a, q.b)})
        vectors = dict(zip(texts, self.encoder.encode(texts).astype("float64"), strict=True))
        pairs = []
        for q in questions:
            a, b = (" ".join(text.split()) for text in (q.a, q.b))
            cosine = min(1.0, float(vectors[a] @ vectors[b]))
            pairs.append(Pair(Reading(a, q.kind), Reading(b, q.kind), cosine))
        return self._comparer.compare(pairs)


def claims_of(analysis: Analysis) -> tuple[Claim, ...]:
    """The claims of one document, as consolidation takes them."""
    document = analysis.document
    return tuple(
        Claim(labelled, document.id, document.source, document.metadata.publisher, document.metadata.published)
        for labelled in analysis.claims
    )

"""The stages in order. Nothing here reads a file, opens a connection or remembers a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trendnlp.classify import Model, label
from trendnlp.consolidate import (
    Comparer,
    CosineComparer,
    Incremental,
    Notes,
    Pair,
    Piece,
    Spread,
    consolidate,
    rule_digest,
)
from trendnlp.encode import Encoder
from trendnlp.guards import Reading
from trendnlp.read import read_text
from trendnlp.relations import Verdict
from trendnlp.review import NO_CONSTRAINTS, Constraints
from trendnlp.segment import Segmenter
from trendnlp.stages import Stage, Watch, unwatched
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import OTHER, Analysis, Claim, Consolidation, Document, LabelledStatement, Statement


@dataclass(frozen=True, slots=True)
class Question:
    """Two statements that are to be compared, and the kind of both where it is known."""

    a: str
    b: str
    kind: str | None = None


class Matcher:
    """Says of statements whether they make the same claim, by the rule that findings are made by.

    ``encoder`` makes the vectors. ``comparer`` judges pairs; without one, ``threshold`` is the mean cosine from which
    statements merge where no guard fires. ``taxonomy`` tags the findings. Whoever has workers that can help with
    ``incremental`` findings of many claims sets ``spread``.
    """

    def __init__(
        self,
        encoder: Encoder,
        threshold: float,
        comparer: Comparer | None = None,
        taxonomy: Taxonomy = NO_TAXONOMY,
    ) -> None:
        self.encoder = encoder
        self.threshold = threshold
        self.comparer = comparer
        self.taxonomy = taxonomy
        self.spread: Spread | None = None

    @property
    def digest(self) -> str:
        """Of what compares statements."""
        return self._comparer.digest

    def vectors(self, texts: Sequence[str]) -> tuple[bytes, ...]:
        """The vector of each statement, in order, as ``LabelledStatement`` holds it."""
        return tuple(row.astype("<f4").tobytes() for row in self.encoder.encode([_line(text) for text in texts]))

    def consolidate(self, claims: Iterable[Claim], constraints: Constraints = NO_CONSTRAINTS) -> Consolidation:
        """Findings of ``claims``, which may come from many documents and in any order, under what people decided."""
        return consolidate(claims, self.threshold, self.encoder.digest, self.comparer, constraints, self.taxonomy)

    def incremental(self, known: Mapping[bytes, Verdict], notes: Notes | None = None) -> Incremental:
        """The same findings, kept up to date; ``known`` are verdicts that were made under the ``rule``, and ``notes``
        are told of others while they are made.
        """
        return Incremental(self._comparer, known, self.taxonomy, spread=self.spread, notes=notes)

    def do(self, piece: Piece) -> Any:
        """What comes of a part of somebody's work on findings by the same rule."""
        return piece.done(self._comparer)

    @property
    def rule(self) -> str:
        """Digest of all that a verdict on a pair depends on but for the pair."""
        return rule_digest(self._comparer)

    def compare(self, questions: Sequence[Question]) -> tuple[Verdict, ...]:
        """One verdict a question, in order."""
        return self._compare([(Reading(_line(q.a), q.kind), Reading(_line(q.b), q.kind)) for q in questions])

    def compare_labelled(self, a: LabelledStatement, b: LabelledStatement) -> Verdict:
        """The verdict on two labelled statements, each by its own kind."""
        first, second = (Reading(_line(s.statement.text), s.label.kind) for s in (a, b))
        return self._compare([(first, second)])[0]

    def _compare(self, readings: Sequence[tuple[Reading, Reading]]) -> tuple[Verdict, ...]:
        texts = sorted({side.text for pair in readings for side in pair})
        vectors = dict(zip(texts, self.encoder.encode(texts).astype("float64"), strict=True))
        cosines = [min(1.0, float(vectors[a.text] @ vectors[b.text])) for a, b in readings]
        return self._comparer.compare([Pair(a, b, cosine) for (a, b), cosine in zip(readings, cosines, strict=True)])

    @property
    def _comparer(self) -> Comparer | CosineComparer:
        return self.comparer or CosineComparer(self.threshold, self.encoder.digest)


class Pipeline:
    """Documents in, labelled statements out, and findings of any set of them.

    ``matcher`` has the encoder whose vectors are compared, and what compares them.
    """

    def __init__(self, segmenter: Segmenter, model: Model, matcher: Matcher) -> None:
        self.segmenter = segmenter
        self.model = model
        self.matcher = matcher

    def analyse(self, document: Document | str, watch: Watch = unwatched) -> Analysis:
        """All statements of one document, labelled, in text order. A string is read as plain text; raises InputError.

        The result depends on the document, the settings and the models alone. ``watch`` is told of the stages.
        """
        if isinstance(document, str):
            document = read_text(document)
        with watch(Stage.SEGMENT):
            statements = self.segmenter.segment(document)
        with watch(Stage.LABEL):
            return Analysis(document, self._labelled(statements))

    def _labelled(self, statements: Sequence[Statement]) -> tuple[LabelledStatement, ...]:
        """One labelled statement a statement, in the same order; claims with their vectors."""
        labels = label(self.model, statements)
        claims = [i for i, given in enumerate(labels) if given.kind != OTHER]
        vectors = dict(zip(claims, self.matcher.vectors([statements[i].text for i in claims]), strict=True))
        return tuple(
            LabelledStatement(statement, given, vectors.get(i))
            for i, (statement, given) in enumerate(zip(statements, labels, strict=True))
        )

    def consolidate(self, claims: Iterable[Claim], constraints: Constraints = NO_CONSTRAINTS) -> Consolidation:
        """Findings of ``claims``, which may come from many documents and in any order, under what people decided."""
        return self.matcher.consolidate(claims, constraints)


def claims_of(analysis: Analysis) -> tuple[Claim, ...]:
    """The claims of one document, as consolidation takes them."""
    document, known = analysis.document, analysis.document.metadata
    of_document = (document.id, document.source, known.publisher, known.published, known.market, known.geography)
    return tuple(Claim(labelled, *of_document) for labelled in analysis.claims)


def _line(text: str) -> str:
    """``text`` with its white space folded, so that hard wraps do not matter."""
    return " ".join(text.split())

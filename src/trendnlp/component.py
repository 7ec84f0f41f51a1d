"""For spaCy users: ``nlp.add_pipe("trendnlp")`` labels the claims of a Doc, ``"trendnlp_segment"`` finds statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trendnlp.build import load
from trendnlp.errors import EmptyInput
from trendnlp.read import read_text
from trendnlp.segment import LabelSpan, register_component, register_segmenter, span_group

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SPAN_KEY = "trendnlp"


def create(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component that puts every statement of a Doc, labelled with its kind, in ``doc.spans["trendnlp"]``."""
    pipeline = load()

    def annotate(doc: Doc) -> Doc:
        try:
            analysis = pipeline.analyse(read_text(doc.text))
        except EmptyInput:
            return span_group(doc, SPAN_KEY, ())
        # A text that reading normalises (a carriage return, a NUL) has other offsets than the Doc: none is better than wrong.
        if analysis.document.text != doc.text:
            raise ValueError("the text has line ends or control characters that reading replaces; normalise it first")
        spans = (LabelSpan(s.statement.start, s.statement.end, s.label.kind) for s in analysis.statements)
        return span_group(doc, SPAN_KEY, spans)

    return annotate


register_component("trendnlp", create)
register_segmenter()

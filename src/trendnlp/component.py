"""For spaCy users: ``nlp.add_pipe("trendnlp")`` labels the statements of a Doc, ``"trendnlp_segment"`` finds them.

Both read ``doc.text`` as a plain-text report. Their spans count in ``doc.text``, whatever reading normalises in it. A
Doc that cannot be read, as one that is not in English, gets an empty span group and a warning that says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from trendnlp.build import load
from trendnlp.errors import EmptyInput, InputError
from trendnlp.read import normalised, read_text
from trendnlp.segment import LabelSpan, Segmenter, register_component, span_group

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SPAN_KEY = "trendnlp"
STATEMENTS_KEY = "statements"


def create(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component that puts every statement of a Doc, labelled with its kind, in ``doc.spans["trendnlp"]``."""
    pipeline = load()

    def labelled(text: str) -> Iterable[LabelSpan]:
        found = pipeline.analyse(read_text(text)).statements
        return (LabelSpan(s.statement.start, s.statement.end, s.label.kind) for s in found)

    return _annotator(SPAN_KEY, labelled)


def create_segmenter(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component that puts every statement of a Doc in ``doc.spans["statements"]``; it needs no models."""
    segmenter = Segmenter()

    def unlabelled(text: str) -> Iterable[LabelSpan]:
        return (LabelSpan(s.start, s.end, "") for s in segmenter.segment(read_text(text)))

    return _annotator(STATEMENTS_KEY, unlabelled)


def _annotator(key: str, find: Callable[[str], Iterable[LabelSpan]]) -> Callable[[Doc], Doc]:
    """A component that puts what ``find`` finds in the normalised text of a Doc in ``doc.spans[key]``."""

    def annotate(doc: Doc) -> Doc:
        text = normalised(doc.text)
        try:
            found = list(find(text.text))
        except EmptyInput:
            found = []
        except InputError as error:  # one text must not end the work of nlp.pipe on the others
            warnings.warn(f"no {key} in a Doc: {error.reason}", stacklevel=2)
            found = []
        places = [text.original(span.start, span.end) for span in found]
        return span_group(doc, key, (LabelSpan(p.start, p.stop, s.label) for p, s in zip(places, found, strict=True)))

    return annotate


register_component("trendnlp", create)
register_component("trendnlp_segment", create_segmenter)

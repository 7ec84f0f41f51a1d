"""Simple models that any tuned one must beat, trained on the same texts: words in context, and a frozen encoder.

Both are a logistic regression that learns a second acceptable kind by its share, as the tuned models do. Of a few
variants, with balanced classes and without, the calibrating part chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import hstack

from trendnlp.artefacts import sha256
from trendnlp.classify import Classifier, Probabilities, save_heads
from trendnlp.context import WindowOptions
from trendnlp.corpus import digest, statements_of
from trendnlp.encode import HEADINGS, Encoder, Vectors
from trendnlp.evaluate import Gold
from trendnlp.measure import Measures
from trendnlp.train import Split, shares
from trendnlp.types import Statement

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

WORDS, FROZEN = "TF-IDF in context + LR", "frozen MiniLM + LR"
WORDS_C, FROZEN_C = (1.0, 10.0), (20.0,)  # inverse regularisations to try
LEAST_TEXTS = 2  # that a word must stand in
ROUNDS = 2000  # at most, of fitting; it converges long before


class Words:
    """A logistic regression on TF-IDF of the words and word pairs of a statement, of its headings, and of the
    statements before and after it, each by itself.
    """

    digest = WORDS
    aspects_: tuple[str, ...] = ()

    def __init__(self, vectorizers: Sequence[TfidfVectorizer | None], head: LogisticRegression) -> None:
        self.vectorizers = vectorizers
        self.head = head

    @property
    def classes_(self) -> tuple[str, ...]:
        return tuple(str(c) for c in self.head.classes_)

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        rows = _word_rows(self.vectorizers, _views([statements]))
        found = np.asarray(self.head.predict_proba(rows), np.float64)
        return Probabilities(found if wanted is None else found[list(wanted)], np.zeros((len(found), 0)))


def fit_words(split: Split, alternative_weight: float, measures: Measures) -> Words:
    """Trained on ``split.train``, in context or without; the first of ``measures`` on ``split.dev`` chooses."""
    train, dev = (_views(map(statements_of, part)) for part in (split.train, split.dev))
    fitting = _Fitting(split, alternative_weight, measures)
    every = [_vectorizer(texts) for texts in train]
    tried = []
    for vectorizers in (every, [every[0], *[None] * (len(every) - 1)]):
        rows, trial = _word_rows(vectorizers, train), _word_rows(vectorizers, dev)
        for head in fitting.heads(rows, WORDS_C):
            tried.append((fitting.quality(head, trial), Words(vectorizers, head)))
    return max(tried, key=lambda pair: pair[0])[1]


def fit_frozen(split: Split, alternative_weight: float, measures: Measures, base: Encoder, work: Path) -> Classifier:
    """The same on ``base``'s vectors of the statement and of its headings. The head is kept in ``work``."""
    encoder = _Frozen(base.model, base.name, base.digest)
    state = (digest((*split.train, *split.dev)), base.digest, alternative_weight, FROZEN_C)
    path = work / f"frozen-{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}.safetensors"
    if not path.is_file():
        rows, trial = (
            np.vstack([encoder.encode_in_context(statements_of(text)) for text in part])
            for part in (split.train, split.dev)
        )
        fitting = _Fitting(split, alternative_weight, measures)
        best = max(fitting.heads(rows, FROZEN_C), key=lambda head: fitting.quality(head, trial))
        work.mkdir(parents=True, exist_ok=True)
        save_heads(path.with_suffix(".part"), {"kind": best})
        path.with_suffix(".part").replace(path)
    return Classifier.load(encoder, path, sha256(path))


class _Frozen(Encoder):
    """Vectors of a statement and of its headings, side by side, each encoded as a text of its own."""

    def encode_in_context(
        self,
        statements: Sequence[Statement],
        wanted: Sequence[int] | None = None,
        options: WindowOptions = WindowOptions(),
    ) -> Vectors:
        chosen = [statements[i] for i in (range(len(statements)) if wanted is None else wanted)]
        headings = [_headings(s) for s in chosen]
        known = {path: row for row, path in enumerate(dict.fromkeys(headings))}
        above = self.encode(list(known))[[known[path] for path in headings]]
        return np.hstack([self.encode([" ".join(s.text.split()) for s in chosen]), above])


class _Fitting:
    """What heads learn from a split, and what chooses among them."""

    def __init__(self, split: Split, alternative_weight: float, measures: Measures) -> None:
        units = [unit for text in split.train for unit in text.units]
        said = [(i, kind, w) for i, u in enumerate(units) for kind, w in shares(u, alternative_weight).items() if w]
        self.places = [i for i, _, _ in said]
        self.kinds = [kind for _, kind, _ in said]
        self.weights = [weight for _, _, weight in said]
        self.gold = [Gold(unit.kind, unit.alt) for text in split.dev for unit in text.units]
        self.measures = measures

    def heads(self, rows: Any, regularisations: Sequence[float]) -> Iterator[LogisticRegression]:
        """Fitted on ``rows``, a matrix with a row a unit of the training part."""
        from sklearn.linear_model import LogisticRegression

        for c, balance in product(regularisations, (None, "balanced")):
            head = LogisticRegression(C=c, class_weight=balance, max_iter=ROUNDS)
            yield head.fit(rows[self.places], self.kinds, self.weights)

    def quality(self, head: LogisticRegression, rows: Any) -> float:
        """By the first measure, on ``rows``, a matrix with a row a unit of the calibrating part."""
        return next(iter(self.measures(self.gold, head.predict(rows).tolist()).values()))


def _views(documents: Iterable[Sequence[Statement]]) -> tuple[list[str], ...]:
    """Of each statement: its text, its headings, and the texts before and after it."""
    own, above, before, after = [], [], [], []
    for statements in documents:
        texts = [s.text for s in statements]
        own += texts
        above += [_headings(s) for s in statements]
        before += ["", *texts][: len(texts)]
        after += [*texts[1:], ""][: len(texts)]
    return own, above, before, after


def _headings(statement: Statement) -> str:
    return " > ".join(statement.headings[-HEADINGS:])


def _vectorizer(texts: Sequence[str]) -> TfidfVectorizer | None:
    """None where no word stands in enough of the texts, as in documents without headings."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        return TfidfVectorizer(ngram_range=(1, 2), min_df=LEAST_TEXTS, sublinear_tf=True).fit(texts)
    except ValueError:
        return None


def _word_rows(vectorizers: Sequence[TfidfVectorizer | None], views: Sequence[Sequence[str]]) -> Any:
    return hstack([v.transform(texts) for v, texts in zip(vectorizers, views, strict=True) if v], format="csr")

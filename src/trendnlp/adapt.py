"""A head that goes on to learn from reviews: the head that there is, moved as little as they ask for.

The shipped head stands for the corpus, as the prior of a logistic regression on the reviews alone (a maximum a
posteriori estimate with a Gaussian prior around its coefficients, as in Chelba and Acero 2006, "Adaptation of maximum
entropy capitalizer"). So a hundred reviews can be heard beside tens of thousands of labelled units, and learning takes
seconds. How far the head may move is chosen on reviews of documents that it did not learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trendnlp.classify import Matrix, linear_head

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FOLDS = 5  # parts of the reviewed documents, each of which is held out once
ITERATIONS = 300


@dataclass(frozen=True, slots=True)
class Ties:
    """How firmly a head is tied to the one before: the precisions of the prior of its coefficients, for vectors of
    mean length one, and of its intercepts. The latter are tied more firmly, because people read the uncertain first:
    how often they meet a kind says little of how often it occurs.
    """

    coefficients: float
    intercepts: float


# From firm to loose. Looser ones forget the corpus, firmer ones learn nothing: `python benchmarks/learning.py`.
TIES = (Ties(100.0, 300.0), Ties(30.0, 100.0), Ties(10.0, 30.0), Ties(3.0, 10.0), Ties(1.0, 3.0))


@dataclass(frozen=True, slots=True)
class Reviews:
    """Vectors in context of reviewed statements, shape (reviews, features); the kind that people left each with, as an
    index into the head's classes; and which document each is of.
    """

    rows: Matrix
    kinds: NDArray[np.intp]
    documents: NDArray[np.intp]

    def part(self, chosen: NDArray[np.bool_]) -> Reviews:
        return Reviews(self.rows[chosen], self.kinds[chosen], self.documents[chosen])


@dataclass(frozen=True, slots=True)
class Adapted:
    """The head that learnt from all reviews; ``held_out`` are the probabilities of their kinds, a row a review, by
    heads that learnt from other documents alone, with the same ``ties``.
    """

    head: LogisticRegression
    held_out: Matrix
    ties: Ties


def adapt(head: LogisticRegression, reviews: Reviews, spread: float, choice: Sequence[Ties] = TIES) -> Adapted:
    """``head`` once it has learnt from ``reviews``, of at least two documents, with the best ties of the ``choice``.
    ``spread`` is the root mean square length of vectors from their mean, over texts such as the head knows: a scale
    for the ties.
    """
    folds = folds_of(reviews.documents)
    tried = [(ties, _held_out(head, reviews, folds, spread, ties)) for ties in choice]
    # of equally good ones the firmest
    ties, held_out = min(tried, key=lambda found: round(_log_loss(found[1], reviews.kinds), 4))
    return Adapted(_fit(head, reviews, spread, ties), held_out, ties)


def folds_of(documents: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which part each review falls to: a document's reviews into one, documents in turn in the order of their number,
    so that the parts hold equally many.
    """
    _, places = np.unique(documents, return_inverse=True)
    return np.asarray(places % FOLDS, np.intp)


def spread_of(rows: Matrix) -> float:
    """The root mean square length of vectors from their mean."""
    return float(np.sqrt(rows.var(axis=0).sum())) or 1.0


def _held_out(head: LogisticRegression, reviews: Reviews, folds: NDArray[np.intp], spread: float, ties: Ties) -> Matrix:
    found = np.zeros((len(reviews.rows), len(head.classes_)))
    for fold in np.unique(folds):
        out = folds == fold
        fitted = _fit(head, reviews.part(~out), spread, ties)
        found[out] = fitted.predict_proba(reviews.rows[out])
    return found


def _fit(head: LogisticRegression, reviews: Reviews, spread: float, ties: Ties) -> LogisticRegression:
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    given = head.predict_log_proba(reviews.rows)
    weights = _weights(np.exp(given), reviews.kinds)
    center = reviews.rows.mean(axis=0)
    # the last column is the intercept's: scaled, so that one tie holds all
    rows = np.column_stack([(reviews.rows - center) / spread, np.ones(len(reviews.rows))])
    rows[:, -1] *= np.sqrt(ties.coefficients / ties.intercepts)
    gold = np.eye(given.shape[1])[reviews.kinds]

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        moved = flat.reshape(given.shape[1], rows.shape[1])
        logs = log_softmax(given + rows @ moved.T, axis=1)
        value = -(weights * (gold * logs).sum(axis=1)).sum() + ties.coefficients / 2 * (moved**2).sum()
        slope = ((np.exp(logs) - gold) * weights[:, None]).T @ rows + ties.coefficients * moved
        return float(value), slope.ravel()

    start = np.zeros(given.shape[1] * rows.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    moved = found.reshape(given.shape[1], rows.shape[1])
    coefficients = moved[:, :-1] / spread
    intercepts = moved[:, -1] * np.sqrt(ties.coefficients / ties.intercepts) - coefficients @ center
    weight, bias = _layer(head)
    return linear_head(weight + coefficients, bias + intercepts, [str(c) for c in head.classes_])


def _weights(given: Matrix, kinds: NDArray[np.intp]) -> Matrix:
    """Of each review, with mean one: as if each kind were met as often as the head before expects on these statements.
    The head then learns to tell kinds apart, and does not forget a rare one that few reviews speak of.
    """
    met = np.bincount(kinds, minlength=given.shape[1]) + 1.0
    found = ((given.sum(axis=0) + 1.0) / met)[kinds]
    return np.asarray(found / found.mean(), np.float64)


def _layer(head: LogisticRegression) -> Sequence[Matrix]:
    """Weight, shape (classes, features), and bias of a head, of which scikit-learn keeps one row where there are two
    classes.
    """
    if len(head.classes_) > 2:
        return head.coef_, head.intercept_
    return np.vstack([np.zeros_like(head.coef_), head.coef_]), np.append(np.zeros(1), head.intercept_)


def _log_loss(found: Matrix, kinds: NDArray[np.intp]) -> float:
    return float(-np.log(found[np.arange(len(kinds)), kinds]).mean())

"""From excerpts to labels: the one module that imports scikit-learn, and only when a head is loaded or fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trendnlp.context import Excerpt
from trendnlp.encode import Encoder
from trendnlp.types import OTHER, KindScore, Label

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]
SCORE_DECIMALS = 4
LOG_INVERSE_TEMPERATURE = (-3.0, 3.0)  # from 20 times less sure to 20 times surer: a few texts must not go further
ITERATIONS = 2000  # of the solver at most; it stops far earlier on unit vectors


@dataclass(frozen=True, slots=True)
class LabelledExcerpts:
    """Excerpts with their gold kind, a second acceptable kind or None, and aspect or None; all of one length."""

    excerpts: tuple[Excerpt, ...]
    kinds: tuple[str, ...]
    alternatives: tuple[str | None, ...]
    aspects: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class HeadOptions:
    """``strength`` is scikit-learn's C; of a unit's weight, ``alternative_weight`` goes to its second kind."""

    strength: float = 30.0
    alternative_weight: float = 0.25


class Classifier:
    """Kind and aspect of excerpts, with calibrated probabilities; ``digest`` names the models it was made of."""

    def __init__(self, encoder: Encoder, kind: LogisticRegression, aspect: LogisticRegression, digest: str) -> None:
        self.encoder = encoder
        self.kind = kind
        self.aspect = aspect
        self.digest = digest

    @classmethod
    def load(cls, encoder: Encoder, heads: Path, digest: str) -> Classifier:
        """Read both heads from a safetensors file that ``save_heads`` wrote; ``encoder`` is the tuned one."""
        from safetensors.numpy import load_file

        tensors = load_file(heads)
        return cls(encoder, _restore(tensors, "kind"), _restore(tensors, "aspect"), digest)

    @property
    def classes_(self) -> tuple[str, ...]:
        return tuple(str(c) for c in self.kind.classes_)

    def predict_proba(self, excerpts: Sequence[Excerpt]) -> Matrix:
        """Probabilities of the kinds, shape (len(excerpts), len(classes_)), columns as in ``classes_``."""
        return self._kind_scores(features(self.encoder, excerpts))

    def label(self, excerpts: Sequence[Excerpt]) -> tuple[Label, ...]:
        """One label an excerpt, in order."""
        if not excerpts:
            return ()
        rows = features(self.encoder, excerpts)
        aspects = self.aspect.classes_[self.aspect.predict_proba(rows).argmax(axis=1)]
        return tuple(
            self._label(scores, str(aspect)) for scores, aspect in zip(self._kind_scores(rows), aspects, strict=True)
        )

    def _kind_scores(self, rows: Matrix) -> Matrix:
        if not len(rows):
            return np.zeros((0, len(self.classes_)))
        return np.asarray(self.kind.predict_proba(rows), np.float64)

    def _label(self, scores: Matrix, aspect: str) -> Label:
        ranked = sorted(
            (KindScore(kind, round(float(s), SCORE_DECIMALS)) for kind, s in zip(self.classes_, scores, strict=True)),
            key=lambda k: (-k.score, k.kind),
        )
        kind = ranked[0].kind
        return Label(
            kind=kind,
            score=ranked[0].score,
            alt=ranked[1].kind,
            scores=tuple(ranked),
            aspect=None if kind == OTHER else aspect,
            model=self.digest,
        )


def features(encoder: Encoder, excerpts: Sequence[Excerpt]) -> Matrix:
    """What the heads see: the vector of context and statement, and the place in the document from 0 to 1."""
    vectors = encoder.encode([e.pair for e in excerpts])
    return np.hstack([vectors.astype(np.float64), np.array([[e.position] for e in excerpts]).reshape(-1, 1)])


def fit_kind(rows: Matrix, data: LabelledExcerpts, options: HeadOptions) -> LogisticRegression:
    """Fit the kinds; a unit with a second acceptable kind counts for both, by ``options.alternative_weight``."""
    extra = [i for i, alternative in enumerate(data.alternatives) if alternative is not None]
    weights = np.ones(len(rows))
    weights[extra] = 1 - options.alternative_weight
    alternatives = [a for a in data.alternatives if a is not None]
    return _fit(
        np.vstack([rows, rows[extra]]),
        [*data.kinds, *alternatives],
        np.concatenate([weights, np.full(len(extra), options.alternative_weight)]),
        options,
    )


def fit_aspect(rows: Matrix, data: LabelledExcerpts, options: HeadOptions) -> LogisticRegression:
    """Fit the aspects on the units that have one."""
    known = [i for i, aspect in enumerate(data.aspects) if aspect is not None]
    return _fit(rows[known], [a for a in data.aspects if a is not None], np.ones(len(known)), options)


def calibrated(head: LogisticRegression, rows: Matrix, kinds: Sequence[str]) -> LogisticRegression:
    """``head`` with its temperature fitted on texts that it was not trained on (Guo et al. 2017).

    The temperature divides coefficients and intercepts, so the result is a plain LogisticRegression again. A unit of a
    kind that ``head`` does not know says nothing of its temperature and is left out.
    """
    # scikit-learn's own calibration wants every kind, five times over, in the texts that calibrate.
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    column = {str(kind): i for i, kind in enumerate(head.classes_)}
    known = [i for i, kind in enumerate(kinds) if kind in column]
    if not known:
        return head
    scores = head.predict_log_proba(rows[known])
    gold = scores[np.arange(len(known)), [column[kinds[i]] for i in known]]

    def loss(log_inverse: float) -> float:
        inverse = np.exp(log_inverse)
        return float((logsumexp(inverse * scores, axis=1) - inverse * gold).mean())

    inverse = float(np.exp(minimize_scalar(loss, bounds=LOG_INVERSE_TEMPERATURE, method="bounded").x))
    return _restored(head.coef_ * inverse, head.intercept_ * inverse, head.classes_)


def save_heads(path: Path, heads: Mapping[str, LogisticRegression]) -> None:
    """Write the arrays of each head, under its name, as safetensors."""
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[np.generic]] = {}
    for name, head in heads.items():
        tensors[f"{name}.coef"] = np.ascontiguousarray(head.coef_)
        tensors[f"{name}.intercept"] = np.ascontiguousarray(head.intercept_)
        tensors[f"{name}.classes"] = np.frombuffer("\n".join(head.classes_).encode(), np.uint8)
    save_file(tensors, path)


def _fit(rows: Matrix, targets: Sequence[str], weights: Matrix, options: HeadOptions) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=options.strength, max_iter=ITERATIONS)
    return head.fit(rows, np.array(targets), sample_weight=weights)


def _restore(tensors: Mapping[str, NDArray[np.generic]], name: str) -> LogisticRegression:
    classes = np.array(tensors[f"{name}.classes"].tobytes().decode().split("\n"))
    return _restored(tensors[f"{name}.coef"], tensors[f"{name}.intercept"], classes)


def _restored(
    coefficients: NDArray[np.generic], intercept: NDArray[np.generic], classes: NDArray[np.str_]
) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression()
    head.coef_, head.intercept_, head.classes_ = coefficients, intercept, classes
    head.n_features_in_ = coefficients.shape[1]
    return head

"""From statements to labels: the one module that imports scikit-learn, and only when a head is loaded or fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError
from trendnlp.types import OTHER, KindScore, Label, Statement

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]
SCORE_DECIMALS = 4
LOG_INVERSE_TEMPERATURE = (-3.0, 3.0)  # from 20 times less sure to 20 times surer: a few texts must not go further


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of the kinds, shape (statements, kinds), and of the aspects, shape (statements, aspects); rows sum to one."""

    kinds: Matrix
    aspects: Matrix


class Model(Protocol):
    """What labels the statements of one document; ``digest`` names the models and how they work together."""

    @property
    def digest(self) -> str: ...

    @property
    def classes_(self) -> tuple[str, ...]: ...

    @property
    def aspects_(self) -> tuple[str, ...]: ...

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        """Of the ``wanted`` statements of one document (ascending indices; all by default), in order; columns as in
        ``classes_`` and ``aspects_``.
        """
        ...


class Classifier:
    """An encoder with a head for the kind, and one for the aspect where the labelled texts have aspects."""

    def __init__(
        self, encoder: Encoder, kind: LogisticRegression, aspect: LogisticRegression | None, digest: str
    ) -> None:
        self.encoder = encoder
        self.kind = kind
        self.aspect = aspect
        self.digest = digest

    @classmethod
    def load(cls, encoder: Encoder, heads: Path, digest: str) -> Classifier:
        """Read the heads from a safetensors file that ``save_heads`` wrote; ``encoder`` is the tuned one."""
        from safetensors.numpy import load_file

        tensors = load_file(heads)
        aspect = _restore(tensors, "aspect") if "aspect.coef" in tensors else None
        return cls(encoder, _restore(tensors, "kind"), aspect, digest)

    @property
    def classes_(self) -> tuple[str, ...]:
        return tuple(str(c) for c in self.kind.classes_)

    @property
    def aspects_(self) -> tuple[str, ...]:
        return tuple(str(c) for c in self.aspect.classes_) if self.aspect else ()

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        return self.probabilities(self.encoder.encode_in_context(statements, wanted).astype(np.float64))

    def probabilities(self, rows: Matrix) -> Probabilities:
        """Of statements whose vectors in context are ``rows``."""
        return Probabilities(*(_probabilities(head, rows) for head in (self.kind, self.aspect)))


class Cascade:
    """``fast`` labels every statement, and ``accurate`` again those of which ``fast`` gives no kind ``threshold``."""

    def __init__(self, fast: Model, accurate: Model, threshold: float, digest: str) -> None:
        if (fast.classes_, fast.aspects_) != (accurate.classes_, accurate.aspects_):
            reason = "its two models have different kinds or aspects"
            raise ArtefactError("the cascade", reason, "Train both on one corpus with `trendnlp train`.")
        self.fast = fast
        self.accurate = accurate
        self.threshold = threshold
        self.digest = digest

    @property
    def classes_(self) -> tuple[str, ...]:
        return self.fast.classes_

    @property
    def aspects_(self) -> tuple[str, ...]:
        return self.fast.aspects_

    def predict_proba(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Probabilities:
        wanted = range(len(statements)) if wanted is None else wanted
        found = self.fast.predict_proba(statements, wanted)
        unsure = [row for row, scores in enumerate(found.kinds) if scores.max() < self.threshold]
        if unsure:
            again = self.accurate.predict_proba(statements, [wanted[row] for row in unsure])
            found.kinds[unsure], found.aspects[unsure] = again.kinds, again.aspects
        return found


def label(model: Model, statements: Sequence[Statement]) -> tuple[Label, ...]:
    """One label a statement of one document, in order."""
    if not statements:
        return ()
    found = model.predict_proba(statements)
    if model.aspects_:
        aspects: Sequence[str | None] = [model.aspects_[i] for i in found.aspects.argmax(axis=1)]
    else:
        aspects = [None] * len(statements)
    return tuple(
        _label(dict(zip(model.classes_, scores, strict=True)), aspect, model.digest)
        for scores, aspect in zip(found.kinds.tolist(), aspects, strict=True)
    )


def _label(scores: Mapping[str, float], aspect: str | None, digest: str) -> Label:
    ranked = sorted(
        (KindScore(kind, round(score, SCORE_DECIMALS)) for kind, score in scores.items()),
        key=lambda k: (-k.score, k.kind),
    )
    kind = ranked[0].kind
    return Label(
        kind=kind,
        score=ranked[0].score,
        alt=ranked[1].kind,
        scores=tuple(ranked),
        aspect=None if kind == OTHER else aspect,
        model=digest,
    )


def _probabilities(head: LogisticRegression | None, rows: Matrix) -> Matrix:
    if head is None or not len(rows):
        return np.zeros((len(rows), 0 if head is None else len(head.classes_)))
    return np.asarray(head.predict_proba(rows), np.float64)


def linear_head(weight: Matrix, bias: Matrix, classes: Sequence[str]) -> LogisticRegression:
    """A linear layer with a softmax, shape (classes, features) and (classes,), as scikit-learn's head."""
    if len(classes) == 2:  # scikit-learn keeps one row: the second class against the first
        weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
    return _restored(weight.astype(np.float64), bias.astype(np.float64), np.array(list(classes)))


def calibrated(head: LogisticRegression, rows: Matrix, shares: Matrix) -> LogisticRegression:
    """``head`` with its temperature fitted on texts that it was not trained on (Guo et al. 2017).

    ``rows`` are their vectors and ``shares`` what readers say of them, shape (texts, classes), rows that sum to one.
    The temperature divides coefficients and intercepts, so the result is a plain LogisticRegression again.
    """
    # scikit-learn's own calibration wants every kind, five times over, in the texts that calibrate.
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    if not len(rows):
        return head
    scores = head.predict_log_proba(rows)

    def loss(log_inverse: float) -> float:
        inverse = np.exp(log_inverse)
        return float((logsumexp(inverse * scores, axis=1) - inverse * (shares * scores).sum(axis=1)).mean())

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

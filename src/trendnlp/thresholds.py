"""From which score the fast model's answer stands, and from which cosine statements merge: fitted on labelled texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from trendnlp.classify import Cascade, Classifier, Matrix
from trendnlp.consolidate import CosineComparer
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.corpus import LabelledText, marked_claims, statements_of
from trendnlp.encode import Encoder
from trendnlp.evaluate import Gold, score

# Below it, different claims of one real report that share its subject's words are merged. The corpus cannot show that:
# its texts paraphrase freely. So the corpus only raises the threshold.
LEAST_THRESHOLD = 0.75
THRESHOLDS = [round(LEAST_THRESHOLD + 0.01 * i, 2) for i in range(16)]
MERGE_PRECISION = 0.95  # of merged pairs; two readers agree on about as many
CASCADE_THRESHOLDS = [round(0.40 + 0.02 * i, 2) for i in range(31)]


def fit_cascade(fast: Classifier, accurate: Classifier, texts: Iterable[LabelledText]) -> Cascade:
    """The cascade with the lowest threshold that keeps all of the accurate model's macro-F1 on ``texts``: on texts less
    like the corpus it keeps a little less.
    """
    gold, quick, slow = [], [], []
    for text in texts:
        statements = statements_of(text)
        gold += [Gold(unit.kind, unit.alt) for unit in text.units]
        quick.append(fast.predict_proba(statements).kinds)
        slow.append(accurate.predict_proba(statements).kinds)
    least = _macro_f1(gold, np.vstack(slow), fast.classes_)
    for threshold in CASCADE_THRESHOLDS:
        sure = np.vstack(quick).max(axis=1, keepdims=True) >= threshold
        if _macro_f1(gold, np.where(sure, np.vstack(quick), np.vstack(slow)), fast.classes_) >= least:
            break
    return Cascade(fast, accurate, threshold, f"{fast.digest} {accurate.digest} {threshold}")


def _macro_f1(gold: Sequence[Gold], scores: Matrix, classes: Sequence[str]) -> float:
    return score(gold, [classes[i] for i in scores.argmax(axis=1)]).macro_f1


def fit_threshold(encoder: Encoder, texts: Sequence[LabelledText]) -> float:
    """The lowest merge threshold at which nearly all merged pairs are of one claim, over the markets that mark claims.

    Precision decides: a wrong merge hides a claim, a missed one only shows it twice.
    """
    markets = marked_claims(texts)
    if not markets:
        return LEAST_THRESHOLD
    right = np.zeros(len(THRESHOLDS))
    merged = np.zeros(len(THRESHOLDS))
    for marked in markets.values():
        claims = [m.claim for m in marked]
        vectors = encoder.encode([" ".join(c.labelled.statement.text.split()) for c in claims])
        keys = np.array([m.key for m in marked])
        same = np.triu(keys[:, None] == keys[None, :], 1)
        for i, threshold in enumerate(THRESHOLDS):
            found = cosine_partition(claims, vectors, CosineComparer(threshold, encoder.digest))
            clusters = found.clusters[found.rows]
            together = np.triu(clusters[:, None] == clusters[None, :], 1)
            merged[i] += together.sum()
            right[i] += (together & same).sum()
    precise = [t for t, r, m in zip(THRESHOLDS, right, merged, strict=True) if r >= MERGE_PRECISION * m]
    return precise[0] if precise else THRESHOLDS[-1]

"""The pair judges: two statements in one window of a small encoder, and how they stand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trendnlp.encode import Encoder
from trendnlp.relations import Relation

RELATIONS = tuple(Relation)  # the order of the judge's outputs
HEAD = "relation"
SAME, CONTRADICTS, DISTINCT = map(RELATIONS.index, (Relation.SAME, Relation.CONTRADICTS, Relation.DISTINCT))
UNSURE = 0.2  # of "the same", from which a pair is read in both orders
CONTRARY = 20.0  # times that a merge of opposites is worse than another wrong one

Matrix = NDArray[np.float64]


class Scorer(Protocol):
    """What gives the probability of each of ``RELATIONS``, shape (pairs, relations)."""

    @property
    def digest(self) -> str: ...

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix: ...


class QuickScorer(Scorer, Protocol):
    """A scorer that can also read less to give its answer."""

    def at_a_glance(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """``predict_proba`` of pairs that are read in one order alone."""
        ...


class Judge:
    """A tuned encoder and a linear head with its temperature. What it says of (a, b) it says of (b, a) too.

    Where the pair may be the same as it is read in one order, it is read in the other too, and the mean counts.
    """

    def __init__(self, encoder: Encoder, weight: Matrix, bias: Matrix, digest: str) -> None:
        self.encoder = encoder
        self.weight = weight
        self.bias = bias
        self.digest = digest

    @classmethod
    def load(cls, encoder: Encoder, heads: Path, digest: str) -> Judge:
        """Read the head from a safetensors file that ``save_head`` wrote; ``encoder`` is the tuned one."""
        from safetensors.numpy import load_file

        tensors = load_file(heads)
        return cls(encoder, tensors[f"{HEAD}.weight"], tensors[f"{HEAD}.bias"], digest)

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """The probability of each of ``RELATIONS``, shape (pairs, relations); rows sum to one, and each depends on its
        own pair alone.
        """
        ordered = [_ordered(pair) for pair in pairs]
        rows = self._read(ordered)
        unsure = np.flatnonzero(softmax(rows)[:, SAME] >= UNSURE)
        if len(unsure):
            rows[unsure] = (rows[unsure] + self._read([_turned(ordered[i]) for i in unsure])) / 2
        return softmax(rows)

    def at_a_glance(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """``predict_proba`` without the second reading of what may be the same."""
        return softmax(self._read([_ordered(pair) for pair in pairs]))

    def logits(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """What the head gives, the mean of both orders of each pair, shape (pairs, relations)."""
        return np.asarray((self._read(pairs) + self._read([_turned(pair) for pair in pairs])) / 2)

    def _read(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        read = self.encoder.encode_pairs(pairs).astype(np.float64)
        # Not a matrix product, whose sums hang in their last digits on how many rows there are.
        return np.asarray(np.einsum("ij,kj->ik", read, self.weight) + self.bias)


class JudgeCascade:
    """A quick judge and a better one, who is asked where the quick one gives "distinct" less than ``settled``: most
    statements that are near one another are plainly two claims.
    """

    def __init__(self, quick: QuickScorer, better: Scorer, settled: float, digest: str) -> None:
        self.quick = quick
        self.better = better
        self.settled = settled
        self.digest = digest

    def predict_proba(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """The probability of each of ``RELATIONS``, shape (pairs, relations); rows sum to one."""
        rows = self.quick.at_a_glance(pairs)
        open_ones = np.flatnonzero(rows[:, DISTINCT] < self.settled).tolist()
        rows[open_ones] = self.better.predict_proba([pairs[i] for i in open_ones])
        return rows


def same_score(probabilities: Matrix) -> float:
    """How surely a pair is the same, from 0 to 1, by the probability of each of ``RELATIONS``: its probability of
    "same" against all others, of which that of "contradicts" weighs ``CONTRARY`` times.
    """
    same, contrary = float(probabilities[SAME]), float(probabilities[CONTRADICTS])
    return same / (1.0 + (CONTRARY - 1.0) * contrary)


def _ordered(pair: tuple[str, str]) -> tuple[str, str]:
    return min(pair), max(pair)


def _turned(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


def softmax(logits: Matrix) -> Matrix:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def save_head(path: Path, weight: Matrix, bias: Matrix) -> None:
    """Write the head as safetensors."""
    from safetensors.numpy import save_file

    save_file({f"{HEAD}.weight": np.ascontiguousarray(weight), f"{HEAD}.bias": np.ascontiguousarray(bias)}, path)

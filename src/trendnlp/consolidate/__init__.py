"""Statements that say the same, across headings and documents, as findings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.partition import partition
from trendnlp.types import Claim, Consolidation

__all__ = ["consolidate"]


def consolidate(claims: Iterable[Claim], threshold: float, model: str) -> Consolidation:
    """Findings of ``claims``, best supported first: most documents, then most members, then id.

    ``threshold`` is the mean cosine from which two groups are one; ``model`` the digest of what made the vectors. The
    same set of claims gives the same findings in whatever order it comes. A claim without a vector is an error.
    """
    ordered = sorted(claims, key=lambda c: c.labelled.statement.id)
    if not ordered:
        return Consolidation((), threshold, model)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in ordered])
    clusters = partition(ordered, vectors, threshold)
    order = np.argsort(clusters, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    findings = [finding([ordered[i] for i in group], vectors[group]) for group in groups]
    findings.sort(key=lambda f: (-f.documents, -len(f.members), f.id))
    return Consolidation(tuple(findings), threshold, model)

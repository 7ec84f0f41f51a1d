"""Statements that say the same, across headings and documents, as findings that say why."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair, Rule
from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.ledger import Book, JudgedLedger, cosine_ledger
from trendnlp.consolidate.partition import partition
from trendnlp.types import Claim, Consolidation, Finding

__all__ = ["Comparer", "CosineComparer", "Pair", "Rule", "consolidate"]


def consolidate(
    claims: Iterable[Claim], threshold: float, model: str, comparer: Comparer | None = None
) -> Consolidation:
    """Findings of ``claims``, best supported first: most documents, then most members, then id.

    ``comparer`` judges the pairs. Without one ``threshold`` is the mean cosine from which two groups are one, and
    ``model`` the digest of what made the vectors. The same set of claims gives the same findings in whatever order it
    comes. A claim without a vector is an error.
    """
    if comparer is not None:
        threshold, model = comparer.rule.threshold, comparer.digest
    ordered = sorted(claims, key=lambda c: c.labelled.statement.id)
    if not ordered:
        return Consolidation((), threshold, model)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in ordered])
    book = Book(ordered, vectors, threshold, model)
    if comparer is None:
        clusters = partition(ordered, vectors, threshold)
    else:
        judged = judged_partition(ordered, vectors, comparer)
        clusters, ledger = judged.clusters[judged.rows], JudgedLedger(judged, book)
    order = np.argsort(clusters, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    findings: list[Finding] = []
    for members in groups:
        group = [int(i) for i in members]
        made = finding([ordered[i] for i in group], vectors[group])
        findings.append(cosine_ledger(made, group, book) if comparer is None else ledger.with_entries(made, group))
    findings.sort(key=lambda f: (-f.documents, -len(f.members), f.id))
    return Consolidation(tuple(findings), threshold, model)

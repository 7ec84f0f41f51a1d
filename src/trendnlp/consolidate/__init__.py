"""Statements that say the same, across headings and documents, as findings that say why."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair, Rule
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.ledger import Book, Ledger
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import Claim, Consolidation, Finding

__all__ = ["Comparer", "CosineComparer", "Pair", "Rule", "consolidate"]


def consolidate(
    claims: Iterable[Claim],
    threshold: float,
    model: str,
    comparer: Comparer | None = None,
    taxonomy: Taxonomy = NO_TAXONOMY,
) -> Consolidation:
    """Findings of ``claims``, best supported first: most documents, then most members, then id.

    ``comparer`` judges the pairs. Without one ``threshold`` is the mean cosine from which two groups are one where no
    guard fires, and ``model`` the digest of what made the vectors. The same set of claims gives the same findings in
    whatever order it comes. A claim without a vector is an error. ``taxonomy`` names tags besides the themes.
    """
    if comparer is not None:
        threshold, model = comparer.rule.threshold, comparer.digest
    ordered = sorted(claims, key=lambda c: c.labelled.statement.id)
    if not ordered:
        return Consolidation((), threshold, model, taxonomy.digest)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in ordered])
    if comparer is None:
        found = cosine_partition(ordered, vectors, CosineComparer(threshold, model))
    else:
        found = judged_partition(ordered, vectors, comparer)
    ledger, clusters = Ledger(found, Book(ordered, vectors, threshold, model)), found.clusters[found.rows]
    order = np.argsort(clusters, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    findings: list[Finding] = []
    for members in groups:
        group = [int(i) for i in members]
        made = finding([ordered[i] for i in group], vectors[group], taxonomy)
        findings.append(ledger.with_entries(made, group))
    findings.sort(key=lambda f: (-f.documents, -len(f.members), f.id))
    return Consolidation(tuple(findings), threshold, model, taxonomy.digest)

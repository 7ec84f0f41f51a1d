"""Statements that say the same, across headings and documents, as findings that say why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from trendnlp.consolidate.binding import Binding, bind
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair, Rule
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.findings import UNDECIDED, Given, finding
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.ledger import Book, Ledger
from trendnlp.review import NO_CONSTRAINTS, Constraints
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import Claim, Consolidation, Finding

__all__ = ["Comparer", "CosineComparer", "Pair", "Rule", "consolidate"]


def consolidate(
    claims: Iterable[Claim],
    threshold: float,
    model: str,
    comparer: Comparer | None = None,
    constraints: Constraints = NO_CONSTRAINTS,
    taxonomy: Taxonomy = NO_TAXONOMY,
) -> Consolidation:
    """Findings of ``claims``, best supported first: most documents, then most members, then id.

    ``comparer`` judges the pairs. Without one ``threshold`` is the mean cosine from which two groups are one where no
    guard fires, and ``model`` the digest of what made the vectors. The same set of claims gives the same findings in
    whatever order it comes. ``constraints`` are what people decided: they hold whatever the scores say. ``taxonomy``
    names tags besides the themes. A claim without a vector is an error.
    """
    if comparer is not None:
        threshold, model = comparer.rule.threshold, comparer.digest
    ordered = sorted(claims, key=lambda c: c.labelled.statement.id)
    if not ordered:
        return Consolidation((), threshold, model, taxonomy.digest)
    vectors = np.stack([np.frombuffer(c.labelled.vector or b"", "<f4") for c in ordered])
    binding = bind(ordered, constraints)
    if comparer is None:
        found = cosine_partition(ordered, vectors, CosineComparer(threshold, model), binding=binding)
    else:
        found = judged_partition(ordered, vectors, comparer, binding=binding)
    book = Book(ordered, vectors, threshold, model)
    ledger, clusters = Ledger(found, binding, book), found.clusters[found.rows]
    order = np.argsort(clusters, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    findings: list[Finding] = []
    for members in groups:
        given = _given(ordered, [int(i) for i in members], binding)
        group = [int(i) for i in members if int(i) not in binding.hidden]
        if group:
            made = finding([ordered[i] for i in group], vectors[group], given, taxonomy)
            findings.append(ledger.with_entries(made, group))
    findings.sort(key=lambda f: (-f.documents, -len(f.members), f.id))
    return Consolidation(tuple(findings), threshold, model, taxonomy.digest)


def _given(claims: Sequence[Claim], members: Sequence[int], binding: Binding) -> Given:
    """What people decided of the finding of ``members``; of two heads or kinds the later one."""
    if not (binding.heads or binding.kinds or binding.hidden):
        return UNDECIDED
    inside = set(members)
    shown = [i for i in members if i not in binding.hidden]
    heads = [i for i in binding.heads if i in inside and i not in binding.hidden]
    kinds = [kind for i, kind in binding.kinds if i in inside]
    return Given(
        head=shown.index(heads[-1]) if heads else None,
        kind=kinds[-1] if kinds else None,
        hidden=tuple(claims[i] for i in members if i in binding.hidden),
    )

"""Statements that say the same, across headings and documents, as findings that say why."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np

from trendnlp.consolidate.binding import bind, copies_of
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair, Rule
from trendnlp.consolidate.cosine import cosine_partition
from trendnlp.consolidate.incremental import Incremental, Update
from trendnlp.consolidate.judged import judged_partition
from trendnlp.consolidate.ledger import Book
from trendnlp.consolidate.memory import Keeping, Notes, rule_digest
from trendnlp.consolidate.pieces import Piece
from trendnlp.consolidate.spread import Spread
from trendnlp.consolidate.told import by_support, findings_of, made
from trendnlp.review import NO_CONSTRAINTS, Constraints
from trendnlp.tags import NO_TAXONOMY, Taxonomy
from trendnlp.types import Claim, Consolidation

__all__ = [
    "Comparer",
    "CosineComparer",
    "Incremental",
    "Keeping",
    "Notes",
    "Pair",
    "Piece",
    "Rule",
    "Spread",
    "Update",
    "consolidate",
    "copies_of",
    "rule_digest",
]


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
    findings = sorted(findings_of(found, binding, book, partial(made, taxonomy=taxonomy)), key=by_support)
    return Consolidation(tuple(findings), threshold, model, taxonomy.digest)

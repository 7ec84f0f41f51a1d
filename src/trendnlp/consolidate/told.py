"""From a partition to its findings, each with its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from trendnlp.consolidate.findings import finding
from trendnlp.consolidate.ledger import Book, Ledger
from trendnlp.consolidate.partition import Partition
from trendnlp.types import Finding


def findings_of(
    found: Partition, book: Book, wanted: Callable[[list[int]], bool] = lambda group: True
) -> Iterator[Finding]:
    """The findings of the partition ``found`` of the claims in ``book``; only those whose claims, by position, are
    ``wanted``.
    """
    ledger, clusters = Ledger(found, book), found.clusters[found.rows]
    order = np.argsort(clusters, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1):
        group = [int(i) for i in members]
        if wanted(group):
            yield ledger.with_entries(finding([book.claims[i] for i in group], book.vectors[group]), group)


def by_support(found: Finding) -> tuple[int, int, str]:
    """The order of findings: most documents first, then most members, then by id."""
    return -found.documents, -len(found.members), found.id

"""From a partition to its findings, each with its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from trendnlp.consolidate.binding import Binding
from trendnlp.consolidate.findings import UNDECIDED, Given, finding
from trendnlp.consolidate.ledger import Book, Ledger
from trendnlp.consolidate.partition import Partition
from trendnlp.tags import Taxonomy
from trendnlp.types import Claim, Finding


def findings_of(
    found: Partition,
    binding: Binding,
    book: Book,
    taxonomy: Taxonomy,
    wanted: Callable[[list[int]], bool] = lambda group: True,
) -> Iterator[Finding]:
    """The findings of the partition ``found`` of the claims in ``book``, of which ``binding`` tells what people
    decided, tagged by ``taxonomy`` too; only those whose claims, by position, are ``wanted``. A group of which all is
    hidden is no finding.
    """
    ledger, clusters = Ledger(found, binding, book), found.clusters[found.rows]
    order = np.argsort(clusters, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1):
        group = [int(i) for i in members]
        shown = [i for i in group if i not in binding.hidden]
        if shown and wanted(group):
            given = _given(book.claims, group, binding)
            made = finding([book.claims[i] for i in shown], book.vectors[shown], given, taxonomy)
            yield ledger.with_entries(made, shown)


def by_support(found: Finding) -> tuple[int, int, str]:
    """The order of findings: most documents first, then most members, then by id."""
    return -found.documents, -len(found.members), found.id


def _given(claims: Sequence[Claim], group: Sequence[int], binding: Binding) -> Given:
    """What people decided of the finding of ``group``; of two heads, kinds or titles the later one."""
    if not (binding.heads or binding.kinds or binding.hidden or binding.titles or binding.tags):
        return UNDECIDED
    inside = set(group)
    shown = [i for i in group if i not in binding.hidden]
    heads = [i for i in binding.heads if i in inside and i not in binding.hidden]
    kinds = [kind for i, kind in binding.kinds if i in inside]
    titles = [title for i, title in binding.titles if i in inside]
    return Given(
        head=shown.index(heads[-1]) if heads else None,
        kind=kinds[-1] if kinds else None,
        hidden=tuple(claims[i] for i in group if i in binding.hidden),
        title=titles[-1] if titles else None,
        tags=tuple(choice for i, choice in binding.tags if i in inside),
    )

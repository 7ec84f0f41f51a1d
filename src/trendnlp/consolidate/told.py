"""From a partition to its findings, each with its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from trendnlp.consolidate.binding import Binding
from trendnlp.consolidate.compare import Comparer, CosineComparer
from trendnlp.consolidate.findings import UNDECIDED, Given, finding
from trendnlp.consolidate.ledger import Book, Ledger
from trendnlp.consolidate.partition import Partition
from trendnlp.consolidate.pieces import Piece
from trendnlp.tags import Taxonomy
from trendnlp.types import Claim, Finding


@dataclass(frozen=True, slots=True)
class Cluster:
    """Claims that are one finding, and what people decided of it. ``number`` tells it from others of its partition."""

    number: int
    claims: tuple[Claim, ...]
    given: Given

    def light(self) -> Cluster:
        """Without the vector of a claim that stands alone: nobody asks for it."""
        if len(self.claims) > 1:
            return self
        (claim,) = self.claims
        return replace(self, claims=(replace(claim, labelled=replace(claim.labelled, vector=None)),))


# Makes findings of clusters, each with the cluster's number, in any order. Their ledgers are empty.
Maker = Callable[[Iterable[Cluster]], Iterator[tuple[int, Finding]]]


@dataclass(frozen=True, slots=True)
class Told(Piece):
    """Clusters of which findings are to be made, tagged by ``taxonomy`` too."""

    clusters: tuple[Cluster, ...]
    taxonomy: Taxonomy

    @classmethod
    def parts(cls, clusters: Iterable[Cluster], taxonomy: Taxonomy, count: int) -> Iterator[Told]:
        """All ``clusters``, so many at a time."""
        source = iter(clusters)
        while some := tuple(cluster.light() for cluster in islice(source, count)):
            yield cls(some, taxonomy)

    def done(self, comparer: Comparer | CosineComparer) -> list[tuple[int, Finding]]:
        return list(made(self.clusters, self.taxonomy))


def made(clusters: Iterable[Cluster], taxonomy: Taxonomy) -> Iterator[tuple[int, Finding]]:
    """The finding of each cluster, with its number."""
    return ((cluster.number, finding(cluster.claims, cluster.given, taxonomy)) for cluster in clusters)


def findings_of(
    found: Partition,
    binding: Binding,
    book: Book,
    make: Maker,
    wanted: Callable[[list[int]], bool] = lambda group: True,
) -> Iterator[Finding]:
    """The findings that ``make`` makes of the partition ``found`` of the claims in ``book``, of which ``binding`` tells
    what people decided, each with its ledger; only those whose claims, by position, are ``wanted``. A group of which
    all is hidden is no finding.
    """
    ledger, clusters = Ledger(found, binding, book), found.clusters[found.rows]
    order = np.argsort(clusters, kind="stable")
    shown: dict[int, list[int]] = {}

    def to_be_made() -> Iterator[Cluster]:
        for number, members in enumerate(np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)):
            group = members.tolist()
            some = [i for i in group if i not in binding.hidden]
            if some and wanted(group):
                shown[number] = some
                yield Cluster(number, tuple(book.claims[i] for i in some), _given(book.claims, group, binding))

    for number, told in make(to_be_made()):
        yield ledger.with_entries(told, shown.pop(number))


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

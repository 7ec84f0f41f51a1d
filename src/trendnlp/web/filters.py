"""What a list may be filtered by: the kinds and aspects of the models in use, which are known only once they are
opened, so that a schema cannot hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trendnlp.cards import ModelCard
from trendnlp.momentum import State
from trendnlp.standing import Status
from trendnlp.store import FindingFilter, FindingOrder, StatementFilter
from trendnlp.types import ASPECTS, KINDS, OTHER
from trendnlp.web.fields import FindingWanted, OriginFields, StatementWanted
from trendnlp.web.problems import Fault, Refusal, invalid

EVERYWHERE = OriginFields()


def in_order(names: Iterable[str], known: Sequence[str] = KINDS) -> tuple[str, ...]:
    """``names`` once each: those of ``known`` in its order, then all others by name."""
    order = {name: index for index, name in enumerate(known)}
    return tuple(sorted(set(names), key=lambda name: (order.get(name, len(order)), name)))


def claim_kinds(card: ModelCard) -> tuple[str, ...]:
    """The kinds that findings are of."""
    return tuple(kind for kind in in_order(card.kinds) if kind != OTHER)


def aspects(card: ModelCard) -> tuple[str, ...]:
    return in_order(card.aspects, ASPECTS)


def finding_filter(query: FindingWanted, card: ModelCard, sort: str = FindingOrder.DOCUMENTS) -> FindingFilter:
    """Raises Refusal (422) for a kind or aspect that no finding of these models has."""
    checked(query.kind, claim_kinds(card), query.aspect, aspects(card))
    return FindingFilter(
        kinds=tuple(query.kind),
        aspects=tuple(query.aspect),
        documents=() if query.document is None else (query.document,),
        q=query.q.strip() or None,
        states=tuple(map(State, query.state)),
        tags=tuple(tag for tag in query.tag if tag.strip()),
        markets=tuple(query.market),
        geographies=tuple(query.geography),
        sources=tuple(query.source),
        since=query.since,
        until=query.until,
        min_score=query.min_score,
        contested=query.contested,
        order=FindingOrder(sort),
    )


def statement_filter(query: StatementWanted, card: ModelCard, origin: OriginFields = EVERYWHERE) -> StatementFilter:
    """Raises Refusal (422) for a kind or aspect that the models do not name."""
    checked(query.kind, in_order(card.kinds), query.aspect, aspects(card))
    return StatementFilter(
        document=origin.document,
        kinds=tuple(query.kind),
        aspects=tuple(query.aspect),
        min_score=query.min_score,
        q=query.q.strip() or None,
        markets=tuple(origin.market),
        geographies=tuple(origin.geography),
        sources=tuple(origin.source),
        since=origin.since,
        until=origin.until,
        statuses=tuple(map(Status, query.status)),
    )


def checked(kinds: Sequence[str], of_kinds: Sequence[str], aspects: Sequence[str], of_aspects: Sequence[str]) -> None:
    """Raises Refusal (422) for a kind or aspect that is none of those there are."""
    faults = [*_unknown("kind", kinds, of_kinds), *_unknown("aspect", aspects, of_aspects)]
    if faults:
        raise Refusal(invalid(faults))


def _unknown(field: str, given: Sequence[str], known: Sequence[str]) -> list[Fault]:
    return [
        Fault(f"?{field}.{index}", f"must be one of {', '.join(known)}")
        for index, name in enumerate(given)
        if name not in known
    ]

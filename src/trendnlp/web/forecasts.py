"""What reports on the market of a finding forecast for it, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from trendnlp.store import FactFilter, PageRequest, PlacedFact, Store
from trendnlp.types import FactKind, Finding
from trendnlp.web.views import FACTS, figure_of, years_of

KINDS = (FactKind.FORECAST, FactKind.CAGR)
MOST = 50  # of the documents that were added last: two screens


@dataclass(frozen=True, slots=True)
class Forecast:
    """One line of the table: what is forecast, the figure and its years, and the report that says it."""

    kind: str
    figure: str
    years: str
    placed: PlacedFact


def forecasts(store: Store, finding: Finding) -> tuple[Forecast, ...]:
    """The forecasts and mean growth rates for the finding's market and geography, by kind and year; none where fewer
    than two publishers, or documents without one, give any.
    """
    if finding.market is None:
        return ()
    wanted = FactFilter(kinds=tuple(kind.value for kind in KINDS), exactly=(finding.market, finding.geography))
    found = list(store.facts(wanted, PageRequest(MOST, counted=False)).items)
    if len({item.metadata.publisher or item.document for item in found}) < 2:
        return ()
    found.sort(key=lambda item: (KINDS.index(item.fact.kind), item.fact.year or 0, item.source, item.fact.start))
    return tuple(Forecast(FACTS[item.fact.kind], figure_of(item.fact), years_of(item.fact), item) for item in found)

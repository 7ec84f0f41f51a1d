"""What the service counts, in Prometheus's terms. Each application has a registry of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from trendnlp import __version__
from trendnlp.errors import TrendnlpError
from trendnlp.stages import Stage
from trendnlp.store import Store
from trendnlp.workspace import Workspace

REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
STAGE_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)
# The store is read anew for a scrape only after this long, and after a hundred times as long as reading it took:
# whatever its size and however often it is scraped, reading takes at most one hundredth of the time.
FRESH_SECONDS = 1.0
SHARE = 100
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One value read from the store, of the gauge ``name``. Readings of one name have the same ``label`` in common,
    and each a ``value_of_label`` of its own.
    """

    name: str
    help: str
    value: float
    label: str | None = None
    value_of_label: str = ""


Reader = Callable[[Store], Iterable[Reading]]


def stored(store: Store) -> Iterator[Reading]:
    """How much is stored."""
    counts = store.counts()
    yield Reading("trendnlp_documents", "Documents that are stored.", counts.documents)
    yield Reading("trendnlp_statements", "Statements that are stored, of any kind.", counts.statements)
    yield Reading("trendnlp_claims", "Stored statements whose kind is not other.", counts.claims)
    yield Reading("trendnlp_findings", "Findings that are stored.", counts.findings)


class Metrics:
    """Counts of one application. ``readers`` are asked for what the store holds; those of other modules come here."""

    def __init__(self, readers: Sequence[Reader] = (stored,), clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "trendnlp_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "trendnlp_http_request_seconds",
            "Time from a request to the end of its answer.",
            ("route", "method"),
            registry=registry,
            buckets=REQUEST_SECONDS,
        )
        self._stages = Histogram(
            "trendnlp_stage_seconds",
            "Time that a stage took for one document; consolidate: for one update of the findings.",
            ("stage",),
            registry=registry,
            buckets=STAGE_SECONDS,
        )
        self._model = Gauge(
            "trendnlp_model_info",
            "The model that labels, and the version of the package.",
            ("name", "digest", "version"),
            registry=registry,
        )
        self._ready = Gauge("trendnlp_ready", "1 when documents can be analysed.", registry=registry)
        self._store = _StoreCollector(readers, clock)
        registry.register(self._store)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)

    def attach(self, workspace: Workspace) -> None:
        """Tell of this workspace from now on."""
        card = workspace.model_card()
        self._model.labels(card.name, card.digest, __version__).set(1)
        self._ready.set_function(lambda: float(workspace.ready() is None))
        self._store.store = workspace.store

    def request(self, route: str, method: str, status: str, seconds: float) -> None:
        """Count one request; any method that is none of HTTP's usual ones is told as ``other``."""
        name = method if method in METHODS else "other"
        self._requests.labels(route, name, status).inc()
        self._seconds.labels(route, name).observe(seconds)

    def stage(self, stage: Stage, seconds: float) -> None:
        self._stages.labels(stage.value).observe(seconds)

    def exposition(self) -> bytes:
        """All of it in Prometheus's text format. One call at a time."""
        return generate_latest(self._registry)


class _StoreCollector(Collector):
    """Reads the gauges of the store, and keeps them for as long as ``FRESH_SECONDS`` and ``SHARE`` say."""

    def __init__(self, readers: Sequence[Reader], clock: Callable[[], float]) -> None:
        self.store: Store | None = None
        self._readers = readers
        self._clock = clock
        self._known: list[Metric] = []
        self._until = float("-inf")

    def collect(self) -> Iterable[Metric]:
        begun = self._clock()
        if self.store is not None and begun >= self._until:
            self._known = self._read(self.store)
            ended = self._clock()
            self._until = ended + max(FRESH_SECONDS, SHARE * (ended - begun))
        return self._known

    def describe(self) -> Iterable[Metric]:
        return ()  # registering must not read a store

    def _read(self, store: Store) -> list[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        up = GaugeMetricFamily("trendnlp_store_up", "1 when the store could be read for the other gauges of it.", 1)
        try:
            for reading in (reading for reader in self._readers for reading in reader(store)):
                labels = [] if reading.label is None else [reading.label]
                family = families.setdefault(reading.name, GaugeMetricFamily(reading.name, reading.help, labels=labels))
                family.add_metric([reading.value_of_label] if labels else [], reading.value)
        except TrendnlpError:
            return [GaugeMetricFamily(up.name, up.documentation, 0)]
        return [up, *families.values()]

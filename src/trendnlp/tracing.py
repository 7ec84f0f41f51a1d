"""Spans of requests and stages, sent over OTLP to a collector, where OpenTelemetry is installed and asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trendnlp import __version__
from trendnlp.errors import SettingsError
from trendnlp.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# What OpenTelemetry itself reads, so that a machine which is set up for it needs no setting of ours.
STANDARD = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TRACES = "/v1/traces"  # below a collector's address, by OTLP/HTTP
INSTALL = "Install it with `pip install 'trendnlp[otel]'`, or remove the setting."
Attributes = Mapping[str, str | int]
Amend = Callable[[str, Attributes, bool], None]  # the span's final name, more attributes, and whether it failed


class Tracer:
    """Opens spans, each within the one that is open in this thread or task. Without a provider it does nothing."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider

    @classmethod
    def of(cls, settings: Settings) -> Tracer:
        """What ``settings`` or the environment ask for; raises SettingsError where OpenTelemetry is asked for and not
        installed.
        """
        given = settings.otlp_endpoint
        if not given and not any(os.environ.get(name) for name in STANDARD):
            return cls()
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            name = "TRENDNLP_OTLP_ENDPOINT" if given else STANDARD[0]
            raise SettingsError(name, "OpenTelemetry is not installed", INSTALL) from None
        about = Resource.create({"service.name": "trendnlp", "service.version": __version__})
        provider = TracerProvider(resource=about)
        exporter = OTLPSpanExporter(endpoint=given.rstrip("/") + TRACES) if given else OTLPSpanExporter()
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider)

    @contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Iterator[Amend]:
        """The span of a request, a child of the caller's where its headers name one."""
        if self._provider is None:
            yield _leave
            return
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract(headers)
        tracer = self._provider.get_tracer("trendnlp", __version__)
        # What an error says may be of a document: it is sent neither here nor of a stage.
        with tracer.start_as_current_span(
            name, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:

            def amend(name: str, attributes: Attributes, failed: bool) -> None:
                span.update_name(name)
                span.set_attributes(attributes)
                if failed:
                    span.set_status(StatusCode.ERROR)

            yield amend

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A span within the one that is open; an error that leaves it marks it as failed."""
        if self._provider is None:
            yield
            return
        from opentelemetry.trace import StatusCode

        tracer = self._provider.get_tracer("trendnlp", __version__)
        with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            except BaseException:
                span.set_status(StatusCode.ERROR)
                raise

    def close(self) -> None:
        """Send what has not been sent, and end."""
        if self._provider is not None:
            self._provider.shutdown()


def _leave(name: str, attributes: Attributes, failed: bool) -> None: ...

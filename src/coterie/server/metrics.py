"""Metrics as Prometheus reads them, in a registry of this server's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

MEDIA = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Readings = Mapping[str, float]
"""Name of a metric below -> its value now; what is not known is not there."""

FATES = ("received", "stored", "duplicate", "quarantined", "erased")
_GAUGES = {
    "waiting": ("coterie_inbox_waiting_requests", "Requests that wait to be drained."),
    "behind": ("coterie_engine_behind_entries", "Log entries that the engine has not handled."),
    "lag": ("coterie_engine_lag_seconds", "How far the engine is behind now."),
    "clock": ("coterie_engine_clock_seconds", "The engine's clock, seconds since 1970."),
    "people": ("coterie_people", "People that the engine knows."),
    "streams": ("coterie_change_streams", "Clients that follow the changes now."),
}


class Metrics:
    """What is counted and measured of one server.

    Parameters
    ----------
    readings : callable
        What the stores and the engine say, as of the last look.
    """

    def __init__(self, readings: Callable[[], Readings] = dict) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "coterie_http_requests", "Requests answered.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "coterie_http_request_seconds", "Until the answer, or its beginning, was sent.",
            ("route",), buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._changes = Counter(
            "coterie_changes", "Changes that the engine committed while this server ran.",
            ("segment", "change"), registry=self._registry,
        )  # fmt: skip
        self._steps = Histogram(
            "coterie_engine_step_seconds", "Steps of the engine that found something to do.",
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._registry.register(_Read(readings))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Parameters
        ----------
        route : str
            The template of the route, never the address that was asked for.
        """
        found = self._known.get((method, route, status))
        if found is None:
            counter = self._requests.labels(method, route, str(status))
            found = self._known[method, route, status] = counter, self._seconds.labels(route)
        found[0].inc()
        found[1].observe(seconds)

    def changed(self, segment: str, change: str) -> None:
        """Count one change."""
        self._changes.labels(segment, change).inc()

    def stepped(self, seconds: float) -> None:
        """Count one step of the engine."""
        self._steps.observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Read(Collector):
    """What is not counted here but read."""

    def __init__(self, readings: Callable[[], Readings]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """Every metric of which something is known."""
        found = self._readings()
        events = CounterMetricFamily(
            "coterie_events", "Events of the project by fate.", labels=("fate",)
        )
        for fate in FATES:
            if fate in found:
                events.add_metric((fate,), found[fate])
        yield events
        yield _deliveries(found)
        for name, (metric, text) in _GAUGES.items():
            if name in found:
                yield GaugeMetricFamily(metric, text, value=found[name])


def _deliveries(found: Readings) -> Metric:
    deliveries = CounterMetricFamily(
        "coterie_deliveries", "Deliveries to webhooks by outcome.", labels=("outcome",)
    )
    for name in found:
        if name.startswith("deliveries_"):
            deliveries.add_metric((name.removeprefix("deliveries_"),), found[name])
    return deliveries

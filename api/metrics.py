"""What Prometheus reads, and what the log says of each request.

Counts of requests are this process's own. Jobs, deliveries and releases are read from the database when they are
asked for, so every process of one service tells the same of them (docs/operations.md).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api import clock
from api.feeds.serve import ASGIApp, Message, Receive, Scope, Send
from api.logs import id_for, request_id
from api.store import Store, counts

FEED = "/c/{community}/calendars/{scope}/{id}.ics"
UNKNOWN = "(none)"
"""The route of requests to addresses that are none."""
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
SOLVE_SECONDS = (1, 5, 15, 60, 300, 1800)
ID = b"x-request-id"
Key = tuple[str, str, int]
log = logging.getLogger(__name__)


class Metrics:
    """The figures of one process."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "gongshi_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "gongshi_request_seconds",
            "From a request's head to the end of its answer.",
            ("route", "method"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._feeds = Counter("gongshi_feeds", "Calendars asked for.", ("status",), registry=self.registry)
        self.under_way = Gauge("gongshi_requests_under_way", "Requests being answered.", registry=self.registry)
        self.registry.register(Stored(store))
        ProcessCollector(registry=self.registry)
        # To look a child up by its labels costs more than to count with it.
        self._known: dict[Key, tuple[Callable[[], None], ...]] = {}
        self._timed: dict[tuple[str, str], Callable[[float], None]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        method = method if method in METHODS else "other"
        key = (route, method, status)
        if key not in self._known:
            counted = [self._requests.labels(route, method, str(status)).inc]
            counted += [self._feeds.labels(str(status)).inc] if route == FEED else []
            self._known[key] = tuple(counted)
            self._timed[route, method] = self._seconds.labels(route, method).observe
        for count in self._known[key]:
            count()
        self._timed[route, method](seconds)

    def text(self) -> bytes:
        """All of it, in Prometheus's text format 0.0.4."""
        return generate_latest(self.registry)


class Stored(Collector):
    """What stands in the database: read when it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> list[Metric]:
        """Nothing is read when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Jobs by kind and state, the queue, solves' seconds, webhooks' deliveries, releases."""
        with self._store.reading() as tx:
            now = counts.count_all(tx)
        jobs = GaugeMetricFamily("gongshi_jobs", "Jobs by kind and state.", labels=["kind", "state"])
        for (kind, state), number in now.jobs.items():
            jobs.add_metric([kind, state], number)
        yield jobs
        waiting = sum(number for (_, state), number in now.jobs.items() if state == "queued")
        yield GaugeMetricFamily("gongshi_queue_length", "Jobs that wait for a worker.", waiting)
        age = (clock.now() - now.oldest).total_seconds() if now.oldest is not None else 0.0
        yield GaugeMetricFamily("gongshi_queue_oldest_seconds", "Since the oldest of them was asked for.", max(age, 0))
        yield _histogram("gongshi_solve_seconds", "Of solves that ended, from their first beginning.", now.seconds)
        deliveries = GaugeMetricFamily("gongshi_webhook_deliveries", "Deliveries by state.", labels=["state"])
        for state, number in now.deliveries.items():
            deliveries.add_metric([state], number)
        yield deliveries
        yield CounterMetricFamily("gongshi_releases", "Releases of all communities.", now.releases)


def _histogram(name: str, told: str, seconds: dict[tuple[str, int], int]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, told, labels=["state"])
    for state in sorted({state for state, _ in seconds}):
        of_state = {length: number for (each, length), number in seconds.items() if each == state}
        buckets = [
            (str(float(most)), float(sum(n for length, n in of_state.items() if length <= most)))
            for most in SOLVE_SECONDS
        ]
        buckets.append(("+Inf", float(sum(of_state.values()))))
        family.add_metric([state], buckets, sum(length * n for length, n in of_state.items()))
    return family


def observed(app: ASGIApp, metrics: Metrics, route_of: Callable[[Scope], str]) -> ASGIApp:
    """Gives every request its id, counts it, and logs it: its route and path, never its query, headers or body.

    Calendars are counted, and logged only when they fail: there are thousands a second of them.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began = time.perf_counter()
        id = id_for(next((value.decode("latin-1") for name, value in scope["headers"] if name == ID), ""))
        token = request_id.set(id)
        status = 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (ID, id.encode())]
            await send(message)

        metrics.under_way.inc()
        try:
            await app(scope, receive, send_on)
        finally:
            metrics.under_way.dec()
            seconds = time.perf_counter() - began
            route = FEED if scope["path"].endswith(".ics") else route_of(scope)
            metrics.count(route, scope["method"], status, seconds)
            if route != FEED or status >= 400:
                log.info("answered", extra={"http": _told(scope, route, status, seconds)})
            request_id.reset(token)

    return serve


def _told(scope: Scope, route: str, status: int, seconds: float) -> dict[str, object]:
    # As it was sent, percent-encoded: nothing in it can end a line. Clients of a test server send no raw path.
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    client = scope.get("client")
    return {
        "method": scope["method"],
        "route": route,
        "path": path[:200],
        "status": status,
        "seconds": round(seconds, 4),
        "client": client[0] if client else "",
    }

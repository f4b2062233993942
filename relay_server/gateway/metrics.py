"""What the relay counts, in a registry of its own; nothing here names a person or a conversation."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """Counters of the gateway and gauges that are read when somebody scrapes."""

    def __init__(self, journal: Journal, bus: Bus) -> None:
        self._registry = CollectorRegistry()
        self.links = Gauge("threeline_links", "Signed-in links", ["audience"], registry=self._registry)
        self.openings = Gauge("threeline_openings", "Links that are not signed in yet", registry=self._registry)
        self.refused = Counter("threeline_refusals", "Refusals by code", ["code"], registry=self._registry)
        self.resyncs = Counter(
            "threeline_resyncs", "Links ended because they could not keep up", registry=self._registry
        )
        self._gauge("threeline_journal_waiting", "Units of work queued", lambda: journal.stats().waiting)
        self._gauge("threeline_journal_works", "Units of work committed", lambda: journal.stats().works)
        self._gauge("threeline_journal_groups", "Group commits", lambda: journal.stats().groups)
        for name in bus.counts():
            self._gauge(f"threeline_bus_{name}", "Between nodes", lambda name=name: bus.counts()[name])
        self._seconds = Histogram(
            "threeline_command_seconds",
            "From decoded to answered",
            ["command"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._by_command: dict[type, Histogram] = {}

    def took(self, command: object, seconds: float) -> None:
        """One command was answered."""
        kind = type(command)
        histogram = self._by_command.get(kind)
        if histogram is None:
            histogram = self._by_command[kind] = self._seconds.labels(kind.__name__)
        histogram.observe(seconds)

    def _gauge(self, name: str, words: str, read: Callable[[], float]) -> None:
        Gauge(name, words, registry=self._registry).set_function(read)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)

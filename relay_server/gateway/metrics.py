"""What the relay counts, in a registry of its own; nothing here names a person or a conversation."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from relay_server.engine.bus import Bus
from relay_server.engine.journal import Journal
from relay_server.gateway.census import Count

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
        self._durations = _Durations()
        self._registry.register(self._durations)

    def certificate_ends(self, read: Callable[[], float]) -> None:
        """When the server's certificate ends, in Unix seconds."""
        self._gauge("threeline_certificate_ends_seconds", "End of the server's certificate, Unix time", read)

    def counted(self, latest: Callable[[], Count]) -> None:
        """What the store holds, as it was counted last."""
        self._gauge("threeline_waiting", "Conversations that wait for somebody", lambda: latest().waiting)
        self._gauge("threeline_longest_wait_seconds", "Of those", lambda: latest().longest_wait_ms / 1000)
        for name, words, label, read in (
            ("threeline_conversations", "Conversations that are not over", "state", lambda: latest().conversations),
            ("threeline_agents", "Connected agents", "state", lambda: latest().agents),
            ("threeline_fold_behind", "Events that a fold has not seen yet", "fold", lambda: latest().behind),
        ):
            self._registry.register(_Family(name, words, label, read))

    def took(self, command: object, seconds: float) -> None:
        """One command was answered."""
        self._durations.add(type(command), seconds)

    def _gauge(self, name: str, words: str, read: Callable[[], float]) -> None:
        Gauge(name, words, registry=self._registry).set_function(read)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)


class _Family(Collector):
    """A gauge by one label, read when somebody scrapes."""

    def __init__(self, name: str, words: str, label: str, read: Callable[[], Mapping[str, int]]) -> None:
        self._name, self._words, self._label, self._read = name, words, label, read

    def collect(self) -> Iterable[Metric]:
        """For whoever scrapes."""
        family = GaugeMetricFamily(self._name, self._words, labels=[self._label])
        for value, number in self._read().items():
            family.add_metric([value], number)
        yield family


class _Durations(Collector):
    """A histogram by command. Only the event loop writes, so an observation is two additions and no lock."""

    def __init__(self) -> None:
        self._counts: dict[type, list[int]] = {}
        self._sums: dict[type, float] = {}

    def add(self, command: type, seconds: float) -> None:
        """One more."""
        counts = self._counts.get(command)
        if counts is None:
            counts = self._counts[command] = [0] * (len(_SECONDS) + 1)
            self._sums[command] = 0.0
        counts[bisect_left(_SECONDS, seconds)] += 1
        self._sums[command] += seconds

    def collect(self) -> Iterable[Metric]:
        """For whoever scrapes."""
        family = HistogramMetricFamily("threeline_command_seconds", "From decoded to answered", labels=["command"])
        ends = [*(str(each) for each in _SECONDS), "+Inf"]
        for command, counts in self._counts.items():
            buckets = list(zip(ends, accumulate(counts), strict=True))
            family.add_metric([command.__name__], buckets, self._sums[command])
        yield family

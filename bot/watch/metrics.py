"""The figures as Prometheus reads them. Imported when they are first asked for."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from bot.watch.tally import BUILD, GAUGES, TIMES, TOTALS, Figure, Spread, Tally, Timed

PREFIX = "paperboy_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Values = Mapping[tuple[str, ...], float]


def exposition(tally: Tally, gauges: Mapping[Figure, Values], *, platforms: Sequence[str]) -> bytes:
    """All figures in Prometheus's text format; `gauges` are those that were looked up just now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(tally, {**gauges, BUILD: {_build(): 1.0}}, platforms))
    # Memory, processor and open files of the process, under their usual names.
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _build() -> tuple[str, str]:
    return version("paperboy-bot"), platform.python_version()


class _Figures:
    """Implements prometheus_client's Collector."""

    def __init__(self, tally: Tally, gauges: Mapping[Figure, Values], platforms: Sequence[str]) -> None:
        self._tally = tally
        self._gauges = gauges
        self._platforms = platforms

    def collect(self) -> Iterator[Metric]:
        yield from map(self._total, TOTALS)
        yield from map(self._time, TIMES)
        yield from map(self._gauge, GAUGES)

    def _total(self, figure: Figure) -> Metric:
        family = CounterMetricFamily(PREFIX + figure.name, figure.says, labels=list(figure.labels))
        for labels in self._labels(figure, self._tally.totals):
            family.add_metric(labels, self._tally.totals.get((figure, labels), 0.0))
        return family

    def _time(self, figure: Timed) -> Metric:
        family = HistogramMetricFamily(PREFIX + figure.name, figure.says, labels=list(figure.labels))
        nothing = Spread([0] * (len(figure.buckets) + 1))
        for labels in self._labels(figure, self._tally.times):
            spread = self._tally.times.get((figure, labels), nothing)
            bounds = [*map(str, figure.buckets), "+Inf"]
            buckets = list(zip(bounds, map(float, accumulate(spread.counts)), strict=True))
            family.add_metric(labels, buckets, sum_value=spread.sum)
        return family

    def _gauge(self, figure: Figure) -> Metric:
        family = GaugeMetricFamily(PREFIX + figure.name, figure.says, labels=list(figure.labels))
        for labels, value in sorted(self._gauges.get(figure, {}).items()):
            family.add_metric(labels, value)
        return family

    def _labels(
        self, figure: Figure, seen: Iterable[tuple[Figure, tuple[str, ...]]]
    ) -> list[tuple[str, ...]]:
        counted = {labels for each, labels in seen if each == figure}
        return sorted(counted | set(figure.combinations(self._platforms)))

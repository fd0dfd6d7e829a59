"""Counts what happens in this process: cheap, always on, and without the library that tells of it.

Every figure is declared here once: what it is called, what it says, and the values that its labels take. A
value that is not among them is counted as "other", so no title, name or address ever becomes a label.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

OTHER = "other"
PLATFORMS = ("console", "slack", "telegram")
TASKS = ("tick", "fetch", "delivery", "backup", "prune", "watch")

# Where what comes is bounded by the settings: the one model that ANALYZER names.
_AS_IT_COMES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is told under "paperboy_" and a name; `labels` with the values they take."""

    name: str
    says: str
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)

    def combinations(self, platforms: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Every combination of values, so that a figure is there before it first changes."""
        known = (
            [each for each in values if name != "platform" or each in platforms]
            for name, values in self.labels.items()
        )
        return product(*known)

    def bounded(self, values: Sequence[str]) -> tuple[str, ...]:
        """The values, each one of its label's."""
        taken = zip(self.labels.values(), values, strict=True)
        return tuple(each if not known or each in known else OTHER for known, each in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Figure):
    """Durations in seconds, counted by the bound of `buckets` that they do not exceed."""

    buckets: tuple[float, ...]

    __hash__ = Figure.__hash__


FETCHED = Figure(
    name="fetch_papers",
    says="Announcements fetched from arXiv, by where they were found.",
    labels={"source": ("rss", "atom", "list", "catchup", OTHER)},
)
MATCHED = Figure(name="match", says="Papers that digests told their channels of.")
DELIVERED = Figure(
    name="delivery",
    says="Attempts at posting a message of a digest, by how they ended.",
    labels={
        "platform": PLATFORMS,
        "result": ("sent", "postponed", "unknown", "refused", "thread_gone", "channel_gone", "moved", OTHER),
    },
)
AMBIGUOUS = Figure(
    name="ambiguous",
    says="Messages that may have arrived, by what was found when they were looked for.",
    labels={"platform": PLATFORMS, "resolution": ("adopted", "missing", "unknown")},
)
TOKENS = Figure(
    name="llm_tokens",
    says="Tokens that the language model took; cached ones are among the prompt's.",
    labels={"model": _AS_IT_COMES, "kind": ("prompt", "cached", "completion")},
)
COST = Figure(
    name="llm_cost_usd", says="Dollars that the language model took, by the prices of the settings."
)
PDF_FAILURES = Figure(
    name="pdf_failures",
    says="Papers whose PDF could not be had or read, by why.",
    labels={"reason": ("not_found", "unavailable", "unreadable")},
)
TOTALS = (FETCHED, MATCHED, DELIVERED, AMBIGUOUS, TOKENS, COST, PDF_FAILURES)

POSTING = Timed(
    name="delivery_seconds",
    says="How long a platform took to take a message.",
    labels={"platform": PLATFORMS},
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
ACK = Timed(
    name="ack_seconds",
    says="From hearing what somebody said to having it kept, when it is acknowledged.",
    labels={"platform": PLATFORMS},
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 2.0, 3.0),
)
READING = Timed(
    name="pdf_seconds",
    says="How long reading a PDF took, its wait for the reader included.",
    buckets=(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
DIGEST_LAG = Timed(
    name="digest_lag_seconds",
    says="From when a digest was due to its messages being ready to go out.",
    buckets=(10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0),
)
TIMES = (POSTING, ACK, READING, DIGEST_LAG)

# What is looked up when it is asked for.
OUTBOX = Figure(
    name="outbox_depth",
    says="Messages that are not delivered; dead ones were given up.",
    labels={"platform": PLATFORMS, "state": ("pending", "sending", "dead")},
)
CONNECTED = Figure(
    name="socket_connected",
    says="Whether what people say on a platform reaches Paperboy now, and it may answer.",
    labels={"platform": PLATFORMS},
)
LAST_SUCCESS = Figure(
    name="last_success_timestamp",
    says="When a task last ended well, in Unix time; of fetch, when an announcement day was last complete.",
    # Not "job": Prometheus has that name for itself, and would call ours exported_job.
    labels={"task": TASKS},
)
LOOP_LAG = Figure(
    name="loop_lag_seconds", says="The longest that the event loop was late within the last minute."
)
TROUBLE = Figure(
    name="trouble",
    says="Whether there is a trouble that the admin channel is told of, by its kind.",
    labels={"kind": ("announcements", "disconnected", "backup", "disk", "buried", "admin", "store")},
)
BUILD = Figure(
    name="build_info",
    says="What is running.",
    labels={"version": _AS_IT_COMES, "python": _AS_IT_COMES},
)
GAUGES = (OUTBOX, CONNECTED, LAST_SUCCESS, LOOP_LAG, TROUBLE, BUILD)


@dataclass(slots=True)
class Spread:
    """Durations so far: `counts` by bucket, the last for those beyond all bounds."""

    counts: list[int]
    sum: float = 0.0


class Tally:
    """What happened since the process began."""

    def __init__(self) -> None:
        self.totals: dict[tuple[Figure, tuple[str, ...]], float] = {}
        self.times: dict[tuple[Timed, tuple[str, ...]], Spread] = {}

    def add(self, figure: Figure, *labels: str, by: float = 1.0) -> None:
        """Count something."""
        key = figure, figure.bounded(labels)
        self.totals[key] = self.totals.get(key, 0.0) + by

    def took(self, figure: Timed, seconds: float, *labels: str) -> None:
        """Count a duration; one of a clock that was set back is nothing."""
        key = figure, figure.bounded(labels)
        spread = self.times.setdefault(key, Spread([0] * (len(figure.buckets) + 1)))
        spread.counts[bisect_left(figure.buckets, seconds)] += 1
        spread.sum += max(0.0, seconds)

    def total(self, figure: Figure, *labels: str) -> float:
        """How much was counted under these values."""
        return self.totals.get((figure, labels), 0.0)

"""Ten thousand documents of texts that try to be more than text, as each platform's messages."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from digest.document import Document
from tests.chaos.figures import Figure, at_least, exactly

Counts = dict[str, int]
RICH = 5  # Telegram's rich messages are opt-in: a fifth of the documents


def run(folder: Path, *, documents: int = 10_000) -> Iterator[Figure]:
    """The figures of so many documents on each platform; nothing is written to the folder."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        half = documents // 2
        jobs = {
            # The one that takes longest, on two cores.
            "Slack": [
                processes.submit(slack, documents - half),
                processes.submit(slack, half, first=documents - half),
            ],
            "Telegram": [processes.submit(telegram, documents)],
            "Telegram, rich": [processes.submit(rich, documents // RICH)],
        }
        for name, parts in jobs.items():
            found = [part.result() for part in parts]
            counts = {what: sum(each[what] for each in found) for what in found[0]}
            wanted = documents // RICH if name == "Telegram, rich" else documents
            yield at_least(f"{name}: documents", counts.pop("documents"), wanted)
            yield at_least(f"{name}: messages", counts.pop("messages"), wanted)
            for what, count in counts.items():
                yield exactly(f"{name}: {what}", count)


def slack(number: int, *, first: int = 0) -> Counts:
    """What is wrong with the blocks of so many documents, from the first on."""
    from tests.slack_messages import hostile_run

    counted = hostile_run(number, first=first)
    return {
        "documents": counted.documents,
        "messages": counted.messages,
        "live mentions and misleading links": counted.live,
        "broken messages": counted.broken,
        "messages over a limit": counted.beyond,
        "documents that lost words": counted.lost,
    }


def telegram(number: int) -> Counts:
    """What is wrong with the HTML of so many documents."""
    from tests.test_telegram_html import hostile_run

    counted = hostile_run(number)
    return {
        "documents": counted.documents,
        "messages": counted.messages,
        "live mentions": counted.live,
        "broken messages": counted.broken,
        "messages over a limit": counted.over_limits,
        "documents that lost words": counted.lost,
    }


def rich(number: int) -> Counts:
    """What is wrong with the rich messages of so many documents."""
    from bot.platforms.telegram.split import parts
    from tests.test_telegram_html import hostile
    from tests.test_telegram_rich import judge

    counts = {"documents": 0, "messages": 0, "documents with anything wrong": 0}

    @settings(
        max_examples=max(1, number),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(document=hostile)
    def look(document: Document) -> None:
        counts["documents"] += 1
        counts["messages"] += len(parts(document))
        counts["documents with anything wrong"] += bool(judge(document))

    look()
    return counts

"""Hold all that docs/reliability.md promises up to its bars: `python -m tests.chaos`, or `... kills acks`."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from bot.logs import configure
from tests.chaos import acks, faults, hostile, idle, kills, mornings, sockets, stops
from tests.chaos.figures import Figure, table
from tests.hostile_world import addresses, days, floods, forgeries, isolation, months, pdfs, planted

Run = Callable[[Path], Iterator[Figure]]

# What wants a quiet machine comes first.
PARTS: Mapping[str, Mapping[str, Run]] = {
    "idle": {"Weight and start of one platform": idle.run},
    "acks": {"200 commands while 4 PDFs are read and a digest posts": acks.run},
    "kills": {
        "200 kills, Slack": partial(kills.run, platform="slack"),
        "200 kills, Telegram": partial(kills.run, platform="telegram"),
        "200 kills, Telegram, others write in between": partial(
            kills.run, platform="telegram", foreign=0.3, seed=8
        ),
        "200 kills, Telegram with TELEGRAM_UNSURE=resend": partial(
            kills.run, platform="telegram", foreign=0.3, unsure="resend", seed=9
        ),
    },
    "faults": {
        "1,000 deliveries through faults, Slack": partial(faults.run, platform="slack"),
        "1,000 deliveries through faults, Telegram": partial(faults.run, platform="telegram"),
    },
    "mornings": {"500 messages to strict platforms": mornings.run},
    "stops": {"100 SIGTERMs while people talk": stops.run},
    "sockets": {"100 lost sockets": sockets.run},
    "hostile": {"10,000 hostile documents": hostile.run},
    "papers": {
        "300 broken PDFs and bombs": pdfs.run,
        "50 papers with words for models and chats": planted.run,
        "Addresses that lead elsewhere": addresses.run,
    },
    "people": {
        "1,000 commands in a minute by one person": floods.run,
        "Equal names in other places": isolation.run,
        "200 forged and repeated requests": forgeries.run,
    },
    "days": {
        "Bad days": days.run,
        "30 days of 500 papers, and 400 in eight time zones": months.run,
    },
}


def main(wanted: list[str]) -> int:
    """Run the parts and print a table for each; 1 where a bar is missed, 2 for a part that does not exist."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. There are {', '.join(PARTS)}.")
        return 2
    configure("error", "console")
    logging.getLogger("aiohttp.server").disabled = True  # bots are stopped while they ask
    missed = 0
    for name in wanted or PARTS:
        for title, run in PARTS[name].items():
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="paperboy-chaos-") as folder:
                found = list(run(Path(folder)))
            print(f"\n### {title}\n\n{table(found)}\n\n{time.monotonic() - began:.0f} s", flush=True)
            missed += sum(not each.ok for each in found)
    print(f"\n{missed} bars missed." if missed else "\nEvery bar is reached.")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

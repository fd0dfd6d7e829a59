"""A peer in a process of its own, a store on disk, and digests in the outbox: what a life delivers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from digest.channel import Channel
from storage import open_store
from tests.chaos.digests import DAY, Reading, deliveries, expected, read
from tests.chaos.fast import FastTime

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One platform with its channels, and the bot's folder."""

    folder: Path
    platform: str
    fast: FastTime
    channels: Sequence[str]
    settings: Mapping[str, str]
    peer: str

    @property
    def database(self) -> Path:
        return self.folder / "paperboy.db"

    def life(self, *channels: str) -> BaseProcess:
        """A process that delivers to these channels, from now on."""
        from tests.chaos.sender import life

        return life(self.settings, channels, self.fast, self.folder / "log.txt")

    def fill(self, channel: str, *, replies: int = 48) -> None:
        """Put a digest into a channel's outbox."""
        asyncio.run(self._fill(channel, replies))

    async def _fill(self, channel: str, replies: int) -> None:
        private = self.platform == "telegram" and not channel.startswith("telegram:-")
        async with open_store(self.settings["store"]) as store:
            await store.save_channel(Channel(key=channel, platform=self.platform, private=private))
            await store.enqueue(
                channel, DAY, deliveries=deliveries(channel, replies=replies), papers=(), told=(), done=True
            )

    def reading(self, channel: str, *, replies: int = 48) -> Reading:
        """What people see in a channel, judged."""
        return read(self.ask(f"seen?channel={quote(channel)}"), expected(replies))

    def ask(self, what: str) -> Any:
        """What the peer tells of itself."""
        with urlopen(f"{self.peer}/{what}", timeout=30) as answer:
            return json.load(answer)

    def counts(self, channel: str) -> Mapping[str, int]:
        """The rows of a channel's outbox by state, and all their attempts."""
        if not self.database.exists():
            return {}
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            found = db.execute(
                "SELECT state, count(*), sum(attempts) FROM outbox WHERE channel = ? GROUP BY state",
                (channel,),
            ).fetchall()
        return {state: count for state, count, _ in found} | {"attempts": sum(row[2] for row in found)}

    def sound(self) -> str:
        """What SQLite says of the file: "ok"."""
        with closing(sqlite3.connect(self.database)) as db:
            return " ".join(row[0] for row in db.execute("PRAGMA integrity_check"))


@contextmanager
def scene(platform: str, folder: Path, *, speed: float = 1.0, **options: object) -> Iterator[Scene]:
    """A peer with `options` as tests.chaos.peer has them, and a bot's folder; the peer ends with the block.

    `telegram_unsure` is the bot's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unsure = str(options.pop("telegram_unsure", "probe"))
    fast = FastTime(began=time.time(), speed=speed)
    command = [
        sys.executable,
        "-m",
        "tests.chaos.peer",
        platform,
        f"--began={fast.began}",
        f"--speed={speed}",
    ]
    for name, value in options.items():
        command += [f"--{name}"] if value is True else [f"--{name}={value}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            told = json.loads(process.stdout.readline())
            settings = {name.lower(): value for name, value in told["settings"].items()}
            settings |= {
                "store": f"sqlite:///{folder}/paperboy.db",
                "report_dir": str(folder / "reports"),
                "telegram_unsure": unsure,
                "timezone": "UTC",
            }
            yield Scene(
                folder=folder,
                platform=platform,
                fast=fast,
                channels=told["channels"],
                settings=settings,
                peer=told["peer"],
            )
        finally:
            process.stdin.close()
            process.wait(10)

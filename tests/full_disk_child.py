"""A Paperboy on a small disk of its own that fills up; run in a mount namespace, it prints what happened.

unshare --mount --map-root-user python -m tests.full_disk_child SCENARIO FOLDER
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from bot.backup import back_up_if_due, last_backup, prepared
from bot.delivery import deliver
from digest.channel import Channel, Delivery
from digest.document import Document
from digest.errors import StoreError
from storage import open_store
from tests.bot_under_test import BotUnderTest
from tests.peers.arxiv import batch, new
from tests.test_store_sqlite import batch_of

CHANNEL = Channel(key="console:terminal", platform="console")
MESSAGES = 12


class Disk:
    """A disk of a few megabytes, which can be filled to the last byte."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def empty(self) -> None:
        self._ballast.unlink()


async def bot(folder: Path) -> dict[str, object]:
    """A digest is due while nothing can be stored."""
    disk = Disk(folder / "disk", megabytes=4)
    async with BotUnderTest(folder, store=f"sqlite:///{disk.folder}/paperboy.db") as bot:
        await bot.says("/subscribe vla")
        bot.arxiv.announce("cs.CV", *batch(300), new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        disk.fill()
        ticks = [await _refused(bot.morning()) for _ in range(3)]
        printed, status = bot.printed(), await bot.says("/status")
        changed = ""
        for number in range(40):  # until what is free in the pages that are there is used up
            changed = await bot.says(f"/subscribe topic{number} " + "x" * 450)
            if "is full" in changed:
                break
        disk.empty()
        await bot.next_morning(days=0)
        bot.time.go(date(2026, 6, 30), hour=15)  # what failed is tried again, later each time
        await bot.morning()
        return {
            "ticks": ticks,
            "printed": printed,
            "status": status,
            "changed": changed,
            "papers": bot.papers(),
            "then": await bot.says("/status"),
            "wrong": await bot.parts.store.integrity_check(),
        }


async def _refused(work: Awaitable[None]) -> str:
    try:
        await work
    except StoreError as error:
        return str(error)
    return ""


class Mailbox:
    """A platform whose messages are files on another disk; the disk of the store fills up under some."""

    name = "console"

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk
        self.posts: list[str] = []

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        self.posts.append(key)
        (self._folder / key).touch()
        if len(self.posts) % 3 == 2:
            self._disk.fill()
        return key

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        return key if (self._folder / key).exists() else None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        return (document,)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def delivery(folder: Path) -> dict[str, object]:
    """The disk fills up between a message's posting and its being marked sent, again and again."""
    disk = Disk(folder / "disk", megabytes=2)
    letters = folder / "letters"
    letters.mkdir()
    platform = Mailbox(letters, disk)
    refusals, lies = 0, []
    async with open_store(f"{disk.folder}/paperboy.db") as store:
        rows = [
            Delivery(
                key=f"m{n:02}", channel=CHANNEL.key, position=n, document=Document((), summary="x" * 9_000)
            )
            for n in range(MESSAGES)
        ]
        await store.enqueue(CHANNEL.key, date(2026, 6, 30), deliveries=rows, papers=(), told=(), done=True)
        while await store.outbox():
            try:
                await deliver(CHANNEL, store=store, platform=platform, clock=lambda: datetime.now(UTC))
            except StoreError:
                refusals += 1
            sent = {row.key for row in await store.outbox(unsent=False) if row.message_id}
            lies += sorted(sent - set(platform.posts))
            if disk._ballast.exists():
                disk.empty()
        wrong = await store.integrity_check()
    return {"posts": platform.posts, "refusals": refusals, "lies": lies, "wrong": wrong}


async def backups(folder: Path) -> dict[str, object]:
    """The daily backup finds no room for itself."""
    disk = Disk(folder / "disk", megabytes=8)
    async with BotUnderTest(folder, backup_dir=disk.folder / "backups") as bot:
        await back_up_if_due(bot.parts.store, bot.parts.settings, bot.time.now)
        last = await last_backup(bot.parts.store)
        return {"error": last.error, "left": len(list((disk.folder / "backups").iterdir()))}


async def restoring(folder: Path) -> dict[str, object]:
    """A backup is restored where there is no room for it."""
    disk = Disk(folder / "disk", megabytes=4)
    async with open_store(f"{disk.folder}/paperboy.db") as store:
        await store.set_meta("kept", "yes")
    backup = folder / "backup.db"
    async with open_store(str(backup)) as store:
        await store.save_batch(batch_of(2_000))
    said = ""
    disk.fill()
    try:
        async with prepared(f"{disk.folder}/paperboy.db", backup, now=datetime.now(UTC)) as ready:
            ready.put_in_place()
    except StoreError as error:
        said = str(error)
    disk.empty()
    async with open_store(f"{disk.folder}/paperboy.db") as store:
        kept = await store.meta("kept")
    return {"said": said, "kept": kept, "left": sorted(each.name for each in disk.folder.iterdir())}


SCENARIOS: dict[str, Callable[[Path], Awaitable[dict[str, object]]]] = {
    "bot": bot,
    "delivery": delivery,
    "backups": backups,
    "restoring": restoring,
}


def main(scenario: str, folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(json.dumps(asyncio.run(SCENARIOS[scenario](folder))))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

"""The store under faults, as a running Paperboy meets them: it stays alive, sends nothing twice, says why.

Each fault is a real one: a small disk, an immutable file, another process's lock, files removed underneath.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.engine.local import LocalEngine
from bot.works import Works
from digest.errors import StoreError
from digest.people import Incoming
from storage import Store, open_store
from storage.codec import from_json
from storage.sqlite import SqliteDriver
from tests.bot_under_test import BotUnderTest
from tests.peers.arxiv import new
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot
from tests.test_store import NOW

ROOT = Path(__file__).parents[1]


# A full disk


def on_a_small_disk(scenario: str, folder: Path) -> dict[str, Any]:
    """What came of a scenario of `tests.full_disk_child`, in a mount namespace of its own."""
    namespace = ["unshare", "--mount", "--map-root-user"]
    tried = subprocess.run(
        [*namespace, "mount", "-t", "tmpfs", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        pytest.skip(f"no disk can be mounted here: {tried.stderr.strip()}")
    child = [sys.executable, "-m", "tests.full_disk_child", scenario, str(folder)]
    ran = subprocess.run(
        [*namespace, *child], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    outcome: dict[str, Any] = json.loads(ran.stdout)
    return outcome


def test_a_digest_waits_while_the_disk_is_full_and_comes_by_itself(tmp_path: Path) -> None:
    saw = on_a_small_disk("bot", tmp_path)

    assert all("is full" in said for said in saw["ticks"])
    assert saw["printed"] == ""
    assert "The store needs attention: The disk of" in saw["status"]
    assert "is full" in saw["changed"]  # a command is answered with the reason
    assert saw["papers"] == ["Event-VLA"]
    assert "is full" not in saw["then"]
    assert saw["wrong"] == []


def test_a_disk_that_fills_up_between_posting_and_marking_repeats_no_message(tmp_path: Path) -> None:
    saw = on_a_small_disk("delivery", tmp_path)

    assert saw["posts"] == [f"m{n:02}" for n in range(12)]
    assert saw["refusals"] >= 3
    assert saw["lies"] == []
    assert saw["wrong"] == []


def test_a_backup_leaves_room_on_the_disk_for_the_work(tmp_path: Path) -> None:
    saw = on_a_small_disk("backups", tmp_path)
    assert "MB free, and a backup needs" in saw["error"]
    assert saw["left"] == 0


def test_a_restore_without_room_changes_nothing(tmp_path: Path) -> None:
    saw = on_a_small_disk("restoring", tmp_path)
    assert "is full" in saw["said"]
    assert saw["kept"] == "yes"
    assert saw["left"] == ["paperboy.db", "paperboy.db.lock"]


# A file that cannot be written


@contextmanager
def immutable(*paths: Path) -> Iterator[None]:
    """Files that refuse every write, even to a process that has them open."""
    names = [str(path) for path in paths]
    tried = subprocess.run(["chattr", "+i", *names], capture_output=True, text=True, check=False)
    try:
        if tried.returncode:
            pytest.skip(f"no file can be made immutable here: {tried.stderr.strip()}")
        yield
    finally:
        subprocess.run(["chattr", "-i", *names], capture_output=True, check=False)


async def test_a_store_that_turns_read_only_stops_digests_and_is_told(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path) as bot:
        await bot.says("/subscribe vla")
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")

        with immutable(tmp_path / "paperboy.db", tmp_path / "paperboy.db-wal"):
            with pytest.raises(StoreError, match="could not be read or written"):
                await bot.morning()
            status = " ".join((await bot.says("/status")).split())
            assert bot.printed() == ""
        bot.time.go(bot.time.now.date(), hour=15)
        await bot.morning()

        assert "The store needs attention" in status
        assert "could not be read or written" in status
        assert bot.papers() == ["Event-VLA"]
        assert await bot.parts.store.integrity_check() == ()


# Another process's lock

HOLDER = """
import sqlite3, sys
other = sqlite3.connect({path!r}, isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(path: Path) -> Iterator[Callable[[], None]]:
    """Hold a write lock from another process; gives what ends that."""
    code = HOLDER.format(path=str(path))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"

        def release() -> None:
            other.stdin.close()
            other.wait()

        try:
            yield release
        finally:
            release()


async def test_a_locked_store_is_read_all_the_while_and_written_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    store = Store(await SqliteDriver(str(path), patience=1.0).open())
    loop = asyncio.get_running_loop()
    with locked(path) as release:
        refused = [asyncio.create_task(store.set_meta("a", str(n))) for n in range(6)]
        await asyncio.sleep(0.1)
        begun = loop.time()
        assert await store.channels() == ()
        waited = loop.time() - begun

        outcomes = await asyncio.gather(*refused, return_exceptions=True)
        release()
        await store.set_meta("a", "free")

    assert all("locked by another program" in str(each) for each in outcomes)
    assert waited < 4.0  # the first write waits a second, those behind it hardly at all
    assert await store.meta("a") == "free"
    await store.close()


async def test_a_bot_whose_store_is_locked_says_so_and_goes_on_when_it_is_free(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path) as bot:
        await bot.says("/subscribe vla")
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        with locked(tmp_path / "paperboy.db") as release:
            with pytest.raises(StoreError, match="locked"):
                await bot.tick()
            status = await bot.says("/status")
            release()
        bot.time.go(bot.time.now.date(), hour=15)
        await bot.morning()

        assert "is locked by another program" in " ".join(status.split())
        assert bot.papers() == ["Event-VLA"]


async def test_a_unit_that_the_store_refuses_is_tried_again_within_half_a_minute_of_its_mending() -> None:
    now, tries = [NOW], []
    engine = LocalEngine(clock=lambda: now[0])

    async def fetch(key: str) -> None:
        tries.append(now[0])
        raise StoreError("The disk is full.")

    await engine.start({"fetch": fetch})
    for _ in range(360):  # an hour of a full disk, looked at every ten seconds
        await engine.submit("fetch", "cs.CV", "fetch")
        await engine.idle()
        now[0] += timedelta(seconds=10)

    pauses = [after - before for before, after in pairwise(tries)]
    assert max(pauses) == timedelta(seconds=30)


# Files that are removed or replaced underneath


@pytest.mark.parametrize(
    "ends",
    [("",), ("", "-wal", "-shm"), ("", "-wal", "-shm", ".lock"), ("-wal",), ("-shm",), ("-wal", "-shm")],
    ids=" ".join,
)
async def test_removed_files_lose_nothing(tmp_path: Path, ends: tuple[str, ...]) -> None:
    async with BotUnderTest(tmp_path) as bot:
        await bot.says("/subscribe vla")
        for end in ends:
            (tmp_path / f"paperboy.db{end}").unlink()

        assert "Every message is delivered" in await bot.says("/status")
        await bot.says("/subscribe world model")

        with sqlite3.connect(tmp_path / "paperboy.db") as other:  # what any other process sees
            seen = other.execute("SELECT query FROM subscriptions ORDER BY number").fetchall()
        other.close()
        assert seen == [("vla",), ("world model",)]
        with pytest.raises(StoreError, match=f"process {os.getpid()}"):
            async with open_store(f"{tmp_path}/paperboy.db"):
                pass
        await bot.restart()
        assert len(await bot.parts.store.subscriptions()) == 2
        assert await bot.parts.store.integrity_check() == ()


async def test_a_removed_folder_is_made_again_with_all_that_was_in_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with open_store(f"{folder}/paperboy.db") as store:
        await store.add_subscription("a", "vla", by="ada", at=NOW)
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()
        await store.add_subscription("a", "world model", by="ada", at=NOW)
    async with open_store(f"{folder}/paperboy.db") as store:
        assert [each.query for each in await store.subscriptions()] == ["vla", "world model"]


async def test_another_file_in_place_of_the_database_is_not_written(tmp_path: Path) -> None:
    async with open_store(f"{tmp_path}/other.db") as store:
        await store.add_subscription("a", "traffic", by="bo", at=NOW)
    other, path = tmp_path / "other.db", tmp_path / "paperboy.db"
    async with BotUnderTest(tmp_path) as bot:
        await bot.says("/subscribe vla")
        path.rename(tmp_path / "moved.db")
        other.rename(path)
        before = path.read_bytes()

        said = " ".join((await bot.says("/subscribe world model")).split())
        status = " ".join((await bot.says("/status")).split())

        (aside,) = tmp_path.glob("paperboy.db.replaced-*")
        assert "was replaced by another file" in said
        assert str(aside) in said.replace(" ", "")
        assert "was replaced by another file" in status
        assert path.read_bytes() == before
        for kept in (aside, tmp_path / "moved.db"):
            async with open_store(str(kept), alone=False) as store:
                assert [each.query for each in await store.subscriptions()] == ["vla"]

        path.rename(other)
        (tmp_path / "moved.db").rename(path)
        await bot.says("/subscribe world model")
        assert len(await bot.parts.store.subscriptions()) == 2


async def test_a_replaced_database_is_used_after_a_restart(tmp_path: Path) -> None:
    async with open_store(f"{tmp_path}/other.db") as store:
        await store.add_subscription("console:terminal", "traffic", by="bo", at=NOW)
    async with BotUnderTest(tmp_path) as bot:
        await bot.says("/subscribe vla")
        (tmp_path / "other.db").rename(tmp_path / "paperboy.db")
        await bot.says("/subscribe world model")

        await bot.restart()

        assert [each.query for each in await bot.parts.store.subscriptions()] == ["traffic"]
        assert await bot.parts.store.integrity_check() == ()


@asynccontextmanager
async def keeping_nothing(folder: Path, bot: SlackBot) -> AsyncIterator[None]:
    """Another file in the place of the database, until the end of the block."""
    async with open_store(f"{folder}/other.db"):
        pass
    path = folder / "paperboy.db"
    path.rename(folder / "moved.db")
    (folder / "other.db").rename(path)
    yield
    await bot.idle()
    path.unlink()
    (folder / "moved.db").rename(path)


def excuses(bot: SlackBot, user: str, channel: str = "C1") -> int:
    told = [bot.text(each) for each in bot.slack.ephemerals(user, channel)]
    return sum("I cannot keep what you said just now" in each for each in told)


async def test_each_command_in_a_chat_is_told_why_nothing_can_be_kept(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        async with keeping_nothing(tmp_path, bot):
            for number, (command, text) in enumerate(
                (("/subscribe", "world model"), ("/arxiv", "status"), ("/help", "")), 1
            ):
                await bot.command(command, text)  # which is acknowledged
                assert excuses(bot, "U1") == number
            assert "was replaced by another file" in bot.alone("U1")
            await bot.command("/help", user="U2")
            assert excuses(bot, "U2") == 1
            await bot.command("/help", channel="C2")  # where nobody said anything before
            assert excuses(bot, "U1", "C2") == 1

        await bot.command("/subscribe", "world model")
        assert await bot.queries() == ["vla", "world model"]


async def test_whoever_goes_on_is_excused_five_times_a_minute(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        async with keeping_nothing(tmp_path, bot):
            for _ in range(9):
                await bot.command("/help")
            assert excuses(bot, "U1") == 5
            bot.time.now += timedelta(minutes=1)
            await bot.command("/help")
            assert excuses(bot, "U1") == 6


async def test_a_form_that_cannot_be_kept_stays_open_and_says_so(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/settings", "language zh-CN")
        await bot.command("/settings")
        async with keeping_nothing(tmp_path, bot):
            await bot.submits(bot.form(), {"cap": "3"})
            (said,) = bot.form().errors.values()
            assert "您刚才说的无法保存。" in said

        await bot.submits(bot.form(), {"cap": "3"})
        assert (await bot.channel()).cap == 3


async def test_what_cannot_be_kept_is_excused_once_on_telegram_and_answered_later(tmp_path: Path) -> None:
    async with open_store(f"{tmp_path}/other.db"):
        pass
    async with TelegramBot(tmp_path) as bot:
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.private(ada)
        await bot.says(chat, ada, "/subscribe vla")
        path = tmp_path / "paperboy.db"
        path.rename(tmp_path / "moved.db")
        (tmp_path / "other.db").rename(path)

        await bot.telegram.says(chat, ada, "/subscribe traffic")
        later = bot.time.now + timedelta(hours=1)
        await bot.telegram.until(lambda: bot.time.now > later)  # asked for again and again
        told = [message.text for message in bot.said(chat)]
        path.unlink()
        (tmp_path / "moved.db").rename(path)
        await bot.settled()

        assert ["I cannot keep what you said just now" in text for text in told].count(True) == 1
        assert [each.query for each in await bot.parts.store.subscriptions()] == ["vla", "traffic"]
        assert "traffic" in bot.last(chat).text


async def test_what_was_heard_is_answered_once_the_store_takes_the_answer(tmp_path: Path) -> None:
    async with open_store(f"{tmp_path}/other.db"):
        pass
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        works = Works(
            parts=bot.parts,
            chats={},
            engine=bot.engine,
            reconcile=bot.reconcile,
            answering=bot.answering,
            desk=bot.parts.desk(start_digest=bot.reconcile.start_digest),
        )
        app = App(bot.parts.settings)
        path = tmp_path / "paperboy.db"
        await bot.parts.store.accept(heard(path, id="slack:later", text="/subscribe traffic"))

        path.rename(tmp_path / "moved.db")
        (tmp_path / "other.db").rename(path)
        await app._tick(works)  # a store that refuses is no end of the process
        await bot.engine.idle()
        assert await bot.queries() == ["vla"]
        path.unlink()
        (tmp_path / "moved.db").rename(path)
        bot.time.now += timedelta(minutes=1)
        await app._tick(works)
        await bot.engine.idle()

        assert await bot.queries() == ["vla", "traffic"]


def heard(path: Path, **changes: str) -> Incoming:
    """What was said last in the chat, with changes."""
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM inbox").fetchone()
    return replace(from_json(Incoming, body), **changes)

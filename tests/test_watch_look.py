"""Looks of one process after another: over restarts, with a store that refuses, at a channel that moved."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.commands import Request, answer
from bot.watch.admin import NOTICE
from bot.watch.tally import CONNECTED, LAST_SUCCESS, TROUBLE
from bot.watch.watch import Watch
from digest.document import Document, para
from digest.ports import Store
from tests.bot_under_test import BotUnderTest, shown
from tests.peers.arxiv import new
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path, admin_channel="console") as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        yield bot


async def refuse_writes(bot: BotUnderTest, refuse: bool) -> None:
    """Have the database refuse every write, as on a file system that became read-only; or take them again."""
    driver: Any = bot.parts.store._driver
    await driver._hop(lambda: driver._connection.execute(f"PRAGMA query_only={int(refuse)}"))


async def damage(bot: BotUnderTest) -> None:
    """Overwrite a table on the disk, so that nothing can be read of it."""
    driver: Any = bot.parts.store._driver
    await driver._hop(lambda: driver._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    with closing(sqlite3.connect(bot.folder / "paperboy.db")) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'channels'").fetchone()
    with (bot.folder / "paperboy.db").open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    await driver._hop(driver._reconnect)


async def looks(watch: Watch, bot: BotUnderTest, minutes: int) -> None:
    """Look once a minute; the answer about the store holds for seconds of the loop's own clock."""
    for _ in range(minutes):
        bot.time.now += timedelta(minutes=1)
        watch.health._asked = float("-inf")
        await watch.look()


async def test_a_store_that_cannot_be_written_is_a_trouble_and_its_end_is_told(bot: BotUnderTest) -> None:
    chat: Any = SimpleNamespace(connected=False, refusal="", heard_at=None)
    await bot.morning()
    watch = Watch(bot.parts, {"telegram": chat}, period=20)
    await watch.look()
    await looks(watch, bot, 57)
    with capture_logs() as logs:
        await refuse_writes(bot, True)
        await looks(watch, bot, 5)
        assert (await watch.gauges())[TROUBLE]["disconnected",] == 1.0  # and cannot be told yet
        assert (await watch.gauges())[TROUBLE]["store",] == 0.0
        await looks(watch, bot, 1)
        assert (await watch.gauges())[TROUBLE]["store",] == 1.0
        await looks(watch, bot, 10)

        await refuse_writes(bot, False)
        await looks(watch, bot, 2)
        await bot.tick()

    assert (await watch.gauges())[TROUBLE]["store",] == 0.0
    told = [each for each in logs if each["event"].startswith("trouble")]
    assert [(each["event"], each["kind"]) for each in told] == [
        ("trouble", "disconnected"),
        ("trouble", "store"),
        ("trouble over", "store"),
    ]
    assert "cannot be written" in told[1]["says"]
    printed = " ".join(bot.printed().split())
    assert printed.count("The store can be read and written again.") == 1
    assert printed.count("Telegram has not been connected since") == 1


async def test_a_store_that_cannot_be_read_is_a_trouble_and_ticks_do_not_vanish_from_the_figures(
    bot: BotUnderTest,
) -> None:
    watch = Watch(bot.parts, {}, period=20)
    await watch.look()
    bot.parts.pulse.succeeded("tick")
    await damage(bot)
    await looks(watch, bot, 6)

    gauges = await watch.gauges()
    assert gauges[TROUBLE]["store",] == 1.0
    assert gauges[LAST_SUCCESS].keys() >= {("tick",)}


async def test_a_restart_within_a_trouble_is_not_told_and_its_end_is(bot: BotUnderTest) -> None:
    chat: Any = SimpleNamespace(connected=False, refusal="", heard_at=None)
    await bot.morning()
    for minutes in (70, 5, 5):  # with a restart between
        watch = Watch(bot.parts, {"telegram": chat}, period=20)
        await watch.look()
        await looks(watch, bot, minutes)
        await bot.tick()
        printed = " ".join(bot.printed().split())
        assert printed.count("Telegram has not been connected since Tuesday 30 June, 13:00") == 1
        assert "connected again" not in printed

    watch = Watch(bot.parts, {"telegram": chat}, period=20)
    chat.connected = True
    await looks(watch, bot, 1)
    await bot.tick()
    assert bot.printed().count("Telegram is connected again.") == 1


async def test_a_platform_that_is_lost_before_a_clock_is_set_back_is_a_trouble_an_hour_later(
    bot: BotUnderTest,
) -> None:
    watch = Watch(
        bot.parts, {"telegram": SimpleNamespace(connected=False, refusal="", heard_at=None)}, period=20
    )  # type: ignore[dict-item]
    await watch.look()
    bot.time.now -= timedelta(hours=5)
    await looks(watch, bot, 62)
    assert "disconnected/telegram" in [each.key for each in watch._look.found]


async def test_an_admin_channel_that_moved_is_told_on(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path) as bot:
        ada = bot.telegram.person("Ada")
        group = bot.telegram.group("Ops", ada)
        await bot.restart(admin_channel=f"telegram:{group.id}")
        watch = Watch(bot.parts, {"telegram": bot.platform}, period=20)
        await _backup_fails(bot.parts.store, "No room.")
        await watch.look()
        moved = await bot.telegram.migrates(group)
        await bot.settled()

        await bot.parts.store.set_meta("backup/last", "{}")
        bot.time.now += timedelta(minutes=1)
        await watch.look()
        await bot.morning()

        assert "Backups are made again." in [each.text for each in bot.said(moved)][-1]
        assert [each.key for each in await bot.parts.store.channels()] == [f"telegram:{moved.id}"]


async def test_an_admin_channel_that_has_another_id_on_slack_is_found_by_the_next_process(
    tmp_path: Path,
) -> None:
    async with SlackBot(tmp_path, admin_channel="slack:C0OPS") as bot:
        store = bot.parts.store
        bot.slack.add_channel("C0OPS", "ops", members=("U1",))
        await _backup_fails(store, "No room.")
        await Watch(bot.parts, {"slack": bot.platform}, period=20).look()
        (old,) = [each.key for each in await store.channels() if each.created_by == "ADMIN_CHANNEL"]
        assert await store.rename_channel(old, f"{old}NEW")  # as Slack tells that the id changed

        await store.set_meta("backup/last", "{}")
        await Watch(bot.parts, {"slack": bot.platform}, period=20).look()

        assert await store.channel(old) is None
        assert {each.channel for each in await store.outbox() if NOTICE in each.key} == {f"{old}NEW"}


async def test_an_app_that_slack_does_not_take_any_more_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        watch = Watch(bot.parts, {"slack": bot.platform}, period=20)
        await watch.look()
        assert (await watch.gauges())[CONNECTED]["slack",] == 1.0

        await bot.slack.uninstalls()

        why = (await watch.health.ready())[-1].says
        assert "The Slack app of SLACK_BOT_TOKEN is uninstalled" in why
        assert "install it again and copy the new token" in why
        assert (await watch.gauges())[CONNECTED]["slack",] == 0.0
        with capture_logs() as logs:
            await looks(watch, bot, 7)
        told = f"Slack has taken nothing from me since Tuesday 30 June, 13:01 UTC: {why}"
        assert [each["says"] for each in logs if each["event"] == "trouble"] == [told]
        assert why in await status(bot)

        bot.slack.api.revoked = False
        await bot.platform.post(await bot.channel(), Document((para("Again."),)), key="again")
        await looks(watch, bot, 1)
        assert watch._look.found == ()


async def status(bot: SlackBot) -> str:
    """What whoever runs it is told in the terminal."""
    desk = bot.parts.desk(start_digest=bot.reconcile.start_digest)
    request = Request(channel=await bot.channel(), user="", name="", words="", at=bot.time.now)
    return " ".join(shown([reply async for reply in answer("/status", request, desk)]).split())


async def _backup_fails(store: Store, error: str) -> None:
    failed = {"error": error, "tried": "2026-06-30T03:00:00+00:00"}
    await store.set_meta("backup/last", json.dumps(failed))

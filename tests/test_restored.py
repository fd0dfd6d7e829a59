"""After a restore: what went out since the backup is found on the platform, and not said again."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from bot.backup import back_up, prepared
from digest.channel import Delivery, DeliveryState
from digest.document import Document, para
from digest.model import Announcement
from tests.peers.arxiv import TUESDAY, new
from tests.slack_bot import TEXT, SlackBot
from tests.telegram_bot import TelegramBot

LONG = "A sentence of a paper that has much to say about many things. " * 400  # more than a message takes


async def backed_up(bot: SlackBot | TelegramBot) -> Path:
    """A backup made now; as the running process does, the store tells when."""
    await bot.parts.store.set_meta("backup/begun", bot.time.now.isoformat(timespec="microseconds"))
    made = await back_up(bot.folder / "paperboy.db", bot.folder / "backups", at=bot.time.now)
    bot.time.now = bot.time.now.replace(microsecond=bot.time.now.microsecond + 1)
    return made.path


async def restored(bot: SlackBot | TelegramBot, backup: Path) -> int:
    """Lose the database of a bot that is stopped, and restore a backup; the messages to be looked for."""
    for each in bot.folder.glob("paperboy.db*"):
        if each.is_file():
            each.unlink()
    async with prepared(f"sqlite:///{bot.folder}/paperboy.db", backup, now=bot.time.now) as ready:
        assert ready.put_in_place() is None
        return ready.holds.looked_for


async def test_a_digest_sent_after_the_backup_is_not_sent_again_on_slack(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        bot.arxiv.announce("cs.CV", *papers(4))
        backup = await backed_up(bot)
        await bot.next_morning()
        said = bot.read("C1")
        assert said.count("VLA 3") > 1
        await bot.stop()

        await restored(bot, backup)
        await bot.start()
        await bot.morning()

        assert bot.read("C1") == said
        rows = await bot.parts.store.outbox(unsent=False)
        assert {row.state for row in rows} == {DeliveryState.SENT}


async def test_a_digest_sent_after_the_backup_is_not_sent_again_on_telegram(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path, foreign=0.3) as bot:
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.private(ada)
        await bot.says(chat, ada, "/subscribe vla")
        bot.arxiv.announce("cs.CV", *papers(4))
        bot.arxiv.announce("cs.RO")
        backup = await backed_up(bot)
        await bot.next_morning()
        said = [message.text for message in bot.said(chat)]
        assert any("VLA 3" in text for text in said)
        await bot.stop()

        await restored(bot, backup)
        await bot.start()
        await bot.morning()

        assert [message.text for message in bot.said(chat)] == said
        assert await bot.parts.store.outbox() == ()


async def test_a_digest_that_was_not_sent_is_sent_after_a_restore(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        bot.arxiv.announce("cs.CV", *papers(1))
        backup = await backed_up(bot)
        await bot.stop()

        await restored(bot, backup)
        await bot.start()
        before = len(bot.own())
        await bot.next_morning()

        assert [("VLA 0" in bot.text(each)) for each in bot.own()[before:]] == [True, True]


async def test_messages_that_waited_in_the_backup_are_sent_once_whole_and_in_order(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        before = len(bot.own("C1"))
        channel = await bot.channel()
        waiting = [
            Delivery(
                key=f"{channel.key}/2026-06-30/paper/{n}", channel=channel.key, position=n, document=told
            )
            for n, told in enumerate((document("one"), document(LONG), document("three")))
        ]
        await bot.parts.store.enqueue(
            channel.key, TUESDAY, deliveries=waiting, papers=(), told=(), done=False
        )
        backup = await backed_up(bot)
        await bot.stop()
        assert await restored(bot, backup) == 3
        await bot.start()
        await bot.morning()
        whole = [bot.text(message) for message in bot.own("C1")[before:]]
        assert len(whole) > 3

        await bot.stop()
        assert await restored(bot, backup) == 3
        await bot.start()
        await bot.morning()

        assert [bot.text(message) for message in bot.own("C1")[before:]] == whole


async def test_a_later_day_tells_what_the_lost_digest_told_once_more(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.command("/subscribe", "vla")
        bot.arxiv.announce("cs.CV", *papers(1), *papers(2, days=2)[1:], *papers(3, days=3)[2:])
        await bot.next_morning()
        backup = await backed_up(bot)
        await bot.next_morning()
        await bot.stop()
        first = len(bot.own())

        await restored(bot, backup)
        await bot.start()
        await bot.next_morning()

        again = [bot.text(message) for message in bot.own()[first:]]
        # In the digest and in a reply of its own: the paper of the lost digest, and that of today.
        assert [sum(f"VLA {n}" in text for text in again) for n in range(3)] == [0, 2, 2]


async def test_what_was_answered_after_the_backup_is_not_answered_again(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        await bot.says("<@UBOT> /about".replace("UBOT", bot.slack.world.bot.id))
        said = bot.own("C1")
        assert "Free software" in bot.text(said[-1])
        backup = await backed_up(bot)
        with sqlite3.connect(backup) as then:  # as if it had been made before the answer
            assert then.execute("UPDATE inbox SET answered_at = NULL, tries = 0").rowcount == 1
        then.close()
        await bot.stop()

        await restored(bot, backup)
        await bot.start()
        await bot.idle()

        assert bot.own("C1") == said
        assert await bot.parts.store.unanswered() == ()


def papers(count: int, *, days: int = 1) -> list[Announcement]:
    """Announced so many days after the subscription."""
    day = TUESDAY + timedelta(days=days)
    return [new(f"2607.0000{n}", f"VLA {n}", abstract=TEXT, day=day) for n in range(count)]


def document(text: str) -> Document:
    return Document((para(text),), summary=text[:50])
